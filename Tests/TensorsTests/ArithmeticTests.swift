import Foundation
import Tensors
import Testing

@Suite struct ArithmeticTests {
  static let shapes: [([Int], [Int])] = [
    ([2, 3], [2, 3]), ([2, 3], [3]), ([2, 3], [1, 3]), ([2, 3], [2, 1]), ([2, 3], [1, 1]), ([3, 1], [1, 4]),
    ([4, 1, 3], [2, 1]),
    ([2, 3, 4], [3, 1]), ([2, 3, 4], [2, 1, 4]), ([], [2, 2]), ([5], []), ([], []), ([0, 3], [3]), ([1, 1], [1]),
    ([2, 1, 1], [2, 1, 5]),
  ]

  /// Against index arithmetic written out, in both orders.
  @Test(arguments: shapes) func broadcasting(a: [Int], b: [Int]) {
    let x = Tensor<Double>.normal(a, key: Key(seed: 1)[0])
    let y = Tensor<Double>.normal(b, key: Key(seed: 1)[1])
    let rank = max(a.count, b.count)
    let (pa, pb) = (Array(repeating: 1, count: rank - a.count) + a, Array(repeating: 1, count: rank - b.count) + b)
    let shape = zip(pa, pb).map { $0 == 1 ? $1 : $0 }
    func offset(_ flat: Int, _ operand: [Int]) -> Int {
      var (rest, stride, result) = (flat, 1, 0)
      for axis in (0..<rank).reversed() {
        result += operand[axis] == 1 ? 0 : rest % shape[axis] * stride
        rest /= shape[axis]
        stride *= operand[axis]
      }
      return result
    }
    let pairs = (0..<shape.reduce(1, *)).map { (x.scalars[offset($0, pa)], y.scalars[offset($0, pb)]) }
    #expect(x + y == Tensor(shape: shape, pairs.map { $0 + $1 }))
    #expect(x - y == Tensor(shape: shape, pairs.map { $0 - $1 }))
    #expect(x * y == Tensor(shape: shape, pairs.map { $0 * $1 }))
    #expect(x / y == Tensor(shape: shape, pairs.map { $0 / $1 }))
    #expect(y - x == Tensor(shape: shape, pairs.map { $1 - $0 }))
  }

  @Test func scalarOperands() {
    let x = Tensor<Float>([1, 2, 4])
    #expect((1 - x).scalars == [0, -1, -3] && (x - 1).scalars == [0, 1, 3])
    #expect((4 / x).scalars == [4, 2, 1] && (x / 2).scalars == [0.5, 1, 2])
    #expect((-x).scalars == [-1, -2, -4] && (-Tensor<Float>([0]))[0].sign == .minus)
  }

  @Test(arguments: [1, 17, 4095, 4096, 4097, 300_001]) func sums(count: Int) {
    let x = Tensor<Float>.uniform([count], in: -1..<1, key: Key(seed: 3))
    let y = Tensor<Float>.uniform([count], in: -1..<1, key: Key(seed: 4))
    // The reference is in Double, whose error is far below Float's rounding. A pairwise sum rounds each number about log2(n) times,
    // by half an ulp of a partial sum, which is at most the sum of magnitudes.
    let terms = x.scalars.map(Double.init)
    let bound = 6e-8 * (4 + log2(Double(count))) * terms.reduce(0) { $0 + abs($1) }
    func near(_ value: Float, _ reference: Double) -> Bool { abs(Double(value) - reference) <= bound + abs(reference) * 6e-8 }
    #expect(near(x.sum().scalar, terms.reduce(0, +)))
    #expect(near(x.mean().scalar, terms.reduce(0, +) / Double(count)))
    #expect(near(x.squaredNorm().scalar, terms.reduce(0) { $0 + $1 * $1 }))
    #expect(near(x.norm().scalar, terms.reduce(0) { $0 + $1 * $1 }.squareRoot()))
    #expect(near(x.dot(y).scalar, zip(terms, y.scalars).reduce(0) { $0 + $1.0 * Double($1.1) }))
    #expect(x.max().scalar == x.scalars.max() && x.min().scalar == x.scalars.min())
  }

  @Test(arguments: 0..<9) func extremaPropagateNaN(position: Int) {
    var x = Tensor<Double>([5, 1, 2, 3, 4, 9, 7, 8, 6])
    #expect(x.max().scalar == 9 && x.min().scalar == 1)
    x[position] = .nan
    #expect(x.max().scalar.isNaN && x.min().scalar.isNaN)
  }

  @Test func threadsDoNotChangeBits() {
    let x = Tensor<Double>.normal([1 << 18], key: Key(seed: 5))
    let m = Tensor<Float>.normal([400, 300], key: Key(seed: 6))
    func all() -> [Tensor<Double>] {
      let product = matmul(m, m, transposeB: true)
      return [
        x.sum(), x.squaredNorm(), x * x + 1, x.exp(), .normal([50_000], key: Key(seed: 7)),
        product.map(Double.init),
      ]
    }
    let count = Threads.count
    defer { Threads.count = count }
    Threads.count = 1
    let one = all()
    for threads in [2, 3, 7] {
      Threads.count = threads
      #expect(all() == one, "\(threads) threads")
    }
  }
}
