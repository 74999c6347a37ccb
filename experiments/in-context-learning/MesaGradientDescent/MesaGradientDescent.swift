import Datasets
import Networks
import Notebook
import Optimizers
import Tensors
import Training
import Transforms

/// Transformers learn in-context by gradient descent (von Oswald, Niklasson, Randazzo, Sacramento and others, ICML 2023).
///
/// **Shows**: one layer of linear self-attention can take one step of gradient descent on the examples in its prompt, and training finds
/// that solution. Two trained layers beat two such steps, and match GD++, which also transforms the inputs.
///
/// **Here**: the constructed layer, exactly; one and two trained layers against gradient descent and GD++ with tuned steps; other input
/// ranges; trained and constructed weights averaged. In `full` also a recurrent layer, and sines through an embedding. The sensitivity of
/// an answer is its derivative with respect to the query. Left out: attention with softmax, and the copying layer that first joins x and
/// y in one token.
package enum MesaGradientDescent: Experiment {
  package static let paper = Paper(
    slug: "mesa-gradient-descent", title: "Transformers learn in-context by gradient descent",
    authors: [
      "Johannes von Oswald", "Eyvind Niklasson", "Ettore Randazzo", "João Sacramento", "Alexander Mordvintsev",
      "Andrey Zhmoginov",
      "Max Vladymyrov",
    ], year: 2022, arxiv: "2212.07677",
    shows: """
      A layer of linear self-attention can implement a step of gradient descent on a regression loss over its context, and training \
      finds that solution. Two layers beat two plain steps and match GD++, which also corrects the curvature.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("dimension of the inputs") package var dimension = 10
    @Setting("examples N in front of the query") package var contextLength = 10
    @Setting("inputs are uniform between minus and plus this") package var bound = 1.0
    @Setting("tasks of a step; 2048 in the paper") package var batchSize = 512
    @Setting("steps of Adam") package var steps = 4000
    @Setting("learning rate of Adam; 1e-3 in the paper") package var rate = 2e-3
    @Setting("longest gradient, by its norm") package var clip = 1.0
    @Setting("standard deviation of the initial weights, our choice") package var deviation = 0.05
    @Setting("steps of Adam for the rates of gradient descent and GD++") package var tuningSteps = 1000
    @Setting("its learning rate at the start, which falls to 0 along half a cosine") package var tuningRate = 2e-2
    @Setting("random step sizes, of which the best are its starting points") package var tuningCandidates = 512
    @Setting("starting points, of whose ends the best is kept") package var tuningStarts = 4
    @Setting("transformers of each depth") package var seeds = 3
    @Setting("tasks on which losses are measured") package var testTasks = 8192
    @Setting("tasks on which answers and sensitivities are compared") package var comparedTasks = 500
    @Setting("ranges alpha of inputs to be tested on") package var ranges = [0.25, 0.5, 1, 1.5, 2, 2.5, 3]
    @Setting("how often the recurrent layer runs; 0 for no recurrent layer") package var recurrence = 0
    @Setting("hidden units and features of the embedding for sines; empty for no sines") package var sine: [Int] = []
    @Setting("steps of Adam for sines") package var sineSteps = 10_000
    @Setting("random constructions that are checked") package var constructions = 20
    package init() {}

    var networks: [Network] {
      [Network("one layer", layers: 1), Network("two layers", layers: 2)]
        + (recurrence > 0 ? [Network("recurrent layer", layers: 1, repeats: recurrence)] : [])
    }

    func draw(_ count: Int, bound: Double, key: Key) -> InContextRegression<Float> {
      InContextRegression(count, length: contextLength + 1, dimension: dimension, inputs: .uniform(bound), key: key)
    }
  }

  /// A depth, by name.
  struct Network {
    var name: String
    var layers, repeats: Int

    init(_ name: String, layers: Int, repeats: Int = 1) { (self.name, self.layers, self.repeats) = (name, layers, repeats) }
    /// GD++ differs from gradient descent from the second step on.
    var descents: [String] { layers * repeats == 1 ? ["GD"] : ["GD", "GD++"] }
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      (settings.steps, settings.tuningSteps, settings.batchSize, settings.seeds) = (30, 20, 64, 2)
      (settings.tuningCandidates, settings.tuningStarts) = (16, 2)
      (settings.testTasks, settings.comparedTasks, settings.recurrence) = (256, 50, 2)
      (settings.sine, settings.sineSteps) = ([8, 4], 20)
    case .quick: break
    case .full:
      (settings.batchSize, settings.rate, settings.steps, settings.seeds) = (2048, 1e-3, 10_000, 5)
      (settings.recurrence, settings.sine) = (5, [40, 10])
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    try notebook.scalar(
      "construction error",
      constructionError(
        dimension: settings.dimension, contextLength: settings.contextLength, draws: settings.constructions,
        key: notebook.key("constructions")), "largest distance of the constructed layer from a step of gradient descent")
    for network in settings.networks { try study(network, settings, notebook) }
    if !settings.sine.isEmpty { try studySines(settings, notebook) }
  }

  /// One depth: tuned descents, trained transformers, and how they compare.
  private static func study(_ network: Network, _ settings: Settings, _ notebook: Recorder) throws {
    let (name, key) = (network.name, notebook.key(network.name))
    let descents = try network.descents.map { try tune($0, network, settings, notebook) }
    let test = settings.draw(settings.testTasks, bound: settings.bound, key: notebook.key("test"))
    let compared = settings.draw(settings.comparedTasks, bound: settings.bound, key: notebook.key("compared"))
    let references = zip(network.descents, descents).map { Reference($0, $1, on: compared) }

    let width = settings.dimension + 1
    let tasks = FreshTasks<LinearTransformer<Float>, Float>(
      start: { key in
        LinearTransformer(
          (0..<network.layers).map {
            LinearSelfAttention(width, initializer: .normal(standardDeviation: settings.deviation), key: key[$0])
          }, repeats: network.repeats)
      },
      observing: { transformer in
        references.reduce(into: ["test loss": transformer.loss(on: test)]) { measures, reference in
          measures.merge(reference.measures(of: transformer)) { $1 }
        }
      }
    ) { $0.loss(on: settings.draw(settings.batchSize, bound: settings.bound, key: $1)) }
    let grid = TrainingGrid(
      tasks, Adam<Float>().preceded(by: ClipByNorm(settings.clip)), rates: [settings.rate],
      keys: key.split(settings.seeds))
    let runs = try notebook.train(name, grid, steps: settings.steps, cadence: .even(50, of: settings.steps))
    let transformers = (0..<settings.seeds).map { grid.parameters(of: runs, seed: $0, rate: 0) }

    try recordRanges(network, transformers, descents, settings, notebook)
    if network.layers * network.repeats == 1 {
      try recordWeights(transformers.map { $0.layers[0] }, rate: Double(descents[0].rates[0]), test, settings, notebook)
    }
  }

  /// Adam on the step sizes of a descent, from the best of many random ones: those of GD++ have several local minima, and the lowest of
  /// them draws few starting points to itself.
  private static func tune(
    _ kind: String, _ network: Network, _ settings: Settings, _ notebook: Recorder
  ) throws -> TunedDescent {
    let (name, key) = ("\(network.name), \(kind)", notebook.key("tuning"))
    let test = settings.draw(settings.testTasks, bound: settings.bound, key: key.named("test"))
    let tasks = FreshTasks<TunedDescent, Float>(
      start: { randomDescent(kind, network, key: $0) }, observing: { ["test loss": $0.loss(on: test)] }
    ) { $0.loss(on: settings.draw(settings.batchSize, bound: settings.bound, key: $1)) }

    let screening = settings.draw(settings.comparedTasks, bound: settings.bound, key: key.named("screening"))
    let keys = key.named(name).split(settings.tuningCandidates)
    // The grid draws its starting points from these keys.
    let candidates = keys.map { tasks.initialParameters(key: $0.named("parameters")) }
    let screened = compile(vmap { (descent: TunedDescent) in descent.loss(on: screening) })(candidates.stacked())
      .scalars.map { $0.isNaN ? .infinity : $0 }
    let order = screened.indices.sorted { screened[$0] < screened[$1] }
    let grid = TrainingGrid(
      tasks, Adam<Float>().scheduled(.cosine(steps: settings.tuningSteps)), rates: [settings.tuningRate],
      keys: order.prefix(settings.tuningStarts).map { keys[$0] })
    let runs = try notebook.train(name, grid, steps: settings.tuningSteps, cadence: .even(20, of: settings.tuningSteps))
    let losses = grid.measures(of: runs)["test loss"]?.scalars ?? []
    let best = losses.indices.min { losses[$0] < losses[$1] } ?? 0
    return grid.parameters(of: runs, seed: best, rate: 0)
  }

  /// Losses of everything for every range of the inputs, on tasks that differ in their range alone.
  private static func recordRanges(
    _ network: Network, _ transformers: [LinearTransformer<Float>], _ descents: [TunedDescent], _ settings: Settings,
    _ notebook: Recorder
  ) throws {
    let ranges = Set(settings.ranges + [settings.bound]).sorted()
    let range = Dimension("range", ranges, "inputs are uniform between minus and plus this")
    let tests = ranges.map { settings.draw(settings.testTasks, bound: $0, key: notebook.key("test")) }
    try notebook.tensor(
      "\(network.name)/loss", .stack(tests.map { test in .stack(transformers.map { $0.loss(on: test) }) }),
      "half the mean squared error of the transformers",
      along: [range, Dimension("seed", count: settings.seeds, "random seed")])
    try notebook.tensor(
      "\(network.name)/reference loss", .stack(tests.map { test in .stack(descents.map { $0.loss(on: test) }) }),
      "half the mean squared error of tuned descents", along: [range, Dimension("descent", network.descents, "algorithm")])
    let step = Dimension("place", (1...network.layers).map { $0 }, "step of a round")
    for (name, descent) in zip(network.descents, descents) {
      try notebook.tensor("\(network.name)/\(name) rates", descent.rates, "tuned step sizes", along: [step])
      if let curvatures = descent.curvatures {
        try notebook.tensor("\(network.name)/\(name) curvatures", curvatures, "tuned gamma", along: [step])
      }
    }
  }

  /// The products of the trained layers, and the loss of layers halfway between them and the construction.
  private static func recordWeights(
    _ layers: [LinearSelfAttention<Float>], rate: Double, _ test: InContextRegression<Float>, _ settings: Settings,
    _ notebook: Recorder
  ) throws {
    let seed = Dimension("seed", count: settings.seeds, "random seed")
    let entries = (1...settings.dimension).map { "x\($0)" } + ["y"]
    let axes = [seed, Dimension("row", entries, "entry of a token"), Dimension("column", entries, "entry of another token")]
    let products = layers.map(matchedProducts)
    try notebook.tensor("weights/key query", .stack(products.map(\.keyQuery)), "W_K^T W_Q over its mean diagonal", along: axes)
    try notebook.tensor("weights/output value", .stack(products.map(\.outputValue)), "P W_V times that diagonal", along: axes)
    let step = LinearSelfAttention<Float>.gradientStep(dimension: settings.dimension, rate: rate)
    try notebook.tensor(
      "weights/interpolated loss", .stack(layers.map { LinearTransformer([interpolated($0, step)]).loss(on: test) }),
      "half the mean squared error of layers halfway to the construction", along: [seed])
  }
}
