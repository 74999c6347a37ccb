import Networks
import Notebook
import Optimizers
import Problems
import Tensors
import Training
import Transforms

/// AutoClip: Adaptive Gradient Clipping for Source Separation Networks (Seetharaman, Wichern, Pardo and Le Roux, MLSP 2020).
///
/// **Shows**: the threshold of gradient clipping can be a percentile of all gradient norms seen so far. One percentile, 10, works without
/// tuning, separates sources better and steers training through smoother regions.
///
/// **Here**: a small network infers masks for mixtures of two harmonic spectra whose loudness is heavy-tailed, trained by Adam and by SGD
/// at several percentiles and without clipping. Left out: recordings, the recurrent networks of the paper and its other losses.
package enum AutoClipPercentile: Experiment {
  package static let paper = Paper(
    slug: "autoclip-percentile", title: "AutoClip: Adaptive Gradient Clipping for Source Separation Networks",
    authors: ["Prem Seetharaman", "Gordon Wichern", "Bryan Pardo", "Jonathan Le Roux"], year: 2020, arxiv: "2007.14469",
    shows: """
      Clip gradients at a percentile of all their norms so far. One percentile, 10, works without tuning: it separates sources better and
      leads training through smoother regions.
      """,
    fidelity: .scaled)

  package struct Settings: Codable, Sendable {
    @Setting("percentiles p") package var percentiles: [Double] = [1, 10, 25, 50, 90]
    @Setting("learning rate of Adam") package var adamRate = 1e-3
    @Setting("learning rate of SGD") package var descentRate = 0.03
    @Setting("steps") package var steps = 1500
    @Setting("fresh frames a step") package var batch = 16
    @Setting("held-out frames") package var test = 1000
    @Setting("frames on which loss and smoothness are measured along the path") package var probe = 128
    @Setting("steps between two measurements") package var interval = 20
    @Setting("random seeds") package var seeds = 3
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.steps = 40
      settings.test = 50
      settings.probe = 10
      settings.seeds = 2
    case .quick: break
    case .full:
      settings.steps = 20_000
      settings.seeds = 5
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let problem = MaskInference(batch: settings.batch, test: settings.test, probe: settings.probe, key: notebook.key("held out"))
    try runAll("adam", Adam(), settings.adamRate, problem, settings, notebook)
    try runAll("sgd", SGD(), settings.descentRate, problem, settings, notebook)
  }

  /// One optimizer without clipping and at every percentile; then the scores of all.
  private static func runAll<Rule: GradientOptimizer<Double>>(
    _ name: String, _ rule: Rule, _ rate: Double, _ problem: MaskInference, _ settings: Settings, _ notebook: Recorder
  ) throws {
    var scores = [try train("\(name)_none", rule, rate, clip: nil, problem, settings, notebook)]
    for percentile in settings.percentiles {
      // One place more than there are steps, for the look ahead behind the last.
      let clip = AutoClip<Double>(percentile: percentile, capacity: settings.steps + 1)
      scores.append(
        try train(
          "\(name)_p\(percentile.whole)", rule.preceded(by: clip), rate, clip: \.transform, problem, settings, notebook))
    }
    try notebook.tensor(
      "\(name)_score", .stack(scores), "mean signal-to-distortion ratio of held-out frames",
      along: [
        Dimension("percentile", ["none"] + settings.percentiles.map(\.whole), "percentile of the norms at which is clipped"),
        seedDimension(settings),
      ], units: "dB")
  }

  /// Trains for all seeds. What is recorded at step t is about the step that is made next.
  /// - Parameter clip: where the optimizer keeps the norms.
  /// - Returns: the score of every seed.
  private static func train<Rule: GradientOptimizer<Double>>(
    _ name: String, _ rule: Rule, _ rate: Double, clip: KeyPath<Rule.State, AutoClip<Double>.State>?, _ problem: MaskInference,
    _ settings: Settings, _ notebook: Recorder
  ) throws -> Tensor<Double> {
    let grid = TrainingGrid(problem, rule, rates: [rate], keys: notebook.key("training").split(settings.seeds))
    let seed = [seedDimension(settings)]
    let loss = try notebook.trace("\(name)/loss", "loss on fixed frames", along: seed)
    let smoothness = try notebook.trace(
      "\(name)/smoothness", "|change of the gradient| over |change of the weights|", along: seed)
    let stepNorm = try notebook.trace("\(name)/step_norm", "norm of the change of the weights", along: seed)
    let threshold = try clip.map { _ in try notebook.trace("\(name)/threshold", "norm at which is clipped", along: seed) }
    let look = compile(vmap { problem.lookAhead($0, $1) })
    var runs = grid.start()
    try notebook.steps(name, settings.steps, state: &runs, cadence: .every(settings.interval)) { i, runs in
      grid.step(i, &runs)
    } measure: { runs, record in
      var next = runs
      grid.step(record.step, &next)
      let looked = look(runs.parameters, next.parameters)
      for (column, trace) in [loss, smoothness, stepNorm].enumerated() {
        record(trace, (0..<settings.seeds).map { looked[$0, column] })
      }
      if let clip, let threshold { record(threshold, next.memory[keyPath: clip].threshold.scalars) }
    }
    let scores = grid.measures(of: runs)["score"]
    if let clip {
      grid.step(settings.steps, &runs)
      try notebook.tensor(
        "\(name)/norm", runs.memory[keyPath: clip].history, "norm of the gradient before clipping",
        along: seed + [Dimension("update", count: settings.steps + 1, "updates made before it")])
    }
    return scores?.flattened() ?? .full([settings.seeds], .nan)
  }

  private static func seedDimension(_ settings: Settings) -> Dimension {
    Dimension("seed", count: settings.seeds, "random seed")
  }
}

extension Double {
  /// "10", as a percentile is called.
  fileprivate var whole: String { String(Int(self)) }
}
