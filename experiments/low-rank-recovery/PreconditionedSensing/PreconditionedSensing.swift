import Notebook
import Tensors
import Transforms

/// The Power of Preconditioning in Overparameterized Low-Rank Matrix Sensing (Xu, Shen, Chi and Ma, ICML 2023).
///
/// **Shows**: gradient descent on a factor with spare columns slows down with the condition number kappa of the true factor. The damped
/// right preconditioner (X^T X + lambda I)^-1 makes the rate independent of kappa, from a tiny random start, after a waiting time
/// that is logarithmic in its scale; and the spare columns stay small.
///
/// **Here**: ScaledGD(lambda) at every kappa and scale; gradient descent and the undamped ScaledGD from the smallest usual scale. Seeds
/// draw target, measurements and start; all runs of a method are one compiled step. The paper asks for lambda of the order of the
/// squared smallest singular value; the factor c = 0.5 is ours. Without damping the first step leaps by the inverse of the scale, and
/// once the spare columns have vanished X^T X is singular: that series ends there, as not finite.
package enum PreconditionedSensing: Experiment {
  package static let paper = Paper(
    slug: "scaled-gd-lambda", title: "The Power of Preconditioning in Overparameterized Low-Rank Matrix Sensing",
    authors: ["Xingyu Xu", "Yandi Shen", "Yuejie Chi", "Cong Ma"], year: 2023, arxiv: "2302.01186",
    shows: """
      Gradient descent on a factor with spare columns slows down with the condition number of the truth. A damped right preconditioner,
      from a tiny random start, converges at a rate that does not depend on it, after a logarithmic waiting time, and does not overfit.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("side n of the target") package var side = 40
    @Setting("rank r of the target") package var rank = 3
    @Setting("columns k of the factor") package var columns = 5
    @Setting("number of Gaussian measurements m") package var measurements = 3000
    @Setting("condition numbers kappa of the true factor") package var conditions = [1.0, 2, 5, 10]
    @Setting("step size eta") package var rate = 0.3
    @Setting("damping lambda over the squared smallest singular value of the true factor") package var damping = 0.5
    @Setting("initial scales alpha") package var scales = [1e-2, 1e-4, 1e-6, 1e-8]
    @Setting("the scale at which methods are compared") package var comparedScale = 1e-6
    @Setting("steps of ScaledGD") package var steps = 300
    @Setting("steps of gradient descent") package var descentSteps = 400
    @Setting("draws of target, measurements and start") package var seeds = 3
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.side = 12
      settings.measurements = 300
      settings.steps = 210
      settings.descentSteps = 100
      settings.seeds = 1
    case .quick: break
    case .full:
      settings.side = 150
      settings.measurements = 4500
      settings.conditions = [1, 2, 5, 10, 20, 50, 100]
      settings.descentSteps = 2000
      settings.seeds = 1
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let seeds = notebook.key("seeds").split(settings.seeds)
    let targets = Tensor.stack(
      seeds.map { key in
        Self.targets(side: settings.side, rank: settings.rank, conditions: settings.conditions, key: key.named("target"))
      })
    let sensing = GaussianSensing.stacked(
      seeds.map { GaussianSensing(side: settings.side, count: settings.measurements, symmetrized: true, key: $0.named("A")) })
    let problem = SensingProblem(target: targets.expandingDimensions(2), sensing: sensing)  // [seeds, kappas, scales, n, n]
    let lambda = Tensor(settings.conditions.map { settings.damping / ($0 * $0) }).reshaped(-1, 1, 1, 1)
    let compared = [settings.comparedScale]
    let run = { (name: String, preconditioner: FactorPreconditioner, scales: [Double], steps: Int) in
      try descend(name, preconditioner, problem, scales: scales, steps: steps, seeds: seeds, settings, notebook)
    }
    try run("scaled", .damped(lambda), settings.scales, settings.steps)
    try run("plain", .none, compared, settings.descentSteps)
    try run("undamped", .damped(Tensor(0)), compared, settings.steps)
  }

  /// One method from every scale, at every condition number. The starts differ by their scale alone.
  private static func descend(
    _ name: String, _ preconditioner: FactorPreconditioner, _ problem: SensingProblem, scales: [Double], steps: Int, seeds: [Key],
    _ settings: Settings, _ notebook: Recorder
  ) throws {
    let (n, k) = (settings.side, settings.columns)
    let dimensions = [
      Dimension("seed", count: settings.seeds, "draw of target, measurements and start"),
      Dimension("kappa", settings.conditions, "condition number of the true factor"),
      Dimension("scale", scales, "initial scale alpha"),
    ]
    let error = try notebook.trace("\(name)/error", "|X X^T - M|_F / |M|_F", along: dimensions)
    let spectrum = try notebook.trace(
      "\(name)/singular_values", "singular values of X",
      along: dimensions + [Dimension("index", Array(1...k), "place in descending order")])

    let starts = Tensor.stack(seeds.map { gaussianFactor([n, k], scale: 1, key: $0.named("X")) })
    let alphas = Tensor(scales).reshaped(-1, 1, 1)
    var x = (starts.reshaped(-1, 1, 1, n, k) * alphas).broadcast(
      to: [seeds.count, settings.conditions.count, scales.count, n, k])
    let step = compile { (x: Tensor<Double>) in preconditioner.step(x, problem, rate: settings.rate) }
    let measure = compile { (x: Tensor<Double>) in (problem.relativeError(x), x.thinSVD().s) }
    try notebook.steps(name, steps, state: &x, cadence: .every(1)) { _, x in
      x = step(x)
    } measure: { x, record in
      let (errors, values) = measure(x)
      record(error, errors.scalars)
      record(spectrum, values.scalars)
    }
  }
}
