import Tensors

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
    x -= rate * problem.gradient(x)
  }

  /// |X X^T - M|_F²
  package func loss(_ problem: SensingProblem) -> Double {
    problem.residual(x).squaredNorm().scalar
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
    let e = problem.sensing.normal(matmul(f, g, transposeB: true) - problem.target)
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
