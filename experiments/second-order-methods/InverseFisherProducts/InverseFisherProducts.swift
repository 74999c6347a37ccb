import Datasets
import Diagnostics
import Networks
import Notebook
import Optimizers
import Problems
import Tensors
import Training
import Transforms

/// M-FAC: Efficient Matrix-Free Approximations of Second-Order Information (Frantar, Kurtic and Alistarh, NeurIPS 2021).
///
/// **Shows**: products with the inverse of a damped empirical Fisher matrix of m gradients need no d x d matrix. A static algorithm costs
/// O(d m²) once and O(d m) a product; a dynamic one lets a gradient be replaced. They serve one-shot pruning and an optimizer.
///
/// **Here**: (1) both algorithms against a dense solve, over damping and precision, and a window after 100 replacements; (2) counted
/// multiply-adds and times of a product; (3) the optimizer against SGD with momentum and Adam on a 196-32-10 network for drawn digits;
/// (4) one-shot pruning of the weights (not the biases) of the networks of each optimizer's best rate, the kept weights compensated
/// jointly. The digits are noisier than the generator's default, at which a network is right on every image and pruning by magnitude
/// loses nothing that could be gained back. The paper's m = 1024, lambda = 1e-5 and ImageNet networks are left out, as are a CNN and MNIST.
package enum InverseFisherProducts: Experiment {
  package static let paper = Paper(
    slug: "mfac-inverse-fisher", title: "M-FAC: Efficient Matrix-Free Approximations of Second-Order Information",
    authors: ["Elias Frantar", "Eldar Kurtic", "Dan Alistarh"], year: 2021, arxiv: "2107.03356",
    shows: """
      Products with the inverse of a damped empirical Fisher matrix need no matrix of the parameters' size: static and dynamic
      algorithms that cost O(dm) a product, for one-shot pruning and as an optimizer.
      """,
    fidelity: .scaled)

  package struct Settings: Codable, Sendable {
    @Setting("identities, experiment (1)") package var identities = Identities()
    @Setting("cost of a product, experiment (2)") package var cost = Cost()
    @Setting("optimizers, experiment (3)") package var training = Training()
    @Setting("one-shot pruning, experiment (4)") package var pruning = Pruning()
    package init() {}
  }

  package struct Identities: Codable, Sendable {
    @Setting("gradients m") package var gradients = 32
    @Setting("dimension d") package var dimension = 200
    @Setting("dampings lambda") package var dampings = [1e-6, 1e-4, 1e-2, 1]
    @Setting("the damping of the claims") package var damping = 1e-2
    @Setting("replaced gradients of the sliding window") package var replacements = 100
    package init() {}
  }

  package struct Cost: Codable, Sendable {
    @Setting("dimensions d") package var dimensions = [1000, 10_000, 100_000]
    @Setting("numbers of gradients m") package var gradients = [16, 64, 128]
    @Setting("rounds of timing") package var rounds = 15
    package init() {}
  }

  package struct Training: Codable, Sendable {
    @Setting("training images") package var images = 6000
    @Setting("held-out images") package var held = 2000
    @Setting("side of an image in pixels") package var side = 14
    @Setting("standard deviation of the noise on a pixel: one at which the networks come near 97 % accuracy, as on MNIST")
    package var noise = 0.3
    @Setting("hidden units") package var hidden = [32]
    @Setting("batch size") package var batchSize = 64
    @Setting("epochs") package var epochs = 4
    @Setting("window m of M-FAC") package var window = 64
    @Setting("damping lambda of M-FAC") package var damping = 1e-2
    @Setting("learning rates of SGD with momentum") package var momentumRates = [0.03, 0.1, 0.3]
    @Setting("learning rates of Adam") package var adamRates = [1e-3, 3e-3, 1e-2]
    @Setting("learning rates of M-FAC") package var rates = [0.01, 0.03, 0.1]
    @Setting("independent runs") package var seeds = 3
    package init() {}
  }

  package struct Pruning: Codable, Sendable {
    @Setting("per-example gradients of the Fisher matrix") package var gradients = 512
    @Setting("damping lambda") package var damping = 1e-3
    @Setting("shares of the weights removed") package var sparsities = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95]
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.identities.dimension = 40
      settings.identities.replacements = 10
      settings.cost.dimensions = [1000, 10_000]
      settings.cost.rounds = 3
      settings.training.images = 320
      settings.training.held = 100
      settings.training.side = 8
      settings.training.hidden = [8]
      settings.training.window = 8
      settings.training.seeds = 1
      settings.pruning.gradients = 64
    case .quick: break
    case .full:
      settings.cost.dimensions = [1000, 10_000, 100_000, 1_000_000]
      settings.training.side = 28
      settings.training.hidden = [128]
      settings.training.images = 20_000
      settings.training.window = 512
      settings.training.seeds = 5
      settings.pruning.gradients = 1024
    }
    return settings
  }

  /// Of the training loops, and as legends have them.
  static let methods = ["momentum": "SGD with momentum", "adam": "Adam", "mfac": "M-FAC"]
  static let order = ["momentum", "adam", "mfac"]
  static let pruners = ["magnitude", "diagonal Fisher", "M-FAC"]

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    try compare(settings.identities, notebook)
    try slide(settings.identities, notebook)
    try measureCost(settings.cost, notebook)
    let training = settings.training
    let digits = { (count: Int, name: String) in
      DrawnDigits.sample(count, side: training.side, noise: training.noise, key: notebook.key(name)).points(as: Float.self)
    }
    let problem = Classification(
      training: digits(training.images, "training"), test: digits(training.held, "test"), hidden: training.hidden,
      batchSize: training.batchSize)
    let rule = MFAC<Float>(damping: training.damping, window: training.window)
    let momentum = TrainingGrid(problem, Momentum<Float>(), rates: training.momentumRates, keys: keys(training, notebook))
    let adam = TrainingGrid(problem, Adam<Float>(), rates: training.adamRates, keys: keys(training, notebook))
    let mfac = TrainingGrid(problem, rule, rates: training.rates, keys: keys(training, notebook))
    let trained = [
      try train("momentum", momentum, training, notebook), try train("adam", adam, training, notebook),
      try train("mfac", mfac, training, notebook, observing: ["largest energy": { $0.memory.largestEnergy }]),
    ]
    try time([("momentum", timed(momentum)), ("adam", timed(adam)), ("mfac", timed(mfac))], settings.cost.rounds, notebook)
    try prune(trained, problem, settings.pruning, notebook)
  }

  private static func keys(_ training: Training, _ notebook: Recorder) -> [Key] { notebook.key("network").split(training.seeds) }

  /// - Returns: the trained network of each seed, at the rate with the lowest mean training loss.
  private static func train<Rule: GradientOptimizer<Float>>(
    _ name: String, _ grid: TrainingGrid<Classification<Float>, Rule>, _ training: Training, _ notebook: Recorder,
    observing observables: [String: (TrainingGrid<Classification<Float>, Rule>.Runs) -> Tensor<Float>] = [:]
  ) throws -> [MLP<Float>] {
    let epoch = training.images / training.batchSize
    let runs = try notebook.train(
      name, grid, steps: training.epochs * epoch, cadence: .every(max(1, epoch / 31)), observing: observables)
    let losses = grid.measures(of: runs)["training loss"] ?? grid.losses(of: runs)
    let best = Int(losses.mean(0).argmin().scalar)
    return (0..<training.seeds).map { grid.parameters(of: runs, seed: $0, rate: best) }
  }

  // MARK: Products

  /// Relative errors of the products in single and double precision, and of V = B G and the pivots in double.
  private static func compare(_ settings: Identities, _ notebook: Recorder) throws {
    let (m, d) = (settings.gradients, settings.dimension)
    let gradients = Tensor<Double>.normal([m, d], key: notebook.key("gradients"))
    let x = Tensor<Double>.normal([d], key: notebook.key("x"))
    var (products, directions, pivots): ([Double], [Double], [Double]) = ([], [], [])
    for damping in settings.dampings {
      let dense = try solve(fisher(gradients, damping), x)
      let fixed = StaticInverseFisher(gradients: gradients, damping: damping)
      let window = DynamicInverseFisher(GradientWindow(gradients: gradients), damping: damping)
      let (g, y) = (gradients.map { Float($0) }, x.map { Float($0) })
      let single = [
        StaticInverseFisher(gradients: g, damping: damping)(y),
        DynamicInverseFisher(GradientWindow(gradients: g), damping: damping)(y),
      ]
      products += ([fixed(x), window(x)] + single.map { $0.map { Double($0) } }).map { error($0, dense) }
      directions.append(error(window.directions, fixed.directions))
      pivots.append(error(window.pivots, fixed.pivots))
    }
    let damping = Dimension("damping", settings.dampings, "lambda")
    let kinds = Dimension("kind", ["static", "dynamic", "static, single", "dynamic, single"], "algorithm and precision")
    try notebook.tensor(
      "identities/product", Tensor(products).reshaped(damping.count, kinds.count),
      "error of F^-1 x against a dense solve, relative",
      along: [damping, kinds])
    try notebook.tensor(
      "identities/directions", Tensor(directions), "difference of B G from the recursion's V, relative", along: [damping])
    try notebook.tensor(
      "identities/pivots", Tensor(pivots), "difference of the factorization's q from the recursion's, relative", along: [damping])
  }

  /// A window that forgets: its product against a dense solve at every replacement.
  private static func slide(_ settings: Identities, _ notebook: Recorder) throws {
    let error = try notebook.trace("window/error", "error of F^-1 x against a dense solve on the window, relative")
    let x = Tensor<Double>.normal([settings.dimension], key: notebook.key("x"))
    let key = notebook.key("stream")
    var window = GradientWindow<Double>(capacity: settings.gradients, dimension: settings.dimension)
    try notebook.steps("window", settings.gradients + settings.replacements, state: &window, cadence: .every(1)) { i, window in
      window.push(.normal([settings.dimension], key: key[i]))
    } measure: { window, record in
      let dense = try solve(fisher(window.gradients, settings.damping), x)
      record(error, Self.error(DynamicInverseFisher(window, damping: settings.damping)(x), dense))
    }
  }

  /// (2): counted multiply-adds and times of one dynamic product.
  private static func measureCost(_ settings: Cost, _ notebook: Recorder) throws {
    let dimensions = [
      Dimension("d", settings.dimensions, "dimension"), Dimension("m", settings.gradients, "number of gradients"),
    ]
    var counts: [Double] = []
    var products: [() -> Float] = []
    for d in settings.dimensions {
      for m in settings.gradients {
        let gradients = Tensor<Float>.normal([m, d], key: notebook.key("gradients \(m) \(d)"))
        let x = Tensor<Float>.normal([d], key: notebook.key("x \(d)"))
        let inverse = DynamicInverseFisher(GradientWindow(gradients: gradients), damping: 1e-2)
        var counter = MultiplyAddCounter()
        _ = inverse.product(x, counting: &counter)
        counts.append(Double(counter.count))
        products.append { inverse(x)[0] }
      }
    }
    let shape = dimensions.map(\.count)
    try notebook.tensor("cost/count", Tensor(counts).reshaped(shape), "multiply-adds of a product", along: dimensions)
    let seconds = try notebook.interleavedSeconds("products", rounds: settings.rounds, of: products).map(median)
    try notebook.timing("product", Tensor(seconds).reshaped(shape), "time of a product", along: dimensions, units: "s")
  }

  /// Seconds of one step of all runs of a grid.
  private static func time(_ steps: [(name: String, step: () -> Float)], _ rounds: Int, _ notebook: Recorder) throws {
    let seconds = try notebook.interleavedSeconds("optimizer steps", rounds: rounds, of: steps.map(\.step)).map(median)
    try notebook.timing(
      "step", Tensor(seconds), "time of one step of all runs", along: [Dimension("method", steps.map(\.name), "optimizer")],
      units: "s")
  }

  private static func timed<Rule: GradientOptimizer<Float>>(
    _ grid: TrainingGrid<Classification<Float>, Rule>
  ) -> () -> Float {
    var runs = grid.start()
    return {
      grid.step(0, &runs)
      return runs.loss[0]
    }
  }
}
