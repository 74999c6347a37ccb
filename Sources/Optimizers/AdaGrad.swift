import Tensors
import Transforms

/// AdaGrad with diagonal matrices (Duchi, Hazan and Singer 2011, Journal of Machine Learning Research 12, Figure 1):
///
///     v <- v + g^2
///     theta <- theta - eta g / (sqrt(v) + epsilon)
///
/// Epsilon (the paper's delta) is added outside the root and v begins with 0, as in the paper and in PyTorch. optax has epsilon inside
/// the root and begins with v = 0.1, as TensorFlow does. The paper leaves eta and epsilon open; those here are PyTorch's.
public struct AdaGrad<Scalar: RealScalar>: GradientOptimizer {
  /// eta.
  public var learningRate: Tensor<Scalar>
  /// What keeps the quotient finite.
  public var epsilon: Double
  /// v before the first step.
  public var initialAccumulator: Double

  /// The rule.
  public init(learningRate: Double = 1e-2, epsilon: Double = 1e-10, initialAccumulator: Double = 0) {
    self.learningRate = Tensor(Scalar(learningRate))
    self.epsilon = epsilon
    self.initialAccumulator = initialAccumulator
  }

  /// The sum of the squares.
  public struct State: TensorTree, Codable {
    /// v.
    public var v: TensorList<Scalar>
  }

  /// v everywhere the same.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> State {
    State(v: parameters.zeros + initialAccumulator)
  }

  /// -eta g / (sqrt(v) + epsilon), g in v.
  public func update(
    _ state: inout State, gradient g: TensorList<Scalar>, at parameters: TensorList<Scalar>
  ) -> TensorList<Scalar> {
    state.v = state.v + g.square()
    return -learningRate * g / (state.v.sqrt() + epsilon)
  }
}

/// AdaGrad-Norm, one step size for all coordinates (Streeter and McMahan 2010, arXiv 1002.4862; Ward, Wu and Bottou 2018,
/// arXiv 1806.01811, Algorithm 1; with stochastic gradients Attia and Koren 2023, arXiv 2302.08783):
///
///     b^2 <- b^2 + ||g||^2, the norm over all tensors
///     theta <- theta - eta g / b
///
/// The current gradient is in the sum, so that with a small b_0 the first step has length eta. Variants that sum up to the step before
/// behave otherwise there.
public struct AdaGradNorm<Scalar: RealScalar>: GradientOptimizer {
  /// eta.
  public var learningRate: Tensor<Scalar>
  /// b_0.
  public var initialNorm: Double

  /// The rule.
  public init(learningRate: Double = 1, initialNorm: Double = 1e-6) {
    self.learningRate = Tensor(Scalar(learningRate))
    self.initialNorm = initialNorm
  }

  /// The sum of the squares.
  public struct State: TensorTree, Codable {
    /// b^2.
    public var squaredNorm: Tensor<Scalar>
  }

  /// b_0^2.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> State {
    State(squaredNorm: Tensor(Scalar(initialNorm * initialNorm)))
  }

  /// -eta g / b.
  public func update(
    _ state: inout State, gradient g: TensorList<Scalar>, at parameters: TensorList<Scalar>
  ) -> TensorList<Scalar> {
    state.squaredNorm = state.squaredNorm + g.squaredNorm
    return -(learningRate / state.squaredNorm.sqrt()) * g
  }
}
