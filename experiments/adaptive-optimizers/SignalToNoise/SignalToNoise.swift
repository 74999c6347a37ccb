import Foundation
import Notebook
import Optimizers
import Problems
import Tensors
import Training

/// Accelerating Large Batch Training via Gradient Signal to Noise Ratio (Jiang, Liu, Ding, Guo et al. 2023).
///
/// **Shows**: when a large batch is shared by workers, the signal-to-noise ratio of every element of the gradient costs nothing. Scaling
/// each element of the step by it (VRGD) damps what the workers disagree about and narrows the gap between training and test loss.
///
/// **Here**: (a) linear regression of which ten of a hundred features matter, the whole data as eight random groups, regrouped at every step;
/// (b) VR-Adam against Adam on teacher-labelled points with wrong labels. In Double, so that the ratios' mean is exact. A data set for
/// each seed in (a). `full` adds VR-LARS and VR-LAMB and takes batches of 4096 in 32 groups. Left out: ImageNet, BERT, DLRM.
package enum SignalToNoise: Experiment {
  package static let paper = Paper(
    slug: "gsnr-variance-reduction", title: "Accelerating Large Batch Training via Gradient Signal to Noise Ratio (GSNR)",
    authors: ["Guo-qing Jiang", "Jinlong Liu", "Zixiang Ding", "Lin Guo", "Wei Lin"], year: 2023, arxiv: "2309.13681",
    shows: """
      When a large batch is shared by workers, the signal-to-noise ratio of every element of the gradient costs nothing. Scaling the
      steps by it damps what the workers disagree about and narrows the generalization gap.
      """,
    fidelity: .scaled)

  package struct Settings: Codable, Sendable {
    @Setting("the linear regression, experiment (a)") package var regression = Regression()
    @Setting("the network, experiment (b)") package var network = Network()
    package init() {}
  }

  package struct Regression: Codable, Sendable {
    @Setting("training samples n") package var count = 160
    @Setting("test samples") package var testCount = 4000
    @Setting("features d") package var dimension = 100
    @Setting("features that matter, the j-th with weight j/3") package var relevant = 10
    @Setting("standard deviation of the targets' noise") package var noise = 2.0
    @Setting("groups k") package var workers = 8
    @Setting("learning rates") package var rates = [0.01, 0.02, 0.05]
    @Setting("steps") package var steps = 400
    @Setting("independent data sets") package var seeds = 6
    @Setting("step after which the ratios are kept for the histogram") package var histogramStep = 20
    package init() {}
  }

  package struct Network: Codable, Sendable {
    @Setting("training points, a tenth of their labels wrong") package var trainingCount = 4000
    @Setting("test points") package var testCount = 2000
    @Setting("samples in a batch") package var batchSize = 1024
    @Setting("groups k") package var workers = 16
    @Setting("learning rate of Adam") package var rate = 3e-3
    @Setting("steps") package var steps = 300
    @Setting("independent runs") package var seeds = 3
    @Setting("whether LARS and LAMB run too") package var hasLayerwiseRules = false
    @Setting("learning rate of LARS") package var larsRate = 10.0
    @Setting("learning rate of LAMB") package var lambRate = 1e-2
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      (settings.regression.steps, settings.regression.seeds) = (100, 2)
      (settings.network.trainingCount, settings.network.testCount) = (400, 200)
      (settings.network.batchSize, settings.network.workers, settings.network.steps) = (128, 4, 10)
      settings.network.seeds = 1
    case .quick: break
    case .full:
      (settings.network.trainingCount, settings.network.testCount) = (16_384, 4000)
      (settings.network.batchSize, settings.network.workers) = (4096, 32)
      (settings.network.steps, settings.network.hasLayerwiseRules) = (1000, true)
    }
    return settings
  }

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    try runRegression(settings.regression, notebook)
    try runNetwork(settings.network, notebook)
  }

  /// (a): a data set for each seed, its groups drawn anew at every step.
  private static func runRegression(_ settings: Regression, _ notebook: Recorder) throws {
    let keys = notebook.key("regression").split(settings.seeds)
    let problems = keys.map { FewRelevantFeatures(settings, key: $0.named("data")) }
    let sgd = TrainingGrid(problems: problems, optimizers: keys.map { _ in SGD() }, rates: settings.rates, keys: keys)
    try notebook.train("SGD", sgd, steps: settings.steps, cadence: .every(1))

    let rule = VarianceReduced(SGD<Double>())
    let reduced = TrainingGrid(
      problems: problems, optimizers: keys.map { _ in rule }, rates: settings.rates, keys: keys, workers: settings.workers)
    var observables = observables(of: rule, on: FewRelevantFeatures.self)
    observables["relevant ratio"] = { rule.ratios(of: $0.memory).elements[0].slice(All(), 0..<settings.relevant).mean(-1) }
    observables["irrelevant ratio"] = {
      rule.ratios(of: $0.memory).elements[0].slice(All(), settings.relevant..<settings.dimension).mean(-1)
    }
    try notebook.train("VR-SGD", reduced, steps: settings.steps, cadence: .every(1), observing: observables)

    var runs = reduced.start()
    for i in 0..<min(settings.histogramStep, settings.steps) { reduced.step(i, &runs) }
    let dimensions = reduced.dimensions + [Dimension("feature", count: settings.dimension, "feature j")]
    let shape = dimensions.map(\.count)
    try notebook.tensor(
      "normalized_ratio", runs.memory.normalized.elements[0].reshaped(shape), "ratio before confinement", along: dimensions)
    try notebook.tensor(
      "ratio", rule.ratios(of: runs.memory).elements[0].reshaped(shape), "ratio, confined", along: dimensions)
  }

  /// (b): the same starts and batches for all rules.
  private static func runNetwork(_ settings: Network, _ notebook: Recorder) throws {
    let problem = Classification<Double>.teacher(
      training: settings.trainingCount, test: settings.testCount, batchSize: settings.batchSize, key: notebook.key("teacher"))
    let keys = notebook.key("network").split(settings.seeds)
    func race<Rule: GradientOptimizer>(_ name: String, _ rule: Rule, smoothing: Double, rate: Double) throws
    where Rule.Scalar == Double {
      let cadence = Cadence.every(5)
      try notebook.train(name, TrainingGrid(problem, rule, rates: [rate], keys: keys), steps: settings.steps, cadence: cadence)
      let reduced = VarianceReduced(rule, smoothing: smoothing)
      try notebook.train(
        "VR-\(name)", TrainingGrid(problem, reduced, rates: [rate], keys: keys, workers: settings.workers), steps: settings.steps,
        cadence: cadence, observing: observables(of: reduced, on: Classification<Double>.self))
    }
    try race("Adam", Adam(), smoothing: 0.9, rate: settings.rate)
    if settings.hasLayerwiseRules {
      try race("LARS", LARS(), smoothing: 0, rate: settings.larsRate)
      try race("LAMB", LAMB(), smoothing: 0.9, rate: settings.lambRate)
    }
  }

  /// The least and the largest ratio of each run, and how far the mean over a tensor was from 1 before confinement.
  private static func observables<Rule: GradientOptimizer, P: Problem>(
    of rule: VarianceReduced<Rule>, on problem: P.Type
  ) -> [String: (TrainingGrid<P, VarianceReduced<Rule>>.Runs) -> Tensor<Double>] where Rule.Scalar == Double, P.Scalar == Double {
    // The first axis of each tensor is that of the runs.
    let rows = { (list: TensorList<Double>) in list.elements.map { $0.reshaped([$0.shape[0], -1]) } }
    return [
      "least ratio": { Tensor.stack(rows(rule.ratios(of: $0.memory)).map { $0.min(1) }).min(0) },
      "largest ratio": { Tensor.stack(rows(rule.ratios(of: $0.memory)).map { $0.max(1) }).max(0) },
      "mean deviation": { Tensor.stack(rows($0.memory.normalized).map { ($0.mean(1) - 1).abs() }).max(0) },
    ]
  }
}
