import Tensors
import Transforms

/// A nonlinear least-squares problem: f(x) = ||F(x)||^2 / 2.
public struct ResidualSum<Scalar: RealScalar>: SmoothFunction {
  /// d.
  public let dimension: Int
  /// F.
  public let residuals: @Sendable (Tensor<Scalar>) -> Tensor<Scalar>
  /// Not known.
  public var smoothness: Double { .infinity }
  /// Not known: 0.
  public var strongConvexity: Double { 0 }

  /// The sum of squares of `residuals`, a traceable function of d numbers.
  public init(dimension: Int, _ residuals: @escaping @Sendable (Tensor<Scalar>) -> Tensor<Scalar>) {
    (self.dimension, self.residuals) = (dimension, residuals)
  }

  /// ||F(x)||^2 / 2.
  public func value(at x: Tensor<Scalar>) -> Tensor<Scalar> { residuals(x).squaredNorm() * 0.5 }

  /// J^T J, [d, d]: the Hessian without the curvature of F, which vanishes with F.
  public func gaussNewton(at x: Tensor<Scalar>) -> Tensor<Scalar> {
    let jacobian = forwardJacobian(residuals)(x)
    return matmul(jacobian, jacobian, transposeA: true)
  }

  /// F = (10 (x_(i+1) - x_i^2), 1 - x_i) for i = 1...d-1: half of Rosenbrock's function, chained; zero at x = 1.
  public static func chainedRosenbrock(dimension: Int) -> ResidualSum {
    ResidualSum(dimension: dimension) { x in
      let (head, tail) = (x.slice(0..<dimension - 1), x.slice(1..<dimension))
      return .concatenate([(tail - head.square()) * 10, 1 - head])
    }
  }
}
