import Diagnostics
import Notebook
import Tensors

/// Optimistic Online Mirror Descent for Bridging Stochastic and Adversarial Online Convex Optimization
/// (Chen, Zhang, Tu, Zhao and Zhang, ICML 2023, JMLR 2024).
///
/// **Shows**: optimistic mirror descent with the last gradient as its hint and a step that adapts to how well hints have been lies between
/// stochastic and adversarial online learning: its regret follows the cumulative noise plus the cumulative drift of the mean
/// gradients, and is logarithmic under strong convexity.
///
/// **Here**: Euclidean, on the unit ball of five dimensions, against plain descent: (a) linear losses of noise alone; (b) a direction that
/// flips ten times, and one that flips every round, where the hint is always wrong and plain descent wins; (c) noisy quadratics;
/// (d) the same with corrupted rounds, at random places of a horizon of 2000; (e) the online Newton variant on squared losses of unit
/// features. D' = 1 for both methods; the theorem's constant is the diameter. Regrets are those of the sampled losses.
package enum OptimisticMirrorDescent: Experiment {
  package static let paper = Paper(
    slug: "optimistic-omd-sea",
    title: "Optimistic Online Mirror Descent for Bridging Stochastic and Adversarial Online Convex Optimization",
    authors: ["Sijia Chen", "Yu-Jie Zhang", "Wei-Wei Tu", "Peng Zhao", "Lijun Zhang"], year: 2023, arxiv: "2302.04552",
    shows: """
      One algorithm, optimistic online mirror descent, interpolates between stochastic and adversarial online learning: its regret is
      governed by the cumulative variance of the noise and the cumulative drift of the mean gradients, and is logarithmic under strong
      convexity.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("dimension d") package var dimension = 5
    @Setting("horizons T") package var horizons = [500, 2000, 8000]
    @Setting("numerator D' of the steps") package var scale = 1.0
    @Setting("(a): standard deviations sigma") package var sigmas = [0.1, 1]
    @Setting("(a): delta in the steps") package var noiseDelta = 0.01
    @Setting("seeds of (a), (b) and (e)") package var seeds = 5
    @Setting("(b): standard deviations sigma") package var switchingSigmas = [0, 0.1]
    @Setting("(b): flips; a tenth of the rounds lies between two") package var segments = 10
    @Setting("(b): delta in the steps") package var switchingDelta = 1.0
    @Setting("(c): standard deviations sigma") package var strongSigmas = [0.3, 1]
    @Setting("seeds of (c) and (d)") package var strongSeeds = 10
    @Setting("(d): corrupted rounds C") package var corrupted = [0, 20, 80]
    @Setting("(d): horizon") package var corruptedHorizon = 2000
    @Setting("(e): beta of the Newton steps") package var beta = 0.5
    @Setting("(e): standard deviation of the labels' noise") package var labelNoise = 0.5
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.horizons = [100, 200]
      settings.corruptedHorizon = 200
      settings.seeds = 2
      settings.strongSeeds = 2
    case .quick: break
    case .full:
      settings.dimension = 20
      settings.horizons = [500, 2000, 8000, 32_000, 100_000]
      settings.seeds = 30
      settings.strongSeeds = 30
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    try runLinear(settings, notebook)
    try runQuadratic(settings, notebook)
    try runNewton(settings, notebook)
  }

  private static let methods = Dimension("method", ["optimistic", "plain"], "method")

  /// (a) and (b). The environments of (b) depend on the horizon, so every horizon is a run of its own.
  private static func runLinear(_ settings: Settings, _ notebook: Recorder) throws {
    let environments: [(name: String, sigmas: [Double], delta: Double, sign: (Int, Int) -> Double)] = [
      ("noise", settings.sigmas, settings.noiseDelta, { _, _ in 0 }),
      (
        "switching", settings.switchingSigmas, settings.switchingDelta,
        { t, horizon in (t * settings.segments / horizon) % 2 == 0 ? 1 : -1 }
      ),
      ("alternating", settings.switchingSigmas, settings.switchingDelta, { t, _ in t % 2 == 0 ? 1 : -1 }),
    ]
    for (name, sigmas, delta, sign) in environments {
      var outcomes: [Double] = []
      for horizon in settings.horizons {
        let key = notebook.key(name)
        let noise = (0..<settings.seeds).map { Rounds(normal: horizon, settings.dimension, key: key[$0]) }
        var runs = sigmas.flatMap { _ in
          noise.indices.flatMap { _ in
            [true, false].map { LinearRun(dimension: settings.dimension, isOptimistic: $0, scale: settings.scale, delta: delta) }
          }
        }
        try notebook.steps("\(name) \(horizon)", horizon, state: &runs, cadence: .every(horizon)) { t, runs in
          for (i, sigma) in sigmas.enumerated() {
            for seed in noise.indices {
              for method in 0..<2 {
                let place = (i * noise.count + seed) * 2 + method
                runs[place].step(mean: sign(t, horizon), noise: noise[seed], at: t, sigma: sigma)
              }
            }
          }
        }
        outcomes += runs.flatMap { [$0.staticRegret, $0.regret.dynamic, $0.drift, $0.variance] }
      }
      try notebook.tensor(
        "\(name)/outcome", Tensor(shape: [settings.horizons.count, sigmas.count, settings.seeds, 2, 4], outcomes),
        "regrets, and what bounds them",
        along: [
          Dimension("horizon", settings.horizons, "horizon T"),
          Dimension("\(name)_sigma", sigmas, "standard deviation of the noise"),
          Dimension("seed", count: settings.seeds, "draw of the noise"), methods,
          Dimension("quantity", ["static", "dynamic", "drift", "variance"], "regret, or cumulative drift or variance"),
        ])
    }
  }

  /// (c) over horizons and (d) over corrupted rounds. Regrets at the shorter horizons are those on the way.
  private static func runQuadratic(_ settings: Settings, _ notebook: Recorder) throws {
    let seeds = settings.strongSeeds
    let horizon = settings.horizons.max() ?? 0
    let seed = Dimension("strong_seed", count: seeds, "draw of the noise")
    let noise = (0..<seeds).map {
      Rounds(normal: max(horizon, settings.corruptedHorizon), settings.dimension, key: notebook.key("strong")[$0])
    }
    var runs = settings.strongSigmas.flatMap { _ in noise.map { _ in QuadraticRun(dimension: settings.dimension) } }
    let regret = try notebook.trace(
      "strong/regret", "regret against the best fixed point",
      along: [Dimension("sigma", settings.strongSigmas, "standard deviation of the noise"), seed])
    try notebook.steps("strong", horizon, state: &runs, cadence: .every(100)) { t, runs in
      for (i, sigma) in settings.strongSigmas.enumerated() {
        for s in noise.indices { runs[i * seeds + s].step(noise: noise[s], at: t, sigma: sigma, isCorrupted: false) }
      }
    } measure: { runs, record in
      record(regret, runs.map(\.staticRegret))
    }

    let places = (0..<seeds).map { Array(notebook.key("corrupted")[$0].permutation(settings.corruptedHorizon)) }
    let corrupted = settings.corrupted.map { count in places.map { Set($0.prefix(count)) } }
    var corruptedRuns = settings.strongSigmas.flatMap { _ in
      settings.corrupted.flatMap { _ in noise.map { _ in QuadraticRun(dimension: settings.dimension) } }
    }
    try notebook.steps("corrupted", settings.corruptedHorizon, state: &corruptedRuns, cadence: .every(settings.corruptedHorizon))
    { t, runs in
      for (i, sigma) in settings.strongSigmas.enumerated() {
        for (c, sets) in corrupted.enumerated() {
          for s in noise.indices {
            runs[(i * corrupted.count + c) * seeds + s].step(
              noise: noise[s], at: t, sigma: sigma, isCorrupted: sets[s].contains(t))
          }
        }
      }
    }
    try notebook.tensor(
      "corrupted/regret",
      Tensor(shape: [settings.strongSigmas.count, settings.corrupted.count, seeds], corruptedRuns.map(\.staticRegret)),
      "regret against the best fixed point",
      along: [
        Dimension("sigma", settings.strongSigmas, "standard deviation of the noise"),
        Dimension("corrupted", settings.corrupted, "corrupted rounds C"), seed,
      ])
  }

  /// (e): optimistic online Newton on (<a_t, x> - y_t)^2 / 2 with unit a_t.
  private static func runNewton(_ settings: Settings, _ notebook: Recorder) throws {
    let horizon = settings.horizons.max() ?? 0
    let rounds = (0..<settings.seeds).map { seed in
      Rounds(
        regression: horizon, settings.dimension, noise: settings.labelNoise, key: notebook.key("newton")[seed])
    }
    var runs = rounds.map { _ in NewtonRun(dimension: settings.dimension, beta: settings.beta) }
    let regret = try notebook.trace(
      "newton/regret", "regret against the least-squares point of all rounds so far",
      along: [Dimension("seed", count: settings.seeds, "draw of the rounds")])
    try notebook.steps("newton", horizon, state: &runs, cadence: .every(100)) { t, runs in
      for i in runs.indices { runs[i].step(rounds[i], at: t) }
    } measure: { runs, record in
      record(regret, runs.map(\.staticRegret))
    }
  }
}
