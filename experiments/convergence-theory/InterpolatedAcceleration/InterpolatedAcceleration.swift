import Datasets
import Foundation
import Notebook
import Problems
import Tensors
import Transforms

/// Faster Convergence of Stochastic Accelerated Gradient Descent under Interpolation (Mishkin, Pilanci and Schmidt, 2024).
///
/// **Shows**: where every sample is fitted at the optimum, gradients grow no faster than sqrt(rho) times the full gradient. The paper tunes
/// accelerated SGD to depend on sqrt(rho) where an older tuning depends on rho. On Gaussian data this beats SGD and the old tuning by far.
/// Its proof was found wrong later (version 2 of the paper), and rightly so: on samples that are single coordinates the tuning diverges,
/// and no method can be as fast as promised before each coordinate was drawn. With equal eigenvalues it does so in expectation only: its gap
/// swings over tens of orders of magnitude until the run is thrown back to the solution.
///
/// **Here**: (G) Gaussian least squares over batch sizes; (C) coordinate sampling, for which rho = d exactly. rho is computed exactly from
/// eigenvalues. The same sampled gradient enters both sequences: divergence on (C) is the paper's algorithm, not an accident. Draws are
/// draws of the batches; iterations are their median, and a run that does not arrive counts with the iterations it had. The full preset
/// adds logistic regression on separable data, with rho estimated along gradient descent.
package enum InterpolatedAcceleration: Experiment {
  package static let paper = Paper(
    slug: "interpolation-asgd", title: "Faster Convergence of Stochastic Accelerated Gradient Descent under Interpolation",
    authors: ["Aaron Mishkin", "Mert Pilanci", "Mark Schmidt"], year: 2024, arxiv: "2404.02378",
    shows: """
      Under interpolation stochastic Nesterov acceleration can be tuned to depend on the square root of the strong growth constant. It \
      beats SGD and an older tuning on Gaussian data; sampled coordinates show that the rate does not hold in general.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("samples n of (G)") package var samples = 1000
    @Setting("dimension d of (G)") package var dimension = 20
    @Setting("decades over which the eigenvalues of (G) are spread") package var decades = 2.0
    @Setting("batch sizes b of (G)") package var batches = [1, 3, 10, 30, 100]
    @Setting("batch sizes of (G) with a panel of their own") package var shownBatches = [1, 10, 100]
    @Setting("coordinates d of (C)") package var coordinates = 20
    @Setting("condition numbers of (C)") package var conditions = [1.0, 100]
    @Setting("iterations") package var iterations = 3000
    @Setting("independent draws of the batches") package var draws = 3
    @Setting("samples of the logistic regression; 0 leaves it out") package var logisticSamples = 0
    @Setting("distance of the classes from the separating plane") package var margin = 0.5
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.samples = 100
      settings.dimension = 5
      settings.iterations = 200
      settings.draws = 2
    case .quick: break
    case .full:
      settings.samples = 2000
      settings.dimension = 200
      settings.iterations = 30_000
      settings.draws = 10
      settings.logisticSamples = 1000
    }
    return settings
  }

  static let methods = ["SGD", "old tuning", "new tuning", "convex version"]
  static func gaussian(batch: Int) -> String { "gaussian-b\(batch)" }
  static func coordinate(condition: Double) -> String { "coordinate-kappa\(Int(condition))" }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let key = notebook.key("gaussian")
    let scales = Tensor<Double>.geomspace(1, pow(10, -settings.decades / 2), count: settings.dimension)
    let gaussian = InterpolatedRegression(
      design: scales * Tensor.normal([settings.samples, settings.dimension], key: key.named("design")),
      weights: .normal([settings.dimension], key: key.named("weights")))
    for batch in settings.batches {
      try descend(
        gaussian.model, Self.gaussian(batch: batch), rho: gaussian.strongGrowth(batch: batch), batch: batch, settings, notebook)
    }
    for condition in settings.conditions {
      // Sample i is sqrt(d lambda_i) times the axis i, so that H = diag(lambda) and S = d H².
      let eigenvalues = Tensor<Double>.geomspace(1, 1 / condition, count: settings.coordinates)
      let sampled = InterpolatedRegression(
        design: Tensor.identity(settings.coordinates) * (Double(settings.coordinates) * eigenvalues).sqrt(),
        weights: .normal([settings.coordinates], key: notebook.key("coordinate weights")))
      try descend(sampled.model, coordinate(condition: condition), rho: sampled.strongGrowth, batch: 1, settings, notebook)
    }
    if settings.logisticSamples > 0 { try runLogistic(settings, notebook) }
  }

  /// Every method with the same batches.
  private static func descend(
    _ model: LinearModel<Double>, _ name: String, rho: Double, batch: Int, _ settings: Settings, _ notebook: Recorder
  ) throws {
    let constants = GrowthConstants(rho: rho, smoothness: model.smoothness, convexity: model.strongConvexity)
    try notebook.scalar("\(name)/rho", rho, "strong growth constant of a batch")
    try notebook.scalar("\(name)/kappa", model.conditionNumber, "L / mu")
    let first = model.value(at: .zeros(model.dimension)).scalar
    if let minimum = model.minimum() {
      // With w_0 = 0.
      let bound = 2 * rho * model.smoothness * minimum.point.squaredNorm().scalar / first
      try notebook.scalar("\(name)/bound", bound, "2 rho L |w_0 - w*|² over the first gap")
    }
    let gap = try notebook.trace(
      "\(name)/gap", "f(w) - f* over its first value",
      along: [
        Dimension("method", methods, "algorithm and tuning"), Dimension("draw", count: settings.draws, "draw of the batches"),
      ])
    let (draws, count) = (settings.draws, Int32(model.count))
    let step = compile { (runs: InterpolatedRuns, key: Key) in
      let indices = Tensor<Int32>.integers([draws, batch], in: 0..<count, key: key)
      return runs.stepped(constants) { point in
        vmap { (w: Tensor<Double>, indices: Tensor<Int32>) in model.gradient(at: w, of: indices) }(point, indices)
      }
    }
    let value = vmap { (w: Tensor<Double>) in model.value(at: w) }
    let measure = compile { (runs: InterpolatedRuns) in Tensor.stack(runs.iterates.map { value($0) / first }) }
    let key = notebook.key(name)
    var state = InterpolatedRuns(draws: draws, dimension: model.dimension, constants)
    let cadence = Cadence.even(3000, of: settings.iterations)
    try notebook.steps(name, settings.iterations, state: &state, cadence: cadence) { k, state in
      state = step(state, key[k])
    } measure: { state, record in
      record(gap, measure(state).scalars)
    }
  }

  /// Separable classes, so that all samples are fitted at infinity; rho is the largest ratio along gradient descent.
  private static func runLogistic(_ settings: Settings, _ notebook: Recorder) throws {
    let key = notebook.key("logistic")
    let points: LabelledPoints<Double> = LinearDesign(dimension: settings.dimension, key: key.named("design"))
      .separable(settings.logisticSamples, margin: settings.margin, key: key.named("points"))
    let model = LinearModel(.logistic, design: points.inputs, targets: 2 * points.labels.converted(to: Double.self) - 1)
    var w = Tensor<Double>.zeros(settings.dimension)
    var rho = 1.0
    for _ in 0..<200 {
      let gradient = model.gradient(at: w)
      let squares = model.componentGradients(at: w).squaredNorm().scalar / Double(model.count)
      rho = max(rho, squares / gradient.squaredNorm().scalar)
      w = w - (1 / model.smoothness) * gradient
    }
    try descend(model, "logistic", rho: rho, batch: 1, settings, notebook)
  }
}
