import Tensors
import Transforms

/// L2 decay: g <- g + lambda theta, before the rule sees it, as in PyTorch's `weight_decay` of SGD and Adam.
public struct WeightDecay<Scalar: RealScalar>: GradientTransform {
  /// lambda.
  public var strength: Tensor<Scalar>

  /// The gradient of lambda ||theta||^2 / 2, added.
  public init(_ strength: Double) { self.strength = Tensor(Scalar(strength)) }

  /// Nothing to remember.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> NoState { NoState() }

  /// g + lambda theta.
  public func apply(
    _ gradient: TensorList<Scalar>, at parameters: TensorList<Scalar>, _ state: inout NoState
  ) -> TensorList<Scalar> {
    gradient + strength * parameters
  }
}

/// Decoupled weight decay (Loshchilov and Hutter 2017, arXiv 1711.05101): theta <- theta - eta lambda theta beside the rule's step, with
/// theta before it.
///
/// The paper multiplies lambda by the schedule alone; here, as in PyTorch and optax, by the whole rate.
public struct DecoupledDecay<Rule: Optimizer>: Optimizer {
  /// What steps.
  public var rule: Rule
  /// lambda.
  public var weightDecay: Tensor<Rule.Scalar>

  /// The rule with a decay of lambda.
  public init(_ rule: Rule, weightDecay: Double) {
    self.rule = rule
    self.weightDecay = Tensor(Rule.Scalar(weightDecay))
  }

  /// The rule's, which is also the decay's.
  public var learningRate: Tensor<Rule.Scalar> {
    get { rule.learningRate }
    set { rule.learningRate = newValue }
  }

  /// The rule's.
  public func initialState(for parameters: TensorList<Rule.Scalar>, key: Key) -> Rule.State {
    rule.initialState(for: parameters, key: key)
  }

  /// The rule's step and the decay.
  public func step(
    _ parameters: inout TensorList<Rule.Scalar>, _ state: inout Rule.State, on objective: Objective<Rule.Scalar>
  ) -> Tensor<Rule.Scalar> {
    let decay = learningRate * weightDecay * parameters
    let loss = rule.step(&parameters, &state, on: objective)
    parameters = parameters - decay
    return loss
  }
}

extension DecoupledDecay: GradientOptimizer where Rule: GradientOptimizer {
  /// The rule's update less eta lambda theta.
  public func update(
    _ state: inout Rule.State, gradient: TensorList<Rule.Scalar>, at parameters: TensorList<Rule.Scalar>
  ) -> TensorList<Rule.Scalar> {
    rule.update(&state, gradient: gradient, at: parameters) - learningRate * weightDecay * parameters
  }
}

extension Optimizer {
  /// The optimizer with decoupled weight decay.
  public func decoupledDecay(_ weightDecay: Double) -> DecoupledDecay<Self> { DecoupledDecay(self, weightDecay: weightDecay) }
}

/// AdamW: ``Adam`` with ``DecoupledDecay``.
public typealias AdamW<Scalar: RealScalar> = DecoupledDecay<Adam<Scalar>>

extension DecoupledDecay {
  /// AdamW, with Adam's defaults and PyTorch's decay; the paper's decays depend on the task.
  public init<Scalar: RealScalar>(
    learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double = 0.01
  ) where Rule == Adam<Scalar> {
    self.init(Adam(learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon), weightDecay: weightDecay)
  }
}
