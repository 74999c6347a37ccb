import Tensors

/// A smoothed maximum of affine functions: f(x) = mu log sum_i exp((<a_i, x> - b_i) / mu) (Nesterov 2005).
///
/// With pi = softmax((A x - b) / mu) its gradient is A^T pi, its Hessian A^T (diag(pi) - pi pi^T) A / mu.
public struct LogSumExp<Scalar: RealScalar>: SmoothFunction {
  /// A, one function a row, [n, d].
  public let design: Tensor<Scalar>
  /// b, [n].
  public let offsets: Tensor<Scalar>
  /// mu: the sum differs from the maximum by at most mu log n.
  public let temperature: Double
  /// max_i ||a_i||^2 / mu, a bound: the Hessian is a covariance of the a_i over mu.
  public let smoothness: Double
  /// 0: it grows no faster than a line.
  public var strongConvexity: Double { 0 }

  /// The smoothed maximum of n functions of d numbers.
  public init(design: Tensor<Scalar>, offsets: Tensor<Scalar>, temperature: Double) {
    guard design.rank == 2, offsets.shape == [design.shape[0]], temperature > 0 else {
      fatalError(
        "LogSumExp: design of shape \(design.shape), offsets of \(offsets.shape), temperature \(temperature); expected [n, d], [n] and a positive number"
      )
    }
    (self.design, self.offsets, self.temperature) = (design, offsets, temperature)
    smoothness = Double(design.squaredNorm(1).max().scalar) / temperature
  }

  /// The same with the rows shifted by the gradient at 0, so that 0 is the minimum.
  public func centered() -> LogSumExp {
    LogSumExp(design: design - gradient(at: .zeros(dimension)), offsets: offsets, temperature: temperature)
  }

  /// d.
  public var dimension: Int { design.shape[1] }

  /// mu log sum_i exp((<a_i, x> - b_i) / mu), without overflow.
  public func value(at x: Tensor<Scalar>) -> Tensor<Scalar> { exponents(at: x).logSumExp() * Scalar(temperature) }

  /// A^T pi.
  public func gradient(at x: Tensor<Scalar>) -> Tensor<Scalar> { matmul(exponents(at: x).softmax(), design) }

  /// The covariance of the a_i under pi, times v / mu.
  public func hessianProduct(at x: Tensor<Scalar>, _ v: Tensor<Scalar>) -> Tensor<Scalar> {
    let (pi, along) = (exponents(at: x).softmax(), matmul(design, v))
    return matmul(pi * (along - pi.dot(along)), design) * Scalar(1 / temperature)
  }

  /// A^T (diag(pi) - pi pi^T) A / mu.
  public func hessian(at x: Tensor<Scalar>) -> Tensor<Scalar> {
    let slope = gradient(at: x)
    return gaussNewton(at: x) - outer(slope, slope) * Scalar(1 / temperature)
  }

  /// A^T diag(pi) A / mu, [d, d]: the Hessian without the term that vanishes with the gradient.
  public func gaussNewton(at x: Tensor<Scalar>) -> Tensor<Scalar> {
    let weighted = exponents(at: x).softmax().expandingDimensions(1) * design
    return matmul(design, weighted, transposeA: true) * Scalar(1 / temperature)
  }

  private func exponents(at x: Tensor<Scalar>) -> Tensor<Scalar> { (matmul(design, x) - offsets) * Scalar(1 / temperature) }
}
