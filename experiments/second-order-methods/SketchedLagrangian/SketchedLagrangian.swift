import Notebook
import Problems
import Solvers
import Tensors

/// Constrained Optimization via Exact Augmented Lagrangian and Randomized Iterative Sketching (Hong, Na, Mahoney and Kolar, ICML 2023).
///
/// **Shows**: equality-constrained non-convex problems can be solved by a Newton method whose KKT systems are solved roughly, by random
/// sketch-and-project iterations. An exact augmented Lagrangian with adaptive penalties makes every such direction usable; near the
/// solution unit steps are taken, and convergence is linear, or superlinear when the accuracy is tightened.
///
/// **Here**: (1) logistic regression of random labels on the unit sphere under random linear equations; (2) the least eigenvector; (3)
/// control of a semilinear equation (whose condition number is too much for sketches without preconditioning). Linear solvers: exact, Gaussian blocks, randomized Kaczmarz (to a larger tolerance) and a truncated
/// minimal-residual method; beside them in (1) the method of multipliers with L-BFGS. Solver seeds draw the sketches; the data are the
/// same for all. The paper's CUTEst set is left out but for four small problems that the library's tests solve, as is 2-D control.
package enum SketchedLagrangian: Experiment {
  package static let paper = Paper(
    slug: "sketched-augmented-lagrangian",
    title: "Constrained Optimization via Exact Augmented Lagrangian and Randomized Iterative Sketching",
    authors: ["Ilgee Hong", "Sen Na", "Michael W. Mahoney", "Mladen Kolar"], year: 2023, arxiv: "2305.18379",
    shows: """
      Equality-constrained problems can be solved by a Newton method whose systems are solved roughly by random sketches: an exact
      augmented Lagrangian with adaptive penalties makes every direction usable, with unit steps near the solution.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("constrained logistic regression, experiment (1)") package var regression = Regression()
    @Setting("dimension of the eigenvector problem, eigenvalues equally spaced from 1 to 3, experiment (2)")
    package var eigenvector = 20
    @Setting("grid points of the control problem, experiment (3)") package var control = 40
    @Setting("least curvature along the constraints there: the weight of the control alone makes it 2e-3, which needs no shift")
    package var controlCurvature = 1e-4
    @Setting("theta, the relative residual of the linear systems") package var tolerance = 0.1
    @Setting("what theta is multiplied by after each step where it is tightened") package var tightening = 0.3
    @Setting("columns of a Gaussian sketch") package var columns = 12
    @Setting("iterations of a linear solver at most, in a step") package var inner = 300_000
    @Setting("outer steps at most") package var steps = 60
    @Setting("solver seeds") package var seeds = 5
    package init() {}
  }

  package struct Regression: Codable, Sendable {
    @Setting("dimension n") package var dimension = 30
    @Setting("samples") package var samples = 200
    @Setting("random linear equations") package var equations = 5
    @Setting("norm of the KKT residual at which a run ends") package var residual = 1e-10
    @Setting("the same for randomized Kaczmarz") package var kaczmarzResidual = 1e-6
    @Setting("penalty of the method of multipliers") package var penalty = 10.0
    @Setting("steps of the method of multipliers") package var multiplierSteps = 20
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.regression.dimension = 8
      settings.regression.samples = 40
      settings.regression.equations = 2
      settings.eigenvector = 6
      settings.control = 6
      settings.columns = 4
      settings.inner = 2000
      settings.seeds = 1
    case .quick: break
    case .full:
      settings.regression.dimension = 60
      settings.regression.samples = 1000
      settings.regression.equations = 10
      settings.regression.kaczmarzResidual = 1e-10
      settings.eigenvector = 40
      settings.seeds = 20
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let regression = settings.regression
    let problem = constrainedRegression(regression, key: notebook.key("regression"))
    let block = AugmentedLagrangianNewton.LinearSolver.sketched(.gaussian(columns: settings.columns))
    try solve(
      "regression", problem,
      [
        method("exact", .exact, settings, regression.residual), method("block", block, settings, regression.residual),
        method("block, tightened", block, settings, regression.residual, tightening: settings.tightening),
        method("Kaczmarz", .sketched(.row), settings, regression.kaczmarzResidual),
        method("MINRES", .minimalResidual, settings, regression.residual),
      ], settings, notebook)
    try multiply(problem, regression, notebook)
    let sphere = eigenvectorProblem(settings.eigenvector, key: notebook.key("eigenvector"))
    let runs = try solve(
      "eigenvector", sphere,
      [
        method("exact", .exact, settings, regression.residual), method("block", block, settings, regression.residual),
      ], settings, notebook)
    try recordEigenvectors(runs, sphere, settings, notebook)
    try solve(
      "control", EllipticControl(points: settings.control),
      [
        method("exact", .exact, settings, 1e-8, leastCurvature: settings.controlCurvature),
        method("MINRES", .minimalResidual, settings, 1e-8, leastCurvature: settings.controlCurvature),
      ], settings, notebook)
  }

  /// All methods from the problem's start, for each seed, each until its residual is small: [method, seed].
  @discardableResult
  private static func solve(
    _ name: String, _ problem: some EqualityConstrained, _ methods: [Method], _ settings: Settings, _ notebook: Recorder
  ) throws -> [[AugmentedLagrangianNewton.State]] {
    let system = LagrangianSystem(problem)
    let dimensions = [
      Dimension("method", methods.map(\.name), "linear solver and schedule"),
      Dimension("seed", count: settings.seeds, "seed of the sketches"),
    ]
    let quantities: [(name: String, about: String, value: (AugmentedLagrangianNewton.State) -> Double)] = [
      ("residual", "norm of the KKT residual", { $0.residualNorm }),
      ("steps", "steps taken", { Double($0.iterations) }),
      ("step size", "alpha of the last step", { $0.iterations == 0 ? 0 : $0.stepSize }),
      ("inner", "iterations of the linear solver in the last step", { Double($0.innerIterations) }),
      ("allowed", "theta of the last step", { $0.iterations == 0 ? 0 : $0.allowedResidual }),
      ("linear residual", "|K d + R| / |R| of the last step", { $0.iterations == 0 ? 0 : $0.linearResidual }),
      ("descent", "-<grad L_eta, d> / ((eta2 / 2) |R|^2) of the last step", { $0.iterations == 0 ? 1 : $0.descent }),
      ("merit", "augmented Lagrangian, penalties of the last step", { $0.merit }),
      ("objective", "f", { system.objective($0.point.slice(0..<problem.dimension)).scalar }),
      ("infeasibility", "|c|", { system.constraints($0.point.slice(0..<problem.dimension)).norm().scalar }),
      ("penalty", "eta1", { $0.penalties[0] }),
    ]
    let traces = try quantities.map { try notebook.trace("\(name)/\($0.name)", $0.about, along: dimensions) }
    let keys = notebook.key("\(name) sketches").split(settings.seeds)
    var runs = methods.map { method in keys.map { _ in method.rule.start(at: problem.start, on: system) } }
    let isOver = { (method: Method, run: AugmentedLagrangianNewton.State) in run.residualNorm <= method.residual || run.isStuck }
    try notebook.steps(name, settings.steps, state: &runs, cadence: .every(1)) { runs in
      zip(methods, runs).allSatisfy { method, runs in runs.allSatisfy { isOver(method, $0) } }
    } update: { k, runs in
      for (i, method) in methods.enumerated() {
        for (j, key) in keys.enumerated() where !isOver(method, runs[i][j]) {
          try method.rule.step(&runs[i][j], on: system, key: key[k])
        }
      }
    } measure: { runs, record in
      for (trace, quantity) in zip(traces, quantities) { record(trace, runs.joined().map(quantity.value)) }
    }
    return runs
  }
}
