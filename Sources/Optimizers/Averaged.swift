import Tensors
import Transforms

/// Any optimizer, with the average of its iterates beside it (Polyak and Juditsky 1992, Ruppert 1988); t from 1:
///
///     a <- a + (theta_t - a) / max(1, t - t_first + 1)
///
/// The steps are those of the rule; the average is in the state, to be evaluated in the place of the parameters. With SGD and rates
/// of a power below 1 this is averaged SGD. PyTorch's ASGD is that with eta / (1 + lambda eta t)^0.75 and an L2 decay of its own, and its
/// average begins with the second iterate.
public struct Averaged<Rule: Optimizer>: Optimizer {
  /// What steps.
  public var rule: Rule
  /// t_first: the first iterate that counts; 0 is the starting point. Before it the average is the iterate itself.
  public var firstIterate: Int

  /// The rule's state and the average.
  public struct State: TensorTree, Codable {
    /// Of the rule.
    public var rule: Rule.State
    /// a.
    public var average: TensorList<Rule.Scalar>
    /// t, the number of steps made.
    public var step: Tensor<Rule.Scalar>
  }

  /// The rule's.
  public var learningRate: Tensor<Rule.Scalar> {
    get { rule.learningRate }
    set { rule.learningRate = newValue }
  }

  /// a = theta_0.
  public func initialState(for parameters: TensorList<Rule.Scalar>, key: Key) -> State {
    State(rule: rule.initialState(for: parameters, key: key), average: parameters, step: Tensor(0))
  }

  /// The rule's step; its end goes into the average.
  public func step(
    _ parameters: inout TensorList<Rule.Scalar>, _ state: inout State, on objective: Objective<Rule.Scalar>
  ) -> Tensor<Rule.Scalar> {
    let loss = rule.step(&parameters, &state.rule, on: objective)
    take(parameters, into: &state)
    return loss
  }

  private func take(_ iterate: TensorList<Rule.Scalar>, into state: inout State) {
    state.step = state.step + 1
    let count = maximum(Tensor(1), state.step - Rule.Scalar(Double(firstIterate - 1)))
    state.average = state.average + (iterate - state.average) / count
  }
}

extension Averaged: GradientOptimizer where Rule: GradientOptimizer {
  /// The rule's update; where it leads goes into the average.
  public func update(
    _ state: inout State, gradient: TensorList<Rule.Scalar>, at parameters: TensorList<Rule.Scalar>
  ) -> TensorList<Rule.Scalar> {
    let update = rule.update(&state.rule, gradient: gradient, at: parameters)
    take(parameters + update, into: &state)
    return update
  }
}

extension Optimizer {
  /// The optimizer, with the average of the iterates from number `firstIterate` on in its state; 0 is the starting point.
  public func averaged(from firstIterate: Int = 1) -> Averaged<Self> { Averaged(rule: self, firstIterate: firstIterate) }
}
