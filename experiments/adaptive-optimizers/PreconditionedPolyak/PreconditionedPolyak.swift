import Datasets
import Foundation
import Notebook
import Optimizers
import Problems
import Tensors
import Training

/// Stochastic Gradient Descent with Preconditioned Polyak Step-size (Abdukhakimov, Xiang, Kamzolov and Takac, Comput. Math. Math. Phys.
/// 2024).
///
/// **Shows**: the Polyak step needs no learning rate but suffers on badly scaled data. Measured in a diagonal metric (Hutchinson's
/// estimate of the Hessian, AdaGrad's or Adam's scale) it stays free of a rate and converges again.
///
/// **Here**: separable logistic regression whose columns are scaled by exp(u), u uniform in -k...k; a data set for each seed, the same points
/// for all k, so that only the scales differ; the slack variants on labels of which a tenth is wrong; and a least-squares problem on which B is the
/// exact Hessian, for the invariance. `full` runs the paper's LIBSVM files,
/// original and scaled, if they are in the data folder.
package enum PreconditionedPolyak: Experiment {
  package static let paper = Paper(
    slug: "preconditioned-polyak-step", title: "Stochastic Gradient Descent with Preconditioned Polyak Step-size",
    authors: ["Farshed Abdukhakimov", "Chulu Xiang", "Dmitry Kamzolov", "Martin Takáč"], year: 2023, arxiv: "2310.02093",
    shows: """
      The Polyak step needs no learning rate but suffers on badly scaled data. Measured in a diagonal metric (Hutchinson, AdaGrad, Adam) it
      stays free of a rate and converges again.
      """,
    fidelity: .scaled)

  package struct Settings: Codable, Sendable {
    @Setting("samples") package var count = 500
    @Setting("columns") package var dimension = 20
    @Setting("spreads k of the columns' scales exp(U(-k, k))") package var spreads = [0.0, 2, 4, 6]
    @Setting("samples in a batch") package var batchSize = 32
    @Setting("epochs") package var epochs = 30
    @Setting("learning rates of SGD") package var sgdRates = [1e-3, 1e-2, 1e-1, 1]
    @Setting("learning rates of Adam") package var adamRates = [1e-3, 1e-2, 1e-1]
    @Setting("probes of the Hessian's diagonal before the first step; the paper's") package var probes = 100
    @Setting("independent runs") package var seeds = 3
    @Setting("share of wrong labels for the slack variants") package var labelNoise = 0.1
    @Setting("spread k of the columns' scales for the slack variants") package var noisySpread = 4.0
    @Setting("weight lambda of the slack") package var slackWeight = 0.01
    @Setting("steps of the invariance test") package var invarianceSteps = 50
    @Setting("LIBSVM files libsvm/<name> to run, if present") package var files: [String] = []
    @Setting("epochs on those files") package var fileEpochs = 100
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke: (settings.epochs, settings.spreads, settings.seeds) = (4, [0, 4, 6], 2)
    case .quick: break
    case .full: (settings.seeds, settings.files) = (10, ["mushrooms", "colon-cancer"])
    }
    return settings
  }

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let designs = notebook.key("data").split(settings.seeds).map { ScaledColumns(settings, key: $0) }
    for spread in settings.spreads {
      try race(
        "k\(Int(spread))", designs.map { $0.problem(spread: spread) },
        steps: settings.epochs * (settings.count / settings.batchSize), settings,
        notebook)
    }
    try slackVariants(designs, settings, notebook)
    try testInvariance(settings, notebook)
    for name in settings.files {
      guard let file = DataFolder.file("libsvm/\(name)") else { continue }
      let data = try LIBSVM<Double>(file: file)
      notebook.uses(data.source)
      let points = data.classified()
      let scales = columnScales(points.inputs.shape[1], spread: settings.noisySpread, key: notebook.key(name))
      for (suffix, inputs) in [("", points.inputs), (" scaled", points.inputs * scales)] {
        var points = points
        points.inputs = inputs
        try race(
          name + suffix,
          [LogisticRegression](
            repeating: LogisticRegression(training: points, batchSize: settings.batchSize), count: settings.seeds),
          steps: settings.fileEpochs * max(1, points.count / settings.batchSize), settings, notebook)
      }
    }
  }

  /// Every method on one problem for each seed: the same orders of batches for all.
  private static func race(
    _ group: String, _ problems: [LogisticRegression<Double>], steps: Int, _ settings: Settings, _ notebook: Recorder
  ) throws {
    let race = PolyakRace(problems: problems, steps: steps, cadence: .even(90, of: steps), notebook: notebook)
    try race.polyak("\(group) SPS", problems.map { _ in FixedMetric() })
    try race.polyak("\(group) Hutchinson", problems.map { hutchinson($0, settings, notebook) })
    try race.polyak("\(group) AdaGrad", problems.map { _ in AdaGradMetric() })
    try race.polyak("\(group) Adam metric", problems.map { _ in AdamMetric() })
    try race.train("\(group) SGD", problems.map { _ in SGD() }, rates: settings.sgdRates)
    try race.train("\(group) Adam", problems.map { _ in Adam() }, rates: settings.adamRates)
  }

  /// D_0 is the mean over probes of the Hessian of all points at the start.
  private static func hutchinson(
    _ problem: LogisticRegression<Double>, _ settings: Settings, _ notebook: Recorder
  ) -> HutchinsonMetric<Double> {
    let everything = Tensor((0..<problem.training.count).map { Int32($0) })
    let start = problem.initialParameters(key: notebook.key("start"))
    let objective = Objective<Double> { problem.loss($0.elements[0], on: everything) }
    return HutchinsonMetric(
      from: HutchinsonMetric.diagonal(
        of: objective, at: TensorList([start]), probes: settings.probes, key: notebook.key("probes")))
  }

  /// A tenth of the labels wrong: no weights make the loss of every batch 0.
  private static func slackVariants(_ designs: [ScaledColumns], _ settings: Settings, _ notebook: Recorder) throws {
    let problems = designs.map { $0.problem(spread: settings.noisySpread, labelNoise: settings.labelNoise) }
    let steps = settings.epochs * (settings.count / settings.batchSize)
    let race = PolyakRace(problems: problems, steps: steps, cadence: .even(90, of: steps), notebook: notebook)
    let metrics = problems.map { hutchinson($0, settings, notebook) }
    try race.polyak("noisy PSPS", metrics)
    try race.polyak("noisy PSPSL1", metrics, penalty: .linear(settings.slackWeight))
    try race.polyak("noisy PSPSL2", metrics, penalty: .quadratic(settings.slackWeight))
    try race.polyak("noisy SPS", problems.map { _ in FixedMetric() })
  }

  /// The same steps on columns as they are and scaled, the metric the exact Hessian of each: the predictions must be the same.
  private static func testInvariance(_ settings: Settings, _ notebook: Recorder) throws {
    let plain = OrthogonalLeastSquares(settings, key: notebook.key("least squares"))
    let scales = columnScales(settings.dimension, spread: 4, key: notebook.key("least squares scales"))
    let scaled = plain.scaled(by: scales)
    var weights = [plain, scaled].map { _ in TensorList([Tensor<Double>.zeros([settings.dimension])]) }
    let batches = Minibatches(count: settings.count, size: 1, key: notebook.key("least squares batches"))
    let difference = try notebook.trace("invariance/difference", "largest difference of predictions over the largest prediction")
    let loss = try notebook.trace("invariance/loss", "loss on the original columns")
    try notebook.steps("invariance", settings.invarianceSteps, state: &weights, cadence: .every(1)) { t, weights in
      for (i, problem) in [plain, scaled].enumerated() {
        let step = PolyakStep(FixedMetric(problem.hessianDiagonal))
        var state = step.initialState(for: weights[i], key: notebook.key("unused"))
        _ = step.step(&weights[i], &state, on: problem.objective(sample: batches[t][0]))
      }
    } measure: { weights, record in
      let (y, z) = (plain.predictions(weights[0]), scaled.predictions(weights[1]))
      // Before the first step both predict 0.
      record(difference, (y - z).abs().max().scalar / max(y.abs().max().scalar, .leastNonzeroMagnitude))
      record(loss, plain.loss(weights[0]))
    }
  }
}
