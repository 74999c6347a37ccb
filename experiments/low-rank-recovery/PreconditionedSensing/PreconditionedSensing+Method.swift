import Tensors

/// Gradient descent on a factor X of M with a right preconditioner, damped or not, or with none.
package enum FactorPreconditioner: Sendable {
  /// (X^T X + lambda I)^-1: ScaledGD(lambda); undamped, ScaledGD, for lambda = 0. A lambda for each run, [..., 1, 1].
  case damped(Tensor<Double>)
  /// Plain gradient descent.
  case none

  /// X - eta E X (X^T X + lambda I)^-1 with E = A*A(X X^T - M); the inverse is of a k x k matrix.
  package func step(_ x: Tensor<Double>, _ problem: SensingProblem, rate: Double) -> Tensor<Double> {
    let gradient = problem.gradient(x)
    switch self {
    case .none: return x - rate * gradient
    case .damped(let lambda):
      let metric = matmul(x, x, transposeA: true) + lambda * .identity(x.shape[x.rank - 1])
      return x - rate * matmul(gradient, metric.inverse())
    }
  }
}

extension PreconditionedSensing {
  /// X* = Q diag(1, ..., 1/kappa), its singular values equally spaced, and M = X* X*^T of condition kappa²: [kappas, n, n] with one Q.
  static func targets(side: Int, rank: Int, conditions: [Double], key: Key) -> Tensor<Double> {
    let basis = qr(Tensor<Double>.normal([side, rank], key: key)).q
    return .stack(
      conditions.map { condition in
        let factor = basis * .linspace(1, 1 / condition, count: rank)
        return matmul(factor, factor, transposeB: true)
      })
  }
}
