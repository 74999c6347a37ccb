import Tensors

/// Recover M, a matrix of low rank, from what A*A tells of the residual X X^T - M.
///
/// M and the factors may have axes of runs in front, which broadcast.
package struct SensingProblem: Sendable {
  /// M, [..., n, n].
  package let target: Tensor<Double>
  /// By default all of the residual is seen: the population loss.
  package let sensing: any SensingOperator

  package init(target: Tensor<Double>, sensing: any SensingOperator = PopulationSensing()) {
    self.target = target
    self.sensing = sensing
  }

  /// A target with r nonzero eigenvalues, all 1: rates then measure the spare directions and nothing else.
  package init(side: Int, rank: Int, key: Key, sensing: any SensingOperator = PopulationSensing()) {
    let v = qr(Tensor<Double>.normal([side, rank], key: key)).q
    self.init(target: matmul(v, v, transposeB: true), sensing: sensing)
  }

  /// E = A*A(X X^T - M), [..., n, n], of a factor X [..., n, k].
  package func normalResidual(_ x: Tensor<Double>) -> Tensor<Double> { sensing.normal(residual(x)) }

  /// E X, the gradient of 1/4 |A(X X^T - M)|².
  package func gradient(_ x: Tensor<Double>) -> Tensor<Double> { matmul(normalResidual(x), x) }

  /// X X^T - M
  package func residual(_ x: Tensor<Double>) -> Tensor<Double> { matmul(x, x, transposeB: true) - target }

  /// |X X^T - M|_F / |M|_F of each run.
  package func relativeError(_ x: Tensor<Double>) -> Tensor<Double> { residual(x).norm(-2, -1) / target.norm(-2, -1) }
}

/// scale N(0, 1/n), with n the number of rows.
package func gaussianFactor(_ shape: [Int], scale: Double, key: Key) -> Tensor<Double> {
  .normal(shape, standardDeviation: scale / Double(shape[0]).squareRoot(), key: key)
}

extension Tensor<Double> {
  /// Columns of zeros behind those of a factor [..., n, k]. They stay zero under every update of the form X <- X + B X, so that factors
  /// with different numbers of columns run side by side.
  package func paddedColumns(to columns: Int) -> Tensor { padded(axis: -1, low: 0, high: columns - shape[rank - 1]) }
}
