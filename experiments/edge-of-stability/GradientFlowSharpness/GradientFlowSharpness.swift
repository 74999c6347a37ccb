import Notebook
import Tensors
import Transforms

/// Gradient Descent Monotonically Decreases the Sharpness of Gradient Flow Solutions in Scalar Networks and Beyond (Kreisler, Nacson,
/// Soudry and Carmon, ICML 2023).
///
/// **Shows**: at the edge of stability loss and sharpness oscillate, yet the sharpness of the minimum that gradient *flow* would reach
/// from the current iterate (phi) never goes up under gradient descent, and ends just below 2/eta.
///
/// **Here**: scalar networks, where the end of the flow is the root of one equation, from the paper's far start (A) and from points 1 %
/// off a minimum with rates rho times its stability limit (B; two weights for contrast, C); and squared regression, whose flow is
/// integrated (D). The sizes of D are ours. The reference rate of (B) is that of the minimum the start was made from, so that phi eta / 2
/// begins above rho.
package enum GradientFlowSharpness: Experiment {
  package static let paper = Paper(
    slug: "gfs-sharpness",
    title:
      "Gradient Descent Monotonically Decreases the Sharpness of Gradient Flow Solutions in Scalar Networks and Beyond",
    authors: ["Itai Kreisler", "Mor Shpigel Nacson", "Daniel Soudry", "Yair Carmon"], year: 2023, arxiv: "2305.13064",
    shows: """
      Loss and sharpness oscillate at the edge of stability, but the sharpness of the minimum that gradient flow would reach from the \
      current iterate never goes up under gradient descent, which therefore ends just below 2/eta.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("A: one start far from the minima") package var far = Far()
    @Setting("B and C: starts beside a minimum, rates around its stability limit") package var near = Near()
    @Setting("D: squared regression") package var regression = Regression()
    package init() {}
  }

  package struct Far: Codable, Sendable {
    @Setting("weights at the start") package var start = [12.5, 0.05, 0.05, 0.05]
    @Setting("step sizes eta") package var rates = [0.2]
    @Setting("gradient steps") package var steps = 200_000
    @Setting("steps between records") package var interval = 200
    package init() {}
  }

  package struct Near: Codable, Sendable {
    @Setting("depths D; each start is the first D of the weights, but (3, 0.3) for D = 2") package var depths = [2, 4]
    @Setting("weights, projected on the minima along the flow") package var start = [2.5, 0.8, 0.7, 0.6, 0.6, 0.6]
    @Setting("weights for D = 2") package var shallowStart = [3, 0.3]
    @Setting("factor on the projected weights") package var push = 1.01
    @Setting("step sizes as multiples rho of 2 / phi") package var multiples = [1.02, 1.05, 1.1, 1.2, 1.4]
    @Setting("step size of the baseline, as a multiple of 1 / phi") package var baseline = 1.0
    @Setting("gradient steps") package var steps = 6000
    @Setting("depth whose run with the largest step goes on until it has converged") package var convergedDepth = 4
    @Setting("loss at which a run has converged") package var convergedLoss = 1e-20
    @Setting("most gradient steps of that") package var convergenceSteps = 50_000
    package init() {}
  }

  package struct Regression: Codable, Sendable {
    @Setting("samples N") package var samples = 5
    @Setting("dimension d") package var dimension = 20
    @Setting("scale of the normal start of u and v") package var scale = 0.5
    @Setting("step size as a multiple of 2 / phi of the start") package var multiple = 1.2
    @Setting("gradient steps") package var steps = 300
    @Setting("steps between evaluations of phi") package var interval = 5
    @Setting("loss at which the flow counts as ended") package var tolerance = 1e-14
    @Setting("most Runge-Kutta steps of the flow") package var flowSteps = 100_000
    @Setting("data sets") package var seeds = 1
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.far.steps = 2000
      settings.near.steps = 200
      settings.regression.steps = 40
      settings.regression.flowSteps = 2000
    case .quick: break
    case .full:
      settings.far.rates = [0.15, 0.2]
      settings.near.depths = [2, 3, 4, 5, 6]
      settings.regression.samples = 10
      settings.regression.dimension = 100
      settings.regression.seeds = 5
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let far = settings.far
    try descend(
      "far", starts: far.rates.map { _ in far.start }, rates: far.rates, steps: far.steps, interval: far.interval,
      along: Dimension("eta", far.rates, "step size eta"), notebook)
    for depth in settings.near.depths { try runNear(depth, settings.near, notebook) }
    try runToConvergence(settings.near, notebook)
    try runRegression(settings.regression, notebook)
  }

  /// Beside a minimum: the multiples rho, and as the last run the baseline, whose multiple is half a reciprocal.
  private static func runNear(_ depth: Int, _ near: Near, _ notebook: Recorder) throws {
    let (start, limit) = nearStart(depth, near)
    let rates = near.multiples.map { $0 * limit } + [near.baseline / ScalarNetwork.flowSharpness(start)]
    try descend(
      "near\(depth)", starts: rates.map { _ in start }, rates: rates, steps: near.steps, interval: 1,
      along: Dimension("run", near.multiples.map(label(ofMultiple:)) + [baseline], "step size"), notebook)
  }

  /// The start beside a minimum, and the largest stable step size 2 / phi there.
  private static func nearStart(_ depth: Int, _ near: Near) -> (start: [Double], limit: Double) {
    let minimum = ScalarNetwork.flowEnd(depth == 2 ? near.shallowStart : Array(near.start.prefix(depth)))
    return (minimum.map { near.push * $0 }, 2 / ScalarNetwork.flowSharpness(minimum))
  }

  /// The largest step from the start beside a minimum, until the loss is next to nothing: what is compared there is phi and the sharpness.
  private static func runToConvergence(_ near: Near, _ notebook: Recorder) throws {
    let (start, limit) = nearStart(near.convergedDepth, near)
    let rate = (near.multiples.max() ?? 1) * limit
    var w = start
    try notebook.steps(
      "to convergence", near.convergenceSteps, state: &w, cadence: .every(near.convergenceSteps),
      until: { ScalarNetwork.loss($0) < near.convergedLoss },
      update: { _, w in w = ScalarNetwork.stepped(w, rate: rate) })
    try notebook.scalar("converged/loss", ScalarNetwork.loss(w), "loss at the end")
    try notebook.scalar("converged/phi", ScalarNetwork.flowSharpness(w), "sharpness of the gradient flow's end")
    try notebook.scalar(
      "converged/sharpness", try eigh(ScalarNetwork.hessian(w)).values.max().scalar, "largest eigenvalue of the Hessian")
  }

  static let baseline = "baseline"
  static func label(ofMultiple rho: Double) -> String { "ρ = \(rho)" }

  /// Scalar networks side by side, one for each rate.
  private static func descend(
    _ name: String, starts: [[Double]], rates: [Double], steps: Int, interval: Int, along dimension: Dimension,
    _ notebook: Recorder
  ) throws {
    struct Runs: Codable {
      var weights: [[Double]]
      var losses: [Double]
      /// Steps in which the loss rose.
      var rises: [Int]
    }
    let loss = try notebook.trace("\(name)/loss", "loss", along: [dimension])
    let sharpness = try notebook.trace("\(name)/sharpness", "largest eigenvalue of the Hessian", along: [dimension])
    let flow = try notebook.trace("\(name)/phi", "sharpness of the gradient flow's end", along: [dimension])
    let places = Dimension("weight", Array(1...starts[0].count), "weight of the network")
    let weights = try notebook.trace("\(name)/weights", "weights w", along: [dimension, places])
    var runs = Runs(weights: starts, losses: starts.map(ScalarNetwork.loss), rises: rates.map { _ in 0 })
    try notebook.steps(name, steps, state: &runs, cadence: .every(interval)) { _, runs in
      for i in rates.indices {
        runs.weights[i] = ScalarNetwork.stepped(runs.weights[i], rate: rates[i])
        let next = ScalarNetwork.loss(runs.weights[i])
        if next > runs.losses[i] { runs.rises[i] += 1 }
        runs.losses[i] = next
      }
    } measure: { runs, record in
      let hessians = Tensor.stack(runs.weights.map(ScalarNetwork.hessian))
      record(loss, runs.losses)
      record(sharpness, try eigh(hessians).values.max(-1).scalars)
      record(flow, runs.weights.map(ScalarNetwork.flowSharpness))
      record(weights, runs.weights.flatMap { $0 })
    }
    try notebook.tensor("\(name)/rises", Tensor(runs.rises.map(Double.init)), "steps in which the loss rose", along: [dimension])
    try notebook.tensor("\(name)/rates", Tensor(rates), "step size eta", along: [dimension])
  }

  /// Gradient descent, then the flow from all its recorded iterates at once: they do not depend on it.
  private static func runRegression(_ settings: Regression, _ notebook: Recorder) throws {
    let (seeds, d) = (settings.seeds, settings.dimension)
    let key = notebook.key("regression")
    let problem = SquaredRegression(
      x: .normal([seeds, settings.samples, d], key: key.named("x")), y: .normal([seeds, settings.samples], key: key.named("y")))
    let start = SquaredRegression.Point(
      u: settings.scale * Tensor.normal([seeds, 1, d], key: key.named("u")),
      v: settings.scale * Tensor.normal([seeds, 1, d], key: key.named("v")))
    let flow = compile { problem.flowed($0, count: 10, tolerance: settings.tolerance) }
    func flowEnds(_ name: String, from point: SquaredRegression.Point) throws -> SquaredRegression.Point {
      var point = point
      try notebook.steps(
        name, settings.flowSteps / 10, state: &point, cadence: .every(settings.flowSteps),
        until: { problem.loss($0).max().scalar < settings.tolerance }, update: { _, point in point = flow(point) })
      return point
    }
    let first = problem.gaussNewtonSharpness(try flowEnds("flow of the start", from: start))
    let rates = (2 * settings.multiple / first).expandingDimensions(2)

    let dimension = Dimension("seed", count: seeds, "data set")
    let loss = try notebook.trace("regression/loss", "loss", along: [dimension])
    let sharpness = try notebook.trace("regression/sharpness", "largest eigenvalue of the Hessian", along: [dimension])
    let step = compile { problem.stepped($0, rate: rates) }
    var state = Descent(current: start, visited: [start])
    try notebook.steps("regression", settings.steps, state: &state, cadence: .every(settings.interval)) { t, state in
      state.current = step(state.current)
      if (t + 1) % settings.interval == 0 || t + 1 == settings.steps { state.visited.append(state.current) }
    } measure: { state, record in
      record(loss, problem.loss(state.current).scalars)
      record(sharpness, problem.sharpness(state.current).scalars)
    }
    let visited = state.visited
    let all = SquaredRegression.Point(
      u: .concatenate(visited.map(\.u), axis: 1), v: .concatenate(visited.map(\.v), axis: 1))
    let ends = try flowEnds("flow of all iterates", from: all)
    let places = Dimension(
      "iterate", visited.indices.map { min($0 * settings.interval, settings.steps) }, "gradient step of the iterate")
    try notebook.tensor(
      "regression/phi", problem.gaussNewtonSharpness(ends), "sharpness of the gradient flow's end", along: [dimension, places])
    try notebook.tensor("regression/flow_loss", problem.loss(ends), "loss at the flow's end", along: [dimension, places])
    try notebook.tensor("regression/rates", rates.flattened(), "step size eta", along: [dimension])
  }

  private struct Descent: Codable {
    var current: SquaredRegression.Point
    /// The iterates from which the flow is integrated.
    var visited: [SquaredRegression.Point]
  }
}
