import Notebook
import Optimizers
import Problems
import Tensors
import Transforms

/// Gradient-Normalized Smoothness for Optimization with Approximate Hessians (Semenov, Jaggi and Doikov, ICLR 2026).
///
/// **Shows**: a regularized Newton step whose regularizer is the gradient norm over an adaptively found radius works globally with exact
/// or crude Hessians (Gauss-Newton, Fisher, even zero) without knowing the problem's smoothness class. How fast it is depends on how well
/// the Hessian describes the change of the gradient.
///
/// **Here**: (1) log-sum-exp with rows recentred so that 0 is its minimum; (2) chained Rosenbrock residuals; (3) logistic regression with
/// flipped labels, no ridge. Beside the method with every Hessian: super-universal Newton with the exact one, and gradient descent with
/// backtracking. Runs differ in their number of attempts, so they advance one after the other. The paper's Chebyshev systems and LIBSVM
/// files are left out.
package enum GradientNormalized: Experiment {
  package static let paper = Paper(
    slug: "gradient-normalized-smoothness", title: "Gradient-Normalized Smoothness for Optimization with Approximate Hessians",
    authors: ["Andrei Semenov", "Martin Jaggi", "Nikita Doikov"], year: 2025, arxiv: "2506.13710",
    shows: """
      A regularized Newton step whose regularizer is the gradient norm over an adaptively found radius works globally with exact or
      crude Hessians, and is as fast as the Hessian is good.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("log-sum-exp, experiment (1)") package var logSumExp = Smoothed()
    @Setting("Rosenbrock residuals, experiment (2)") package var rosenbrock = Rosenbrock()
    @Setting("logistic regression, experiment (3)") package var logistic = Logistic()
    @Setting("random problems or starts") package var seeds = 3
    @Setting("random points at which Hessians are compared") package var points = 20
    package init() {}
  }

  package struct Smoothed: Codable, Sendable {
    @Setting("affine functions n") package var count = 300
    @Setting("dimension d") package var dimension = 30
    @Setting("temperatures mu") package var temperatures = [1, 0.1]
    @Setting("iterations at most") package var iterations = 600
    @Setting("gradient norm at which a run ends") package var tolerance = 1e-7
    @Setting("whether steps are measured in the metric A^T A instead of the identity") package var hasDataMetric = false
    package init() {}
  }

  package struct Rosenbrock: Codable, Sendable {
    @Setting("dimension d") package var dimension = 8
    @Setting("standard deviation of the start") package var scale = 0.5
    @Setting("iterations at most") package var iterations = 2000
    @Setting("gradient norm at which a run ends") package var tolerance = 1e-10
    package init() {}
  }

  package struct Logistic: Codable, Sendable {
    @Setting("samples n") package var count = 300
    @Setting("dimension d") package var dimension = 30
    @Setting("share of flipped labels") package var noise = 0.1
    @Setting("iterations at most") package var iterations = 600
    @Setting("gradient norm at which a run ends") package var tolerance = 1e-7
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.logSumExp.count = 50
      settings.logSumExp.dimension = 6
      settings.logSumExp.iterations = 40
      settings.rosenbrock.iterations = 40
      settings.logistic.count = 60
      settings.logistic.dimension = 5
      settings.logistic.iterations = 40
      settings.seeds = 2
    case .quick: break
    case .full:
      settings.logSumExp.count = 2000
      settings.logSumExp.dimension = 200
      settings.logSumExp.temperatures = [1, 0.1, 0.02]
      settings.logSumExp.hasDataMetric = true
      settings.logistic.count = 5000
      settings.logistic.dimension = 200
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let keys = (0..<settings.seeds).map { notebook.key("seed \($0)") }
    try smooth(settings, keys, notebook)
    let rosenbrock = settings.rosenbrock
    let residuals = ResidualSum<Double>.chainedRosenbrock(dimension: rosenbrock.dimension)
    let starts = keys.map { rosenbrock.scale * Tensor<Double>.normal([rosenbrock.dimension], key: $0.named("rosenbrock")) }
    try minimize(
      "rosenbrock",
      starts.map { start in
        Contest(
          residuals, start: start, minimum: 0,
          methods: [.init("Gauss-Newton", hessian: residuals.gaussNewton), .init("zero", hessian: nil)])
      }, settings.rosenbrock.iterations, settings.rosenbrock.tolerance, notebook)
    let logistic = settings.logistic
    try minimize(
      "logistic", keys.map { noisyRegression(logistic, key: $0.named("logistic")) }, logistic.iterations, logistic.tolerance,
      notebook)
  }

  /// (1)
  private static func smooth(_ settings: Settings, _ keys: [Key], _ notebook: Recorder) throws {
    let smoothed = settings.logSumExp
    var differences: [Double] = []
    for temperature in smoothed.temperatures {
      let functions = keys.map { key in
        LogSumExp<Double>(
          design: .normal([smoothed.count, smoothed.dimension], key: key.named("A")),
          offsets: .normal([smoothed.count], key: key.named("b")), temperature: temperature
        ).centered()
      }
      let contests = functions.map { f in
        let metric = smoothed.hasDataMetric ? matmul(f.design, f.design, transposeA: true) : nil
        return Contest(
          f, start: .ones(smoothed.dimension), minimum: f.value(at: .zeros(smoothed.dimension)).scalar, metric: metric,
          methods: [
            .init("exact", hessian: f.hessian), .init("Gauss-Newton", hessian: f.gaussNewton), .init("zero", hessian: nil),
            .init("super-universal", .superUniversal(metric: metric), hessian: f.hessian),
            .init("descent", .backtracking(metric: metric), hessian: nil),
          ])
      }
      try minimize("logsumexp\(temperature.brief)", contests, smoothed.iterations, smoothed.tolerance, notebook)
      differences.append(largestDifference(functions[0], points: settings.points, key: notebook.key("points")))
    }
    try notebook.tensor(
      "relation", Tensor(differences), "largest entry of H_GN - H - grad grad^T / mu, H by differentiation",
      along: [Dimension("temperature", smoothed.temperatures, "mu")])
  }

  /// All methods on all problems of a kind, each until its gradient is small.
  private static func minimize(
    _ name: String, _ contests: [Contest], _ iterations: Int, _ tolerance: Double, _ notebook: Recorder
  ) throws {
    let dimensions = [
      Dimension("seed", count: contests.count, "random problem or start"),
      Dimension("method", contests[0].methods.map(\.name), "Hessian, or other method"),
    ]
    let trace = { (path: String, longName: String) in try notebook.trace("\(name)/\(path)", longName, along: dimensions) }
    let gap = try trace("gap", "f - f*")
    let norm = try trace("gradient", "dual norm of the gradient")
    let radius = try trace("radius", "gamma = 1 / M, before the next step")
    let regularization = try trace("regularization", "lambda of the last step")
    let solves = try trace("solves", "linear systems solved")
    let count = try trace("iterations", "steps taken")
    var runs = contests.map { contest in contest.methods.map { $0.rule.start(at: contest.start, on: contest.objective($0)) } }
    let isOver = { (run: RegularizedNewton.State) in run.gradientNorm < tolerance || run.isStuck }
    try notebook.steps(name, iterations, state: &runs, cadence: .every(1)) {
      $0.allSatisfy { $0.allSatisfy(isOver) }
    } update: { _, runs in
      for (i, contest) in contests.enumerated() {
        for (j, method) in contest.methods.enumerated() where !isOver(runs[i][j]) {
          method.rule.step(&runs[i][j], on: contest.objective(method))
        }
      }
    } measure: { runs, record in
      let all = Array(runs.joined())
      record(gap, zip(contests, runs).flatMap { contest, runs in runs.map { $0.value - contest.minimum } })
      record(norm, all.map(\.gradientNorm))
      record(radius, all.map { 1 / $0.coefficient })
      // Before the first step there is none: 0.
      record(regularization, all.map { $0.regularization.isNaN ? 0 : $0.regularization })
      record(solves, all.map { Double($0.solves) })
      record(count, all.map { Double($0.iterations) })
    }
  }
}
