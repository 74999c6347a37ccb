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

/// Clipping of the largest coordinates (Pan and Li 2023, arXiv 2306.00204, Algorithm 1): u <- sign(u) min(|u|, tau), tau the
/// (1 - r) quantile of |u| over the coordinates of all tensors together, interpolated between neighbours.
public struct ClipCoordinates<Scalar: RealScalar>: GradientTransform {
  /// r: which share of the coordinates is clipped.
  public var fraction: Double

  /// Clipping of a share of the coordinates.
  public init(fraction: Double) { self.fraction = fraction }

  /// Nothing to remember.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> NoState { NoState() }

  /// The gradient, no coordinate beyond tau.
  public func apply(
    _ gradient: TensorList<Scalar>, at parameters: TensorList<Scalar>, _ state: inout NoState
  ) -> TensorList<Scalar> {
    let threshold = gradient.abs().flattened.quantile(1 - fraction)
    return gradient.map { maximum(minimum($0, threshold), -threshold) }
  }
}
