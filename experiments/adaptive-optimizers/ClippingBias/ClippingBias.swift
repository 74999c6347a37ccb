import Datasets
import Foundation
import Notebook
import Tensors
import Transforms

/// Revisiting Gradient Clipping: Stochastic bias and tight convergence guarantees (Koloskova, Hendrikx and Stich, ICML 2023).
///
/// **Shows**: with exact gradients the clipping threshold c costs a transient only. With noise of standard deviation sigma, clipped SGD
/// ends in a neighbourhood of size min(sigma, sigma²/c) that smaller steps do not make smaller.
///
/// **Here**: (a) exact gradients of a quadratic; (b) the fixed points of the paper's lower bound, f = x²/2 with two-point noise, by
/// bisection; (c) clipped SGD on the worst of them and (d) on Gaussian noise, all thresholds, rates and chains one compiled step;
/// (e) logistic regression with one sample a step, on made data and on LIBSVM's w1a when it is in the data folder. The grid of p in (b)
/// is logarithmic, since the worst p falls like 1/c².
package enum ClippingBias: Experiment {
  package static let paper = Paper(
    slug: "clipping-bias",
    title: "Revisiting Gradient Clipping: Stochastic bias and tight convergence guarantees",
    authors: ["Anastasia Koloskova", "Hadrien Hendrikx", "Sebastian U. Stich"], year: 2023, arxiv: "2305.01588",
    shows: """
      With exact gradients a clipping threshold costs only a transient. With noise, clipped SGD converges to a neighbourhood of the
      solution of size min(sigma, sigma²/c), whatever the step size.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("exact gradients, experiment (a)") package var exact = Exact()
    @Setting("two-point and Gaussian noise, experiments (b), (c), (d)") package var noise = Noise()
    @Setting("logistic regression, experiment (e)") package var logistic = Logistic()
    package init() {}
  }

  package struct Exact: Codable, Sendable {
    @Setting("dimensions of the quadratic, curvatures 0.1 to 1") package var dimension = 20
    @Setting("every coordinate of the start") package var start = 5.0
    @Setting("step size eta") package var rate = 1.0
    @Setting("finite clipping thresholds c") package var thresholds = [5, 1, 0.2]
    @Setting("gradient steps") package var steps = 300
    package init() {}
  }

  package struct Noise: Codable, Sendable {
    @Setting("standard deviation sigma of the noise") package var sigma = 1.0
    @Setting("thresholds c whose fixed points are found") package var thresholds = [1.0, 2, 4, 8, 16, 32]
    @Setting("probabilities p of the rare outcome, between 1e-4 and 1/2") package var probabilities = 4000
    @Setting("thresholds c that are simulated") package var simulated = [2.0, 4, 8]
    @Setting("step sizes eta") package var rates = [0.1, 0.02, 0.005]
    @Setting("independent chains") package var chains = 400
    @Setting("length of a chain in units of 1/eta steps") package var time = 60.0
    package init() {}
  }

  package struct Logistic: Codable, Sendable {
    @Setting("samples") package var samples = 1000
    @Setting("features") package var features = 20
    @Setting("norm of the true weights") package var weightNorm = 3.0
    @Setting("clipping thresholds c") package var thresholds = [0.1, 0.3, 1, 3, 10, 30]
    @Setting("step sizes eta") package var rates = [0.03, 0.01, 0.003]
    @Setting("steps, of one sample each") package var steps = 60_000
    @Setting("independent runs") package var seeds = 3
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.noise.probabilities = 200
      settings.noise.chains = 40
      settings.noise.rates = [0.1, 0.05]
      settings.logistic.steps = 500
    case .quick: break
    case .full:
      settings.exact.dimension = 100
      settings.noise.probabilities = 40_000
      settings.noise.chains = 4000
      settings.logistic.features = 100
      settings.logistic.samples = 10_000
      settings.logistic.steps = 200_000
      settings.logistic.seeds = 10
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    try descendExactly(settings.exact, notebook)
    try findFixedPoints(settings.noise, notebook)
    try simulate(settings.noise, notebook)
    let logistic = settings.logistic
    let design = LinearDesign(
      dimension: logistic.features, weightNorm: logistic.weightNorm, key: notebook.key("logistic design"))
    try classify(design.logistic(logistic.samples, key: notebook.key("logistic samples")), "logistic", logistic, notebook)
    if let file = DataFolder.file("w1a") {
      let data = try LIBSVM<Double>(file: file)
      notebook.uses(data.source)
      try classify(data.classified(), "w1a", logistic, notebook)
    }
  }

  /// (a): the first threshold is infinite.
  private static func descendExactly(_ exact: Exact, _ notebook: Recorder) throws {
    let thresholds = [.infinity] + exact.thresholds
    let norm = try notebook.trace(
      "exact/gradient_norm", "norm of the gradient", along: [Dimension("threshold", thresholds, "clipping threshold c")])
    let curvatures = Tensor<Double>.linspace(0.1, 1, count: exact.dimension)
    let rules = clippedSGD(thresholds: thresholds, rates: thresholds.map { _ in exact.rate })
    let step = compile { (x: Tensor<Double>) in advance(rules, x, gradients: curvatures * x) }
    var x = Tensor<Double>.full([thresholds.count, exact.dimension], exact.start)
    try notebook.steps("exact", exact.steps, state: &x, cadence: .every(1)) { _, x in
      x = step(x)
    } measure: { x, record in
      record(norm, (curvatures * x).norm(-1).scalars)
    }
  }

  /// (b): where clipped SGD stands still on average.
  private static func findFixedPoints(_ noise: Noise, _ notebook: Recorder) throws {
    let p = Tensor<Double>.geomspace(1e-4, 0.5, count: noise.probabilities)
    let outcomes = TwoPointNoise(probability: p, sigma: noise.sigma)
    try notebook.tensor(
      "fixed_points", .stack(noise.thresholds.map { outcomes.fixedPoint(threshold: $0) }), "fixed point of the mean step",
      along: [
        Dimension("threshold", noise.thresholds, "clipping threshold c"),
        Dimension("probability", p.scalars, "probability p of the rare outcome"),
      ])
  }

  /// (c) and (d): chains of clipped SGD on x²/2 from 0; the mean over the second half of each chain.
  private static func simulate(_ noise: Noise, _ notebook: Recorder) throws {
    let chains = NoisyChains(noise)
    var state = chains.start
    let key = notebook.key("chains")
    try notebook.steps("chains", chains.steps, state: &state, cadence: .even(100, of: chains.steps)) { i, state in
      state = chains.step(state, Tensor(Double(i)), key[i])
    }
    let dimensions = [
      Dimension("noise", NoisyChains.noises, "distribution of the noise"),
      Dimension("threshold", noise.simulated, "clipping threshold c"), Dimension("rate", noise.rates, "step size eta"),
    ]
    let means = chains.means(of: state)
    try notebook.tensor("chains/mean", means.mean(-1), "mean of x over the second half and the chains", along: dimensions)
    try notebook.tensor(
      "chains/standard_error", (means.variance(-1, correction: 1) / Double(noise.chains)).sqrt(),
      "its standard error over the chains", along: dimensions)
  }

  /// (e): the gradient of the whole loss on the way, and at the mean iterate of the second half, which has lost most of its noise.
  private static func classify(
    _ points: LabelledPoints<Double>, _ name: String, _ logistic: Logistic, _ notebook: Recorder
  ) throws {
    let runs = LogisticRuns(points, logistic)
    let dimensions = [
      Dimension("threshold", logistic.thresholds, "clipping threshold c"),
      Dimension("rate", logistic.rates, "step size eta"), Dimension("seed", count: logistic.seeds, "independent run"),
    ]
    let norm = try notebook.trace("\(name)/gradient_norm", "norm of the gradient of the whole loss", along: dimensions)
    var state = runs.start
    let key = notebook.key("\(name) draws")
    try notebook.steps(name, logistic.steps, state: &state, cadence: .even(200, of: logistic.steps)) { i, state in
      state = runs.step(state, Tensor(2 * i >= logistic.steps ? 1 : 0), key[i])
    } measure: { state, record in
      record(norm, runs.gradientNorms(at: state.x).scalars)
    }
    let mean = state.sum / Double(logistic.steps - logistic.steps / 2)
    try notebook.tensor(
      "\(name)/bias", runs.gradientNorms(at: mean).reshaped(dimensions.map(\.count)), "norm of the gradient at the mean iterate",
      along: dimensions)
  }
}
