import Tensors
import Transforms

/// Clipping by the norm of the whole gradient: g <- g min(1, c / (||g|| + epsilon)) (Pascanu et al. 2013, arXiv 1211.5063).
///
/// No epsilon by default, as in theory and in optax; PyTorch's clip_grad_norm_ has 1e-6.
public struct ClipByNorm<Scalar: RealScalar>: GradientTransform {
  /// c.
  public var threshold: Tensor<Scalar>
  /// What keeps the quotient finite.
  public var epsilon: Double

  /// Clipping at a norm of `threshold`.
  public init(_ threshold: Double, epsilon: Double = 0) {
    self.threshold = Tensor(Scalar(threshold))
    self.epsilon = epsilon
  }

  /// Nothing to remember.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> NoState { NoState() }

  /// The gradient, no longer than c.
  public func apply(
    _ gradient: TensorList<Scalar>, at parameters: TensorList<Scalar>, _ state: inout NoState
  ) -> TensorList<Scalar> {
    let norm = gradient.norm + Scalar(epsilon)
    // A comparison instead of min(1, c / norm): a zero gradient stays, without 0 / 0.
    return .where(norm .> threshold, threshold / norm * gradient, gradient)
  }
}

/// Clipping of every element to -c...c.
public struct ClipByValue<Scalar: RealScalar>: GradientTransform {
  /// c.
  public var threshold: Double

  /// Clipping at magnitudes of `threshold`.
  public init(_ threshold: Double) { self.threshold = threshold }

  /// Nothing to remember.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> NoState { NoState() }

  /// The gradient with elements in -c...c.
  public func apply(
    _ gradient: TensorList<Scalar>, at parameters: TensorList<Scalar>, _ state: inout NoState
  ) -> TensorList<Scalar> {
    gradient.map { $0.clamped(Scalar(-threshold), Scalar(threshold)) }
  }
}
