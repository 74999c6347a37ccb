import Tensors

/// Recover X* = V V^T from y_i = <A_i, X*> + s_i, with the A_i symmetrized, which changes nothing on symmetric matrices.
package struct RobustProblem: Sendable {
  package let sensing: MeasurementMatrix
  /// y, [..., m]: axes in front are noise models.
  package let measured: Tensor<Double>

  package init(sensing: MeasurementMatrix, measured: Tensor<Double>) {
    (self.sensing, self.measured) = (sensing, measured)
  }

  private var count: Double { Double(measured.shape[measured.rank - 1]) }

  /// y - A(U U^T), [..., m]
  private func residual(_ u: Tensor<Double>) -> Tensor<Double> { measured - sensing.measure(matmul(u, u, transposeB: true)) }

  /// Q = 1/m sum_i sign(y_i - <A_i, U U^T>) (A_i + A_i^T)/2, a sub-gradient of -1/m sum_i |y_i - <A_i, X>| at U U^T.
  package func ascentDirection(_ u: Tensor<Double>) -> Tensor<Double> { sensing.adjoint(residual(u).sign()) / count }

  /// SubGM: U + eta Q U / |Q|_F.
  package func subgradientStep(_ u: Tensor<Double>, rate: Tensor<Double>) -> Tensor<Double> {
    let q = ascentDirection(u)
    return u + rate / q.norm(-2, -1, keepingAxes: true) * matmul(q, u)
  }

  /// Gradient descent on the squared loss: U + eta 1/m sum_i (y_i - <A_i, U U^T>) (A_i + A_i^T)/2 U.
  package func squaredLossStep(_ u: Tensor<Double>, rate: Double) -> Tensor<Double> {
    u + rate / count * matmul(sensing.adjoint(residual(u)), u)
  }

  /// B with B B^T the best nonnegative approximation of rank `columns` of C = 1/m sum_i sign(y_i) (A_i + A_i^T)/2, scaled to norm 1:
  /// the top eigenpairs, negative ones dropped. [..., n, columns].
  package func spectralStart(columns: Int) throws -> Tensor<Double> {
    let (values, vectors) = try eigh(sensing.adjoint(measured.sign()) / count)
    let roots = maximum(values, Tensor(0)).sqrt()
    let factor = vectors * roots.expandingDimensions(-2)
    let leading = factor.flipped(-1).split(axis: -1, sizes: [columns, factor.shape[factor.rank - 1] - columns])[0]
    return leading / roots.max(-1).expandingDimensions(-1).expandingDimensions(-1)
  }
}

extension RobustSensing {
  /// s: with probability `share` N(0, sigma²), else 0.
  static func outliers(_ count: Int, share: Double, sigma: Double, key: Key) -> Tensor<Double> {
    let isHit = Tensor<Double>.uniform([count], key: key.named("places")) .< share
    return .where(isHit, .normal([count], standardDeviation: sigma, key: key.named("sizes")), 0)
  }
}
