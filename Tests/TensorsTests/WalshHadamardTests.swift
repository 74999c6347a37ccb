import Tensors
import Testing

@Suite struct WalshHadamardTests {
  /// (-1)^(number of common binary ones), the definition.
  private func matrix(_ n: Int) -> Tensor<Double> {
    Tensor(shape: [n, n], (0..<n * n).map { ($0 / n & $0 % n).nonzeroBitCount % 2 == 0 ? 1 : -1 })
  }

  /// Sums of n numbers of size one, at most n roundings.
  @Test(arguments: [1, 2, 4, 8, 64, 512], [1, 3, 16]) func itIsTheMatrix(n: Int, inner: Int) {
    let x = Tensor<Double>.normal([3, n, inner], key: Key(seed: 1))
    let expected = matmul(matrix(n), x)
    #expect((walshHadamard(x, axis: 1) - expected).abs().max().scalar < 1e-15 * Double(n))
    #expect((walshHadamard(x.transposed()).transposed() - expected).abs().max().scalar < 1e-15 * Double(n))
    let single = walshHadamard(x.converted(to: Float.self), axis: 1).converted(to: Double.self)
    #expect((single - expected).abs().max().scalar < 1e-6 * Double(n))
  }

  /// Large enough for blocks and threads; twice it is n times the identity.
  @Test func largeOnesAreTheirOwnInverse() {
    for shape in [[1 << 17, 1], [1 << 12, 33], [1 << 15, 5]] {
      let x = Tensor<Double>.normal(shape, key: Key(seed: 2))
      let twice = walshHadamard(walshHadamard(x, axis: 0), axis: 0) / Double(shape[0])
      #expect((twice - x).abs().max().scalar < 1e-13)
      let before = Threads.count
      Threads.count = 1
      let alone = walshHadamard(x, axis: 0)
      Threads.count = before
      #expect(alone == walshHadamard(x, axis: 0))
    }
  }
}
