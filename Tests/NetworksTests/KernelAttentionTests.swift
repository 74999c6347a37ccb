import Foundation
import Networks
import Tensors
import Testing
import Transforms

@Suite struct KernelAttentionTests {
  let key = Key(seed: 41)

  /// The definition, number by number.
  private func definition(
    _ q: Tensor<Double>, _ k: Tensor<Double>, _ v: Tensor<Double>, _ weight: (Int, Int) -> Double
  ) -> Tensor<Double> {
    let (n, m, d) = (q.shape[0], q.shape[1], v.shape[1])
    var z = Tensor<Double>.zeros([n, d])
    for i in 0..<n {
      let weights = (0..<n).map { j in (0..<m).reduce(0) { $0 + q[i, $1] * k[j, $1] } * weight(i, j) }
      for c in 0..<d { z[i, c] = (0..<n).reduce(0) { $0 + weights[$1] * v[$1, c] } / weights.reduce(0, +) }
    }
    return z
  }

  private func features(_ shape: [Int], _ name: String) -> Tensor<Double> { .uniform(shape, in: 0.1..<1, key: key.named(name)) }

  @Test func allWaysAreTheDefinition() {
    let (n, m) = (13, 5)
    let (q, k, v) = (features([n, m], "q"), features([n, m], "k"), Tensor<Double>.normal([n, 3], key: key.named("v")))
    let c = features([2 * n - 1], "c")
    let expected = definition(q, k, v) { i, j in c[j - i + n - 1] }
    #expect((KernelizedAttention.quadratic(q, k, v, weights: c) - expected).abs().max().scalar < 1e-13)
    #expect((KernelizedAttention.quadratic(q, k, v, weights: c, rowsTogether: 4) - expected).abs().max().scalar < 1e-13)
    // All at once, one at a time, some columns of one feature, some features.
    for together in [nil, 1, 3, 9] {
      let z = KernelizedAttention.relative(q, k, v, weights: c, sequencesTogether: together)
      #expect((z - expected).abs().max().scalar < 1e-12)
    }
    let flat = definition(q, k, v) { _, _ in 1 }
    #expect((KernelizedAttention.linear(q, k, v) - flat).abs().max().scalar < 1e-13)
    // No weight for later keys: causal.
    let causal = Tensor.concatenate([c.slice(0..<n), .zeros([n - 1])])
    let past = definition(q, k, v) { i, j in j > i ? 0 : c[j - i + n - 1] }
    #expect((KernelizedAttention.relative(q, k, v, weights: causal) - past).abs().max().scalar < 1e-12)
  }

  @Test func headsHaveWeightsOfTheirOwn() {
    let (q, k) = (features([2, 3, 7, 4], "q"), features([2, 3, 7, 4], "k"))
    let v = Tensor<Double>.normal([2, 3, 7, 2], key: key.named("v"))
    let c = features([3, 13], "c")
    let z = KernelizedAttention.relative(q, k, v, weights: c)
    for head in 0..<3 {
      let expected = definition(q.row(1).row(head), k.row(1).row(head), v.row(1).row(head)) { i, j in c[head, j - i + 6] }
      #expect((z.row(1).row(head) - expected).abs().max().scalar < 1e-12)
    }
    #expect((KernelizedAttention.quadratic(q, k, v, weights: c) - z).abs().max().scalar < 1e-12)
  }

  @Test func derivativesAreThoseOfDifferences() {
    let (n, m) = (6, 3)
    let x = features([3 * n * m + 2 * n - 1], "all")
    func loss(_ x: Tensor<Double>) -> Tensor<Double> {
      let parts = x.split(sizes: [n * m, n * m, n * m, 2 * n - 1])
      let rows = parts[0..<3].map { $0.reshaped(n, m) }
      return KernelizedAttention.relative(rows[0], rows[1], rows[2], weights: parts[3]).square().sum()
    }
    let direction = Tensor<Double>.normal(x.shape, key: key.named("direction"))
    let difference = (loss(x + 1e-5 * direction) - loss(x - 1e-5 * direction)).scalar / 2e-5
    #expect(abs(grad(loss)(x).dot(direction).scalar - difference) < 1e-7 * (1 + abs(difference)))
  }

  /// Relative variance of one feature: e^(|q + k|²) - 1 for |q + k|² = 1.5² here, at most; orthogonal ones err less.
  @Test func featuresEstimateTheExponential() {
    let (q, k) = (Tensor([0.6, 0, -0.3, 0.2]), Tensor([0.5, 0.4, 0.1, -0.2]))
    let phi = PositiveRandomFeatures<Double>(40_000, of: 4, key: key)
    let estimate = phi(q).dot(phi(k)).scalar
    let variance = exp((q + k).squaredNorm().scalar) - 1
    #expect(abs(estimate / exp(q.dot(k).scalar) - 1) < 4 * (variance / 40_000).squareRoot())
    let block = phi.directions.slice(4..<8)
    let products = matmul(block, block, transposeB: true)
    #expect((products - products.diagonal().diagonalMatrix()).abs().max().scalar < 1e-13)
    // Lengths: chi squared with 4 degrees, variance 8.
    #expect(abs(phi.directions.squaredNorm().scalar / 40_000 - 4) < 4 * (8.0 / 40_000).squareRoot())
    #expect(PositiveRandomFeatures<Double>(3, of: 4, key: key)(Tensor<Double>.ones([2, 5, 4])).shape == [2, 5, 3])
  }

  // MARK: Pairs of keys

  private func inputs(_ n: Int, _ d: Int, _ bound: Double = 1) -> [Tensor<Double>] {
    (0..<5).map { .uniform([n, d], in: -bound..<bound, key: key.named("kronecker")[$0]) }
  }

  /// By the definition, for any function of the scores.
  private func kronecker(_ x: [Tensor<Double>], _ f: (Double) -> Double) -> Tensor<Double> {
    let (n, d) = (x[0].shape[0], x[0].shape[1])
    var z = Tensor<Double>.zeros([n, d])
    for i in 0..<n {
      var (sums, total) = ([Double](repeating: 0, count: d), 0.0)
      for j in 0..<n {
        for k in 0..<n {
          let weight = f((0..<d).reduce(0) { $0 + x[0][i, $1] * x[1][j, $1] * x[2][k, $1] } / Double(d))
          total += weight
          for c in 0..<d { sums[c] += weight * x[3][j, c] * x[4][k, c] }
        }
      }
      for c in 0..<d { z[i, c] = sums[c] / total }
    }
    return z
  }

  @Test func kroneckerAttentionIsItsDefinition() {
    let x = inputs(7, 3, 2)
    let expected = kronecker(x) { exp($0) }
    for rows in [nil, 1, 3] {
      let z = KroneckerAttention.direct(x[0], x[1], x[2], x[3], x[4], rowsTogether: rows)
      #expect((z - expected).abs().max().scalar < 1e-14)
    }
  }

  @Test(arguments: 0...5) func monomialsAreThePolynomial(degree: Int) {
    let x = inputs(6, 3, 1.5)
    let polynomial = PolynomialKroneckerAttention<Double>(degree: degree, dimension: 3)
    // C(3 + g, g).
    #expect(polynomial.rank == [1, 4, 10, 20, 35, 56][degree])
    let expected = kronecker(x) { score in
      (0...degree).reduce(0) { $0 + pow(score, Double($1)) / tgamma(Double($1 + 1)) }
    }
    for rows in [nil, 4] {
      let z = polynomial(x[0], x[1], x[2], x[3], x[4], rowsTogether: rows)
      #expect((z - expected).abs().max().scalar < 1e-12)
    }
  }

  @Test func kroneckerDerivativesAreThoseOfDifferences() {
    let x = Tensor.stack(inputs(4, 2))
    let polynomial = PolynomialKroneckerAttention<Double>(degree: 3, dimension: 2)
    let losses: [(Tensor<Double>) -> Tensor<Double>] = [
      { polynomial($0.row(0), $0.row(1), $0.row(2), $0.row(3), $0.row(4)).square().sum() },
      { KroneckerAttention.direct($0.row(0), $0.row(1), $0.row(2), $0.row(3), $0.row(4)).square().sum() },
    ]
    let direction = Tensor<Double>.normal(x.shape, key: key.named("direction"))
    for loss in losses {
      let difference = (loss(x + 1e-5 * direction) - loss(x - 1e-5 * direction)).scalar / 2e-5
      #expect(abs(grad(loss)(x).dot(direction).scalar - difference) < 1e-7 * (1 + abs(difference)))
    }
  }
}
