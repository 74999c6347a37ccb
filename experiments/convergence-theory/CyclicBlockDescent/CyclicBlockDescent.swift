import Notebook
import Problems
import Tensors
import Transforms

/// Cyclic Block Coordinate Descent With Variance Reduction for Composite Nonconvex Optimization (Cai, Song, Wright and Diakonikolas, ICML
/// 2023).
///
/// **Shows**: cyclic block proximal descent has guarantees on non-convex composite problems, in terms of a smoothness that is measured in a
/// norm adapted to the blocks. Recursive variance reduction, the same samples for all blocks of a cycle, keeps them with far fewer gradients
/// of samples.
///
/// **Here**: the sigmoid loss with l1 on badly scaled, correlated features. Proximal gradient descent is the method with one block; PAGE is
/// the variance-reduced one with one block. Random order draws as many blocks a cycle as there are, with replacement. Steps of the
/// variance-reduced methods are 1/(2 L_j), ours. A pass is n component gradients. The PL problem is consistent least squares of half
/// rank. The two-layer network is left out: its blocks have no L_j.
package enum CyclicBlockDescent: Experiment {
  package static let paper = Paper(
    slug: "cyclic-block-vr",
    title: "Cyclic Block Coordinate Descent With Variance Reduction for Composite Nonconvex Optimization",
    authors: ["Xufeng Cai", "Chaobing Song", "Stephen J. Wright", "Jelena Diakonikolas"], year: 2022, arxiv: "2212.05088",
    shows: """
      Cyclic block proximal descent converges on non-convex composite problems at a rate governed by block-adapted smoothness, and a \
      recursive variance-reduced version does so with far fewer sample gradients.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("samples n") package var samples = 1000
    @Setting("dimension d") package var dimension = 100
    @Setting("blocks m, contiguous") package var blocks = 10
    @Setting("scale of the correlations between features") package var correlation = 0.3
    @Setting("share of the true weights that are not zero") package var density = 0.3
    @Setting("standard deviation of the noise of the scores") package var noise = 0.1
    @Setting("factor of ||x||_1") package var l1 = 1e-3
    @Setting("cycles of the deterministic methods") package var cycles = 400
    @Setting("samples of a recursive step") package var batch = 64
    @Setting("passes of the variance-reduced methods") package var passes = 50.0
    @Setting("rank of the design of the PL problem") package var rank = 50
    @Setting("cycles on the PL problem") package var linearCycles = 200
    @Setting("independent problems") package var seeds = 3
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.samples = 100
      settings.dimension = 20
      settings.blocks = 4
      settings.cycles = 100
      settings.batch = 16
      settings.rank = 10
      settings.linearCycles = 100
      settings.seeds = 1
    case .quick: break
    case .full:
      settings.dimension = 2000
      settings.rank = 500
      settings.linearCycles = 400
    }
    return settings
  }

  static let deterministic = ["cyclic", "random", "gradient"]
  static let reduced = ["reduced-cyclic", "page"]

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let keys = notebook.key("problems").split(settings.seeds)
    let models = keys.map { sigmoidModel(settings, key: $0) }
    let problems = { (count: Int) in models.map { CompositeBlocks($0, l1: settings.l1, count: count) } }
    let (blocks, whole) = (problems(settings.blocks), problems(1))
    try recordConstants(blocks, settings, notebook)

    let orders = Array(0..<settings.blocks)
    try descend("cyclic", blocks, settings, notebook) { steps, state, _ in steps.cycle(&state, over: orders) }
    try descend("random", blocks, settings, notebook) { steps, state, key in
      let drawn = Tensor<Int32>.integers([orders.count], in: 0..<Int32(orders.count), key: key)
      steps.cycle(&state, over: drawn.scalars.map(Int.init))
    }
    try descend("gradient", whole, settings, notebook) { steps, state, _ in steps.cycle(&state, over: [0]) }
    for (name, problems) in zip(reduced, [blocks, whole]) { try descendReduced(name, problems, settings, notebook) }
    try runLinear(settings, notebook)
  }

  /// Rows N(0, 1) mixed by 0.3 N(0, 1)/sqrt(d) + diag(exp(N(0, 1))), over sqrt(d); labels are signs of noisy scores.
  private static func sigmoidModel(_ settings: Settings, key: Key) -> LinearModel<Double> {
    let d = settings.dimension
    let root = Double(d).squareRoot()
    let mixing =
      (settings.correlation / root) * Tensor<Double>.normal([d, d], key: key.named("mixing"))
      + Tensor.identity(d) * Tensor<Double>.normal([d], key: key.named("scales")).exp()
    let design = matmul(.normal([settings.samples, d], key: key.named("rows")), mixing) / root
    let weights =
      Tensor<Double>.bernoulli([d], probability: settings.density, key: key.named("support"))
      * Tensor.normal([d], key: key.named("weights"))
    let errors = settings.noise * Tensor<Double>.normal([settings.samples], key: key.named("noise"))
    return LinearModel(.sigmoid, design: design, targets: (matmul(design, weights) + errors).sign())
  }

  private static func seedDimension(_ settings: Settings) -> Dimension {
    Dimension("seed", count: settings.seeds, "problem")
  }

  /// Smoothness by the norm of the whole space, and by that of the blocks, cyclic or at once.
  private static func recordConstants(_ problems: [CompositeBlocks], _ settings: Settings, _ notebook: Recorder) throws {
    let seeds = [seedDimension(settings)]
    try notebook.tensor("smoothness", Tensor(problems.map(\.model.smoothness)), "L", along: seeds)
    try notebook.tensor("cyclic_smoothness", Tensor(problems.map(\.cyclicSmoothness)), "Lhat, in units of the L_j", along: seeds)
    try notebook.tensor(
      "block_smoothness", Tensor(problems.map { Tensor($0.blockSmoothness).mean().scalar }), "mean L_j", along: seeds)
  }

  private struct Traces {
    let objective: Trace
    let mapping: Trace
    let passes: Trace

    init(_ name: String, _ settings: Settings, _ notebook: Recorder) throws {
      let seeds = [seedDimension(settings)]
      objective = try notebook.trace("\(name)/objective", "F(x)", along: seeds)
      mapping = try notebook.trace("\(name)/mapping", "norm of the gradient mapping", along: seeds)
      passes = try notebook.trace("\(name)/passes", "component gradients over n", along: seeds)
    }

    func record(_ states: [BlockDescentState], _ problems: [CompositeBlocks], _ measurement: Measurement) {
      let pairs = Array(zip(states, problems))
      measurement(objective, pairs.map { $1.value(at: $0.point, scores: $0.scores).scalar })
      measurement(mapping, pairs.map { $1.gradientMapping(at: $0.point, scores: $0.scores).scalar })
      measurement(passes, states.map(\.passes))
    }
  }

  private static func descend(
    _ name: String, _ problems: [CompositeBlocks], _ settings: Settings, _ notebook: Recorder,
    cycle: (BlockSteps, inout BlockDescentState, Key) -> Void
  ) throws {
    let traces = try Traces(name, settings, notebook)
    let steps = problems.map { BlockSteps($0) }
    let key = notebook.key(name)
    var states = problems.map { BlockDescentState($0) }
    try notebook.steps(name, settings.cycles, state: &states, cadence: .every(1)) { t, states in
      for seed in states.indices { cycle(steps[seed], &states[seed], key[seed][t]) }
    } measure: { states, record in
      traces.record(states, problems, record)
    }
  }

  /// With probability p = b / (n + b), and at first, a cycle of exact gradients; else a recursive one. One coin and one sample for all blocks.
  private static func descendReduced(
    _ name: String, _ problems: [CompositeBlocks], _ settings: Settings, _ notebook: Recorder
  ) throws {
    let traces = try Traces(name, settings, notebook)
    let steps = problems.map { BlockSteps($0, shortening: 2) }
    let probability = Double(settings.batch) / Double(settings.samples + settings.batch)
    let key = notebook.key(name)
    var states = problems.map { BlockDescentState($0) }
    // A cycle costs at least 2b gradients.
    let most = Int(settings.passes * Double(settings.samples) / Double(2 * settings.batch)) + 1
    try notebook.steps(name, most, state: &states, cadence: .every(1), until: { $0.allSatisfy { $0.passes >= settings.passes } })
    {
      t, states in
      for seed in states.indices where states[seed].passes < settings.passes {
        let draws = key[seed][t]
        if t == 0 || Tensor<Double>.uniform([1], key: draws.named("coin"))[0] < probability {
          steps[seed].cycle(&states[seed], over: Array(problems[seed].blocks.indices))
        } else {
          let sample = Tensor<Int32>.integers([settings.batch], in: 0..<Int32(settings.samples), key: draws.named("sample"))
          steps[seed].recursiveCycle(&states[seed], sample: sample)
        }
      }
    } measure: { states, record in
      traces.record(states, problems, record)
    }
  }

  /// Consistent least squares of low rank: not strongly convex, but Polyak-Lojasiewicz; f* = 0.
  private static func runLinear(_ settings: Settings, _ notebook: Recorder) throws {
    let gap = try notebook.trace("linear/gap", "f(x) - f* over its first value", along: [seedDimension(settings)])
    let problems = notebook.key("linear").split(settings.seeds).map { key in
      let design =
        matmul(
          Tensor<Double>.normal([settings.samples, settings.rank], key: key.named("left")),
          .normal([settings.rank, settings.dimension], key: key.named("right"))) / Double(settings.dimension).squareRoot()
      let targets = matmul(design, .normal([settings.dimension], key: key.named("weights")))
      return CompositeBlocks(LinearModel(.squared, design: design, targets: targets), l1: 0, count: settings.blocks)
    }
    let steps = problems.map { BlockSteps($0) }
    let orders = Array(0..<settings.blocks)
    var states = problems.map { BlockDescentState($0) }
    try notebook.steps("linear", settings.linearCycles, state: &states, cadence: .every(1)) { _, states in
      for seed in states.indices { steps[seed].cycle(&states[seed], over: orders) }
    } measure: { states, record in
      record(
        gap,
        zip(states, problems).map { state, problem in
          let first = problem.model.value(at: .zeros(problem.model.dimension)).scalar
          return problem.model.value(ofScores: state.scores, at: state.point).scalar / first
        })
    }
  }
}
