import Notebook
import Tensors
import Transforms

/// Second-order regression models exhibit progressive sharpening to the edge of stability (Agarwala, Pedregosa and Pennington,
/// ICML 2023).
///
/// **Shows**: models merely quadratic in their parameters sharpen and settle at the edge of stability. With two parameters the limit of the
/// kernel's eigenvalue lambda (times the step size) can be computed: 2 less a term linear in the ratio epsilon of the eigenvalues of Q.
///
/// **Here**: (A) the model of two parameters, from one start for several epsilon and from a grid of starts; (B) random models in the space
/// of residuals and Jacobians, where gradient descent is closed; the settings of one seed share Q, J and the direction of z; (C) the
/// recursion against gradient descent on the parameters. A linear model (Q = 0) keeps lambda and diverges above 2: the line in the figures.
package enum QuadraticRegression: Experiment {
  package static let paper = Paper(
    slug: "quadratic-regression-eos",
    title: "Second-order regression models exhibit progressive sharpening to the edge of stability",
    authors: ["Atish Agarwala", "Fabian Pedregosa", "Jeffrey Pennington"], year: 2022, arxiv: "2210.04860",
    shows: """
      Models that are merely quadratic in their parameters sharpen progressively and settle at the edge of stability; with two parameters \
      the kernel's eigenvalue ends at 2 - epsilon/2.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("A: two parameters") package var planar = Planar()
    @Setting("B: random models") package var random = RandomModels()
    @Setting("C: outputs of the explicit model") package var explicitOutputs = 3
    @Setting("C: parameters of the explicit model") package var explicitParameters = 8
    @Setting("C: gradient steps") package var explicitSteps = 50
    @Setting("C: step size as a multiple of 1 / lambda of the start") package var explicitRate = 1.0
    package init() {}
  }

  package struct Planar: Codable, Sendable {
    @Setting("ratios epsilon") package var epsilons = [0.0025, 0.005, 0.01, 0.02, 0.04]
    @Setting("a² at the start") package var squaredA = 1.8
    @Setting("z at the start") package var z = -0.5
    @Setting("iterations times epsilon") package var horizon = 600.0
    @Setting("epsilon of the grid of starts") package var gridEpsilon = 0.01
    @Setting("a² of the grid") package var gridSquaredA = [1, 1.4, 1.6, 1.8, 1.9]
    @Setting("z of the grid") package var gridZ = [-0.7, -0.5, -0.4, -0.3, -0.1]
    @Setting("iterations of the phase portrait, recorded every second") package var phaseSteps = 6000
    package init() {}
  }

  package struct RandomModels: Codable, Sendable {
    @Setting("outputs D") package var outputs = 60
    @Setting("parameters P") package var parameters = 120
    @Setting("standard deviations of z at the start, one for each setting") package var residuals = [0.2, 0.2, 0.5]
    @Setting("lambda at the start, one for each setting") package var eigenvalues = [0.5, 1, 0.5]
    @Setting("gradient steps") package var steps = 1500
    @Setting("steps between records") package var interval = 10
    @Setting("independent models") package var seeds = 8
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.planar.horizon = 20
      settings.planar.phaseSteps = 400
      settings.random.outputs = 12
      settings.random.parameters = 24
      settings.random.steps = 100
      settings.random.seeds = 2
    case .quick: break
    case .full:
      settings.planar.gridSquaredA = [1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9]
      settings.planar.gridZ = [-0.7, -0.6, -0.5, -0.4, -0.3, -0.2, -0.1]
      settings.random.outputs = 200
      settings.random.parameters = 400
      settings.random.seeds = 20
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let planar = settings.planar
    let epsilons = Dimension("epsilon", planar.epsilons, "ratio of the eigenvalues of Q")
    let starts = planar.epsilons.map { PlanarModel(epsilon: $0, squaredA: planar.squaredA, z: planar.z) }
    let lengths = planar.epsilons.map { Int((planar.horizon / $0).rounded()) }
    // An even interval: at the edge lambda jumps to and fro from step to step.
    let interval = max(1, (lengths.max() ?? 0) / 2000) * 2
    let peaks = try iterate("planar", starts, lengths: lengths, interval: interval, along: [epsilons], notebook).map(\.peak)
    try notebook.tensor("peak", Tensor(peaks), "largest lambda on the way", along: [epsilons])
    _ = try iterate(
      "phase", starts, lengths: starts.map { _ in planar.phaseSteps }, interval: 2, along: [epsilons], notebook)

    let grid = planar.gridSquaredA.flatMap { a in
      planar.gridZ.map { PlanarModel(epsilon: planar.gridEpsilon, squaredA: a, z: $0) }
    }
    let length = Int((planar.horizon / planar.gridEpsilon).rounded())
    let places = [Dimension("squared_a", planar.gridSquaredA, "a² at the start"), Dimension("z", planar.gridZ, "z at the start")]
    let ends = try iterate("grid", grid, lengths: grid.map { _ in length }, interval: length, along: places, notebook)
    let shape = places.map(\.count)
    try notebook.tensor(
      "grid/peak", Tensor(shape: shape, ends.map(\.peak)), "largest lambda on the way", along: places)
    try notebook.tensor("grid/end", Tensor(shape: shape, ends.map(\.lambda)), "lambda at the end", along: places)

    try runRandom(settings.random, notebook)
    try runExplicit(settings, notebook)
  }

  /// Each model for its own number of iterations; then it stands still.
  private static func iterate(
    _ name: String, _ starts: [PlanarModel], lengths: [Int], interval: Int, along dimensions: [Dimension], _ notebook: Recorder
  ) throws -> [PlanarModel] {
    let lambda = try notebook.trace("\(name)/lambda", "eigenvalue of the tangent kernel", along: dimensions)
    let residual = try notebook.trace("\(name)/residual", "residual z", along: dimensions)
    var models = starts
    try notebook.steps(name, lengths.max() ?? 0, state: &models, cadence: .every(interval)) { t, models in
      for i in models.indices where t < lengths[i] { models[i].step() }
    } measure: { models, record in
      record(lambda, models.map(\.lambda))
      record(residual, models.map(\.z))
    }
    return models
  }

  static func label(ofSetting i: Int, _ settings: RandomModels) -> String {
    "σ = \(settings.residuals[i]), λ₀ = \(settings.eigenvalues[i])"
  }

  private static func runRandom(_ settings: RandomModels, _ notebook: Recorder) throws {
    let (outputs, parameters) = (settings.outputs, settings.parameters)
    let keys = notebook.key("random").split(settings.seeds)
    let q = Tensor.stack(
      keys.map {
        quadraticTerms(outputs: outputs, parameters: parameters, key: $0.named("Q")).reshaped(outputs * parameters, parameters)
      })
    let runs = settings.residuals.count
    let j = Tensor.stack(
      keys.map {
        Tensor<Double>.normal([1, outputs, parameters], key: $0.named("J")) / Double(parameters).squareRoot()
      })
    let z = Tensor.stack(keys.map { Tensor<Double>.normal([1, outputs], key: $0.named("z")) })
    var models = QuadraticModels(
      z: z * Tensor(settings.residuals).expandingDimensions(1),
      j: j.broadcast(to: [settings.seeds, runs, outputs, parameters]))
    let rates = Tensor(settings.eigenvalues) / models.kernelEigenvalue()
    let step = compile { (models: QuadraticModels, q: Tensor<Double>) in
      models.stepped(q: q, rate: rates.expandingDimensions(2))
    }
    let dimensions = [
      Dimension("seed", count: settings.seeds, "random model"),
      Dimension("setting", (0..<runs).map { label(ofSetting: $0, settings) }, "residual and eigenvalue at the start"),
    ]
    let lambda = try notebook.trace("random/lambda", "eta times the eigenvalue of the tangent kernel", along: dimensions)
    let loss = try notebook.trace("random/loss", "loss", along: dimensions)
    try notebook.steps("random", settings.steps, state: &models, cadence: .every(settings.interval)) { _, models in
      models = step(models, q)
    } measure: { models, record in
      record(lambda, (rates * models.kernelEigenvalue()).scalars)
      record(loss, models.loss().scalars)
    }
  }

  /// Parameters and recursion side by side: the difference of residual and Jacobian, relative to their size.
  private static func runExplicit(_ settings: Settings, _ notebook: Recorder) throws {
    struct Both: Codable {
      var theta: Tensor<Double>
      var recursion: QuadraticModels
    }
    let (outputs, parameters, key) = (settings.explicitOutputs, settings.explicitParameters, notebook.key("explicit"))
    let model = ExplicitQuadraticModel(
      q: quadraticTerms(outputs: outputs, parameters: parameters, key: key.named("Q")),
      g: .normal([outputs, parameters], key: key.named("G")), target: .normal([outputs], key: key.named("y")))
    let theta = Tensor<Double>.normal([parameters], key: key.named("theta"))
    let start = QuadraticModels(
      z: model.residual(theta).reshaped(1, 1, outputs), j: model.jacobian(theta).reshaped(1, 1, outputs, parameters))
    let rate = settings.explicitRate / start.kernelEigenvalue().flattened()[0]
    let difference = try notebook.trace("explicit/difference", "relative difference of the two trajectories")
    var both = Both(theta: theta, recursion: start)
    let q = model.q.reshaped(1, outputs * parameters, parameters)
    try notebook.steps("explicit", settings.explicitSteps, state: &both, cadence: .every(1)) { _, both in
      both.theta = model.stepped(both.theta, rate: rate)
      both.recursion = both.recursion.stepped(q: q, rate: Tensor.full([1, 1, 1], rate))
    } measure: { both, record in
      let (z, j) = (model.residual(both.theta), model.jacobian(both.theta))
      let gap =
        (both.recursion.z.flattened() - z).squaredNorm() + (both.recursion.j.reshaped(j.shape) - j).squaredNorm()
      record(difference, (gap / (z.squaredNorm() + j.squaredNorm())).sqrt().scalar)
    }
  }
}
