import Notebook
import Optimizers
import Tensors

/// SGD with AdaGrad Stepsizes: Full Adaptivity with High Probability to Unknown Parameters, Unbounded Gradients and Affine Variance
/// (Attia and Koren, ICML 2023).
///
/// **Shows**: one scalar AdaGrad step size, which knows neither smoothness nor noise nor a bound of the gradient, converges like 1/T when
/// the noise is low and like 1/sqrt(T) when it is high, with high probability, even if the noise grows with the gradient.
///
/// **Here**: AdaGrad-Norm on a quadratic (a) and on a non-convex function (b) with noise of variance s0² + s1² ||grad f||², all noise
/// levels, step sizes and chains one compiled step; SGD with constant and with decaying steps beside it, for noise (1, 0); (c) the
/// distribution over many chains. Chains of the same number see the same normal numbers, whatever the level and the step size.
package enum AdaGradFullAdaptivity: Experiment {
  package static let paper = Paper(
    slug: "adagrad-full-adaptivity",
    title: """
      SGD with AdaGrad Stepsizes: Full Adaptivity with High Probability to Unknown Parameters, Unbounded Gradients and Affine Variance
      """,
    authors: ["Amit Attia", "Tomer Koren"], year: 2023, arxiv: "2302.08783",
    shows: """
      One scalar AdaGrad step size attains about 1/T when the noise is low and 1/sqrt(T) when it is high, with high probability, without
      knowing smoothness, noise or gradient bounds, even if the noise grows with the gradient.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("dimensions of both problems") package var dimension = 50
    @Setting("steps T") package var steps = 10_000
    @Setting("constant parts s0 of the noise, one for each level") package var constantNoise = [0.0, 1, 5, 20, 0, 0]
    @Setting("parts s1 proportional to the gradient, one for each level") package var affineNoise = [0.0, 0, 0, 0, 1, 3]
    @Setting("step sizes eta of AdaGrad-Norm") package var rates = [0.01, 0.1, 1, 10, 100, 1000]
    @Setting("independent chains") package var chains = 16
    @Setting("step sizes of SGD, besides the fractions of 1/L") package var gradientDescentRates = [0.001, 0.01, 0.1, 1, 10, 100]
    @Setting("chains whose distribution is recorded, experiment (c)") package var tailChains = 200
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.steps = 400
      settings.chains = 4
      settings.tailChains = 20
    case .quick: break
    case .full:
      settings.steps = 1_000_000
      settings.tailChains = 1000
    }
    return settings
  }

  /// The largest curvature L of the quadratic.
  static let smoothness = 10.0

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let levels = zip(settings.constantNoise, settings.affineNoise).map { NoiseLevel(constant: $0, affine: $1) }
    let descentRates = Set(settings.gradientDescentRates + [0.5, 1.9, 2.2, 10].map { $0 / smoothness }).sorted()
    for problem in [Landscape.convex, .nonconvex] {
      try descend(problem, "adagrad", adaGradNorm, levels: levels, rates: settings.rates, settings, notebook)
      let some = [NoiseLevel(constant: 1, affine: 0)]
      try descend(problem, "sgd", SGD(), levels: some, rates: descentRates, settings, notebook)
      try descend(
        problem, "decaying_sgd", SGD().scheduled(.inverseSquareRoot()), levels: some, rates: descentRates, settings, notebook)
    }
    var tails = settings
    tails.chains = settings.tailChains
    try descend(.convex, "tails", adaGradNorm, levels: [NoiseLevel(constant: 1, affine: 1)], rates: [1], tails, notebook)
  }

  /// b0 = 1e-6: the first step has length eta.
  private static var adaGradNorm: AdaGradNorm<Double> { AdaGradNorm(initialNorm: 1e-6) }

  /// Runs a rule at every level and rate; recorded are the value at the mean iterate and the mean squared gradient.
  private static func descend<Rule: GradientOptimizer>(
    _ problem: Landscape, _ name: String, _ rule: Rule, levels: [NoiseLevel], rates: [Double], _ settings: Settings,
    _ notebook: Recorder
  ) throws where Rule.Scalar == Double {
    let loop = "\(problem.rawValue)_\(name)"
    let descent = NoisyDescent(
      problem, rule, levels: levels, rates: rates, chains: settings.chains, dimension: settings.dimension)
    let dimensions = [
      Dimension("noise", levels.map(\.label), "noise level s0, s1"), Dimension("rate", rates, "step size eta"),
      Dimension("chain", count: settings.chains, "independent chain"),
    ]
    let value = try notebook.trace("\(loop)/value", "f at the mean of the iterates", along: dimensions)
    let gradient = try notebook.trace("\(loop)/squared_gradient", "mean of the squared gradient norms", along: dimensions)
    var runs = descent.start
    let key = notebook.key("normal numbers")
    try notebook.steps(loop, settings.steps, state: &runs, cadence: .geometric(perDecade: 20)) { i, runs in
      runs = descent.step(runs, Tensor(Double(i + 1)), key[i])
    } measure: { runs, record in
      record(value, descent.values(of: runs).scalars)
      record(gradient, runs.meanSquaredGradient.scalars)
    }
  }
}
