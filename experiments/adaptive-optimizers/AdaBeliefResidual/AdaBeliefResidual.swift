import Notebook
import Optimizers
import Problems
import Tensors
import Training

/// AdaBelief Optimizer: Adapting Stepsizes by the Belief in Observed Gradients (Zhuang et al., NeurIPS 2020).
///
/// **Shows**: with (g - m)² in the place of Adam's g², steps are long where the gradient is predictable (large gradient, small curvature)
/// and short where it is not, at no extra cost.
///
/// **Here**: the paper's rule with epsilon 1e-16, against Adam and SGD with momentum: (a) a constant gradient with noise, (b) five
/// functions of the plane, (c) a network on a teacher's labels, all noise levels, rates and seeds of an experiment one compiled step. The
/// rectified rule of the official package is tried apart. The paper's convolutional networks, GANs and language models are left out.
package enum AdaBeliefResidual: Experiment {
  package static let paper = Paper(
    slug: "adabelief-residual", title: "AdaBelief Optimizer: Adapting Stepsizes by the Belief in Observed Gradients",
    authors: [
      "Juntang Zhuang", "Tommy Tang", "Yifan Ding", "Sekhar Tatikonda", "Nicha Dvornek", "Xenophon Papademetris",
      "James S. Duncan",
    ], year: 2020, arxiv: "2010.07468",
    shows: """
      Replacing Adam's g² by (g - m)² gives long steps where the gradient is predictable and short ones where it is not, at no extra
      cost.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("constant gradient with noise, experiment (a)") package var noise = Noise()
    @Setting("functions of the plane, experiment (b)") package var toys = Toys()
    @Setting("network on a teacher's labels, experiment (c)") package var network = Network()
    @Setting("steps of the rectified rule") package var rectifiedSteps = 50
    package init() {}
  }

  package struct Noise: Codable, Sendable {
    @Setting("standard deviations sigma of the gradient, whose mean is 1") package var sigmas = [0.01, 0.1, 1, 10]
    @Setting("steps") package var steps = 20_000
    @Setting("last steps whose mean is taken") package var tail = 5000
    @Setting("independent runs") package var chains = 8
    package init() {}
  }

  package struct Toys: Codable, Sendable {
    @Setting("learning rates") package var rates = [1e-3, 1e-2]
    @Setting("steps") package var steps = 6000
    @Setting("distance from the minimum that counts as reached") package var near = 0.1
    package init() {}
  }

  package struct Network: Codable, Sendable {
    @Setting("hidden layers") package var hidden = [128, 128]
    @Setting("learning rates") package var rates = [1e-3, 3e-3]
    @Setting("steps") package var steps = 600
    @Setting("independent runs") package var seeds = 3
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.noise.steps = 400
      settings.noise.tail = 100
      settings.toys.steps = 200
      settings.network.hidden = [16]
      settings.network.steps = 20
      settings.network.seeds = 2
    case .quick: break
    case .full:
      settings.noise.chains = 100
      settings.network.hidden = [512, 512]
      settings.network.steps = 10_000
      settings.network.seeds = 10
    }
    return settings
  }

  /// The names of the rules, as dimensions have them.
  static let methods = ["SGD with momentum", "Adam", "AdaBelief"]

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    try believe(settings.noise, notebook)
    for i in Self.toys.indices { try race(i, settings.toys, notebook) }
    try rectify(settings.rectifiedSteps, notebook)
    let network = settings.network
    let problem = Classification<Float>.teacher(hidden: network.hidden, key: notebook.key("teacher"))
    try train("sgd", Momentum(), problem, network, notebook)
    try train("adam", Adam(), problem, network, notebook)
    // Adam looks on, so that its moments can be compared on the same gradients.
    let runs = try train("adabelief", Watched(rule: AdaBelief(), watcher: Adam()), problem, network, notebook)
    try compareMoments(runs.memory, network, notebook)
  }

  /// (a): steps over the learning rate, the mean of the last ones.
  private static func believe(_ noise: Noise, _ notebook: Recorder) throws {
    let gradients = NoisyGradients(noise)
    var state = gradients.start
    let key = notebook.key("noise")
    try notebook.steps("noise", noise.steps, state: &state, cadence: .every(noise.steps)) { i, state in
      state = gradients.step(state, Tensor(i >= noise.steps - noise.tail ? 1 : 0), key[i])
    }
    let dimensions = [
      Dimension("method", ["Adam", "AdaBelief"], "update rule"), Dimension("sigma", noise.sigmas, "noise of the gradient"),
      Dimension("chain", count: noise.chains, "independent run"),
    ]
    let means = Tensor.stack([state.adam.total, state.belief.total]) / Double(noise.tail)
    try notebook.tensor(
      "mean_step", means.reshaped(dimensions.map(\.count)), "mean step over learning rate", along: dimensions)
  }

  /// (b): toy number `index`, recorded under "toy<index>".
  private static func race(_ index: Int, _ settings: Toys, _ notebook: Recorder) throws {
    let toy = Self.toys[index]
    let race = ToyRace(toy, rates: settings.rates)
    let dimensions = [
      Dimension("method", methods, "update rule"), Dimension("rate", settings.rates, "learning rate"),
    ]
    let distance = try notebook.trace("toy\(index)/distance", "distance from the minimum", along: dimensions)
    let path = try notebook.trace(
      "toy\(index)/path", "x", along: dimensions + [Dimension("coordinate", count: 2, "coordinate")])
    var state = race.start
    try notebook.steps("toy\(index)", settings.steps, state: &state, cadence: .every(1)) { _, state in
      state = race.step(state)
    } measure: { state, record in
      let x = race.positions(of: state)
      record(path, x.scalars)
      record(distance, (x - toy.minimum).norm(-1).scalars)
    }
    let sides = toy.window.map { Tensor<Double>.linspace($0.lowerBound, $0.upperBound, count: 101) }
    let values = Tensor.stack(
      sides[1].scalars.flatMap { y in sides[0].scalars.map { x in toy.loss(Tensor([x, y]), on: WholeBatch()) } })
    try notebook.tensor(
      "toy\(index)/landscape", values.reshaped(101, 101), toy.name,
      along: [
        Dimension("y", sides[1].scalars, "second coordinate"), Dimension("x", sides[0].scalars, "first coordinate"),
      ])
  }

  /// How much longer the steps of the rectified rule are when all gradients are 1000 times larger: 1000 times, or not at all.
  private static func rectify(_ steps: Int, _ notebook: Recorder) throws {
    let rule = AdaBelief<Double>(isRectified: true)
    let scales = [1.0, 1000]
    let length = try notebook.trace(
      "rectified/length", "length of the update over the learning rate",
      along: [Dimension("scale", scales, "factor of the gradients")])
    let key = notebook.key("rectified")
    struct Run: Codable {
      var memory: Moments<Double>
      var length: Double
    }
    let parameters = TensorList([Tensor<Double>.zeros([10])])
    var runs = scales.map { _ in Run(memory: rule.initialState(for: parameters, key: key), length: 0) }
    try notebook.steps("rectified", steps, state: &runs, cadence: .every(1)) { i, runs in
      let g = TensorList([1 + Tensor<Double>.normal([10], key: key[i])])
      for (j, scale) in scales.enumerated() {
        runs[j].length = rule.update(&runs[j].memory, gradient: scale * g, at: parameters).norm.scalar / 1e-3
      }
    } measure: { runs, record in
      record(length, runs.map(\.length))
    }
  }

  /// (c)
  @discardableResult
  private static func train<Rule: GradientOptimizer>(
    _ name: String, _ rule: Rule, _ problem: Classification<Float>, _ network: Network, _ notebook: Recorder
  ) throws -> TrainingGrid<Classification<Float>, Rule>.Runs where Rule.Scalar == Float {
    let grid = TrainingGrid(problem, rule, rates: network.rates, keys: notebook.key("network").split(network.seeds))
    return try notebook.train(name, grid, steps: network.steps, cadence: .even(60, of: network.steps))
  }

  /// sqrt(s / (1 - b2^t)) of AdaBelief and sqrt(v / (1 - b2^t)) of Adam for every parameter, of the first run.
  private static func compareMoments(
    _ memory: Watched<AdaBelief<Float>, Adam<Float>>.State, _ network: Network, _ notebook: Recorder
  ) throws {
    let gathered = 1 - Float.pow(0.999, network.steps)
    let ofFirst = { (list: TensorList<Float>) in
      Tensor.concatenate(list.elements.map { ($0.row(0).flattened() / gathered).sqrt() })
    }
    let moments = Tensor.stack([ofFirst(memory.rule.v), ofFirst(memory.watcher.v)])
    try notebook.tensor(
      "network/moments", moments, "root of the corrected second moment after the last step",
      along: [
        Dimension("method", ["AdaBelief", "Adam"], "update rule"),
        Dimension("parameter", count: moments.shape[1], "parameter of the network"),
      ])
  }
}
