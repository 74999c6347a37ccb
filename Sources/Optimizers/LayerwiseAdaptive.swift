import Tensors
import Transforms

/// NovoGrad, one second moment for each tensor (Ginsburg et al. 2019, arXiv 1905.11286, Algorithm 1):
///
///     v <- b2 v + (1 - b2) ||g||^2, at the first step ||g||^2
///     m <- b1 m + (g / (sqrt(v) + epsilon) + lambda w)
///     w <- w - eta m
///
/// The norm is that of a tensor. The first step is that at which v is still 0, as in the official code; so the state holds no count. That
/// code has epsilon inside the root. `averagesGradients` multiplies the bracket by 1 - b1. Early versions have b2 = 0.25, as optax.
public struct NovoGrad<Scalar: RealScalar>: GradientOptimizer {
  /// eta.
  public var learningRate: Tensor<Scalar>
  /// b1, the momentum.
  public var beta1: Double
  /// b2, of the squared norms.
  public var beta2: Double
  /// What keeps the quotient finite.
  public var epsilon: Double
  /// lambda: the decay goes through the momentum.
  public var weightDecay: Tensor<Scalar>
  /// Whether m is a mean and not a sum.
  public var averagesGradients: Bool

  /// The rule, with the paper's defaults.
  public init(
    learningRate: Double = 1e-2, beta1: Double = 0.95, beta2: Double = 0.98, epsilon: Double = 1e-8, weightDecay: Double = 0,
    averagesGradients: Bool = false
  ) {
    self.learningRate = Tensor(Scalar(learningRate))
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = Tensor(Scalar(weightDecay))
    self.averagesGradients = averagesGradients
  }

  /// The momentum, and a number for each tensor.
  public struct State: TensorTree, Codable {
    /// m.
    public var m: TensorList<Scalar>
    /// v, of rank 0.
    public var v: TensorList<Scalar>
  }

  /// Zeros.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> State {
    State(m: parameters.zeros, v: parameters.scalarZeros)
  }

  /// -eta m.
  public func update(
    _ state: inout State, gradient g: TensorList<Scalar>, at parameters: TensorList<Scalar>
  ) -> TensorList<Scalar> {
    state.v = .zip(state.v, g.squaredNorms) { v, new in .where(v .> 0, Scalar(beta2) * v + Scalar(1 - beta2) * new, new) }
    let normalized = g / (state.v.sqrt() + epsilon) + weightDecay * parameters
    state.m = beta1 * state.m + (averagesGradients ? 1 - beta1 : 1) * normalized
    return -learningRate * state.m
  }
}

/// LARS (You, Gitman and Ginsburg 2017, arXiv 1708.03888, Algorithm 1), for each tensor:
///
///     ratio = trust ||w|| / (||g|| + lambda ||w||)
///     u <- mu u + eta ratio (g + lambda w)
///     w <- w - u
///
/// The rate is inside the momentum, as in the paper; optax, too, but with ||g + lambda w|| in the ratio. A tensor of norm 0, as biases
/// are at first, would never move: its ratio is 1, as in the implementations; so is that where nothing pulls.
public struct LARS<Scalar: RealScalar>: GradientOptimizer {
  /// eta.
  public var learningRate: Tensor<Scalar>
  /// mu.
  public var momentum: Double
  /// lambda.
  public var weightDecay: Double
  /// How far a tensor may move, as a share of its norm, at eta = 1.
  public var trustCoefficient: Double

  /// The rule, with the paper's defaults.
  public init(learningRate: Double = 1, momentum: Double = 0.9, weightDecay: Double = 5e-4, trustCoefficient: Double = 1e-3) {
    self.learningRate = Tensor(Scalar(learningRate))
    self.momentum = momentum
    self.weightDecay = weightDecay
    self.trustCoefficient = trustCoefficient
  }

  /// u = 0.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> Momentum<Scalar>.State {
    Momentum<Scalar>.State(velocity: parameters.zeros)
  }

  /// -u.
  public func update(
    _ state: inout Momentum<Scalar>.State, gradient g: TensorList<Scalar>, at parameters: TensorList<Scalar>
  ) -> TensorList<Scalar> {
    let norms = parameters.norms
    let ratio = trustRatio(trustCoefficient * norms, g.norms + weightDecay * norms)
    state.velocity = momentum * state.velocity + learningRate * ratio * (g + weightDecay * parameters)
    return -state.velocity
  }
}

/// LAMB (You et al. 2019, arXiv 1904.00962, Algorithm 2), for each tensor, with Adam's corrected moments:
///
///     r = mHat / (sqrt(vHat) + epsilon) + lambda w
///     w <- w - eta ||w|| / ||r|| r
///
/// The paper's phi, a function of ||w||, is the identity, as in its code. Where one of the norms is 0 the ratio is 1, as in the
/// implementations. optax agrees.
public struct LAMB<Scalar: RealScalar>: GradientOptimizer {
  /// eta.
  public var learningRate: Tensor<Scalar>
  /// b1, of the mean of the gradients.
  public var beta1: Double
  /// b2, of the mean of their squares.
  public var beta2: Double
  /// What keeps the quotient finite.
  public var epsilon: Double
  /// lambda.
  public var weightDecay: Double

  /// The rule, with the paper's defaults.
  public init(
    learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-6, weightDecay: Double = 0.01
  ) {
    self.learningRate = Tensor(Scalar(learningRate))
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// m, v and t = 0.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> Moments<Scalar> { Moments(parameters) }

  /// -eta ||w|| / ||r|| r.
  public func update(
    _ state: inout Moments<Scalar>, gradient g: TensorList<Scalar>, at parameters: TensorList<Scalar>
  ) -> TensorList<Scalar> {
    state.take(g, beta1, beta2)
    let mHat = state.m / gathered(beta1, after: state.step)
    let vHat = state.v / gathered(beta2, after: state.step)
    let r = mHat / (vHat.sqrt() + epsilon) + weightDecay * parameters
    return -learningRate * trustRatio(parameters.norms, r.norms) * r
  }
}

/// The quotient of two norms, 1 where one of them is 0.
private func trustRatio<Scalar: RealScalar>(_ a: TensorList<Scalar>, _ b: TensorList<Scalar>) -> TensorList<Scalar> {
  .zip(a, b) { .where($0 * $1 .> 0, $0 / $1, 1) }
}
