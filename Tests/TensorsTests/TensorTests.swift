import Foundation
import Tensors
import Testing

@Suite struct TensorTests {
  let a = Tensor<Double>(shape: [2, 3], [1, 2, 3, 4, 5, 6])

  @Test func shapeAndAccess() {
    #expect(a.shape == [2, 3] && a.rank == 2 && a.count == 6)
    #expect(a[1, 2] == 6 && a.row(1) == Tensor([4, 5, 6]))
    #expect(a.reshaped(3, 2)[2, 1] == 6)
    #expect(a.transposed() == Tensor(shape: [3, 2], [1, 4, 2, 5, 3, 6]))
    #expect(Tensor<Float>(2).shape == [] && Tensor<Float>(2).scalar == 2)
    #expect(Tensor<Float>.identity(2) == Tensor(shape: [2, 2], [1, 0, 0, 1]))
    #expect(Tensor<Float>.identity(1, 2) == Tensor(shape: [1, 2], [1, 0]))
    #expect(Tensor.stack([a, a]).shape == [2, 2, 3] && Tensor.stack([a, a + 1])[1, 0, 2] == 4)
    #expect(Tensor<Float>.zeros(0, 3).count == 0 && Tensor<Int32>.zeros([2]).scalars == [0, 0])
  }

  @Test(arguments: [1, 15, 16, 17, 33, 100]) func transposeTwiceIsIdentity(rows: Int) {
    let x = Tensor<Float>.normal([rows, 37], key: Key(seed: 1))
    let y = x.transposed()
    #expect(y.transposed() == x)
    for i in 0..<rows { #expect(y[36, i] == x[i, 36]) }
  }

  @Test func copiesAreValues() {
    var b = a
    b[0, 0] = 9
    #expect(a[0, 0] == 1 && b[0, 0] == 9)
    var c = b.reshaped(6)
    c += 1
    #expect(b[0, 0] == 9 && c[0] == 10)
  }

  @Test func inPlaceKeepsMemory() {
    func address(_ x: Tensor<Double>) -> UnsafePointer<Double>? { x.withUnsafeBufferPointer(\.baseAddress) }
    var b = a + 0
    let before = address(b)
    b += a
    b -= a.row(0)
    b *= 2
    b /= a
    #expect(address(b) == before)
    #expect(UInt(bitPattern: before) % 64 == 0)
    #expect(b.scalars == [2, 2, 2, 3.5, 3.2, 3])
  }

  @Test(arguments: [1, 100, 1 << 20]) func memoryIsAligned(count: Int) {
    Tensor<Float>.zeros(count).withUnsafeBufferPointer { #expect(UInt(bitPattern: $0.baseAddress) % 64 == 0) }
  }

  @Test func equalityIsOfBits() {
    #expect(Tensor<Float>([.nan]) == Tensor<Float>([.nan]))
    #expect(Tensor<Float>([0]) != Tensor<Float>([-0.0]))
    #expect(a != a.reshaped(6))
  }

  @Test func codingKeepsEveryBit() throws {
    let odd = Tensor<Float>(shape: [2, 2], [Float(nan: 77, signaling: false), -0.0, .leastNonzeroMagnitude, -.infinity])
    let encoder = PropertyListEncoder()
    encoder.outputFormat = .binary
    #expect(try PropertyListDecoder().decode(Tensor<Float>.self, from: encoder.encode(odd)) == odd)
    #expect(try JSONDecoder().decode(Tensor<Double>.self, from: JSONEncoder().encode(a)) == a)
  }

  @Test(arguments: ["[3]", "[-2]", "[4611686018427387904, 4]"]) func codingRefusesOtherShapes(shape: String) {
    let text = #"{"shape": \#(shape), "bytes": "AAAAAAAAAAA="}"#
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Tensor<Float>.self, from: Data(text.utf8)) }
  }

  @Test func mistakesOfShapeStop() async {
    await #expect(processExitsWith: .failure) { _ = Tensor<Float>(shape: [2], [1, 2, 3]) }
    await #expect(processExitsWith: .failure) { _ = Tensor<Float>.zeros(2, 3) + Tensor<Float>.zeros(2) }
    await #expect(processExitsWith: .failure) { _ = Tensor<Float>.zeros(2, 3)[0, 3] }
    await #expect(processExitsWith: .failure) { _ = matmul(Tensor<Float>.zeros(2, 3), Tensor<Float>.zeros(2, 3)) }
    await #expect(processExitsWith: .failure) {
      var x = Tensor<Float>.zeros(3); x += Tensor<Float>.zeros(2, 3)
    }
    await #expect(processExitsWith: .failure) { _ = Tensor<Float>.zeros(0).max() }
  }
}
