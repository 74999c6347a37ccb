import Networks
import Notebook
import Optimizers
import Problems
import Tensors
import Training
import Transforms

/// Grams: Gradient Descent with Adaptive Momentum Scaling (Cao, Li and Song, ICLR 2025 SCOPE workshop).
///
/// **Shows**: take the size of the step from Adam and its sign from the current gradient. Then every step descends at least as much as
/// Adam's and as cautious Adam's, and the oscillation that stale momentum brings is gone.
///
/// **Here**: a convex function of two numbers, and a ReLU network on points labelled by a random network, a tenth of them wrong. At every
/// step of Adam, cautious Adam and Grams, what the three would do from the same moments is compared. The full preset adds a small
/// language model. Left out: the paper's large language and vision models.
package enum GramsSignMagnitude: Experiment {
  package static let paper = Paper(
    slug: "grams-sign-magnitude", title: "Grams: Gradient Descent with Adaptive Momentum Scaling",
    authors: ["Yang Cao", "Xiaoyu Li", "Zhao Song"], year: 2024, arxiv: "2412.17107",
    shows: """
      Take the size of the step from Adam and its sign from the current gradient: every step then descends at least as much as Adam's and
      as cautious Adam's from the same moments, and the oscillation of stale momentum is gone.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("learning rates on the convex function") package var convexRates = [0.01, 0.03, 0.1]
    @Setting("steps on the convex function") package var convexSteps = 600
    @Setting("learning rates of the network") package var rates = [1e-3, 3e-3]
    @Setting("steps of the network") package var steps = 600
    @Setting("widths of the network's hidden layers") package var hidden = [128, 128]
    @Setting("random seeds of the network") package var seeds = 2
    @Setting("epsilon of all rules") package var epsilon = 1e-6
    @Setting("steps of the language model; 0 leaves it out") package var languageSteps = 0
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.steps = 20
      settings.hidden = [16, 16]
    case .quick: break
    case .full: settings.languageSteps = 3000
    }
    return settings
  }

  enum Method: String, CaseIterable {
    case adam = "Adam"
    case cautious = "cautious Adam"
    case grams = "Grams"

    /// As in the names of traces.
    var slug: String { rawValue.lowercased().split(separator: " ")[0].description }
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let convex = TestFunction<Double>.plane("convex", start: [1, 1], minimum: [0, 0]) { x, y in
      (0.5 * x).square() + (0.1 * y).square()
    }
    try compare("convex", convex, settings.convexRates, steps: settings.convexSteps, seeds: 1, settings, notebook) { $0.scalars }
    let network = Classification<Double>.teacher(hidden: settings.hidden, key: notebook.key("teacher"))
    try compare("network", network, settings.rates, steps: settings.steps, seeds: settings.seeds, settings, notebook)
    if settings.languageSteps > 0 {
      let language = LanguageModel<Double>(key: notebook.key("language"))
      try compare("language", language, settings.rates, steps: settings.languageSteps, seeds: 1, settings, notebook)
    }
  }

  /// The three rules on one problem.
  private static func compare<P: Problem<Double>>(
    _ name: String, _ problem: P, _ rates: [Double], steps: Int, seeds: Int, _ settings: Settings, _ notebook: Recorder,
    position: ((P.Parameters) -> [Double])? = nil
  ) throws {
    let adam = Adam<Double>(epsilon: settings.epsilon)
    let run = Run(name: name, rates: rates, steps: steps, seeds: seeds)
    try follow(run, .adam, problem, adam, settings, notebook, position)
    try follow(run, .cautious, problem, adam.cautious(), settings, notebook, position)
    try follow(run, .grams, problem, Grams(epsilon: settings.epsilon), settings, notebook, position)
  }

  private struct Run {
    var name: String
    var rates: [Double]
    var steps: Int
    var seeds: Int
  }

  /// One rule; what is recorded at step t is about the state and the batch of the step made next.
  private static func follow<P: Problem<Double>, Rule: GradientOptimizer<Double>>(
    _ run: Run, _ method: Method, _ problem: P, _ rule: Rule, _ settings: Settings, _ notebook: Recorder,
    _ position: ((P.Parameters) -> [Double])?
  ) throws where Rule.State == Moments<Double> {
    let name = "\(run.name)_\(method.slug)"
    let keys = notebook.key(run.name).split(run.seeds)
    let grid = TrainingGrid(problem, rule, rates: run.rates, keys: keys)
    let traces = try Comparison.quantities.map {
      try notebook.trace("\(name)/\($0.name)", $0.longName, along: grid.dimensions)
    }
    let place = try position.map { _ in
      try notebook.trace(
        "\(name)/position", "parameters", along: grid.dimensions + [Dimension("coordinate", [1, 2], "index of w")])
    }
    let comparison = Comparison(epsilon: settings.epsilon)
    let look = compile { (runs: TrainingGrid<P, Rule>.Runs, batches: P.Batch) in
      vmap { (run: TrainingGrid<P, Rule>.Runs, batch: P.Batch) in
        comparison.look(at: run.parameters, run.memory) { problem.loss($0, on: batch) }
      }(runs, batches)
    }
    // The batches of the grid's seeds, one for each of their rates.
    let batches = keys.map { problem.batches(key: $0.named("batches")) }
    let next = { (step: Int) in
      let perRun = batches.flatMap { batch in run.rates.map { _ in batch(step) } }
      let stacked = perRun[0].tensors.indices.map { leaf in AnyTensor.stack(perRun.map { $0.tensors[leaf] }) }
      return perRun[0].replacingTensors(stacked)
    }
    var runs = grid.start()
    try notebook.steps(name, run.steps, state: &runs, cadence: .every(1)) { i, runs in
      grid.step(i, &runs)
    } measure: { runs, record in
      let values = look(runs, next(record.step))
      for (column, trace) in traces.enumerated() { record(trace, values.slice(All(), column).scalars) }
      if let place, let position {
        record(place, run.rates.indices.flatMap { position(grid.parameters(of: runs, seed: 0, rate: $0)) })
      }
    }
  }
}
