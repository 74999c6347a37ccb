import Networks
import Notebook
import Optimizers
import Problems
import Tensors
import Training
import Transforms

/// Stochastic Gradient Methods with Layer-wise Adaptive Moments for Training of Deep Networks (Ginsburg, Castonguay, Hrinchuk,
/// Kuchaiev et al. 2019).
///
/// **Shows**: one second moment for each layer instead of each weight, which normalizes the gradient before the momentum, makes training
/// insensitive to the scale of each layer's gradient, needs no warm-up and half of Adam's memory.
///
/// **Here**: points labelled by a random network, a tenth of the training labels wrong, and a ReLU network; weights and biases are layers
/// of their own. NovoGrad, Adam (AdamW without decay) and SGD with momentum, none with decay, at batches of 128 and 1024 and from weights four
/// times too large; then runs whose layers' gradients are multiplied by 1e-3, 1 and 1e3. Left out: speech, translation, ImageNet and
/// the learning-rate schedules of the paper.
package enum NovoGradMoments: Experiment {
  package static let paper = Paper(
    slug: "novograd-layerwise-moments",
    title: "Stochastic Gradient Methods with Layer-wise Adaptive Moments for Training of Deep Networks",
    authors: [
      "Boris Ginsburg", "Patrice Castonguay", "Oleksii Hrinchuk", "Oleksii Kuchaiev", "Vitaly Lavrukhin", "Ryan Leary",
      "Jason Li",
      "Huyen Nguyen", "Yang Zhang", "Jonathan M. Cohen",
    ], year: 2019, arxiv: "1905.11286",
    shows: """
      One second moment for each layer instead of each weight, by which the gradient is divided before the momentum, makes training
      insensitive to the scale of each layer's gradient, needs no warm-up and half of Adam's memory.
      """,
    fidelity: .scaled)

  package struct Settings: Codable, Sendable {
    @Setting("training points") package var training = 4000
    @Setting("held-out points") package var test = 2000
    @Setting("widths of the hidden layers") package var hidden = [128, 128]
    @Setting("learning rates of every optimizer") package var rates = [1e-3, 3e-3, 1e-2, 3e-2]
    @Setting("comparisons of the optimizers") package var setups = [
      Setup(name: "batch128", title: "batch 128", batch: 128, steps: 600),
      Setup(name: "batch1024", title: "batch 1024", batch: 1024, steps: 300),
      Setup(name: "large", title: "weights × 4", batch: 128, steps: 600, gain: 4),
    ]
    @Setting("random seeds of the comparisons") package var seeds = 2
    @Setting("steps with scaled gradients") package var scaledSteps = 200
    @Setting("factors of the gradients of the three layers") package var scales = [1e-3, 1, 1e3]
    @Setting("learning rate with scaled gradients") package var scaledRate = 0.01
    @Setting("NovoGrad's epsilon with scaled gradients") package var scaledEpsilon = 1e-15
    package init() {}
  }

  /// Where the optimizers are compared.
  package struct Setup: Codable, Sendable {
    package var name: String
    package var title: String
    package var batch: Int
    package var steps: Int
    /// What all initial weights are multiplied by.
    package var gain = 1.0
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.training = 1024
      settings.test = 200
      settings.hidden = [16, 16]
      for i in settings.setups.indices { settings.setups[i].steps = 20 }
      settings.scaledSteps = 20
    case .quick: break
    case .full:
      // Fifty epochs at every batch size.
      settings.training = 40_000
      settings.setups =
        [128, 256, 512, 1024, 2048, 4096].map {
          Setup(name: "batch\($0)", title: "batch \($0)", batch: $0, steps: 50 * settings.training / $0)
        } + [Setup(name: "large", title: "weights × 4", batch: 128, steps: 50 * settings.training / 128, gain: 4)]
      settings.seeds = 3
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    for setup in settings.setups {
      try compare("novograd", NovoGrad(), setup, settings, notebook)
      try compare("adam", Adam(), setup, settings, notebook)
      try compare("sgd", Momentum(momentum: 0.9), setup, settings, notebook)
    }
    let novograd = NovoGrad<Double>(epsilon: settings.scaledEpsilon)
    try followScaled("scaled_novograd", novograd, settings, notebook)
    try followScaled("scaled_sgd", Momentum<Double>(momentum: 0.9), settings, notebook)
    try recordSizes(settings, notebook)
  }

  private static func problem<Scalar: RealScalar>(
    _ settings: Settings, _ notebook: Recorder, batch: Int = 128, gain: Double = 1, as type: Scalar.Type = Scalar.self
  ) -> Classification<Scalar> {
    var problem = Classification<Scalar>.teacher(
      training: settings.training, test: settings.test, hidden: settings.hidden, batchSize: batch, key: notebook.key("teacher"))
    problem.initializer = .scaled(factor: 2 * gain * gain, fan: .inputs, .normal)
    return problem
  }

  private static func compare<Rule: GradientOptimizer<Float>>(
    _ name: String, _ rule: Rule, _ setup: Setup, _ settings: Settings, _ notebook: Recorder
  ) throws {
    let problem = problem(settings, notebook, batch: setup.batch, gain: setup.gain, as: Float.self)
    let grid = TrainingGrid(problem, rule, rates: settings.rates, keys: notebook.key("training").split(settings.seeds))
    try notebook.train("\(name)_\(setup.name)", grid, steps: setup.steps, cadence: .even(20, of: setup.steps))
  }

  /// Two runs from the same start on the same batches, one with the layers' gradients scaled.
  private static func followScaled<Rule: GradientOptimizer<Double>>(
    _ name: String, _ rule: Rule, _ settings: Settings, _ notebook: Recorder
  ) throws {
    typealias Grid = TrainingGrid<Classification<Double>, Transformed<Rule, ScaledLayers>>
    let problem = problem(settings, notebook, as: Double.self)
    let grids = [settings.scales.map { _ in 1 }, settings.scales].map { scales in
      Grid(problem, rule.preceded(by: ScaledLayers(scales)), rates: [settings.scaledRate], keys: [notebook.key("scaled")])
    }
    let run = Dimension("gradients", ["as they are", "scaled"], "gradients of the layers")
    let layers = Dimension("layer", layerNames(settings), "weight matrix or bias")
    let loss = try notebook.trace("\(name)/loss", "training loss", along: [run])
    let difference = try notebook.trace("\(name)/difference", "|scaled run's parameters - the other's| over the other's norm")
    let norms = try notebook.trace("\(name)/layer_norm", "norm of the layer's gradient, before the scales", along: [layers])
    let roots =
      rule is NovoGrad<Double>
      ? try notebook.trace("\(name)/root_moment", "square root of v", along: [run, layers]) : nil
    let gradient = compile { (model: MLP<Double>, batch: Tensor<Int32>) in
      TensorList<Double>(of: grad { problem.loss($0, on: batch) }(model)).norms
    }
    let batches = problem.batches(key: notebook.key("scaled").named("batches"))
    let list = { (grid: Grid, runs: Grid.Runs) in TensorList<Double>(of: grid.parameters(of: runs, seed: 0, rate: 0)) }

    var runs = grids.map { $0.start() }
    var first = runs[0]
    grids[0].step(0, &first)
    let moved = list(grids[0], first) - list(grids[0], runs[0])
    try notebook.tensor(
      "\(name)_first_step", Tensor(moved.norms.elements.map { $0.scalar / settings.scaledRate }),
      "length of the first step of a layer over the learning rate", along: [layers])
    try notebook.steps(name, settings.scaledSteps, state: &runs, cadence: .every(max(1, settings.scaledSteps / 40))) { i, runs in
      for (j, grid) in grids.enumerated() { grid.step(i, &runs[j]) }
    } measure: { runs, record in
      record(loss, zip(grids, runs).map { grid, run in grid.measures(of: run)["training loss"]?.scalars[0] ?? .nan })
      let plain = list(grids[0], runs[0])
      record(difference, ((list(grids[1], runs[1]) - plain).norm / plain.norm).scalar)
      record(norms, gradient(grids[0].parameters(of: runs[0], seed: 0, rate: 0), batches(record.step)).elements.map(\.scalar))
      if let roots {
        record(roots, runs.flatMap { ($0.memory.rule as? NovoGrad<Double>.State)?.roots ?? [] })
      }
    }
  }

  /// How many numbers the optimizers remember.
  private static func recordSizes(_ settings: Settings, _ notebook: Recorder) throws {
    let model = problem(settings, notebook, as: Float.self).initialParameters(key: notebook.key("sizes"))
    let parameters = TensorList<Float>(of: model)
    let novograd = NovoGrad<Float>().initialState(for: model)
    let adam = Adam<Float>().initialState(for: model)
    try notebook.scalar("size/parameters", Double(parameters.elementCount), "number of parameters")
    try notebook.scalar("size/layers", Double(parameters.count), "number of layers, biases on their own")
    try notebook.scalar(
      "size/novograd", Double(novograd.tensors.reduce(0) { $0 + $1.count }), "numbers in NovoGrad's whole state")
    try notebook.scalar("size/adam", Double(adam.m.elementCount + adam.v.elementCount), "numbers in Adam's moments")
  }

  static func layerNames(_ settings: Settings) -> [String] {
    (1...settings.hidden.count + 1).flatMap { ["weight \($0)", "bias \($0)"] }
  }
}
