import Notebook
import Tensors

/// How Over-Parameterization Slows Down Gradient Descent in Matrix Sensing: The Curses of Symmetry and Initialization
/// (Xiong, Ding and Du, ICLR 2024).
///
/// **Shows**: with the symmetric parametrization X X^T, more columns than the true rank turn gradient descent's linear rate into a
/// 1/T² tail of the loss. An asymmetric factorization F G^T from unequal scales is linear again, with a rate proportional to the
/// square of the initial scale; one rebalancing step makes the rate independent of it.
///
/// **Here**: the population loss (A*A = identity), where the spare directions obey s' = -2 s² exactly, for every claim; and Gaussian
/// measurements for the picture, three draws of them. The paper leaves the spectrum of M open: ours is 1, ..., 1, 0, ..., 0.
/// The rebalancing constant b is proportional to the square root of the smallest eigenvalue; the factor 0.7 is ours.
package enum SymmetryCurse: Experiment {
  package static let paper = Paper(
    slug: "symmetry-curse",
    title: "How Over-Parameterization Slows Down Gradient Descent in Matrix Sensing: The Curses of Symmetry and Initialization",
    authors: ["Nuoya Xiong", "Lijun Ding", "Simon S. Du"], year: 2023, arxiv: "2310.01769",
    shows: """
      Gradient descent on X X^T with more columns than the true rank converges like 1/T² instead of exponentially. Factors F G^T that
      start with unequal scales converge exponentially again, at a rate proportional to the squared scale of the start; one
      rebalancing step makes the rate independent of the start.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("step size eta") package var rate = 0.1
    @Setting("population loss") package var population = Population()
    @Setting("Gaussian measurements") package var measured = Measured()
    @Setting("rebalance once the loss |F G^T - M|_F² is below this") package var rebalanceBelow = 0.05
    @Setting("rebalancing constant b, proportional to the root of M's smallest nonzero eigenvalue") package var rebalanceTo = 0.7
    package init() {}
  }

  package struct Population: Codable, Sendable {
    @Setting("side n of the target") package var side = 30
    @Setting("rank r of the target") package var rank = 3
    @Setting("columns k of the symmetric factor") package var columns = [3, 5, 10]
    @Setting("initial scale of the symmetric factor") package var symmetricScale = 0.5
    @Setting("symmetric gradient steps") package var symmetricSteps = 20_000
    @Setting("columns of the asymmetric factors") package var asymmetricColumns = 5
    @Setting("initial scales alpha of the asymmetric factors") package var scales = [0.2, 0.5, 1.0]
    @Setting("asymmetric gradient steps") package var asymmetricSteps = 8000
    @Setting("gradient steps of the rebalanced runs") package var rebalancedSteps = 2000
    package init() {}
  }

  package struct Measured: Codable, Sendable {
    @Setting("side n of the target") package var side = 20
    @Setting("rank r of the target") package var rank = 2
    @Setting("number of Gaussian measurements m") package var measurements = 1500
    @Setting("columns k of the factors") package var columns = [2, 5]
    @Setting("initial scale alpha") package var scale = 0.5
    @Setting("gradient steps") package var steps = 6000
    @Setting("independent draws of measurements and start") package var draws = 3
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.population.symmetricSteps = 400
      settings.population.asymmetricSteps = 300
      settings.population.rebalancedSteps = 200
      settings.measured.side = 8
      settings.measured.measurements = 300
      settings.measured.steps = 200
      settings.measured.draws = 1
    case .quick: break
    case .full:
      settings.measured.side = 50
      settings.measured.measurements = 20_000
      settings.measured.columns = [2, 5, 25]
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let population = settings.population
    let problem = SensingProblem(side: population.side, rank: population.rank, key: notebook.key("target"))
    try runSymmetric(problem, settings, notebook)
    try runAsymmetric(problem, settings, "asymmetric", steps: population.asymmetricSteps, isRebalancing: false, notebook)
    try runAsymmetric(problem, settings, "rebalanced", steps: population.rebalancedSteps, isRebalancing: true, notebook)
    try runMeasured(settings, notebook)
  }

  private static func runSymmetric(_ problem: SensingProblem, _ settings: Settings, _ notebook: Recorder) throws {
    let population = settings.population
    let loss = try notebook.trace(
      "symmetric/loss", "|X X^T - M|_F²", along: [Dimension("columns", population.columns, "columns k of the factor")])
    var runs = population.columns.map { columns in
      SymmetricDescent(
        side: population.side, columns: columns, scale: population.symmetricScale, key: notebook.key("X")[columns])
    }
    try notebook.steps("symmetric", population.symmetricSteps, state: &runs, cadence: .geometric(perDecade: 100)) { _, runs in
      for i in runs.indices { runs[i].step(problem, rate: settings.rate) }
    } measure: { runs, record in
      record(loss, runs.map { $0.loss(problem) })
    }
  }

  /// The plain and the rebalanced runs start from the same F and G.
  private static func runAsymmetric(
    _ problem: SensingProblem, _ settings: Settings, _ name: String, steps: Int, isRebalancing: Bool, _ notebook: Recorder
  ) throws {
    let population = settings.population
    let loss = try notebook.trace(
      "\(name)/loss", "|F G^T - M|_F²", along: [Dimension("scale", population.scales, "initial scale alpha")])
    var runs = population.scales.indices.map { i in
      AsymmetricDescent(
        side: population.side, columns: population.asymmetricColumns, scale: population.scales[i], key: notebook.key("FG")[i])
    }
    try notebook.steps(name, steps, state: &runs, cadence: .even(2000, of: steps)) { _, runs in
      for i in runs.indices {
        if isRebalancing, !runs[i].isRebalanced, runs[i].loss(problem) < settings.rebalanceBelow {
          try runs[i].rebalance(settings.rebalanceTo)
        }
        runs[i].step(problem, rate: settings.rate)
      }
    } measure: { runs, record in
      record(loss, runs.map { $0.loss(problem) })
    }
  }

  /// Both parametrizations on Gaussian measurements, every draw and number of columns side by side.
  private static func runMeasured(_ settings: Settings, _ notebook: Recorder) throws {
    struct Runs: Codable {
      var symmetric: [SymmetricDescent]
      var asymmetric: [AsymmetricDescent]
    }
    let measured = settings.measured
    let draws = notebook.key("measured").split(measured.draws)
    let grid = draws.indices.flatMap { draw in measured.columns.map { (draw: draw, columns: $0) } }
    // The symmetric runs measure with symmetrized A_i, which cannot see the antisymmetric part: the asymmetric runs must not.
    let problems = [true, false].map { isSymmetrized in
      draws.map { key in
        let sensing = GaussianSensing(
          side: measured.side, count: measured.measurements, symmetrized: isSymmetrized, key: key.named("A"))
        return SensingProblem(
          side: measured.side, rank: measured.rank, key: key.named("target"), sensing: sensing.normalMatrix())
      }
    }
    let dimensions = [
      Dimension("draw", count: measured.draws, "draw of measurements and start"),
      Dimension("columns", measured.columns, "columns k of the factors"),
    ]
    let symmetricLoss = try notebook.trace(
      "measured/symmetric_loss", "|X X^T - M|_F² on Gaussian measurements", along: dimensions)
    let asymmetricLoss = try notebook.trace(
      "measured/asymmetric_loss", "|F G^T - M|_F² on Gaussian measurements", along: dimensions)
    var runs = Runs(
      symmetric: grid.map {
        SymmetricDescent(
          side: measured.side, columns: $0.columns, scale: measured.scale, key: draws[$0.draw].named("X")[$0.columns])
      },
      asymmetric: grid.map {
        AsymmetricDescent(
          side: measured.side, columns: $0.columns, scale: measured.scale, key: draws[$0.draw].named("FG")[$0.columns])
      })
    try notebook.steps("measured", measured.steps, state: &runs, cadence: .geometric(perDecade: 100)) { _, runs in
      for (i, place) in grid.enumerated() {
        runs.symmetric[i].step(problems[0][place.draw], rate: settings.rate)
        runs.asymmetric[i].step(problems[1][place.draw], rate: settings.rate)
      }
    } measure: { runs, record in
      record(symmetricLoss, zip(grid, runs.symmetric).map { $1.loss(problems[0][$0.draw]) })
      record(asymmetricLoss, zip(grid, runs.asymmetric).map { $1.loss(problems[1][$0.draw]) })
    }
  }
}
