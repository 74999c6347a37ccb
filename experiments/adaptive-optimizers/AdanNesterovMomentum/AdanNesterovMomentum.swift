import Diagnostics
import Foundation
import Notebook
import Optimizers
import Problems
import Tensors
import Training
import Transforms

/// Adan: Adaptive Nesterov Momentum Algorithm for Faster Optimizing Deep Models (Xie et al., TPAMI 2024).
///
/// **Shows**: Nesterov momentum can be written without the extrapolated gradient, with differences of gradients; put into both moments of
/// an adaptive method that gives an optimizer which tolerates much larger learning rates than Adam.
///
/// **Here**: (1) the two forms of Nesterov momentum side by side on a quadratic plus a sine, (2) Adan and Adam on teacher-labelled points
/// with two batch sizes over a grid of rates. The rule is that of the official code; optax's weight of the difference is tried
/// beside it. Left out: the vision and language models; `full` trains longer, with more seeds and rates.
package enum AdanNesterovMomentum: Experiment {
  package static let paper = Paper(
    slug: "adan-nesterov-momentum", title: "Adan: Adaptive Nesterov Momentum Algorithm for Faster Optimizing Deep Models",
    authors: ["Xingyu Xie", "Pan Zhou", "Huan Li", "Zhouchen Lin", "Shuicheng Yan"], year: 2022, arxiv: "2208.06677",
    shows: """
      Nesterov momentum can be written without the gradient at an extrapolated point, with differences of gradients. Put into both
      moments of an adaptive method this gives Adan, which tolerates much larger learning rates than Adam.
      """,
    fidelity: .scaled)

  package struct Settings: Codable, Sendable {
    @Setting("the two forms of Nesterov momentum, experiment (1)") package var identity = Identity()
    @Setting("training, experiment (2): batch size and steps of each") package var trainings = [
      Training(batchSize: 128, steps: 600), Training(batchSize: 1024, steps: 400),
    ]
    @Setting("learning rates of Adan and of Adam") package var rates = [1e-3, 3e-3, 1e-2, 3e-2]
    @Setting("independent runs") package var seeds = 2
    @Setting("training points, a tenth of their labels wrong") package var trainingCount = 4000
    @Setting("steps with another weight of the difference of gradients") package var differenceSteps = 50
    package init() {}
  }

  package struct Identity: Codable, Sendable {
    @Setting("dimensions; curvatures are log-spaced from 0.01 to 1") package var dimensions = 20
    @Setting("step size eta") package var rate = 0.5
    @Setting("momentum b") package var momentum = 0.9
    @Setting("steps") package var steps = 500
    package init() {}
  }

  package struct Training: Codable, Sendable {
    package var batchSize: Int
    package var steps: Int

    var name: String { "batch \(batchSize)" }
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.identity.steps = 50
      settings.trainings = [Training(batchSize: 32, steps: 20), Training(batchSize: 64, steps: 20)]
      settings.trainingCount = 200
      settings.differenceSteps = 10
    case .quick: break
    case .full:
      settings.trainings = [Training(batchSize: 128, steps: 6000), Training(batchSize: 1024, steps: 4000)]
      settings.rates = [3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1]
      settings.seeds = 5
    }
    return settings
  }

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    try compareNesterovForms(settings.identity, notebook)
    let keys = notebook.key("network").split(settings.seeds)
    for training in settings.trainings {
      let problem: Classification<Float> = problem(settings, training, notebook)
      try notebook.train(
        "\(training.name)/Adan", TrainingGrid(problem, Adan<Float>(), rates: settings.rates, keys: keys), steps: training.steps,
        cadence: .even(40, of: training.steps))
      try notebook.train(
        "\(training.name)/Adam", TrainingGrid(problem, Adam<Float>(), rates: settings.rates, keys: keys), steps: training.steps,
        cadence: .even(40, of: training.steps))
    }
    try checkRule(settings, notebook)
  }

  private static func problem<Scalar: RealScalar>(
    _ settings: Settings, _ training: Training, _ notebook: Recorder
  ) -> Classification<Scalar> {
    .teacher(
      training: settings.trainingCount, test: settings.trainingCount / 2, batchSize: training.batchSize,
      key: notebook.key("teacher"))
  }

  /// Both forms of Nesterov momentum. With b the weight of the past,
  /// classical:     g = grad f(theta - eta b m);  m = b m + g;  theta -= eta m
  /// reformulated:  g = grad f(theta');  m' = b m' + g + b (g - p);  p = g;  theta' -= eta m'
  /// Then theta' = theta - eta b m after every step, if p = 0 before the first: m' = m + b (m - the m before) begins with (1 + b) g. (Adan
  /// itself, whose official code begins with p = g, is another matter.)
  struct NesterovForms: TensorTree, Codable {
    var theta, m: Tensor<Double>
    var reformulated, momentum, previousGradient: Tensor<Double>

    init(_ start: Tensor<Double>) {
      (theta, reformulated) = (start, start)
      m = .zeros(start.shape)
      (momentum, previousGradient) = (m, m)
    }

    func stepped(_ gradient: (Tensor<Double>) -> Tensor<Double>, eta: Double, b: Double) -> NesterovForms {
      var next = self
      next.m = b * m + gradient(theta - eta * b * m)
      next.theta = theta - eta * next.m
      let g = gradient(reformulated)
      next.momentum = b * momentum + g + b * (g - previousGradient)
      next.reformulated = reformulated - eta * next.momentum
      next.previousGradient = g
      return next
    }
  }

  /// (1): the largest |theta' - (theta - eta b m)| at every step.
  private static func compareNesterovForms(_ identity: Identity, _ notebook: Recorder) throws {
    let curvatures = Tensor<Double>.geomspace(0.01, 1, count: identity.dimensions)
    let gradient = { (x: Tensor<Double>) in curvatures * x + 0.1 * (3 * x).sin() }
    let (eta, b) = (identity.rate, identity.momentum)
    let step = compile { (forms: NesterovForms) in forms.stepped(gradient, eta: eta, b: b) }
    let error = try notebook.trace("identity/error", "largest entry of |theta' - (theta - eta b m)|")
    var forms = NesterovForms(.normal([identity.dimensions], key: notebook.key("start")))
    try notebook.steps("identity", identity.steps, state: &forms, cadence: .every(1)) { _, forms in
      forms = step(forms)
    } measure: { forms, record in
      record(error, (forms.reformulated - (forms.theta - eta * b * forms.m)).abs().max().scalar)
    }
  }

  /// The first step in closed form, and how far another weight of the difference leads away: in Double, on the network.
  private static func checkRule(_ settings: Settings, _ notebook: Recorder) throws {
    let problem: Classification<Double> = problem(settings, settings.trainings[0], notebook)
    let adan = Adan<Double>()
    let key = notebook.key("rule")
    let start = TensorList<Double>(of: problem.initialParameters(key: key))
    let model = problem.initialParameters(key: key)
    let gradient = TensorList<Double>(of: grad { problem.loss($0, on: problem.batches(key: key)(0)) }(model))
    var state = adan.initialState(for: start, key: key)
    let first = adan.update(&state, gradient: gradient, at: start)
    let expected = -adan.learningRate * gradient / (gradient.abs() + adan.epsilon)
    let deviation = quantile((first - expected).elements.map { $0.abs().max().scalar }, 1)
    try notebook.scalar("first_step_deviation", deviation, "largest entry of the first step less -lr g / (|g| + epsilon)")

    let official = TrainingGrid(problem, adan, rates: [1e-3], keys: [key])
    let other = TrainingGrid(problem, Adan<Double>(differenceFactor: 1 - adan.beta2), rates: [1e-3], keys: [key])
    let distance = try notebook.trace(
      "difference/distance", "distance between the two trajectories over the distance from the start")
    var runs = Trajectories(official: official.start(), other: other.start())
    let begin = TensorList<Double>(of: official.start().parameters)
    try notebook.steps("difference", settings.differenceSteps, state: &runs, cadence: .every(1)) { t, runs in
      official.step(t, &runs.official)
      other.step(t, &runs.other)
    } measure: { runs, record in
      guard record.step > 0 else { return }
      let (a, b) = (TensorList<Double>(of: runs.official.parameters), TensorList<Double>(of: runs.other.parameters))
      record(distance, ((a - b).norm / (a - begin).norm).scalar)
    }
  }

  private struct Trajectories: Codable {
    var official, other: TrainingGrid<Classification<Double>, Adan<Double>>.Runs
  }
}
