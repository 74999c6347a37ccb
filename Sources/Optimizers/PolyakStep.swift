import Tensors
import Transforms

/// The stochastic Polyak step in a diagonal metric B (Abdukhakimov, Xiang, Kamzolov and Takac 2023, arXiv 2310.02093): the projection of
/// the parameters onto the zeros of the batch's loss, linearized, with no rate to choose.
///
///     theta <- theta - gamma B^-1 g,  gamma = f / ||g||^2,  ||g||^2 = sum_j g_j^2 / B_j
///
/// It supposes that the least loss is 0 (interpolation). With B = 1 it is SPS, here without cap and factor; with another metric PSPS.
/// The slack variants PSPS-L1 and PSPS-L2 need no interpolation: a slack s >= 0 stands for the loss that remains. There is no step where the
/// gradient is 0. The learning rate, 1 unless set, multiplies the step.
public struct PolyakStep<Metric: PolyakMetric>: Optimizer {
  /// The type of the numbers.
  public typealias Scalar = Metric.Scalar
  /// A factor of the step, 1 in the paper.
  public var learningRate: Tensor<Scalar>
  /// What gives B.
  public var metric: Metric
  /// What a slack costs.
  public var penalty: SlackPenalty

  /// The step in a metric.
  public init(_ metric: Metric, penalty: SlackPenalty = .noSlack, learningRate: Double = 1) {
    self.learningRate = Tensor(Scalar(learningRate))
    self.metric = metric
    self.penalty = penalty
  }

  /// What the metric remembers, and the slack.
  public struct State: TensorTree, Codable {
    /// Of the metric.
    public var metric: Metric.State
    /// s.
    public var slack: Tensor<Scalar>
    /// gamma of the last step.
    public var stepSize: Tensor<Scalar>
  }

  /// s = 0.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> State {
    State(metric: metric.initialState(for: parameters, key: key), slack: Tensor(0), stepSize: Tensor(0))
  }

  /// The projection.
  public func step(
    _ parameters: inout TensorList<Scalar>, _ state: inout State, on objective: Objective<Scalar>
  ) -> Tensor<Scalar> {
    let (f, g) = objective.valueAndGradient(at: parameters)
    let b = metric.diagonal(&state.metric, gradient: g, at: parameters, on: objective)
    let direction = g / b
    let squaredNorm = g.dot(direction)
    let plain = Tensor.where(squaredNorm .> 0, f / squaredNorm, 0)
    switch penalty {
    case .noSlack:
      state.stepSize = plain
    case .linear(let lambda):
      let unbounded = (f - state.slack + Scalar(lambda)).relu() / (1 + squaredNorm)
      state.stepSize = minimum(unbounded, plain)
      state.slack = (state.slack - Scalar(lambda) + unbounded).relu()
    case .quadratic(let lambda):
      let shrunk = Scalar(1 / (1 + lambda))
      state.stepSize = (f - shrunk * state.slack).relu() / (shrunk + squaredNorm)
      state.slack = shrunk * (state.slack + state.stepSize)
    }
    parameters = parameters - learningRate * state.stepSize * direction
    return f
  }
}

/// What a slack s >= 0 costs beside (s' - s)^2 / 2, its move.
public enum SlackPenalty: Hashable, Codable, Sendable {
  /// No slack: the loss of every batch can be made 0.
  case noSlack
  /// PSPS-L1: lambda s.
  case linear(Double)
  /// PSPS-L2: lambda s^2 / 2.
  case quadratic(Double)
}
