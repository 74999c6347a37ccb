import Tensors
import Transforms

/// One Euler-Maruyama step of the Ornstein-Uhlenbeck process dx = -(A x - b) dt + sqrt(2 / beta) dW, whose law approaches
/// N(A^-1 b, A^-1 / beta): a linear system solved by relaxation, with noise.
///
///     x <- x - dt (A x - b) + sqrt(2 dt / beta) xi
///
/// Stable for a symmetric positive definite A with dt |A| < 2. The mean of the law that the steps approach is exact, its covariance
/// A^-1 (1 - dt A / 2)^-1 / beta.
/// - Parameters:
///   - x: of any shape, many processes at once among them.
///   - product: A times x.
///   - b: broadcast to x.
///   - step: dt, broadcast to x.
///   - temperature: 1 / beta, broadcast to x; 0 for no noise.
///   - key: of xi.
public func ornsteinUhlenbeckStep<Scalar: RealScalar>(
  _ x: Tensor<Scalar>, _ product: (Tensor<Scalar>) -> Tensor<Scalar>, _ b: Tensor<Scalar>, step: Tensor<Scalar>,
  temperature: Tensor<Scalar>, key: Key
) -> Tensor<Scalar> {
  x - step * (product(x) - b) + (2 * step * temperature).sqrt() * .normal(x.shape, key: key)
}
