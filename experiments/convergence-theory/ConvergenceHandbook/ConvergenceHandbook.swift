import Diagnostics
import Notebook
import Problems
import Tensors
import Transforms

/// Handbook of Convergence Theorems for (Stochastic) Gradient Methods (Garrigos and Gower, 2023).
///
/// **Shows**: every classical theorem on (stochastic) gradient methods as an executable inequality: the method is run on a problem whose
/// constants are known exactly, and the measured error is compared with the proven bound. Some bounds are tight, most are not.
///
/// **Here**: noisy least squares, a rank-deficient one, logistic regression with a ridge, LASSO, and the hinge loss on separable classes,
/// whose minimum is known. Expectations are means over repetitions, which are an axis of the state, with their standard errors. Averages
/// are of x_0, ..., x_(T-1). Step sizes are checked against their theorems before anything runs. Data files are left out.
package enum ConvergenceHandbook: Experiment {
  package static let paper = Paper(
    slug: "sgd-theorem-handbook", title: "Handbook of Convergence Theorems for (Stochastic) Gradient Methods",
    authors: ["Guillaume Garrigos", "Robert M. Gower"], year: 2023, arxiv: "2301.11235",
    shows: """
      Every classical theorem on (stochastic) gradient methods as an executable inequality: measured errors beside proven bounds, on \
      problems whose constants are known exactly.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("samples n") package var samples = 200
    @Setting("dimension d; the rank-deficient problem has d samples of dimension 2d") package var dimension = 20
    @Setting("least eigenvalue of the covariance of the rows, the largest being 1") package var leastEigenvalue = 0.1
    @Setting("standard deviation of the noise of the targets") package var noise = 0.5
    @Setting("factor of ||x||²/2 in logistic regression") package var ridge = 0.05
    @Setting("lambda of LASSO over the least one with solution 0") package var l1 = 0.1
    @Setting("distance of the classes from the separating plane, hinge loss") package var margin = 0.5
    @Setting("steps T of stochastic and subgradient methods") package var steps = 2000
    @Setting("steps T of gradient descent") package var descentSteps = 300
    @Setting("repetitions of stochastic methods") package var repetitions = 40
    @Setting("L_max gamma is one over these, for the noise floor") package var floorFractions = [2.0, 4, 8, 16]
    @Setting("steps from x* for the noise floor") package var floorSteps = 10_000
    @Setting("steps over which the two forms of momentum are compared") package var comparedSteps = 500
    @Setting("batches by which the variance of mini-batch gradients is measured") package var batches = 20_000
    @Setting("samples b of these") package var batchSize = 10
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.steps = 200
      settings.descentSteps = 50
      settings.repetitions = 10
      settings.floorSteps = 500
      settings.comparedSteps = 50
      settings.batches = 1000
    case .quick: break
    case .full:
      settings.steps = 20_000
      settings.descentSteps = 3000
      settings.repetitions = 400
      settings.floorSteps = 20_000
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let problems = HandbookProblems(settings, key: notebook.key("problems"))
    for theorem in HandbookTheorem.allCases {
      try run(theorem.makeCase(problems, settings), theorem.rawValue, notebook)
    }
    try measureFloor(problems.leastSquares, settings, notebook)
    try compareMomentum(problems.leastSquares, settings, notebook)
    try measureBatches(problems.leastSquares, settings, notebook)
  }

  private static func run(_ theorem: HandbookCase, _ name: String, _ notebook: Recorder) throws {
    let measured = try notebook.trace("\(name)/measured", "error, mean over repetitions")
    let spread = try notebook.trace("\(name)/standard_error", "standard error of the mean")
    let bound = try notebook.trace("\(name)/bound", "bound of the theorem")
    let step = compile(theorem.step)
    let error = compile(theorem.error)
    let key = notebook.key(name)
    var state = theorem.start
    try notebook.steps(name, theorem.steps, state: &state, cadence: .even(100, of: theorem.steps)) { t, run in
      run = step(run, Tensor(Double(t)), key[t])
    } measure: { run, record in
      let value = theorem.bound(record.step)
      // Most bounds say nothing before the first step.
      guard value.isFinite else { return }
      let errors = error(run, Tensor(Double(record.step))).scalars
      record(measured, mean(errors))
      // Without randomness there is one run.
      record(spread, errors.count == 1 ? 0 : standardError(errors))
      record(bound, value)
    }
  }

  /// E ||x - x*||² of SGD from x_0 = x*, which rises to its stationary value.
  private static func measureFloor(_ problem: HandbookProblem, _ settings: Settings, _ notebook: Recorder) throws {
    let rates = settings.floorFractions.map { 1 / ($0 * problem.model.largestSmoothness) }
    let distance = try notebook.trace(
      "floor/distance", "||x - x*||², mean over repetitions", along: [Dimension("gamma", rates, "step size")])
    let steps = rates.map { HandbookCase.descent(rate: $0, problem.minibatch(1)) }
    let step = compile { (runs: [HandbookRun], t: Tensor<Double>, key: Key) in zip(steps, runs).map { $0($1, t, key) } }
    let point = problem.minimum.point
    var state = rates.map { _ in HandbookRun(point, repetitions: settings.repetitions) }
    let key = notebook.key("floor")
    try notebook.steps("floor", settings.floorSteps, state: &state, cadence: .even(500, of: settings.floorSteps)) { t, state in
      state = step(state, Tensor(Double(t)), key[t])
    } measure: { state, record in
      record(distance, state.map { ($0.x - point).squaredNorm(1).mean().scalar })
    }
    try notebook.tensor(
      "floor_bounds", Tensor(rates.map { 2 * $0 * problem.noise / problem.model.strongConvexity }), "2 gamma sigma*² / mu",
      along: [Dimension("gamma", rates, "step size")])
  }

  /// Both forms of momentum on the same samples.
  private static func compareMomentum(_ problem: HandbookProblem, _ settings: Settings, _ notebook: Recorder) throws {
    let difference = try notebook.trace("forms/difference", "largest |x_t - x_t| of heavy ball and averaging")
    let eta = 1 / (4 * problem.model.largestSmoothness)
    let (ball, averaging) = (
      HandbookCase.heavyBall(eta: eta, problem.minibatch(1)), HandbookCase.averaging(eta: eta, problem.minibatch(1))
    )
    let step = compile { (runs: [HandbookRun], t: Tensor<Double>, key: Key) in
      [ball(runs[0], t, key), averaging(runs[1], t, key)]
    }
    // Both start with a memory of 0: m_(-1), and z_(-1) = x_0.
    let start = HandbookRun(.zeros(problem.model.dimension), repetitions: settings.repetitions)
    var state = [start, start]
    let key = notebook.key("forms")
    try notebook.steps("forms", settings.comparedSteps, state: &state, cadence: .every(1)) { t, state in
      state = step(state, Tensor(Double(t)), key[t])
    } measure: { state, record in
      record(difference, (state[0].x - state[1].x).abs().max().scalar)
    }
  }

  /// E ||g_B(x*)||² over batches without replacement, and over the batch of all samples.
  private static func measureBatches(_ problem: HandbookProblem, _ settings: Settings, _ notebook: Recorder) throws {
    let chunk = min(500, settings.batches)
    let points = HandbookRun(problem.minimum.point, repetitions: chunk).x
    for (name, batch, count) in [("minibatch", settings.batchSize, settings.batches), ("full_batch", problem.model.count, chunk)]
    {
      let gradient = problem.minibatch(batch)
      let sums = compile { (key: Key) in
        let squares = gradient(points, key).squaredNorm(1)
        return (squares.sum().reshaped(1), squares.square().sum().reshaped(1))
      }
      let key = notebook.key(name)
      var moments = VectorMoments(width: 1)
      try notebook.steps(name, count / chunk, state: &moments, cadence: .every(count)) { i, moments in
        let (sum, squares) = sums(key[i])
        moments.add(chunk, sum: sum, squares: squares)
      }
      try notebook.scalar("\(name)_variance", moments.mean[0], "E ||g_B(x*)||²")
      try notebook.scalar("\(name)_prediction", problem.noise(batch: batch), "sigma_b²")
    }
  }
}
