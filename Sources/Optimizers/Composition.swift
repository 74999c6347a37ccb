import Tensors
import Transforms

/// Something that is done to a gradient before a rule sees it, or to a rule's update behind it: clipping, noise, decay.
///
///     Adam<Float>().preceded(by: ClipByNorm(1)).followed(by: ...)
public protocol GradientTransform<Scalar>: TensorTree {
  /// The type of the numbers.
  associatedtype Scalar: RealScalar
  /// What is remembered between steps.
  associatedtype State: TensorTree & Codable

  /// The state before the first step.
  func initialState(for parameters: TensorList<Scalar>, key: Key) -> State

  /// The transformed gradient; the state goes on by one step.
  func apply(_ gradient: TensorList<Scalar>, at parameters: TensorList<Scalar>, _ state: inout State) -> TensorList<Scalar>
}

extension GradientOptimizer {
  /// The rule, fed with transformed gradients.
  public func preceded<Transform: GradientTransform>(by transform: Transform) -> Transformed<Self, Transform>
  where Transform.Scalar == Scalar {
    Transformed(rule: self, transform: transform, place: .before)
  }

  /// The rule, its updates transformed before they are added. The transform sees the update with its sign and rate.
  public func followed<Transform: GradientTransform>(by transform: Transform) -> Transformed<Self, Transform>
  where Transform.Scalar == Scalar {
    Transformed(rule: self, transform: transform, place: .behind)
  }
}

/// A rule with a transform of its gradients before it, or of its updates behind it.
public struct Transformed<Rule: GradientOptimizer, Transform: GradientTransform>: GradientOptimizer
where Transform.Scalar == Rule.Scalar {
  /// Where a transform stands.
  public enum Place: Hashable, Sendable {
    /// It sees the gradient.
    case before
    /// It sees the update.
    case behind
  }

  /// What makes the update.
  public var rule: Rule
  /// What is done to the gradient, or to the update.
  public var transform: Transform
  /// Which of the two.
  public var place: Place

  /// The states of both.
  public struct State: TensorTree, Codable {
    /// Of the rule.
    public var rule: Rule.State
    /// Of the transform.
    public var transform: Transform.State
  }

  /// The rule's.
  public var learningRate: Tensor<Rule.Scalar> {
    get { rule.learningRate }
    set { rule.learningRate = newValue }
  }

  /// Each with a key of its own.
  public func initialState(for parameters: TensorList<Rule.Scalar>, key: Key) -> State {
    State(
      rule: rule.initialState(for: parameters, key: key[1]), transform: transform.initialState(for: parameters, key: key[0]))
  }

  /// The rule's update for the transformed gradient, or its transformed update.
  public func update(
    _ state: inout State, gradient: TensorList<Rule.Scalar>, at parameters: TensorList<Rule.Scalar>
  ) -> TensorList<Rule.Scalar> {
    switch place {
    case .before:
      let transformed = transform.apply(gradient, at: parameters, &state.transform)
      return rule.update(&state.rule, gradient: transformed, at: parameters)
    case .behind:
      let update = rule.update(&state.rule, gradient: gradient, at: parameters)
      return transform.apply(update, at: parameters, &state.transform)
    }
  }
}

/// Any optimizer, its learning rate multiplied by a schedule at every step.
public struct Scheduled<Rule: Optimizer>: Optimizer {
  /// What steps.
  public var rule: Rule
  /// The factor of its rate.
  public var schedule: Schedule

  /// The rule's state and the number of steps made.
  public struct State: TensorTree, Codable {
    /// Of the rule.
    public var rule: Rule.State
    /// Counts from 0.
    public var step: Tensor<Rule.Scalar>
  }

  /// The rate at factor 1.
  public var learningRate: Tensor<Rule.Scalar> {
    get { rule.learningRate }
    set { rule.learningRate = newValue }
  }

  /// The rule's, at step 0.
  public func initialState(for parameters: TensorList<Rule.Scalar>, key: Key) -> State {
    State(rule: rule.initialState(for: parameters, key: key), step: Tensor(0))
  }

  /// The rule's step at the schedule's rate.
  public func step(
    _ parameters: inout TensorList<Rule.Scalar>, _ state: inout State, on objective: Objective<Rule.Scalar>
  ) -> Tensor<Rule.Scalar> {
    let loss = rule(at: state).step(&parameters, &state.rule, on: objective)
    state.step = state.step + 1
    return loss
  }

  /// The learning rate of the step that comes after this state.
  public func learningRate(at state: State) -> Tensor<Rule.Scalar> { learningRate * schedule.factor(at: state.step) }

  private func rule(at state: State) -> Rule {
    var rule = rule
    rule.learningRate = learningRate(at: state)
    return rule
  }
}

extension Scheduled: GradientOptimizer where Rule: GradientOptimizer {
  /// The rule's update at the schedule's rate.
  public func update(
    _ state: inout State, gradient: TensorList<Rule.Scalar>, at parameters: TensorList<Rule.Scalar>
  ) -> TensorList<Rule.Scalar> {
    let update = rule(at: state).update(&state.rule, gradient: gradient, at: parameters)
    state.step = state.step + 1
    return update
  }
}

extension Optimizer {
  /// The optimizer, its learning rate multiplied by `schedule`.
  public func scheduled(_ schedule: Schedule) -> Scheduled<Self> { Scheduled(rule: self, schedule: schedule) }
}
