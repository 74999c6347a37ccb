import Tensors
import Transforms

/// Adam (Kingma and Ba 2014, arXiv 1412.6980, Algorithm 1), t from 1:
///
///     m <- b1 m + (1 - b1) g;  v <- b2 v + (1 - b2) g^2
///     theta <- theta - eta (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon)
///
/// Epsilon is added outside the root, to the corrected one, as in the paper, PyTorch and optax. The paper's second form, and old
/// implementations, add it to the uncorrected root, which is an epsilon larger by 1 / sqrt(1 - b2^t): `hasUncorrectedEpsilon`.
public struct Adam<Scalar: RealScalar>: GradientOptimizer {
  /// eta.
  public var learningRate: Tensor<Scalar>
  /// b1, of the mean of the gradients.
  public var beta1: Double
  /// b2, of the mean of their squares.
  public var beta2: Double
  /// What keeps the quotient finite.
  public var epsilon: Double
  /// Whether epsilon is added to the root of v before it is corrected.
  public var hasUncorrectedEpsilon: Bool

  /// The rule, with the paper's defaults.
  public init(
    learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    hasUncorrectedEpsilon: Bool = false
  ) {
    self.learningRate = Tensor(Scalar(learningRate))
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.hasUncorrectedEpsilon = hasUncorrectedEpsilon
  }

  /// m, v and t = 0.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> Moments<Scalar> { Moments(parameters) }

  /// The step of the corrected moments.
  public func update(
    _ state: inout Moments<Scalar>, gradient g: TensorList<Scalar>, at parameters: TensorList<Scalar>
  ) -> TensorList<Scalar> {
    state.take(g, beta1, beta2)
    // Numerator and denominator times sqrt(1 - b2^t): one division for each element instead of three.
    let correction = gathered(beta2, after: state.step).sqrt()
    let rate = learningRate * correction / gathered(beta1, after: state.step)
    let floor = hasUncorrectedEpsilon ? Tensor(Scalar(epsilon)) : Scalar(epsilon) * correction
    return -rate * (state.m / (state.v.sqrt() + floor))
  }
}

/// Running averages of the gradient and of its square: the state of Adam and its relatives.
public struct Moments<Scalar: RealScalar>: TensorTree, Codable {
  /// The mean of the gradients.
  public var m: TensorList<Scalar>
  /// The mean of their squares, or of what the rule takes for them.
  public var v: TensorList<Scalar>
  /// t, the number of steps made.
  public var step: Tensor<Scalar>

  /// Zeros.
  public init(_ parameters: TensorList<Scalar>) {
    m = parameters.zeros
    v = parameters.zeros
    step = Tensor(0)
  }

  /// One more gradient, with weights 1 - b1 and 1 - b2.
  mutating func take(_ g: TensorList<Scalar>, _ beta1: Double, _ beta2: Double) {
    step = step + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g.square()
  }
}
