import Diagnostics
import Notebook
import Optimizers
import Plotting
import Problems
import Tensors

/// Any optimizers of the library on any problem of the library, with the same budget of steps, seeds and learning rates.
///
/// No paper: a run that a user asks for by name, recorded like any other.
package enum OptimizerRace: Experiment {
  package static let paper = Paper(
    slug: "race", title: "A race of optimizers", authors: ["Offprint"], year: 2026, arxiv: "none",
    shows:
      "Optimizers of the library on one problem of the library, each with the same steps, seeds and number of learning rates.",
    fidelity: .mechanism)

  package struct Settings: Codable, Sendable {
    @Setting("the problem; `offprint race --help` lists them") package var problem = "teacher"
    @Setting("the optimizers; `offprint optimizers` lists them") package var optimizers = ["sgd", "adam"]
    @Setting("whether each optimizer chooses the best of its learning rates, else its default is taken") package var isTuned =
      false
    @Setting("steps of each run") package var steps = 600
    @Setting("independent runs") package var seeds = 3
    /// The defaults.
    package init() {}
  }

  /// A few steps, the default, or long runs.
  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke: (settings.problem, settings.steps, settings.seeds) = ("beale", 50, 2)
    case .quick: break
    case .full: (settings.steps, settings.seeds) = (5000, 10)
    }
    return settings
  }

  /// Trains every optimizer at each of its rates.
  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    guard let problem = ProblemCatalog.entry(named: settings.problem)?.make(key: notebook.key("problem")) else {
      throw RaceError.unknownProblem(settings.problem)
    }
    let keys = notebook.key("runs").split(settings.seeds)
    for name in settings.optimizers {
      guard let entry = OptimizerCatalog.entry(named: name) else { throw RaceError.unknownOptimizer(name) }
      guard !entry.needsWorkers || problem.suggestedWorkers > 1 else {
        throw RaceError.needsWorkers(name, problem: settings.problem)
      }
      let optimizer = entry.make()
      let rates = settings.isTuned ? entry.rates : [optimizer.learningRate.scalar]
      try race(problem, optimizer, name, rates, keys, settings, notebook)
    }
  }

  private static func race<P: Problem<Double>, O: Optimizer<Double>>(
    _ problem: P, _ optimizer: O, _ name: String, _ rates: [Double], _ keys: [Key], _ settings: Settings, _ notebook: Recorder
  ) throws {
    let grid = TrainingGrid(problem, optimizer, rates: rates, keys: keys, workers: problem.suggestedWorkers)
    try notebook.train(name, grid, steps: settings.steps, cadence: .even(25, of: settings.steps))
  }

  /// The optimizers that can run on a problem: all, or those that need no workers.
  package static func optimizers(for problem: String) -> [String] {
    let workers = ProblemCatalog.entry(named: problem)?.make(key: Key(seed: 0)).suggestedWorkers ?? 1
    return OptimizerCatalog.entries.filter { !$0.needsWorkers || workers > 1 }.map(\.name)
  }

  // MARK: Standings

  /// How one optimizer did.
  package struct Standing: Sendable {
    /// On the command line.
    package var name: String
    /// The best of its learning rates.
    package var rate: Double
    /// At that rate after the last step: median over seeds, least and largest.
    package var median, least, largest: Double
    /// Runs of all seeds and rates whose last value is not finite.
    package var diverged: Int
    /// Runs.
    package var runs: Int
  }

  /// What is compared: the loss on all training points where the problem measures it, else of fresh text, else of the batch.
  static func score(_ results: Results, _ optimizer: String) throws -> RecordedArray {
    let measure = ["training loss", "test loss"].first { results.hasTrace("\(optimizer)/\($0)") }
    return try results.trace("\(optimizer)/\(measure ?? "loss")")
  }

  /// The optimizers, the best first.
  package static func standings(from results: Results) throws -> [Standing] {
    let settings: Settings = try results.settings()
    let standings = try settings.optimizers.map { name in
      let score = try score(results, name)
      let last = try score.coordinate("step").values.last ?? 0
      let rates = try score.coordinate("rate").values
      let finals = try rates.map { rate in try score.values(at: ["step": .init(last), "rate": .init(rate)]) }
      let medians = finals.map { $0.allSatisfy(\.isFinite) ? median($0) : .infinity }
      let best = medians.indices.min { medians[$0] < medians[$1] } ?? 0
      return Standing(
        name: name, rate: rates[best], median: medians[best], least: finals[best].min() ?? .nan,
        largest: finals[best].max() ?? .nan,
        diverged: finals.joined().count { !$0.isFinite }, runs: finals.joined().count)
    }
    return standings.sorted { $0.median < $1.median }
  }

  // MARK: Figures and claims

  /// No claims: a race has an outcome.
  package static func claims(from results: Results) throws -> [Claim] { [] }

  /// Loss against step at the best rates, and, tuned, the last loss against the rate.
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let standings = try standings(from: results)
    // A panel holds as many curves as the theme has looks.
    let groups = stride(from: 0, to: standings.count, by: 7).map { Array(standings[$0..<min($0 + 7, standings.count)]) }
    let curves = try groups.map { group in
      Panel(
        x: Axis("step"), y: Axis(try score(results, group[0].name).longName, scale: .log()), legend: .outside,
        series: try group.flatMap { standing in
          try score(results, standing.name).banded(
            at: ["rate": .init(standing.rate)], label: "\(title(standing.name)), η = \(standing.rate)")
        })
    }
    let sweeps = try groups.map { group in
      Panel(
        x: Axis("learning rate η", scale: .log()),
        y: Axis("\(try score(results, group[0].name).longName), last step", scale: .log()),
        legend: .outside,
        series: try group.map { standing in
          let score = try score(results, standing.name)
          let last = try score.coordinate("step").values.last ?? 0
          let rates = try score.coordinate("rate")
          let medians = try rates.values.map { rate in median(try score.values(at: ["step": .init(last), "rate": .init(rate)])) }
          return .linesPoints(x: rates, y: Column(medians), label: title(standing.name))
        })
    }
    let steps = Figure("fig1", title: "\(settings.problem): median and range over seeds", panels: curves)
    return settings.isTuned
      ? [steps, Figure("fig2", title: "\(settings.problem): every learning rate", panels: sweeps)] : [steps]
  }

  private static func title(_ name: String) -> String { OptimizerCatalog.entry(named: name)?.title ?? name }
}

/// A race that cannot begin.
package enum RaceError: Error, CustomStringConvertible {
  case unknownProblem(String)
  case unknownOptimizer(String)
  case needsWorkers(String, problem: String)

  /// One line: what is wrong, and what to do.
  package var description: String {
    switch self {
    case .unknownProblem(let name):
      "no problem named '\(name)'; "
        + Self.hint(nearest(to: name, among: ProblemCatalog.entries.map(\.name)), "`offprint race --help` lists them")
    case .unknownOptimizer(let name):
      "no optimizer named '\(name)'; "
        + Self.hint(nearest(to: name, among: OptimizerCatalog.entries.map(\.name)), "`offprint optimizers` lists them")
    case .needsWorkers(let name, let problem):
      "\(name) compares the gradients of workers that share a batch, which \(problem) does not have; try: teacher, digits"
    }
  }

  private static func hint(_ near: [String], _ otherwise: String) -> String {
    near.isEmpty ? otherwise : "did you mean: \(near.joined(separator: ", "))"
  }
}
