import Tensors
import Transforms

/// Sharpness-aware minimization (Foret et al. 2020, arXiv 2010.01412, Algorithm 1) in front of any rule:
///
///     g = grad f(theta), over the same batch as below
///     the rule steps along grad f(theta + rho g / ||g||)
///
/// The norm is that over all tensors; 1e-12 is added to it, as in the official code, so that a zero gradient is followed by itself.
public struct SAM<Rule: GradientOptimizer>: Optimizer {
  /// What sees the gradient uphill.
  public var rule: Rule
  /// rho.
  public var radius: Double

  /// The rule, with the paper's rho.
  public init(_ rule: Rule, radius: Double = 0.05) {
    self.rule = rule
    self.radius = radius
  }

  /// The rule's.
  public var learningRate: Tensor<Rule.Scalar> {
    get { rule.learningRate }
    set { rule.learningRate = newValue }
  }

  /// The rule's.
  public func initialState(for parameters: TensorList<Rule.Scalar>, key: Key) -> Rule.State {
    rule.initialState(for: parameters, key: key)
  }

  /// Two gradients, one step.
  /// - Returns: the loss before the step, not uphill.
  public func step(
    _ parameters: inout TensorList<Rule.Scalar>, _ state: inout Rule.State, on objective: Objective<Rule.Scalar>
  ) -> Tensor<Rule.Scalar> {
    let (loss, gradient) = objective.valueAndGradient(at: parameters)
    let ascent = Tensor(Rule.Scalar(radius)) / (gradient.norm + Rule.Scalar(1e-12)) * gradient
    let uphill = objective.gradient(at: parameters + ascent)
    parameters = parameters + rule.update(&state, gradient: uphill, at: parameters)
    return loss
  }
}

extension GradientOptimizer {
  /// The rule, stepping along the gradient at the worst point within `radius`.
  public func sharpnessAware(radius: Double = 0.05) -> SAM<Self> { SAM(self, radius: radius) }
}
