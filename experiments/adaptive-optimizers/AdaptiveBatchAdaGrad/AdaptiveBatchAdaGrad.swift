import Datasets
import Notebook
import Optimizers
import Tensors

/// AdAdaGrad: Adaptive Batch Size Schemes for Adaptive Gradient Methods (Lau, Liu and Kolar 2024).
///
/// **Shows**: AdaGrad, with a batch that grows whenever the noise of the gradient exceeds a fraction eta of it, attains the rate 1/K of
/// exact gradients, with neither step size nor batch schedule tuned.
///
/// **Here**: robust regression, nonconvex and smooth, with heavy-tailed errors; AdaGrad-Norm with the norm test, AdaGrad with the
/// coordinate-wise test and, for comparison, with the norm test; every step size, eta, constant batch size and seed of one rule is one
/// compiled step. All runs of a seed take their batches from the front of the same random order, drawn anew at every step. The preset full
/// adds multiclass logistic regression on drawn digits. The paper's larger models are left out.
package enum AdaptiveBatchAdaGrad: Experiment {
  package static let paper = Paper(
    slug: "adadagrad-adaptive-batches",
    title: "AdAdaGrad: Adaptive Batch Size Schemes for Adaptive Gradient Methods",
    authors: ["Tim Tsz-Kit Lau", "Han Liu", "Mladen Kolar"], year: 2024, arxiv: "2402.11215",
    shows: """
      AdaGrad with a batch size that grows whenever the gradient noise exceeds a fraction of the gradient reaches the rate 1/K of exact
      gradients, with neither the step size nor the batch schedule tuned.
      """,
    fidelity: .scaled)

  package struct Settings: Codable, Sendable {
    @Setting("samples n of the regression") package var samples = 4000
    @Setting("features d") package var features = 20
    @Setting("degrees of freedom of the errors' t distribution") package var degrees = 2.0
    @Setting("steps K") package var steps = 400
    @Setting("step sizes alpha") package var rates = [0.3, 1, 3]
    @Setting("noise fractions eta of the tests") package var tolerances = [0.25, 0.5, 1]
    @Setting("constant batch sizes compared with") package var constantSizes = [8, 64, 512]
    @Setting("size of the first adaptive batch") package var firstSize = 8
    @Setting("independent draws of batches") package var seeds = 3
    @Setting("drawn digits of the logistic regression; 0 leaves it out") package var digits = 0
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.samples = 200
      settings.steps = 40
      settings.seeds = 1
    case .quick: break
    case .full:
      settings.samples = 60_000
      settings.steps = 3000
      settings.digits = 4000
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let regression = SampledLoss.robustRegression(
      samples: settings.samples, features: settings.features, degrees: settings.degrees, key: notebook.key("regression"))
    try compare(regression, "", settings, notebook)
    if settings.digits > 0 {
      let digits = DrawnDigits.sample(settings.digits, side: 8, key: notebook.key("digits"))
      try compare(.logistic(digits.points()), "digits_", settings, notebook)
    }
  }

  /// The three methods.
  private static func compare(_ loss: SampledLoss, _ prefix: String, _ settings: Settings, _ notebook: Recorder) throws {
    let scalar = AdaGradNorm<Double>(initialNorm: 1e-4)
    let diagonal = AdaGrad<Double>(epsilon: 0, initialAccumulator: 1e-8)
    try descend(loss, prefix + "norm", scalar, .norm, settings, notebook)
    try descend(loss, prefix + "coordinates", diagonal, .coordinateWise, settings, notebook)
    // Only what a like-for-like comparison of the two tests needs.
    var comparison = settings
    (comparison.rates, comparison.tolerances, comparison.constantSizes) = ([0.3], [0.5], [])
    try descend(loss, prefix + "diagonal_norm", diagonal, .norm, comparison, notebook)
  }

  private static func descend<Rule: GradientOptimizer>(
    _ loss: SampledLoss, _ name: String, _ rule: Rule, _ test: AdaptiveBatchSize<Double>.Test, _ settings: Settings,
    _ notebook: Recorder
  ) throws where Rule.Scalar == Double {
    let schedules =
      settings.tolerances.map { Schedule.adaptive(tolerance: $0, first: settings.firstSize) }
      + settings.constantSizes.map { .constant($0) }
    let dimensions = [
      Dimension("schedule", schedules.map(\.label), "how large the batches are"),
      Dimension("rate", settings.rates, "step size alpha"), Dimension("seed", count: settings.seeds, "draw of batches"),
    ]
    let gradient = try notebook.trace(
      "\(name)/squared_gradient", "squared norm of the gradient of the whole loss", along: dimensions)
    let size = try notebook.trace("\(name)/batch_size", "size of the next batch", along: dimensions)
    let used = try notebook.trace("\(name)/samples", "samples processed", along: dimensions)
    let descent = SampledDescent(
      loss, rule, test, schedules: schedules, rates: settings.rates, keys: notebook.key("batches").split(settings.seeds))
    var runs = descent.start
    try notebook.steps(name, settings.steps, state: &runs, cadence: .every(1)) { i, runs in
      descent.step(i, &runs)
    } measure: { runs, record in
      record(gradient, descent.squaredGradients(of: runs).scalars)
      record(size, runs.batchSize.scalars)
      record(used, runs.samples.scalars)
    }
  }
}
