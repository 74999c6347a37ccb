import Tensors
import Transforms

/// diffGrad, Adam with a brake where the gradient is steady (Dubey et al. 2019, arXiv 1909.11015), p = 0 at first, t from 1:
///
///     m <- b1 m + (1 - b1) g;  v <- b2 v + (1 - b2) g^2
///     xi = 1 / (1 + exp(-|p - g|)), in [1/2, 1);  p <- g
///     theta <- theta - eta sqrt(1 - b2^t) / (1 - b1^t) xi m / (sqrt(v) + epsilon)
///
/// Epsilon is added to the uncorrected root, as in the official code; the paper's form with corrected moments has an epsilon that is
/// larger by 1 / sqrt(1 - b2^t). The first official file kept p as an alias of g, so that xi was 1/2 always: `hasFrozenFriction`.
public struct DiffGrad<Scalar: RealScalar>: GradientOptimizer {
  /// eta.
  public var learningRate: Tensor<Scalar>
  /// b1, of the mean of the gradients.
  public var beta1: Double
  /// b2, of the mean of their squares.
  public var beta2: Double
  /// What keeps the quotient finite.
  public var epsilon: Double
  /// Whether xi is always 1/2, as in the first official code.
  public var hasFrozenFriction: Bool

  /// The rule, with the paper's defaults.
  public init(
    learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    hasFrozenFriction: Bool = false
  ) {
    self.learningRate = Tensor(Scalar(learningRate))
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.hasFrozenFriction = hasFrozenFriction
  }

  /// Adam's moments and the gradient before.
  public struct State: TensorTree, Codable {
    /// m, v and t.
    public var moments: Moments<Scalar>
    /// p.
    public var previousGradient: TensorList<Scalar>
  }

  /// Zeros.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> State {
    State(moments: Moments(parameters), previousGradient: parameters.zeros)
  }

  /// Adam's step times xi.
  public func update(
    _ state: inout State, gradient g: TensorList<Scalar>, at parameters: TensorList<Scalar>
  ) -> TensorList<Scalar> {
    let friction = friction(gradient: g, state)
    state.moments.take(g, beta1, beta2)
    state.previousGradient = g
    let t = state.moments.step
    let rate = learningRate * gathered(beta2, after: t).sqrt() / gathered(beta1, after: t)
    return -rate * friction * state.moments.m / (state.moments.v.sqrt() + epsilon)
  }

  /// xi of a gradient that is about to be used.
  public func friction(gradient g: TensorList<Scalar>, _ state: State) -> TensorList<Scalar> {
    ((hasFrozenFriction ? g : state.previousGradient) - g).map { $0.abs().sigmoid() }
  }
}
