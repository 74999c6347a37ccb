import Foundation
import Tensors
import Testing

@Suite struct SoftmaxTests {
  struct Algorithm: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Bound at 2^18 scores. The card's 2e-5 is for vectors; one lane adds 2^16 numbers into each accumulator, in Float.
    let bound: Double
    let run: @Sendable ([Float]) -> [Float]

    init<Lanes: FloatLanes>(
      _ name: String, _ lanes: Lanes.Type,
      _ run: @escaping @Sendable (UnsafePointer<Float>, Int, UnsafeMutablePointer<Float>) -> Void
    ) {
      testDescription = "\(name), \(Lanes.laneCount) lanes"
      bound = Lanes.laneCount == 1 ? 1e-4 : 2e-5
      self.run = { x in
        var y = [Float](repeating: -1, count: x.count)
        x.withUnsafeBufferPointer { x in
          y.withUnsafeMutableBufferPointer { run(x.baseAddress!, x.count, $0.baseAddress!) }
        }
        return y
      }
    }

    static func all<Lanes: FloatLanes>(_ lanes: Lanes.Type) -> [Algorithm] {
      [
        Algorithm("two-pass", lanes) { TwoPassSoftmax.run($0, $1, into: $2, lanes) },
        Algorithm("recompute", lanes) { ThreePassRecompute.run($0, $1, into: $2, lanes) },
        Algorithm("reload", lanes) { ThreePassReload.run($0, $1, into: $2, lanes) },
      ]
    }
  }

  static let algorithms =
    Algorithm.all(Float.self) + Algorithm.all(SIMD8<Float>.self) + Algorithm.all(SIMD16<Float>.self)
    + [
      Algorithm("tensor", SIMD8<Float>.self) { x, count, y in
        var result = Tensor<Float>.zeros(count)
        Tensor(Array(UnsafeBufferPointer(start: x, count: count))).softmax(into: &result)
        result.withUnsafeBufferPointer { y.update(from: $0.baseAddress!, count: count) }
      }
    ]

  /// Max-subtracted softmax of the same floats in Double.
  static func reference(_ x: [Float]) -> [Double] {
    let most = Double(x.max()!)
    let e = x.map { exp(Double($0) - most) }
    let sum = e.reduce(0, +)
    return e.map { $0 / sum }
  }

  /// Largest relative error over entries whose probability a normal Float can hold.
  static func error(_ y: [Float], _ p: [Double]) -> Double {
    zip(y, p).reduce(0) { worst, pair in
      let error = pair.1 >= 1.2e-38 ? abs(Double(pair.0) - pair.1) / pair.1 : 0
      return error <= worst ? worst : error  // NaN counts as worst.
    }
  }

  static let shifts: [Float] = [0, 1e3, -1e3, 1e4, -1e4, 1e5]

  /// The card's accuracy experiment: N = 2^18, x = c + 3 N(0, 1), bound 2e-5 for the values and for their sum.
  @Test(arguments: algorithms, shifts) func shifted(algorithm: Algorithm, shift: Float) {
    let x = Tensor<Float>.normal([1 << 18], mean: shift, standardDeviation: 3, key: Key(seed: 1)).scalars
    let y = algorithm.run(x)
    #expect(Self.error(y, Self.reference(x)) <= algorithm.bound)
    #expect(abs(y.reduce(0.0) { $0 + Double($1) } - 1) <= algorithm.bound)
  }

  @Test(arguments: [Float(1e3), -1e3]) func naiveFails(shift: Float) {
    let x = Tensor<Float>.normal([1 << 10], mean: shift, standardDeviation: 3, key: Key(seed: 1)).scalars
    var y = [Float](repeating: 0, count: x.count)
    NaiveSoftmax.run(x, x.count, into: &y)
    let sum = NaiveSoftmax.sum(x, x.count)
    #expect((!sum.isFinite || sum == 0) && y.contains { !$0.isFinite })
  }

  @Test func naiveWorksInRange() {
    let x = Tensor<Float>.normal([1001], standardDeviation: 3, key: Key(seed: 1)).scalars
    var y = [Float](repeating: 0, count: x.count)
    NaiveSoftmax.run(x, x.count, into: &y)
    #expect(Self.error(y, Self.reference(x)) <= 1e-6)
  }

  /// Lengths around multiples of the vector and of the four-vector step. x - max of up to 40 is rounded to 1.9e-6, which becomes the
  /// relative error of its exponential; the rest is a few roundings.
  @Test(arguments: algorithms) func lengths(algorithm: Algorithm) {
    for count in Array(1...70) + [127, 128, 129, 255, 257, 1000] {
      let x = Tensor<Float>.uniform([count], in: -20..<20, key: Key(seed: UInt64(count))).scalars
      #expect(Self.error(algorithm.run(x), Self.reference(x)) <= 2.5e-6, "length \(count)")
    }
  }

  @Test(arguments: algorithms) func edges(algorithm: Algorithm) {
    #expect(algorithm.run([5]) == [1])
    #expect(algorithm.run([-1e6]) == [1])
    #expect(algorithm.run([Float](repeating: 7, count: 64)).allSatisfy { abs($0 - 1.0 / 64) <= 0x1p-29 })  // One place.
    // -infinity has probability 0; if nothing else is there, there is no distribution.
    #expect(algorithm.run([-.infinity, 0, -.infinity, 0]) == [0, 0.5, 0, 0.5])
    #expect(algorithm.run([-.infinity, -.infinity]).allSatisfy { $0.isNaN })
    #expect(algorithm.run([0, .nan, 1]).allSatisfy { $0.isNaN })
    #expect(algorithm.run([0, .infinity, 1]).allSatisfy { $0.isNaN })
    for position in [0, 63, 64, 99] {
      var x = [Float](repeating: 0, count: 100)
      x[position] = .nan
      #expect(algorithm.run(x).allSatisfy { $0.isNaN }, "NaN at \(position)")
    }
  }

  @Test func outsideItsRangeTwoPassIsNaN() {
    func twoPass(_ scores: [Float]) -> [Float] {
      var y = Tensor<Float>.zeros(scores.count)
      Tensor(scores).softmax(into: &y)
      return y.scalars
    }
    #expect(twoPass([4e6, 0]).allSatisfy { $0.isNaN })
    #expect(twoPass([-4e6, -4e6]).allSatisfy { $0.isNaN })
    #expect(twoPass([-4e6, 0]) == [0, 1])
    #expect(Tensor<Float>([4e6, 0]).softmax().scalars == [1, 0], "short rows subtract the maximum")
  }

  /// Scores around the end of Float's range below the largest: exact to rounding down to 2^-126, zero beyond.
  @Test(arguments: algorithms) func smallestProbabilities(algorithm: Algorithm) {
    let low = stride(from: Float(-80), to: -95, by: -0.125)
    let x = [0] + Array(low)
    let (y, p) = (algorithm.run(x), Self.reference(x))
    #expect(Self.error(y, p) <= 2e-6)
    #expect(zip(y, p).allSatisfy { $1 >= 1e-38 || Double($0) <= 1.3e-38 } && y.last == 0)
  }

  @Test func powerOfTwo() {
    func check<Lanes: FloatLanes>(_: Lanes.Type) {
      for d in -126...0 { #expect(Lanes(repeating: Float(d)).powerOfTwo()[0] == Float(sign: .plus, exponent: d, significand: 1)) }
      for d in [-127, -128, -1e9, -.infinity, .nan] as [Float] { #expect(Lanes(repeating: d).powerOfTwo()[0] == 0) }
    }
    check(Float.self)
    check(SIMD8<Float>.self)
    check(SIMD16<Float>.self)
  }

  /// n = 0.5, 1.5, ... round to even: both neighbours are right, so this pins the reduction at its widest.
  @Test(arguments: algorithms) func ties(algorithm: Algorithm) {
    let x = (0..<40).map { (Float($0) - 20.5) * 0.6931472 }
    #expect(Self.error(algorithm.run(x), Self.reference(x)) <= 1.5e-6)
  }

  @Test(arguments: [[3, 5], [1000, 7], [2, 70_000], [1, 300_001], [0, 4], [3, 0], [6]]) func tensorsByRows(shape: [Int]) {
    let x = Tensor<Float>.normal(shape, standardDeviation: 3, key: Key(seed: 2))
    let count = Threads.count
    defer { Threads.count = count }
    Threads.count = 1
    let y = x.softmax()
    Threads.count = 3
    #expect(x.softmax() == y && y.shape == shape)
    let length = shape.last!
    for row in 0..<(length == 0 ? 0 : x.count / length) {
      let range = row * length..<(row + 1) * length
      #expect(Self.error(Array(y.scalars[range]), Self.reference(Array(x.scalars[range]))) <= 2e-6)
    }
  }

  @Test func memoryStreams() {
    let x = Tensor<Float>.uniform([1003], key: Key(seed: 3)).scalars
    var y = [Float](repeating: 0, count: x.count)
    #expect(abs(MemoryStreams.read(x, x.count, SIMD16<Float>.self) - x.reduce(0, +)) < 1e-3)
    MemoryStreams.copy(x, x.count, into: &y, SIMD16<Float>.self)
    #expect(y == x)
    MemoryStreams.scale(x, x.count, by: 2, into: &y, SIMD8<Float>.self)
    #expect(y == x.map { 2 * $0 })
  }
}
