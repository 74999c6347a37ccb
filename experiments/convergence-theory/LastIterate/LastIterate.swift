import Notebook
import Optimizers
import Problems
import Tensors
import Transforms

/// Revisiting the Last-Iterate Convergence of Stochastic Gradient Methods (Liu and Zhou, ICLR 2024).
///
/// **Shows**: the last iterate of stochastic composite mirror descent converges as fast as theory allows, without a bounded domain or bounded
/// noise, provided the steps are right. With constant or 1/sqrt(t) steps a log T is lost on hard instances; steps that decay linearly
/// over the horizon do not lose it.
///
/// **Here**: (1) the known hard instance, built anew for each horizon; (2) the noisy norm in 20 dimensions, with normal and with Student noise
/// of 1.8 degrees; (3) LASSO with proximal steps; (4) linear losses on the simplex, with Kullback-Leibler and with Euclidean steps; (5) a
/// strongly convex quadratic plus an l1 norm with eta_t = 2/(mu (t + 1)) and 1/(mu t). Repetitions and schedules are axes of one compiled step.
/// What the card leaves open (sizes of (3) to (5), their noise and eta) is in the settings.
package enum LastIterate: Experiment {
  package static let paper = Paper(
    slug: "last-iterate-sgd", title: "Revisiting the Last-Iterate Convergence of Stochastic Gradient Methods",
    authors: ["Zijian Liu", "Zhengyuan Zhou"], year: 2023, arxiv: "2312.08531",
    shows: """
      The last iterate of stochastic mirror descent converges at the optimal rate without bounded domains or bounded noise. Constant and
      1/sqrt(t) steps lose a logarithm on hard instances; linearly decaying steps do not.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("horizons T") package var horizons = [100, 400, 1600, 6400]
    @Setting("repetitions of the stochastic problems") package var repetitions = 40
    @Setting("eta of the hard instance") package var hardRate = 1.0
    @Setting("(2): |x| with noise") package var norm = Norm()
    @Setting("(3): LASSO") package var lasso = Lasso()
    @Setting("(4): linear losses on the simplex") package var simplex = Simplex()
    @Setting("(5): strongly convex quadratic + l1 norm") package var strong = Strong()
    package init() {}
  }

  package struct Norm: Codable, Sendable {
    @Setting("dimension d") package var dimension = 20
    @Setting("eta") package var rate = 0.5
    @Setting("standard deviation sigma: the noise is sigma N(0, I/d)") package var noise = 0.5
    @Setting("degrees of freedom of the heavy-tailed noise") package var degrees = 1.8
    package init() {}
  }

  package struct Lasso: Codable, Sendable {
    @Setting("dimension d") package var dimension = 50
    @Setting("rows of the design") package var rows = 100
    @Setting("nonzero entries of the truth") package var nonzero = 5
    @Setting("weight of the l1 norm") package var weight = 0.1
    @Setting("eta") package var rate = 0.5
    @Setting("standard deviation of the gradient noise") package var noise = 1.0
    package init() {}
  }

  package struct Simplex: Codable, Sendable {
    @Setting("dimension d") package var dimension = 50
    @Setting("eta of the Kullback-Leibler steps") package var entropicRate = 2.0
    @Setting("eta of the Euclidean steps") package var euclideanRate = 0.5
    @Setting("standard deviation of the gradient noise, over all entries") package var noise = 5.0
    package init() {}
  }

  package struct Strong: Codable, Sendable {
    @Setting("dimension d") package var dimension = 20
    @Setting("strong convexity mu") package var convexity = 1.0
    @Setting("weight of the l1 norm") package var weight = 0.1
    @Setting("standard deviation of the gradient noise") package var noise = 1.0
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.horizons = [25, 100]
      settings.repetitions = 4
    case .quick: break
    case .full:
      settings.horizons = [100, 400, 1600, 6400, 25_600, 100_000]
      settings.repetitions = 200
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    try solveHard(settings, notebook)
    let key = notebook.key("problems")
    let problems = [
      StochasticProblem.norm(settings.norm, .normal), .norm(settings.norm, .studentT(degrees: settings.norm.degrees)),
      .lasso(settings.lasso, key: key.named("lasso")), .simplex(settings.simplex, isEntropic: true, key: key.named("simplex")),
      .simplex(settings.simplex, isEntropic: false, key: key.named("simplex")),
      .strong(settings.strong, key: key.named("strong")),
    ]
    for problem in problems { try solve(problem, settings, notebook) }
  }

  /// (1): every horizon with constant and with linearly decaying steps.
  private static func solveHard(_ settings: Settings, _ notebook: Recorder) throws {
    let schedules = [StepSize.constant(settings.hardRate), .linear(settings.hardRate)]
    var values: [Double] = []
    for horizon in settings.horizons {
      for schedule in schedules {
        let instance = HardInstance(horizon: horizon)
        var run = HardRun(dimension: horizon)
        try notebook.steps("hard \(horizon) \(schedule.name)", horizon, state: &run, cadence: .every(horizon)) { t, run in
          run.step(instance, rate: schedule.rate(t + 1, of: horizon), isLast: t == horizon - 1)
        }
        values += [instance.value(run.last), instance.value(run.average(over: horizon))]
      }
    }
    try notebook.tensor(
      "hard/value", Tensor(shape: [settings.horizons.count, schedules.count, 2], values),
      "f at the iterate, whose least value is below 0",
      along: [
        Dimension("horizon", settings.horizons, "horizon T"), Dimension("schedule", schedules.map(\.name), "step sizes"),
        Dimension("iterate", ["last", "average"], "which iterate"),
      ])
  }

  /// (2) to (5): every horizon, all schedules and repetitions at once.
  private static func solve(_ problem: StochasticProblem, _ settings: Settings, _ notebook: Recorder) throws {
    struct State: TensorTree, Codable {
      var x: Tensor<Double>
      var sum: Tensor<Double>
      var last: Tensor<Double>
    }
    let count = settings.repetitions
    let shape = [problem.schedules.count, count, problem.start.count]
    let step = compile { (state: State, rates: Tensor<Double>, noise: Tensor<Double>) in
      State(
        x: problem.step(state.x, problem.noise.applied(noise, to: problem.gradient(state.x)), rates),
        sum: state.sum + state.x, last: state.x)
    }
    var gaps: [Double] = []
    for horizon in settings.horizons {
      let key = notebook.key(problem.name)[horizon]
      let start = problem.start.broadcast(to: shape)
      var state = State(x: start, sum: .zeros(shape), last: start)
      try notebook.steps("\(problem.name) \(horizon)", horizon, state: &state, cadence: .every(horizon)) { t, state in
        let rates = Tensor(problem.schedules.map { $0.rate(t + 1, of: horizon) }).reshaped(-1, 1, 1)
        // All schedules of a repetition see the same noise.
        state = step(state, rates, problem.noise.unit([count, problem.start.count], key: key[t]))
      }
      // The T-th iterate has seen T - 1 steps.
      gaps += [state.last, state.sum / Double(horizon)].flatMap { (problem.value($0) - problem.minimum).scalars }
    }
    try notebook.tensor(
      "\(problem.name)/gap", Tensor(shape: [settings.horizons.count, 2, problem.schedules.count, count], gaps), "F(x) - min F",
      along: [
        Dimension("horizon", settings.horizons, "horizon T"), Dimension("iterate", ["last", "average"], "which iterate"),
        Dimension("schedule", problem.schedules.map(\.name), "step sizes"),
        Dimension("repetition", count: count, "draw of the noise"),
      ])
  }
}
