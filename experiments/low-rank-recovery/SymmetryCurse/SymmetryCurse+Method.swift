import Tensors

/// Recover M = V V^T, of rank r, from what A*A tells of the residual: all of it (the population loss, A*A = identity), or what
/// finitely many Gaussian measurements see.
package struct SensingProblem: Sendable {
  package let target: Tensor<Double>
  package let sensing: GaussianSensing?

  /// A target with r nonzero eigenvalues, all 1: the rates then measure the spare directions and nothing else.
  package init(side: Int, rank: Int, key: Key, sensing: GaussianSensing? = nil) {
    let v = qr(Tensor<Double>.normal([side, rank], key: key)).q
    self.init(target: matmul(v, v, transposeB: true), sensing: sensing)
  }

  package init(target: Tensor<Double>, sensing: GaussianSensing? = nil) {
    self.target = target
    self.sensing = sensing
  }

  /// E = A*A(residual)
  func normal(_ residual: Tensor<Double>) -> Tensor<Double> { sensing?.applyNormal(to: residual) ?? residual }
}

/// Gradient descent on X: 1/2 |A(X X^T - M)|².
package struct SymmetricDescent: Codable {
  package var x: Tensor<Double>

  /// X_0 = alpha N(0, 1/n), of [n, columns].
  package init(side: Int, columns: Int, scale: Double, key: Key) {
    x = gaussianFactor([side, columns], scale: scale, key: key)
  }

  package init(x: Tensor<Double>) { self.x = x }

  /// X <- X - eta E X with E = A*A(X X^T - M)
  package mutating func step(_ problem: SensingProblem, rate: Double) {
    let e = problem.normal(matmul(x, x, transposeB: true) - problem.target)
    x -= rate * matmul(e, x)
  }

  /// |X X^T - M|_F²
  package func loss(_ problem: SensingProblem) -> Double {
    (matmul(x, x, transposeB: true) - problem.target).squaredNorm().scalar
  }
}

/// Gradient descent on F and G: 1/2 |A(F G^T - M)|², from unequal scales.
package struct AsymmetricDescent: Codable {
  package var f: Tensor<Double>
  package var g: Tensor<Double>
  package var isRebalanced = false

  /// F_0 = alpha N(0, 1/n) and G_0 = (alpha/3) N(0, 1/n): equal scales would kill the effect, whose engine is the imbalance.
  package init(side: Int, columns: Int, scale: Double, key: Key) {
    f = gaussianFactor([side, columns], scale: scale, key: key.named("F"))
    g = gaussianFactor([side, columns], scale: scale / 3, key: key.named("G"))
  }

  package init(f: Tensor<Double>, g: Tensor<Double>) {
    self.f = f
    self.g = g
  }

  /// F <- F - eta E G and G <- G - eta E^T F with E = A*A(F G^T - M), both from the old F and G
  package mutating func step(_ problem: SensingProblem, rate: Double) {
    let e = problem.normal(matmul(f, g, transposeB: true) - problem.target)
    let gradientOfG = matmul(e, f, transposeA: true)
    f -= rate * matmul(e, g)
    g -= rate * gradientOfG
  }

  /// The paper's one extra step: with the thin SVD F = P S Q^T, F <- b P and G <- G Q S / b. F G^T stays what it is, and F^T F - G^T G
  /// becomes about b² in every spare direction, whatever the initial scale was.
  package mutating func rebalance(_ b: Double) throws {
    let (p, s, qT) = try thinSVD(f)
    f = b * p
    g = matmul(g, qT, transposeB: true) * s * (1 / b)
    isRebalanced = true
  }

  /// |F G^T - M|_F²
  package func loss(_ problem: SensingProblem) -> Double {
    (matmul(f, g, transposeB: true) - problem.target).squaredNorm().scalar
  }
}

/// scale N(0, 1/n), with n the number of rows.
private func gaussianFactor(_ shape: [Int], scale: Double, key: Key) -> Tensor<Double> {
  .normal(shape, standardDeviation: scale / Double(shape[0]).squareRoot(), key: key)
}
