import Tensors
import Transforms

/// A smooth function of a vector, with what a theorem asks of it: derivatives, and constants that bound its curvature.
///
///     let regression = LinearModel(.logistic, design: a, targets: y, ridge: 0.01)
///     let stepSize = 1 / regression.smoothness
///     x = x - stepSize * regression.gradient(at: x)
///
/// Everything at a point is traceable. Constants are exact where their type says nothing else.
public protocol SmoothFunction<Scalar>: Sendable {
  /// The type of the numbers.
  associatedtype Scalar: RealScalar

  /// Length of a point.
  var dimension: Int { get }

  /// f(x), of rank 0.
  func value(at x: Tensor<Scalar>) -> Tensor<Scalar>

  /// The gradient of f at x, [d]; by differentiation unless there is a shorter way.
  func gradient(at x: Tensor<Scalar>) -> Tensor<Scalar>

  /// The Hessian of f at x times v, [d]; by differentiation unless there is a shorter way.
  func hessianProduct(at x: Tensor<Scalar>, _ v: Tensor<Scalar>) -> Tensor<Scalar>

  /// The Hessian of f at x, [d, d]; by differentiation unless there is a shorter way.
  func hessian(at x: Tensor<Scalar>) -> Tensor<Scalar>

  /// L: the gradient is L-Lipschitz, ||grad f(x) - grad f(y)|| <= L ||x - y||; infinite where no L is.
  var smoothness: Double { get }

  /// mu: f - mu ||x||^2 / 2 is convex; 0 where only 0 is known.
  var strongConvexity: Double { get }
}

extension SmoothFunction {
  /// By reverse differentiation.
  public func gradient(at x: Tensor<Scalar>) -> Tensor<Scalar> { grad { value(at: $0) }(x) }

  /// The derivative of the gradient along v.
  public func hessianProduct(at x: Tensor<Scalar>, _ v: Tensor<Scalar>) -> Tensor<Scalar> { hvp { value(at: $0) }(x, v) }

  /// The derivative of the gradient along every axis.
  public func hessian(at x: Tensor<Scalar>) -> Tensor<Scalar> { Transforms.hessian { value(at: $0) }(x) }

  /// L / mu.
  public var conditionNumber: Double { smoothness / strongConvexity }
}

/// A mean of n functions, whose gradients a stochastic method samples: f = sum_i f_i / n.
public protocol FiniteSum<Scalar>: SmoothFunction {
  /// n.
  var count: Int { get }

  /// The gradient at x of each f_i, [n, d].
  func componentGradients(at x: Tensor<Scalar>) -> Tensor<Scalar>

  /// The mean of grad f_i(x) over the indices, [d]: with indices of [b], each as often as it appears.
  func gradient(at x: Tensor<Scalar>, of indices: Tensor<Int32>) -> Tensor<Scalar>

  /// L_i of each f_i.
  var componentSmoothness: [Double] { get }
}

extension FiniteSum {
  /// L_max, the largest L_i.
  public var largestSmoothness: Double { componentSmoothness.max() ?? 0 }

  /// sigma^2 = sum_i ||grad f_i(x) - grad f(x)||^2 / n: at a minimum the gradient noise of the theorems on SGD.
  public func gradientVariance(at x: Tensor<Scalar>) -> Tensor<Scalar> {
    let gradients = componentGradients(at: x)
    return (gradients - gradients.mean(0)).squaredNorm() * Scalar(1 / Double(count))
  }
}

/// Where a function is least, and what it is there.
public struct KnownMinimum<Scalar: RealScalar>: Sendable {
  /// One of the points where it is.
  public var point: Tensor<Scalar>
  /// The least value.
  public var value: Double

  /// A minimum.
  public init(point: Tensor<Scalar>, value: Double) {
    self.point = point
    self.value = value
  }
}
