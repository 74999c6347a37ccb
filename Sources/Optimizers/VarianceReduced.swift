import Tensors
import Transforms

/// VRGD (Jiang et al. 2023, arXiv 2309.13681): any update rule, fed with the mean gradient of the workers, element by element times its
/// signal-to-noise ratio across them.
///
///     VarianceReduced(SGD(...))                          VR-SGD
///     VarianceReduced(Momentum(...))                     VR-Momentum; so with LARS
///     VarianceReduced(Adam(...), smoothing: 0.9)         VR-Adam; so with LAMB
///
/// With smoothing b3 the ratio is averaged before it multiplies: p <- b3 p + (1 - b3) r, g <- p / (1 - b3^t) gm. No official code is public:
/// that the ratio is normalized before it is confined, and what is averaged, follow the text of the paper.
public struct VarianceReduced<Rule: GradientOptimizer>: Optimizer {
  /// The type of the numbers.
  public typealias Scalar = Rule.Scalar
  /// What is fed.
  public var rule: Rule
  /// gamma, the least ratio.
  public var floor: Double
  /// b3; 0 takes each ratio as it is.
  public var smoothing: Double

  /// The rule with the paper's floor.
  public init(_ rule: Rule, floor: Double = 0.1, smoothing: Double = 0) {
    self.rule = rule
    self.floor = floor
    self.smoothing = smoothing
  }

  /// The rule's.
  public var learningRate: Tensor<Scalar> {
    get { rule.learningRate }
    set { rule.learningRate = newValue }
  }

  /// The rule's state, and the ratios of the last step.
  public struct State: TensorTree, Codable {
    /// Of the rule.
    public var rule: Rule.State
    /// The ratios before confinement: of mean 1 in each tensor.
    public var normalized: TensorList<Scalar>
    /// p.
    public var average: TensorList<Scalar>
    /// t.
    public var step: Tensor<Scalar>
  }

  /// No ratios yet.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> State {
    State(
      rule: rule.initialState(for: parameters, key: key), normalized: parameters.zeros, average: parameters.zeros,
      step: Tensor(0))
  }

  /// The ratios of the last step, confined to [gamma, 1].
  public func ratios(of state: State) -> TensorList<Scalar> { confined(state.normalized) }

  /// The rule's step.
  public func step(
    _ parameters: inout TensorList<Scalar>, _ state: inout State, on objective: Objective<Scalar>
  ) -> Tensor<Scalar> {
    guard let workers = objective.workerGradients?(parameters) else {
      fatalError("VarianceReduced: the objective has no workers' gradients; give TrainingGrid a number of workers")
    }
    let (mean, ratio) = Self.signalToNoise(of: workers)
    state.normalized = ratio
    state.step = state.step + 1
    state.average = smoothing * state.average + (1 - smoothing) * confined(ratio)
    let weight = state.average / gathered(smoothing, after: state.step)
    let loss = objective.loss(parameters)
    parameters = parameters + rule.update(&state.rule, gradient: weight * mean, at: parameters)
    return loss
  }

  /// The mean gm of the gradients along the first axis of each tensor, and gm^2 / variance, divided by its mean over the tensor. The
  /// variance is the biased one, across workers.
  private static func signalToNoise(
    of workers: TensorList<Scalar>
  ) -> (mean: TensorList<Scalar>, ratio: TensorList<Scalar>) {
    let mean = workers.map { $0.mean(0) }
    // The mean of squared deviations: the difference of the mean square and the squared mean loses all its digits to rounding.
    let variance = TensorList.zip(workers, mean) { ($0 - $1).square().mean(0) }
    let ratio = mean.square() / (variance + 1e-30)
    // Where no worker has a gradient all ratios are 0, and so is their mean.
    return (mean, ratio / ratio.map { $0.mean() + Scalar(1e-30) })
  }

  private func confined(_ ratio: TensorList<Scalar>) -> TensorList<Scalar> { ratio.map { $0.clamped(Scalar(floor), 1) } }
}
