import Datasets
import Networks
import Notebook
import Optimizers
import Problems
import Tensors
import Training
import Transforms

/// Adding Gradient Noise Improves Learning for Very Deep Networks (Neelakantan, Vilnis, Le, Sutskever, Kaiser, Kurach and Martens, ICLR
/// 2017 workshop track).
///
/// **Shows**: normal noise with a decaying variance, added to every gradient, lets plain SGD train networks from starts so poor (all
/// zeros, or 20 layers deep with small weights) that SGD alone never leaves the plateau.
///
/// **Here**: fully connected ReLU networks of width 50 on clipped Gaussian blobs: (a) from zeros, (b) of depth 20 with simple weights,
/// (c) from He's good start. The full preset adds 20 layers on drawn digits with Adam. Left out: the paper's memory networks, neural
/// programmers and other large models, and its weight decay and drop-out variants.
package enum AnnealedGradientNoise: Experiment {
  package static let paper = Paper(
    slug: "annealed-gradient-noise", title: "Adding Gradient Noise Improves Learning for Very Deep Networks",
    authors: [
      "Arvind Neelakantan", "Luke Vilnis", "Quoc V. Le", "Ilya Sutskever", "Łukasz Kaiser", "Karol Kurach", "James Martens",
    ], year: 2015, arxiv: "1511.06807",
    shows: """
      Normal noise whose variance decays like 1 / (1 + t)^0.55, added to every gradient, lets plain SGD train networks whose start is so
      poor, all zeros or 20 layers of small weights, that SGD alone never leaves the plateau. From a good start it does no harm.
      """,
    fidelity: .scaled)

  package struct Settings: Codable, Sendable {
    @Setting("Gaussian blobs, one a class") package var blobs = Blobs()
    @Setting("units of a hidden layer") package var width = 50
    @Setting("samples a step") package var batch = 64
    @Setting("steps of (a) zeros and (c) He's start, 5 layers") package var steps = 2000
    @Setting("seeds of (a) and (c)") package var seeds = 3
    @Setting("steps of (b), 20 layers with weights of deviation 0.1") package var deepSteps = 6000
    @Setting("seeds of (b)") package var deepSeeds = 2
    @Setting("steps between two measurements") package var interval = 50
    @Setting("steps between two measurements of (b)") package var deepInterval = 100
    @Setting("drawn digits with Adam") package var digits = Digits()
    package init() {}
  }

  package struct Blobs: Codable, Sendable {
    @Setting("classes") package var classes = 10
    @Setting("dimensions") package var dimensions = 64
    @Setting("standard deviation around a mean; coordinates are then clipped to [0, 1]") package var spread = 0.3
    @Setting("training points") package var training = 1400
    @Setting("held-out points") package var test = 400
    package init() {}
  }

  package struct Digits: Codable, Sendable {
    @Setting("restarts for each amount of noise; 0 leaves the digits out") package var restarts = 0
    @Setting("pictures") package var training = 10_000
    @Setting("held-out pictures") package var test = 2000
    @Setting("passes over the pictures") package var epochs = 100
    @Setting("eta: variance of the noise at the first step") package var variances = [0, 0.01, 0.3, 1]
    @Setting("learning rate of Adam") package var rate = 1e-3
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.width = 8
      settings.steps = 100
      settings.deepSteps = 100
      settings.seeds = 2
    case .quick: break
    case .full: settings.digits.restarts = 20
    }
    return settings
  }

  /// One amount of noise in one of the experiments.
  struct Case {
    var name: String
    /// Weight layers.
    var depth: Int
    var initializer: Initializer
    /// eta, 0 for none.
    var variance: Double
    var rate = 0.1
    /// The largest norm of a gradient before the noise; infinity for any.
    var clip = Double.infinity
  }

  static let zero = [0, 0.01, 0.3].map { Case(name: "zero_\($0)", depth: 5, initializer: .zeros, variance: $0) }
  static let deep = [
    Case(name: "deep_0.0", depth: 20, initializer: .normal(standardDeviation: 0.1), variance: 0, clip: 10),
    Case(name: "deep_0.01", depth: 20, initializer: .normal(standardDeviation: 0.1), variance: 0.01, clip: 10),
    Case(name: "deep_0.3", depth: 20, initializer: .normal(standardDeviation: 0.1), variance: 0.3, rate: 0.03, clip: 1),
  ]
  static let good = [0, 0.01].map { Case(name: "good_\($0)", depth: 5, initializer: .he(), variance: $0) }
  static func digits(_ digits: Digits) -> [Case] {
    digits.restarts == 0
      ? []
      : digits.variances.map {
        Case(
          name: "digits_\($0)", depth: 20, initializer: .normal(standardDeviation: 0.1), variance: $0, rate: digits.rate, clip: 10
        )
      }
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let blobs = settings.blobs
    let means = Tensor<Double>.uniform([blobs.classes, blobs.dimensions], key: notebook.key("means"))
    let mixture = GaussianMixture(centres: means, spread: blobs.spread)
    let points = { (count: Int, name: String) in
      var points = mixture.sample(count, as: Float.self, key: notebook.key(name))
      points.inputs = points.inputs.clamped(0, 1)
      return points
    }
    let (training, test) = (points(blobs.training, "training"), points(blobs.test, "test"))
    let train = { (cases: [Case], seeds: Int, steps: Int) in
      for item in cases {
        try self.train(item, SGD(), training, test, seeds: seeds, steps: steps, settings, notebook)
      }
    }
    try train(zero, settings.seeds, settings.steps)
    try train(deep, settings.deepSeeds, settings.deepSteps)
    try train(good, settings.seeds, settings.steps)

    let digits = settings.digits
    guard digits.restarts > 0 else { return }
    let pictures = { (count: Int, name: String) in
      DrawnDigits.sample(count, side: 28, key: notebook.key(name)).points(as: Float.self)
    }
    let (digitTraining, digitTest) = (pictures(digits.training, "digits"), pictures(digits.test, "test digits"))
    for item in self.digits(digits) {
      try self.train(
        item, Adam(), digitTraining, digitTest, seeds: digits.restarts, steps: digits.epochs * digits.training / settings.batch,
        settings, notebook)
    }
  }

  /// Clips, adds noise, and steps by the rule, in this order.
  private static func train<Rule: GradientOptimizer<Float>>(
    _ item: Case, _ rule: Rule, _ training: LabelledPoints<Float>, _ test: LabelledPoints<Float>, seeds: Int, steps: Int,
    _ settings: Settings, _ notebook: Recorder
  ) throws {
    let problem = Classification(
      training: training, test: test, hidden: [Int](repeating: settings.width, count: item.depth - 1),
      initializer: item.initializer, batchSize: settings.batch)
    let noise = GradientNoise<Float>(variance: item.variance)
    let grid = TrainingGrid(
      problem, rule.preceded(by: noise).preceded(by: ClipByNorm(item.clip)), rates: [item.rate],
      keys: notebook.key("depth \(item.depth)").split(seeds))
    let seed = [Dimension("seed", count: seeds, "random seed")]
    let loss = try notebook.trace("\(item.name)/loss", "training loss", along: seed)
    let accuracy = try notebook.trace("\(item.name)/accuracy", "accuracy on held-out points", along: seed)
    let largest = try notebook.trace("\(item.name)/largest_weight", "largest magnitude of a hidden weight", along: seed)
    let gradientNorm = try notebook.trace("\(item.name)/gradient_norm", "norm of the gradient of the training loss", along: seed)
    let deviation = try notebook.trace(
      "\(item.name)/noise_deviation", "standard deviation of the noise of the next step, over parameters", along: seed)

    typealias Runs = TrainingGrid<Classification<Float>, Transformed<Transformed<Rule, GradientNoise<Float>>, ClipByNorm<Float>>>
      .Runs
    // In order: the norm of the gradient, the largest hidden weight, and the deviation of the noise that the run draws next.
    let look = compile(
      vmap { (run: Runs) in
        let all = Tensor<Int32>((0..<training.count).map { Int32($0) })
        let gradient = TensorList<Float>(of: grad { problem.loss($0, on: all) }(run.parameters))
        let hidden = run.parameters.layers.dropLast().map { $0.weight.abs().max() }
        var state = run.memory.rule.transform
        let drawn = noise.apply(gradient.zeros, at: gradient, &state)
        return Tensor.stack([
          gradient.norm, Tensor.stack(hidden).max(), (drawn.squaredNorm / Float(drawn.elementCount)).sqrt(),
        ])
      })
    var runs = grid.start()
    try notebook.steps(
      item.name, steps, state: &runs, cadence: .every(item.depth == 20 ? settings.deepInterval : settings.interval)
    ) { i, runs in
      grid.step(i, &runs)
    } measure: { runs, record in
      let measures = grid.measures(of: runs)
      record(loss, measures["training loss"]?.scalars.map { Double($0) } ?? [])
      record(accuracy, measures["test accuracy"]?.scalars.map { Double($0) } ?? [])
      let looked = look(runs)
      for (column, trace) in [gradientNorm, largest, deviation].enumerated() {
        record(trace, (0..<seeds).map { Double(looked[$0, column]) })
      }
    }
  }
}
