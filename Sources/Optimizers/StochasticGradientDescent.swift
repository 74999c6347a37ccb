import Tensors
import Transforms

/// Stochastic gradient descent: theta <- theta - eta g (Robbins and Monro 1951).
public struct SGD<Scalar: RealScalar>: GradientOptimizer {
  /// eta.
  public var learningRate: Tensor<Scalar>

  /// The rule.
  public init(learningRate: Double = 0.1) { self.learningRate = Tensor(Scalar(learningRate)) }

  /// Nothing to remember.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> NoState { NoState() }

  /// -eta g.
  public func update(
    _ state: inout NoState, gradient g: TensorList<Scalar>, at parameters: TensorList<Scalar>
  ) -> TensorList<Scalar> {
    -learningRate * g
  }
}

/// SGD with momentum: v <- mu v + g; theta <- theta - eta v (Polyak 1964, in the form of PyTorch and optax: the rate outside v).
///
/// Nesterov's variant steps along mu v + g with the new v, which is the gradient form of Sutskever et al. 2013 ("On the importance of
/// initialization and momentum in deep learning"): with u = -eta v it is u <- mu u - eta g, theta <- theta + mu u - eta g.
public struct Momentum<Scalar: RealScalar>: GradientOptimizer {
  /// eta.
  public var learningRate: Tensor<Scalar>
  /// mu.
  public var momentum: Double
  /// Whether the step looks ahead.
  public var isNesterov: Bool

  /// The rule; mu = 0.9 is what most papers take.
  public init(learningRate: Double = 0.01, momentum: Double = 0.9, isNesterov: Bool = false) {
    self.learningRate = Tensor(Scalar(learningRate))
    self.momentum = momentum
    self.isNesterov = isNesterov
  }

  /// v.
  public struct State: TensorTree, Codable {
    /// The discounted sum of gradients.
    public var velocity: TensorList<Scalar>
  }

  /// v = 0.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> State { State(velocity: parameters.zeros) }

  /// -eta v, or with Nesterov -eta (mu v + g).
  public func update(
    _ state: inout State, gradient g: TensorList<Scalar>, at parameters: TensorList<Scalar>
  ) -> TensorList<Scalar> {
    state.velocity = momentum * state.velocity + g
    return -learningRate * (isNesterov ? momentum * state.velocity + g : state.velocity)
  }
}
