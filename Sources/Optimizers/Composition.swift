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
  public func preceded<Transform: GradientTransform>(by transform: Transform) -> Preceded<Transform, Self>
  where Transform.Scalar == Scalar {
    Preceded(transform: transform, rule: self)
  }

  /// The rule, its updates transformed before they are added. The transform sees the update with its sign and rate.
  public func followed<Transform: GradientTransform>(by transform: Transform) -> Followed<Self, Transform>
  where Transform.Scalar == Scalar {
    Followed(rule: self, transform: transform)
  }
}

/// A rule behind a transform of its gradients.
public struct Preceded<Transform: GradientTransform, Rule: GradientOptimizer>: GradientOptimizer
where Transform.Scalar == Rule.Scalar {
  /// What is done to the gradient.
  public var transform: Transform
  /// What sees the result.
  public var rule: Rule

  /// The states of both.
  public struct State: TensorTree, Codable {
    /// Of the transform.
    public var transform: Transform.State
    /// Of the rule.
    public var rule: Rule.State
  }

  /// The rule's.
  public var learningRate: Tensor<Rule.Scalar> {
    get { rule.learningRate }
    set { rule.learningRate = newValue }
  }

  /// Each with a key of its own.
  public func initialState(for parameters: TensorList<Rule.Scalar>, key: Key) -> State {
    State(
      transform: transform.initialState(for: parameters, key: key[0]), rule: rule.initialState(for: parameters, key: key[1]))
  }

  /// The rule's update for the transformed gradient.
  public func update(
    _ state: inout State, gradient: TensorList<Rule.Scalar>, at parameters: TensorList<Rule.Scalar>
  ) -> TensorList<Rule.Scalar> {
    rule.update(
      &state.rule, gradient: transform.apply(gradient, at: parameters, &state.transform), at: parameters)
  }
}

/// A rule before a transform of its updates.
public struct Followed<Rule: GradientOptimizer, Transform: GradientTransform>: GradientOptimizer
where Transform.Scalar == Rule.Scalar {
  /// What makes the update.
  public var rule: Rule
  /// What is done to it.
  public var transform: Transform

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
      rule: rule.initialState(for: parameters, key: key[0]), transform: transform.initialState(for: parameters, key: key[1]))
  }

  /// The transformed update.
  public func update(
    _ state: inout State, gradient: TensorList<Rule.Scalar>, at parameters: TensorList<Rule.Scalar>
  ) -> TensorList<Rule.Scalar> {
    transform.apply(
      rule.update(&state.rule, gradient: gradient, at: parameters), at: parameters, &state.transform)
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
