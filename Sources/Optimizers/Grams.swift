import Tensors
import Transforms

/// Grams, the size of Adam's step with the sign of the gradient (Cao, Li and Song 2024, arXiv 2412.17107), as in the official package
/// 0.0.2, t from 1:
///
///     m <- b1 m + (1 - b1) g;  v <- b2 v + (1 - b2) g^2
///     theta <- theta - eta sqrt(1 - b2^t) / (1 - b1^t) sign(g) |m| / (sqrt(v) + epsilon)
///
/// The paper writes Adam's corrected moments, which changes epsilon by sqrt(1 - b2^t), and decays behind the update; the package's decay,
/// before the moments, is `decoupledDecay`. One version of pytorch_optimizer swaps the weights of m and divides v by sqrt(1 - b2^t).
public struct Grams<Scalar: RealScalar>: GradientOptimizer {
  /// eta.
  public var learningRate: Tensor<Scalar>
  /// b1, of the mean of the gradients.
  public var beta1: Double
  /// b2, of the mean of their squares.
  public var beta2: Double
  /// What keeps the quotient finite.
  public var epsilon: Double
  /// Whether the step is multiplied by sqrt(1 - b2^t) / (1 - b1^t).
  public var isBiasCorrected: Bool

  /// The rule, with the official defaults.
  public init(
    learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-6, isBiasCorrected: Bool = true
  ) {
    self.learningRate = Tensor(Scalar(learningRate))
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.isBiasCorrected = isBiasCorrected
  }

  /// m, v and t = 0.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> Moments<Scalar> { Moments(parameters) }

  /// Adam's step with other signs.
  public func update(
    _ state: inout Moments<Scalar>, gradient g: TensorList<Scalar>, at parameters: TensorList<Scalar>
  ) -> TensorList<Scalar> {
    state.take(g, beta1, beta2)
    let correction = gathered(beta2, after: state.step).sqrt() / gathered(beta1, after: state.step)
    let rate = isBiasCorrected ? learningRate * correction : learningRate
    return -rate * g.sign() * state.m.abs() / (state.v.sqrt() + epsilon)
  }
}

/// A rule that moves only where its update goes against the current gradient (Liang et al. 2024, arXiv 2411.16085, Algorithm 1): for
/// each tensor, with u the step downhill,
///
///     mask = 1 where u g > 0, else 0;  u <- u mask / max(mean(mask), 0.001)
///
/// The division, which keeps the mean length, is the official code's; the algorithm box has n / (count + 1). The theory has none:
/// `isRescaled: false`.
public struct Cautious<Rule: GradientOptimizer>: GradientOptimizer {
  /// What makes the update.
  public var rule: Rule
  /// Whether what is left of an update grows in turn.
  public var isRescaled: Bool

  /// The rule's.
  public var learningRate: Tensor<Rule.Scalar> {
    get { rule.learningRate }
    set { rule.learningRate = newValue }
  }

  /// The rule's.
  public func initialState(for parameters: TensorList<Rule.Scalar>, key: Key) -> Rule.State {
    rule.initialState(for: parameters, key: key)
  }

  /// The rule's update where it descends.
  public func update(
    _ state: inout Rule.State, gradient: TensorList<Rule.Scalar>, at parameters: TensorList<Rule.Scalar>
  ) -> TensorList<Rule.Scalar> {
    let update = rule.update(&state, gradient: gradient, at: parameters)
    let mask = TensorList.zip(update, gradient) { .where($0 * $1 .< 0, 1, 0) }
    return update * (isRescaled ? mask / mask.map { $0.mean() }.raised(to: 1e-3) : mask)
  }
}

extension GradientOptimizer {
  /// The rule, masked where its update does not go against the gradient.
  public func cautious(isRescaled: Bool = true) -> Cautious<Self> { Cautious(rule: self, isRescaled: isRescaled) }
}
