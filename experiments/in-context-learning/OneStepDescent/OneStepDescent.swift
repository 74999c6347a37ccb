import Datasets
import Notebook
import Optimizers
import Tensors
import Training
import Transforms

/// One Step of Gradient Descent is Provably the Optimal In-Context Learner with One Layer of Linear Self-Attention (Mahankali,
/// Hashimoto and Ma, ICLR 2024).
///
/// **Shows**: of all layers of linear self-attention, the one with the least loss on prompts of noisy linear regression takes one step of
/// gradient descent on the examples' least-squares problem, with a step size that has a closed form. Inputs of another covariance make it
/// a preconditioned step; responses that are not linear change its size and nothing else.
///
/// **Here**: the layer, trained by Adam on new prompts at every step for the three laws, and for several lengths of isotropic prompts,
/// against the closed forms. The random functions are two-layer ReLU networks with Gaussian weights, whose law neither rotations nor a
/// change of sign change. (Making each of them odd would make it linear: relu(z) - relu(-z) = z.) Left out: nothing.
package enum OneStepDescent: Experiment {
  package static let paper = Paper(
    slug: "one-step-gd-optimal",
    title: """
      One Step of Gradient Descent is Provably the Optimal In-Context Learner with One Layer of Linear Self-Attention
      """,
    authors: ["Arvind Mahankali", "Tatsunori B. Hashimoto", "Tengyu Ma"], year: 2023, arxiv: "2307.03576",
    shows: """
      Among all one-layer linear self-attention models, the one with the lowest loss on Gaussian regression prompts takes exactly one \
      gradient step on the in-context least-squares problem. Another covariance makes it a preconditioned step; non-linear responses \
      change only its size.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("dimension d of the inputs") package var dimension = 5
    @Setting("pairs n in a prompt, for the three laws") package var contextLength = 20
    @Setting("pairs n in the isotropic prompts of the sweep") package var sweep = [5, 10, 20, 40]
    @Setting("standard deviation sigma of the noise on the responses") package var noise = 0.5
    @Setting("smallest and largest eigenvalue of Sigma, the others between them geometrically") package var eigenvalues = [
      0.25, 4,
    ]
    @Setting("hidden units of the non-linear responses") package var hidden = 10
    @Setting("steps of Adam") package var steps = 2000
    @Setting("prompts of a step") package var batchSize = 512
    @Setting("learning rate of Adam at the start") package var rate = 1e-2
    @Setting("and at the end, along half a cosine") package var lastRate = 1e-4
    @Setting("standard deviation of the initial entries, times sqrt(d + 1)") package var initialScale = 0.1
    @Setting("models of each law and length") package var seeds = 3
    @Setting("prompts on which trained models are compared") package var testPrompts = 1 << 17
    @Setting("prompts of the curves during training, and of one part of the comparison") package var promptsAtOnce = 1 << 12
    package init() {}

    /// Lengths of isotropic prompts, ascending.
    var lengths: [Int] { Set(sweep + [contextLength]).sorted() }
    /// eta* = 1 / (n + d + 1 + sigma²).
    func optimalRate(_ n: Int) -> Double { 1 / (Double(n + dimension + 1) + noise * noise) }
    /// L* = d (1 - n eta*).
    func optimalLoss(_ n: Int) -> Double { Double(dimension) * (1 - Double(n) * optimalRate(n)) }
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      (settings.sweep, settings.steps, settings.batchSize, settings.seeds) = ([5, 20], 60, 64, 2)
      (settings.testPrompts, settings.promptsAtOnce) = (1 << 12, 1 << 10)
    case .quick: break
    case .full:
      (settings.dimension, settings.contextLength, settings.sweep) = (20, 80, [20, 40])
      (settings.steps, settings.batchSize) = (40_000, 1024)
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let d = settings.dimension
    let basis = Tensor<Double>.orthogonal([d, d], key: notebook.key("basis"))
    let spectrum = Tensor<Double>.geomspace(settings.eigenvalues[0], settings.eigenvalues[1], count: d)
    let task = { Task(law: $0, contextLength: $1, covarianceRoot: basis * spectrum.sqrt(), settings: settings) }
    let tasks =
      settings.lengths.map { task(.isotropic, $0) }
      + [task(.preconditioned, settings.contextLength), task(.nonlinear, settings.contextLength)]

    var outcomes: [Outcome] = []
    for task in tasks {
      let models = try train(task, settings, notebook)
      outcomes.append(try evaluate(models, task, settings, notebook))
    }
    try record(tasks, outcomes, inverseCovariance: matmul(basis / spectrum, basis, transposeB: true), settings, notebook)
  }

  /// What is known of one task at the end.
  private struct Outcome {
    /// Of all seeds, along a first axis.
    var models: Model
    /// On the test prompts.
    var evaluation: Evaluation
    /// On the prompts of the curves.
    var curve: Evaluation
  }

  /// Adam on the squared error of the noisy response, new prompts at every step.
  private static func train(_ task: Task, _ settings: Settings, _ notebook: Recorder) throws -> Model {
    let key = notebook.key(task.path)
    let loss = {
      (model: Model, targets: KeyPath<InContextRegression<Double>, Tensor<Double>>, count: Int, key: Key) -> Tensor<Double> in
      let prompts = task.draw(count, key: key).prompts
      return (model.predictions(prompts) - prompts[keyPath: targets]).square().mean()
    }
    let problem = FreshTasks<Model, Double>(
      start: { Model(dimension: settings.dimension, scale: settings.initialScale, key: $0) },
      observing: { ["excess loss": loss($0, \.noiselessQueryTarget, settings.promptsAtOnce, key.named("curves"))] }
    ) { loss($0, \.queryTarget, settings.batchSize, $1) }
    let schedule = Schedule.cosine(steps: settings.steps, floor: settings.lastRate / settings.rate)
    let grid = TrainingGrid(
      problem, Adam<Double>().scheduled(schedule), rates: [settings.rate], keys: key.named("models").split(settings.seeds))
    return try notebook.train(task.path, grid, steps: settings.steps, cadence: .geometric(perDecade: 20)).parameters
  }

  /// All models on the same prompts.
  private static func evaluate(
    _ models: Model, _ task: Task, _ settings: Settings, _ notebook: Recorder
  ) throws -> Outcome {
    let key = notebook.key(task.path)
    let add = compile { (sums: Evaluation, models: Model, key: Key) in
      sums.adding(models, task, count: settings.promptsAtOnce, key: key)
    }
    let parts = max(1, settings.testPrompts / settings.promptsAtOnce)
    var sums = Evaluation(models: settings.seeds)
    try notebook.steps("\(task.path), test", parts, state: &sums, cadence: .every(parts)) { i, sums in
      sums = add(sums, models, key.named("test")[i])
    }
    let curve = add(Evaluation(models: settings.seeds), models, key.named("curves"))
    return Outcome(models: models, evaluation: sums, curve: curve)
  }

  private static func record(
    _ tasks: [Task], _ outcomes: [Outcome], inverseCovariance: Tensor<Double>, _ settings: Settings, _ notebook: Recorder
  ) throws {
    let d = settings.dimension
    let task = Dimension("task", tasks.map(\.name), "law of the prompts and number of pairs")
    let seed = Dimension("seed", count: settings.seeds, "random seed")
    let entries = (1...d).map { "x\($0)" } + ["y"]
    let row = Dimension("row", entries, "entry of a token")
    let column = Dimension("column", entries, "entry of the query's token")
    try notebook.tensor("model/M", .stack(outcomes.map(\.models.keyQuery)), "M", along: [task, seed, row, column])
    try notebook.tensor("model/u", .stack(outcomes.map(\.models.value)), "u", along: [task, seed, row])

    let prompts = Double(max(1, settings.testPrompts / settings.promptsAtOnce) * settings.promptsAtOnce)
    try notebook.tensor(
      "test/loss", .stack(outcomes.map { $0.evaluation.losses / prompts }), "excess loss of the trained models",
      along: [task, seed])
    let each = { (name: String, longName: String, value: (Evaluation) -> Double) in
      try notebook.tensor("test/\(name)", Tensor(outcomes.map { value($0.evaluation) }), longName, along: [task])
    }
    try each("ridge", "excess loss of ridge regression") { $0.ridge.scalar / prompts }
    try each("best step", "excess loss of one plain gradient step of the best size") { $0.lossOfBestStep(Int(prompts)) }
    try each("best rate", "that size") { $0.bestRate }
    try notebook.tensor(
      "curves/best step", Tensor(outcomes.map { $0.curve.lossOfBestStep(settings.promptsAtOnce) }),
      "excess loss of one plain gradient step of the best size on the prompts of the curves", along: [task])

    let identity = Tensor<Double>.identity(d)
    let measured = { (name: String, longName: String, value: (Tensor<Double>) -> Double) in
      let values = zip(tasks, outcomes).flatMap { task, outcome in
        (0..<settings.seeds).map { value(outcome.models.element($0).effectiveStep(contextLength: task.contextLength)) }
      }
      try notebook.tensor("step/\(name)", Tensor(shape: [task.count, seed.count], values), longName, along: [task, seed])
    }
    try measured("rate", "mean diagonal of H = u_y M_xx / n") { $0.diagonal().mean().scalar }
    try measured("deviation", "Frobenius distance of H over its mean diagonal from the identity") {
      ($0 / $0.diagonal().mean() - identity).norm().scalar
    }
    try measured("identity", "cosine between H and the identity") { cosine($0, identity) }
    try measured("inverse covariance", "cosine between H and Sigma^-1") { cosine($0, inverseCovariance) }
    let stray = outcomes.flatMap { outcome in (0..<settings.seeds).flatMap { outcome.models.element($0).strayEntries } }
    try notebook.tensor(
      "model/stray", Tensor(shape: [task.count, seed.count, 2], stray), "size of entries that the optimum lacks",
      along: [task, seed, Dimension("entries", ["u_x over u_y", "row y of M over its mean diagonal"], "which entries")])
  }

  private static func cosine(_ a: Tensor<Double>, _ b: Tensor<Double>) -> Double {
    ((a * b).sum() / (a.norm() * b.norm())).scalar
  }
}
