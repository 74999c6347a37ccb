import Notebook
import Optimizers
import Solvers
import Tensors
import Transforms
import Transport

/// Sparsity-Constrained Optimal Transport (Liu, Puigcerver and Blondel, ICLR 2023).
///
/// **Shows**: plans with at most k entries in each column can be computed although the constraint is not convex, since the semi-dual only
/// involves the k largest entries and a projection on the simplex. k leads from plain transport (k = 1) to quadratic regularization (k = m);
/// a larger k makes a smoother dual, which is easier to maximize.
///
/// **Here**: planar Gaussians and a routing of tokens to experts, the semi-dual maximized by L-BFGS and, for the count of iterations, by
/// Adam; the better of the two values counts as the maximum. Baselines are the exact plan and Sinkhorn's. Quadratic transport is k = m,
/// where the duality gap proves it. The routing's gamma and Sinkhorn's regularization are
/// ours.
package enum SparsityConstrained: Experiment {
  package static let paper = Paper(
    slug: "sparsity-constrained-ot", title: "Sparsity-Constrained Optimal Transport",
    authors: ["Tianlin Liu", "Joan Puigcerver", "Mathieu Blondel"], year: 2022, arxiv: "2209.15466",
    shows: """
      Transport plans with at most k entries in each column, by a semi-dual that needs the k largest entries and a projection on the
      simplex. k leads from plain transport to its quadratic regularization; a larger k makes the dual smoother.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("source points m") package var sources = 40
    @Setting("target points n") package var targets = 20
    @Setting("regularizations gamma") package var gammas = [1.0, 10]
    @Setting("entries k allowed in a column; the last is m, no constraint") package var cardinalities = [1, 2, 3, 4, 8, 40]
    @Setting("L-BFGS iterations") package var iterations = 1000
    @Setting("Adam iterations") package var adamIterations = 1000
    @Setting("learning rate of Adam") package var adamRate = 0.05
    @Setting("regularization of Sinkhorn's plan over the largest cost") package var entropy = 0.1
    @Setting("routing of tokens to experts") package var routing = Routing()
    package init() {}
  }

  package struct Routing: Codable, Sendable {
    @Setting("tokens m") package var tokens = 64
    @Setting("experts n") package var experts = 8
    @Setting("tokens k that an expert may take") package var cardinalities = Array(8...16)
    @Setting("regularization gamma") package var gamma = 10.0
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.iterations = 50
      settings.adamIterations = 50
      settings.routing.cardinalities = [8, 16]
    case .quick: break
    case .full:
      settings.sources = 200
      settings.targets = 200
      settings.cardinalities = [1, 2, 3, 4, 8, 20, 50, 200]
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let x = Tensor<Double>.normal([settings.sources, 2], key: notebook.key("sources"))
    let y = Tensor<Double>.normal([settings.targets, 2], key: notebook.key("targets")) + 1
    let cost = squaredDistances(x, y)
    let duals = settings.gammas.flatMap { gamma in
      settings.cardinalities.map { semiDual(cost, gamma: gamma, cardinality: $0) }
    }
    try recordBaselines(duals[0], settings, notebook)
    let values = try ascend(duals, settings, notebook)
    try maximize(
      duals, "planar", atLeast: values, settings,
      [
        Dimension("gamma", settings.gammas, "regularization gamma"),
        Dimension("cardinality", settings.cardinalities, "entries k allowed in a column"),
      ], notebook)

    let routing = settings.routing
    let scores = Tensor<Double>.normal([routing.tokens, routing.experts], key: notebook.key("scores"))
    let routes = routing.cardinalities.map { semiDual(-scores, gamma: routing.gamma, cardinality: $0) }
    try maximize(
      routes, "routing", atLeast: routes.map { _ in -.infinity }, settings,
      [Dimension("cardinality", routing.cardinalities, "tokens k that an expert may take")], notebook)
  }

  private static func semiDual(_ cost: Tensor<Double>, gamma: Double, cardinality: Int) -> SemiDual {
    let (m, n) = (cost.shape[0], cost.shape[1])
    return SemiDual(
      cost: cost, a: .full([m], 1 / Double(m)), b: .full([n], 1 / Double(n)), gamma: gamma, cardinality: cardinality)
  }

  private static func recordBaselines(_ dual: SemiDual, _ settings: Settings, _ notebook: Recorder) throws {
    let exact = exactTransport(cost: dual.cost, a: dual.a, b: dual.b)
    let entropic = sinkhorn(
      TransportProblem(cost: dual.cost, a: dual.a, b: dual.b, regularization: settings.entropy * dual.cost.max().scalar),
      tolerance: 1e-12, maximumSweeps: 10_000)
    try notebook.scalar("baselines/exact_cost", exact.cost, "cost of the exact plan")
    try notebook.tensor(
      "baselines/plan", .stack([exact.plan, entropic.plan]), "plan without and with entropy",
      along: [
        Dimension("method", ["exact", "sinkhorn"], "solver"), Dimension("source", count: settings.sources, "source point"),
        Dimension("target", count: settings.targets, "target point"),
      ])
  }

  /// Adam on all semi-duals at once, for the largest value that each reached.
  private static func ascend(_ duals: [SemiDual], _ settings: Settings, _ notebook: Recorder) throws -> [Double] {
    struct State: TensorTree, Codable {
      /// [dual, m]
      var alpha: Tensor<Double>
      var moments: Moments<Double>
      /// S of each dual at alpha, and the largest so far.
      var values: Tensor<Double>
      var best: Tensor<Double>
    }
    let trace = try notebook.trace(
      "adam/value", "S(alpha)",
      along: [
        Dimension("gamma", settings.gammas, "regularization gamma"),
        Dimension("cardinality", settings.cardinalities, "entries k allowed in a column"),
      ])
    let values = { (alpha: Tensor<Double>) in Tensor.stack(duals.enumerated().map { $1.value(alpha.row($0)) }) }
    let rule = Adam<Double>(learningRate: settings.adamRate)
    let step = compile { (state: State) in
      var next = state
      // The moments of one dual know nothing of the others.
      next.alpha = rule.updated(state.alpha, gradient: grad { -values($0).sum() }(state.alpha), &next.moments)
      next.values = values(next.alpha)
      next.best = maximum(state.best, next.values)
      return next
    }
    let zero = Tensor<Double>.zeros(duals.count, settings.sources)
    var state = State(alpha: zero, moments: rule.initialState(for: zero), values: values(zero), best: values(zero))
    try notebook.steps("adam", settings.adamIterations, state: &state, cadence: .every(1)) { _, state in
      state = step(state)
    } measure: { state, record in
      record(trace, state.values.scalars)
    }
    return state.best.scalars
  }

  /// L-BFGS on each semi-dual from alpha = 0; the plan where it ended.
  private static func maximize(
    _ duals: [SemiDual], _ name: String, atLeast values: [Double], _ settings: Settings, _ dimensions: [Dimension],
    _ notebook: Recorder
  ) throws {
    struct Solution: Codable {
      var alpha: Tensor<Double>
      var value: Double
      var iterations: Int
    }
    var solutions: [Solution] = []
    try notebook.steps(name, duals.count, state: &solutions, cadence: .every(1)) { i, solutions in
      let dual = duals[i]
      let result = minimizeLBFGS(
        { (alpha: Tensor<Double>) in -dual.value(alpha) }, from: .zeros(dual.a.shape), tolerance: 1e-12,
        maximumIterations: settings.iterations)
      solutions.append(
        Solution(alpha: result.point, value: -result.values[result.iterations], iterations: result.iterations))
    }
    let plans = zip(duals, solutions).map { $0.plan($1.alpha) }
    let shape = dimensions.map(\.count)
    let record = { (path: String, values: [Double], longName: String) in
      try notebook.tensor("\(name)/\(path)", Tensor(values).reshaped(shape), longName, along: dimensions)
    }
    try record("maximum", zip(solutions, values).map { max($0.value, $1) }, "largest S found")
    try record("iterations", solutions.map { Double($0.iterations) }, "L-BFGS iterations")
    try record("primal", zip(duals, plans).map { $0.primal($1).scalar }, "<T, C> + (gamma/2) |T|²")
    try record("row_error", zip(duals, plans).map { ($1.sum(1) - $0.a).abs().sum().scalar }, "|T 1 - a|_1")
    try notebook.tensor(
      "\(name)/plan", Tensor.stack(plans).reshaped(shape + plans[0].shape), "plan T",
      along: dimensions + [
        Dimension("source", count: plans[0].shape[0], "source point"),
        Dimension("target", count: plans[0].shape[1], "target point"),
      ])
  }
}
