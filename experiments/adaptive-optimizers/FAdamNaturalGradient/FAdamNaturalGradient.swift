import Notebook
import Optimizers
import Problems
import Tensors
import Training

/// FAdam: Adam is a natural gradient optimizer using diagonal empirical Fisher information (Hwang 2024).
///
/// **Shows**: v, read as a diagonal empirical Fisher matrix f, explains Adam as natural gradient descent and suggests repairs: momentum of
/// the natural gradient, bias correction within beta2, an epsilon relative to the gradient, clipping of the natural gradient, and weight
/// decay that is preconditioned too.
///
/// **Here**: a network on a teacher's labels with FAdam, AdamW and FAdam without one repair each; a one-block transformer on Markov text;
/// an embedding of which every row is touched once in 100 steps; and the algorithm's statements on a run in Double, whose rule is
/// watched from inside. The same decay lambda for both optimizers. The paper's speech and language models are left out.
package enum FAdamNaturalGradient: Experiment {
  package static let paper = Paper(
    slug: "fadam-natural-gradient",
    title: "FAdam: Adam is a natural gradient optimizer using diagonal empirical Fisher information",
    authors: ["Dongseong Hwang"], year: 2024, arxiv: "2405.12807",
    shows: """
      Adam's second moment, read as a diagonal empirical Fisher matrix, explains Adam as natural gradient descent and suggests repairs:
      momentum of the natural gradient, adaptive epsilon, clipping, and weight decay that is preconditioned as well.
      """,
    fidelity: .scaled)

  package struct Settings: Codable, Sendable {
    @Setting("weight decay lambda of FAdam and AdamW") package var decay = 1e-3
    @Setting("network on a teacher's labels") package var network = Network()
    @Setting("transformer on Markov text") package var language = Language()
    @Setting("embedding with rare gradients") package var sparse = Sparse()
    @Setting("the algorithm's statements") package var statements = Statements()
    package init() {}
  }

  package struct Network: Codable, Sendable {
    @Setting("hidden layers") package var hidden = [128, 128]
    @Setting("learning rates") package var rates = [1e-3, 3e-3]
    @Setting("steps") package var steps = 600
    @Setting("independent runs") package var seeds = 3
    package init() {}
  }

  package struct Language: Codable, Sendable {
    @Setting("transformer blocks") package var depth = 1
    @Setting("learning rate") package var rate = 1e-3
    @Setting("steps") package var steps = 600
    @Setting("independent runs") package var seeds = 3
    package init() {}
  }

  package struct Sparse: Codable, Sendable {
    @Setting("rows, one of which has a gradient at each step") package var rows = 100
    @Setting("width of a row") package var width = 8
    @Setting("learning rate") package var rate = 1e-2
    @Setting("steps") package var steps = 5000
    package init() {}
  }

  package struct Statements: Codable, Sendable {
    @Setting("steps of the watched run in Double") package var steps = 300
    @Setting("coordinates of the constant gradient, of sizes 1e-3 to 1") package var coordinates = 400
    @Setting("steps with it") package var constantSteps = 100
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.network.hidden = [16]
      settings.network.steps = 20
      settings.network.seeds = 2
      settings.language.steps = 5
      settings.language.seeds = 1
      settings.sparse.steps = 200
      settings.statements.steps = 20
    case .quick: break
    case .full:
      settings.network.steps = 5000
      settings.network.seeds = 10
      settings.language.depth = 2
      settings.language.steps = 5000
      settings.sparse.steps = 50_000
      settings.statements.steps = 5000
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    try ablate(settings, notebook)
    try learnText(settings, notebook)
    let sparse = settings.sparse
    let embedding = SparseEmbedding(rows: sparse.rows, width: sparse.width, key: notebook.key("embedding"))
    let keys = [notebook.key("sparse")]
    try notebook.train(
      "sparse_fadam", TrainingGrid(embedding, FAdam(weightDecay: settings.decay), rates: [sparse.rate], keys: keys),
      steps: sparse.steps, cadence: .even(500, of: sparse.steps))
    try notebook.train(
      "sparse_adamw", TrainingGrid(embedding, AdamW(weightDecay: settings.decay), rates: [sparse.rate], keys: keys),
      steps: sparse.steps, cadence: .even(500, of: sparse.steps))
    for fisher in [0.0, 1] { try watch(initialFisher: fisher, settings, notebook) }
    try checkFirstStep(settings.statements, notebook)
    try checkDecay(settings, notebook)
  }

  /// FAdam and what it is without one of its repairs, in the order of the figures.
  static func variants(decay: Double) -> [(name: String, label: String, rule: FAdam<Float>)] {
    [
      ("fadam", "FAdam", FAdam(weightDecay: decay)),
      ("unclipped", "no clipping", FAdam(clippingThreshold: .infinity, weightDecay: decay)),
      ("raw_momentum", "momentum of g", FAdam(weightDecay: decay, averagesRawGradient: true)),
      ("plain_decay", "AdamW's decay", FAdam(weightDecay: decay, decay: .euclidean)),
    ]
  }

  private static func ablate(_ settings: Settings, _ notebook: Recorder) throws {
    let network = settings.network
    let problem = Classification<Float>.teacher(hidden: network.hidden, key: notebook.key("teacher"))
    func train<Rule: GradientOptimizer<Float>>(_ name: String, _ rule: Rule) throws {
      let grid = TrainingGrid(problem, rule, rates: network.rates, keys: notebook.key("network").split(network.seeds))
      try notebook.train(name, grid, steps: network.steps, cadence: .even(30, of: network.steps))
    }
    try train("adamw", AdamW(weightDecay: settings.decay))
    for variant in variants(decay: settings.decay) { try train(variant.name, variant.rule) }
  }

  private static func learnText(_ settings: Settings, _ notebook: Recorder) throws {
    let language = settings.language
    let problem = LanguageModel<Float>(depth: language.depth, key: notebook.key("language"))
    func train<Rule: GradientOptimizer<Float>>(_ name: String, _ rule: Rule) throws {
      let grid = TrainingGrid(problem, rule, rates: [language.rate], keys: notebook.key("text").split(language.seeds))
      try notebook.train(name, grid, steps: language.steps, cadence: .even(30, of: language.steps))
    }
    try train("text_adamw", AdamW(weightDecay: settings.decay))
    try train("text_fadam", FAdam(weightDecay: settings.decay))
  }

  /// A run in Double of which f, the natural gradient and the decay are recorded at every step.
  private static func watch(initialFisher: Double, _ settings: Settings, _ notebook: Recorder) throws {
    let name = "watched_\(initialFisher.brief)"
    // Few points, since their loss is measured at every step.
    let problem = Classification<Double>.teacher(
      training: 1000, test: 100, hidden: settings.network.hidden, key: notebook.key("teacher"))
    let rule = WatchedFAdam(FAdam(weightDecay: settings.decay, initialFisher: initialFisher))
    let grid = TrainingGrid(problem, rule, rates: [settings.network.rates[0]], keys: [notebook.key("watched")])
    let runs = try notebook.train(
      name, grid, steps: settings.statements.steps, cadence: .every(1),
      observing: [
        "fisher error": { $0.memory.fisherError }, "natural gradient": { $0.memory.natural },
        "clipped natural gradient": { $0.memory.clippedNatural }, "decay direction": { $0.memory.decay },
        "clipped decay direction": { $0.memory.clippedDecay },
      ])
    let run = grid.run(of: runs, seed: 0, rate: 0)
    let (fisher, decay) = rule.effectiveDecay(run.memory, at: TensorList(of: run.parameters))
    let parameter = Dimension("parameter", count: fisher.count, "parameter of the network")
    try notebook.tensor("\(name)/fisher", fisher, "f of each parameter", along: [parameter])
    try notebook.tensor("\(name)/decay", decay, "share by which a step at rate 1 decays it", along: [parameter])
  }

  /// The first update without decay over the learning rate, and what the paper says of it.
  private static func checkFirstStep(_ statements: Statements, _ notebook: Recorder) throws {
    let g = Tensor<Double>.normal([statements.coordinates], key: notebook.key("first gradient"))
    let parameters = TensorList([g * 0 + 1])
    let rule = FAdam<Double>(learningRate: 1, weightDecay: 0)
    var state = rule.initialState(for: parameters, key: notebook.key("unused"))
    let update = rule.update(&state, gradient: TensorList([g]), at: parameters).elements[0]
    let rootMeanSquare = { (x: Tensor<Double>) in x.square().mean().sqrt() }
    let natural = g / (g.abs() + minimum(Tensor(1e-8), 0.01 * rootMeanSquare(g)))
    let expected = -0.1 * natural / maximum(Tensor(1), rootMeanSquare(natural))
    let coordinate = Dimension("coordinate", count: g.count, "coordinate")
    try notebook.tensor("first_step/update", update, "first update over the learning rate", along: [coordinate])
    try notebook.tensor("first_step/expected", expected, "what the algorithm says", along: [coordinate])
  }

  /// After many steps with one gradient: what decay does to each coordinate, the difference of the updates with and without it.
  private static func checkDecay(_ settings: Settings, _ notebook: Recorder) throws {
    let count = settings.statements.coordinates
    let exponents = Tensor<Double>.uniform([count], in: -3..<0, key: notebook.key("sizes"))
    let g = TensorList([(exponents * Double.log(10)).exp() * .rademacher([count], key: notebook.key("signs"))])
    let theta = TensorList([Tensor<Double>.normal([count], key: notebook.key("weights"))])
    let coordinate = Dimension("coordinate", count: count, "coordinate")
    func decay<Rule: GradientOptimizer<Double>>(
      _ name: String, _ with: Rule, _ without: Rule, _ fisher: (Rule.State) -> Tensor<Double>
    )
      throws
    {
      var state = with.initialState(for: theta, key: notebook.key("unused"))
      for _ in 1..<settings.statements.constantSteps { _ = with.update(&state, gradient: g, at: theta) }
      var other = state
      let step = with.update(&state, gradient: g, at: theta) - without.update(&other, gradient: g, at: theta)
      try notebook.tensor(
        "constant/\(name)", -step.elements[0] / theta.elements[0], "decay step over weight and learning rate", along: [coordinate]
      )
      try notebook.tensor("constant/\(name)_fisher", fisher(state), "f", along: [coordinate])
    }
    let fadam = { FAdam<Double>(learningRate: 1, clippingThreshold: .infinity, weightDecay: $0) }
    try decay("fadam", fadam(settings.decay), fadam(0)) { $0.v.elements[0] }
    let adamW = { AdamW<Double>(learningRate: 1, weightDecay: $0) }
    let gathered = 1 - Double.pow(0.999, settings.statements.constantSteps)
    try decay("adamw", adamW(settings.decay), adamW(0)) { $0.v.elements[0] / gathered }
  }
}
