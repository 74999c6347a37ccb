import Tensors
import Transforms

/// L2 decay: lambda theta is added to the gradient, as if lambda ||theta||^2 / 2 were part of the loss.
public struct WeightDecay<Scalar: RealScalar>: GradientTransform {
  /// lambda.
  public var rate: Double
  /// Decay at `rate`.
  public init(_ rate: Double) { self.rate = rate }
  /// Nothing to remember.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> NoState { NoState() }
  /// g + lambda theta.
  public func apply(
    _ gradient: TensorList<Scalar>, at parameters: TensorList<Scalar>, _ state: inout NoState
  ) -> TensorList<Scalar> {
    gradient + rate * parameters
  }
}
