import Notebook
import Optimizers
import Problems
import Tensors
import Transforms

/// Adaptive Preconditioned Gradient Descent with Energy (Liu, Nurbekyan, Tian and Yang 2023).
///
/// **Shows**: an auxiliary energy r multiplies the step of any preconditioned descent. It can only fall, whatever the step size, which
/// bounds the whole path and shrinks a step that was chosen too large.
///
/// **Here**: AEPG beside the same direction with fixed steps, (a) without a metric on a quadratic, (b) with the simplex metric on a
/// D-optimal design problem, (c) with the Gauss-Newton metric and without one on Rosenbrock's function; all step sizes of a problem are
/// one compiled step. The squared length of a step in the metric, which the energy identity needs, is taken from the iterates.
package enum EnergyPreconditioning: Experiment {
  package static let paper = Paper(
    slug: "energy-preconditioned-descent", title: "Adaptive Preconditioned Gradient Descent with Energy",
    authors: ["Hailiang Liu", "Levon Nurbekyan", "Xuping Tian", "Yunan Yang"], year: 2023, arxiv: "2310.06733",
    shows: """
      An auxiliary energy multiplies the step of any preconditioned descent. It can only fall, whatever the step size, which bounds the
      whole path and automatically shrinks a step that was chosen too large.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("quadratic, experiment (a)") package var quadratic = Quadratic()
    @Setting("D-optimal design, experiment (b)") package var design = Design()
    @Setting("Rosenbrock's function, experiment (c)") package var rosenbrock = Rosenbrock()
    package init() {}
  }

  package struct Quadratic: Codable, Sendable {
    @Setting("dimensions, curvatures 0.1 to 10 in equal ratios") package var dimension = 20
    @Setting("every coordinate of the start") package var start = 0.3
    @Setting("offset c of the energy") package var offset = 1.0
    @Setting("step sizes eta") package var rates = [0.1, 0.19, 0.3, 1, 3, 10]
    @Setting("steps") package var steps = 2000
    package init() {}
  }

  package struct Design: Codable, Sendable {
    @Setting("design points u") package var points = 60
    @Setting("their dimension") package var dimension = 5
    @Setting("step sizes eta") package var rates = [0.05, 0.1]
    @Setting("steps") package var steps = 500
    @Setting("multiplicative updates that find the least value") package var referenceSteps = 20_000
    package init() {}
  }

  package struct Rosenbrock: Codable, Sendable {
    @Setting("where it starts") package var start = [-1.2, 1]
    @Setting("offset c of the energy") package var offset = 1.0
    @Setting("step sizes eta") package var rates = [1e-3, 1e-2, 10]
    @Setting("steps") package var steps = 3000
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.quadratic.steps = 200
      settings.design.steps = 50
      settings.design.referenceSteps = 500
      settings.rosenbrock.steps = 200
    case .quick: break
    case .full:
      settings.quadratic.steps = 5000
      settings.design.points = 500
      settings.design.dimension = 20
      // The slope of F along x is minus the dimension: steps that keep the simplex are inverse to it.
      settings.design.rates = settings.design.rates.map { $0 * 5 / 20 }
      settings.design.steps = 5000
      settings.design.referenceSteps = 100_000
      settings.rosenbrock.steps = 5000
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let quadratic = settings.quadratic
    let bowl = TestFunction<Double>.quadratic(
      curvatures: Tensor<Double>.geomspace(0.1, 10, count: quadratic.dimension).scalars,
      start: Array(repeating: quadratic.start, count: quadratic.dimension))
    try descend(
      "quadratic", EuclideanMetric(), from: bowl.start, rates: quadratic.rates, offset: quadratic.offset, steps: quadratic.steps,
      notebook
    ) { bowl.loss($0, on: WholeBatch()) }

    try descendOnSimplex(settings.design, notebook)

    let rosenbrock = settings.rosenbrock
    let valley = TestFunction<Double>.rosenbrock(start: rosenbrock.start)
    let value = { (x: Tensor<Double>) in valley.loss(x, on: WholeBatch()) }
    try descend(
      "rosenbrock", RosenbrockMetric(), from: valley.start, rates: rosenbrock.rates, offset: rosenbrock.offset,
      steps: rosenbrock.steps, notebook, value)
    try descend(
      "rosenbrock_plain", EuclideanMetric(), from: valley.start, rates: rosenbrock.rates, offset: rosenbrock.offset,
      steps: rosenbrock.steps, notebook, value)
    let (x, y) = (Tensor.linspace(-1.6, 1.4, count: 121), Tensor.linspace(-0.6, 1.6, count: 89))
    let points = vmap({ (y: Tensor<Double>, x: Tensor<Double>) in vmap({ value(.stack([$0, y])) })(x) }, axes: [0, nil])(y, x)
    try notebook.tensor(
      "landscape", points, "Rosenbrock's function",
      along: [Dimension("y", y.scalars, "second coordinate"), Dimension("x", x.scalars, "first coordinate")])
  }

  /// (b): the energy is measured from the least value, so that c = 1 - F*.
  private static func descendOnSimplex(_ design: Design, _ notebook: Recorder) throws {
    let problem = DesignProblem(points: .normal([design.points, design.dimension], key: notebook.key("design points")))
    let uniform = Tensor<Double>.full([design.points], 1 / Double(design.points))
    let update = compile { (x: Tensor<Double>) in problem.multiplicativeUpdate(x) }
    var optimum = uniform
    try notebook.steps("design optimum", design.referenceSteps, state: &optimum, cadence: .every(design.referenceSteps)) { _, x in
      x = update(x)
    }
    let least = problem(optimum).scalar
    try notebook.tensor(
      "design/optimum", optimum, "best weights", along: [Dimension("point", count: design.points, "design point")])
    try notebook.scalar("design/least", least, "least value F*")
    try descend(
      "design", SimplexMetric(), from: uniform, rates: design.rates, offset: 1 - least, least: least, steps: design.steps,
      notebook
    ) { problem($0) }
  }

  /// AEPG and fixed steps along the same direction, at each rate; everything is recorded at every step.
  private static func descend<M: Metric>(
    _ name: String, _ metric: M, from start: Tensor<Double>, rates: [Double], offset: Double, least: Double = 0, steps: Int,
    _ notebook: Recorder, _ value: @escaping (Tensor<Double>) -> Tensor<Double>
  ) throws where M.Scalar == Double {
    let rate = Dimension("rate", rates, "step size eta")
    let trace = { (quantity: String, longName: String) in
      try notebook.trace("\(name)/\(quantity)", longName, along: [rate])
    }
    let excess = try trace("excess", "F - F*")
    let fixed = try trace("fixed_excess", "F - F* of fixed steps")
    let energy = try trace("energy", "energy r")
    let path = try trace("squared_path", "sum of ||x_(k+1) - x_k||² in the metric")
    let residual = try trace("identity_residual", "error of the energy identity of the last step over r_0²")
    let effective = try trace("effective_rate", "eta r_(k+1) / l(x_k) of the last step")
    let sum = try trace("sum", "sum of the coordinates")
    let smallest = try trace("smallest", "smallest coordinate")
    let coordinates = Dimension("coordinate", count: start.count, "coordinate")
    // Paths are drawn in the plane only.
    let points = start.count == 2 ? try notebook.trace("\(name)/path", "x", along: [rate, coordinates]) : nil
    let descent = EnergyDescent(metric, rates: rates, offset: offset, from: start, value)
    var runs = descent.start
    try notebook.steps(name, steps, state: &runs, cadence: .every(1)) { _, runs in
      runs = descent.step(runs)
    } measure: { runs, record in
      record(excess, (descent.values(at: runs.x) - least).scalars)
      record(fixed, (descent.values(at: runs.fixed) - least).scalars)
      record(energy, runs.energy.scalars)
      record(path, runs.squaredPath.scalars)
      record(residual, runs.residual.scalars)
      record(effective, runs.effectiveRate.scalars)
      record(sum, runs.x.sum(-1).scalars)
      record(smallest, runs.x.min(-1).scalars)
      if let points { record(points, runs.x.scalars) }
    }
    try notebook.tensor("\(name)/final", runs.x, "x after the last step", along: [rate, coordinates])
  }
}
