import Tensors
import Transforms

/// RMSprop (Tieleman and Hinton 2012, Neural Networks for Machine Learning, lecture 6e):
///
///     v <- beta v + (1 - beta) g^2
///     theta <- theta - eta g / (sqrt(v) + epsilon)
///
/// Beta 0.9 is the lecture's, which has no epsilon; PyTorch has beta 0.99 and eta 1e-2. Epsilon outside the root as in PyTorch; optax
/// has it inside. With `usesPreviousMoment` the step divides by the root of v before its update, as in Malladi et al. 2022
/// (arXiv 2205.10287): v must then begin away from 0.
public struct RMSprop<Scalar: RealScalar>: GradientOptimizer {
  /// eta.
  public var learningRate: Tensor<Scalar>
  /// The weight of the past in v.
  public var beta: Double
  /// What keeps the quotient finite.
  public var epsilon: Double
  /// v before the first step.
  public var initialSecondMoment: Double
  /// Whether a gradient is divided by what was known before it.
  public var usesPreviousMoment: Bool

  /// The rule.
  public init(
    learningRate: Double = 1e-3, beta: Double = 0.9, epsilon: Double = 1e-8, initialSecondMoment: Double = 0,
    usesPreviousMoment: Bool = false
  ) {
    self.learningRate = Tensor(Scalar(learningRate))
    self.beta = beta
    self.epsilon = epsilon
    self.initialSecondMoment = initialSecondMoment
    self.usesPreviousMoment = usesPreviousMoment
  }

  /// The mean of the squares.
  public struct State: TensorTree, Codable {
    /// v.
    public var v: TensorList<Scalar>
  }

  /// v everywhere the same.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> State {
    State(v: parameters.zeros + initialSecondMoment)
  }

  /// -eta g / (sqrt(v) + epsilon).
  public func update(
    _ state: inout State, gradient g: TensorList<Scalar>, at parameters: TensorList<Scalar>
  ) -> TensorList<Scalar> {
    let previous = state.v
    state.v = beta * state.v + (1 - beta) * g.square()
    return -learningRate * g / ((usesPreviousMoment ? previous : state.v).sqrt() + epsilon)
  }
}

/// Adadelta (Zeiler 2012, arXiv 1212.5701, Algorithm 1), steps in the units of the parameters:
///
///     v <- rho v + (1 - rho) g^2
///     d = -g sqrt(u + epsilon) / sqrt(v + epsilon)
///     u <- rho u + (1 - rho) d^2
///     theta <- theta + eta d
///
/// The paper has no eta, which is 1; u is the mean of squares of d without it, as in PyTorch. Rho and epsilon are the paper's;
/// PyTorch's rho is 0.9.
public struct Adadelta<Scalar: RealScalar>: GradientOptimizer {
  /// eta.
  public var learningRate: Tensor<Scalar>
  /// The weight of the past in both means.
  public var rho: Double
  /// Under both roots; with u = 0 it sets the first step.
  public var epsilon: Double

  /// The rule, with the paper's defaults.
  public init(learningRate: Double = 1, rho: Double = 0.95, epsilon: Double = 1e-6) {
    self.learningRate = Tensor(Scalar(learningRate))
    self.rho = rho
    self.epsilon = epsilon
  }

  /// The means of squares.
  public struct State: TensorTree, Codable {
    /// v, of the gradients.
    public var v: TensorList<Scalar>
    /// u, of the steps.
    public var u: TensorList<Scalar>
  }

  /// Zeros.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> State {
    State(v: parameters.zeros, u: parameters.zeros)
  }

  /// eta d.
  public func update(
    _ state: inout State, gradient g: TensorList<Scalar>, at parameters: TensorList<Scalar>
  ) -> TensorList<Scalar> {
    state.v = rho * state.v + (1 - rho) * g.square()
    let d = -(state.u + epsilon).sqrt() / (state.v + epsilon).sqrt() * g
    state.u = rho * state.u + (1 - rho) * d.square()
    return learningRate * d
  }
}
