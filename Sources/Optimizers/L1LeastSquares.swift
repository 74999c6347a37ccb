import Tensors

/// Least squares with an l1 penalty (the lasso), for several targets of the same design at once:
///
///     min over W of (1/2n) ||Y - X W||² + lambda sum_ij |W_ij|
///
/// It is held by its second moments X^T X / n and X^T Y / n, so a step costs nothing of the n samples.
///
///     let problem = try L1LeastSquares(design: x, targets: y)
///     var weights: Tensor<Double>?
///     for l1 in [1, 0.1, 0.01] { weights = problem.solution(l1: l1, from: weights).weights }     // each from the one before
public struct L1LeastSquares<Scalar: RealScalar>: Sendable {
  /// X^T X / n, [features, features].
  public let gram: Tensor<Scalar>
  /// X^T Y / n, [features, targets].
  public let products: Tensor<Scalar>
  /// L, the greatest eigenvalue of ``gram``.
  public let smoothness: Scalar
  /// ||y||² / n of each target.
  private let targetSquares: Tensor<Scalar>

  /// - Parameters:
  ///   - design: X, [n, features].
  ///   - targets: Y, [n, targets].
  /// - Throws: when the design is not finite.
  public init(design: Tensor<Scalar>, targets: Tensor<Scalar>) throws(LinearAlgebraError) {
    guard design.rank == 2, targets.rank == 2, design.shape[0] == targets.shape[0] else {
      fatalError("L1LeastSquares: a design of shape \(design.shape) for targets of shape \(targets.shape)")
    }
    let n = Scalar(design.shape[0])
    gram = matmul(design, design, transposeA: true) / n
    products = matmul(design, targets, transposeA: true) / n
    targetSquares = targets.squaredNorm(0) / n
    smoothness = try eigh(gram).values.max().scalar
  }

  /// FISTA (Beck and Teboulle 2009, Eqs. 4.1 to 4.3), with step 1/L, t_1 = 1 and y_1 = x_0:
  ///
  ///     x_k = S_(lambda/L)(y_k - grad f(y_k) / L),  t_(k+1) = (1 + sqrt(1 + 4 t_k²)) / 2
  ///     y_(k+1) = x_k + (t_k - 1) / t_(k+1) (x_k - x_(k-1))
  ///
  /// A deviation: where <y_k - x_k, x_k - x_(k-1)> > 0 momentum begins anew, t = 1 (O'Donoghue and Candès 2015), which makes convergence
  /// linear.
  /// - Parameters:
  ///   - l1: lambda.
  ///   - start: x_0; nil for zeros.
  ///   - tolerance: ends when no entry of L (y_k - x_k), the gradient of a smooth problem, is larger.
  /// - Returns: W, [features, targets], with exact zeros, and the number of steps made.
  public func solution(
    l1: Double, from start: Tensor<Scalar>? = nil, tolerance: Double = 1e-8, maximumSteps: Int = 20_000
  ) -> (weights: Tensor<Scalar>, steps: Int) {
    guard smoothness > 0 else { return (.zeros(products.shape), 0) }
    var x = start ?? .zeros(products.shape)
    var (y, t) = (x, Scalar(1))
    for step in 1...max(1, maximumSteps) {
      let next = softThreshold(y - (matmul(gram, y) - products) / smoothness, by: l1 / Double(smoothness))
      let (residual, move) = (y - next, next - x)
      x = next
      if Double(residual.abs().max().scalar * smoothness) <= tolerance { return (x, step) }
      if (residual * move).sum().scalar > 0 { t = 1 }
      let nextT = (1 + (1 + 4 * t * t).squareRoot()) / 2
      y = x + move * ((t - 1) / nextT)
      t = nextT
    }
    return (x, maximumSteps)
  }

  /// ||y - X w||² / n of each target.
  public func meanSquaredErrors(_ weights: Tensor<Scalar>) -> Tensor<Scalar> {
    targetSquares + (weights * (matmul(gram, weights) - 2 * products)).sum(0)
  }
}
