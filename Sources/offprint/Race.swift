import ArgumentParser
import Foundation
import Notebook
import Optimizers
import Problems
import Tensors
import Training

struct Race: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Race optimizers of the library on a problem of the library: table, figures, HDF5.",
    discussion: """
      Every optimizer has the same steps and seeds. With --tune each tries its grid of learning rates and is judged at its best; the
      whole grid is recorded. `offprint optimizers` lists the optimizers. The problems:

      \(ProblemCatalog.entries.map { "  \($0.name): \($0.summary)" }.joined(separator: "\n"))
      """)

  @Argument(help: "The problem.", completion: .list(ProblemCatalog.entries.map(\.name))) var problem: String
  @Option(help: "The optimizers, separated by commas, or 'all' that need no workers.") var optimizers: String
  @Flag(help: "Let each choose the best of its learning rates.") var tune = false
  @Option(help: "Steps of each run.") var steps = 600
  @Option(help: "Independent runs of each.") var seeds = 3
  @Option(help: "Seed of every random number.") var seed: UInt64 = 0
  @Option(help: "Threads to compute with; results do not depend on it.") var threads: Int?
  @Flag(help: "Go on from the checkpoint of an interrupted race.") var resume = false
  @Flag(help: "Race again although the result is there.") var force = false
  @OptionGroup var folders: FolderOptions
  @OptionGroup var log: LogOptions

  func validate() throws {
    if steps < 1 || seeds < 1 { throw ValidationError("--steps and --seeds take numbers from 1") }
    if resume && force { throw ValidationError("--resume goes on from a checkpoint, --force starts again: give one of them") }
    if let threads, threads < 1 { throw ValidationError("--threads takes a number from 1") }
    guard let entry = ProblemCatalog.entry(named: problem) else { throw ValidationError("\(RaceError.unknownProblem(problem))") }
    let hasWorkers = entry.make(key: Key(seed: 0)).suggestedWorkers > 1
    for name in names {
      guard let entry = OptimizerCatalog.entry(named: name) else { throw ValidationError("\(RaceError.unknownOptimizer(name))") }
      if entry.needsWorkers, !hasWorkers { throw ValidationError("\(RaceError.needsWorkers(name, problem: problem))") }
    }
    if names.isEmpty { throw ValidationError("--optimizers names at least one, for example --optimizers sgd,adam") }
    if Set(names).count < names.count { throw ValidationError("--optimizers names one of them twice") }
  }

  private var names: [String] {
    optimizers == "all" ? OptimizerRace.optimizers(for: problem) : optimizers.split(separator: ",").map(String.init)
  }

  func run() throws {
    if let threads { Threads.count = threads }
    let runner = Runner(folders: folders.folders, logger: log.logger, isQuiet: log.quiet)
    let list = names.map { "\"\($0)\"" }.joined(separator: ",")
    let outcome = try runner.run(
      OptimizerRace.self, preset: .quick, seed: seed,
      assignments: ["problem=\(problem)", "optimizers=[\(list)]", "isTuned=\(tune)", "steps=\(steps)", "seeds=\(seeds)"],
      start: force ? .force : resume ? .resume : .fresh)
    let results = try Results(outcome.file)
    if let interruption = Signals.interruption { throw interruption }
    let figures = FigureFiles(folders: folders.folders)
    let scripts = try figures.writeScripts(try OptimizerRace.figures(from: results), of: results)
    _ = try figures.render(scripts, terminals: [.svg, .png])
    guard !log.quiet else { return }
    Console.print("result: \(outcome.file)\nfigures: \(figures.folder(of: results))/\n")
    Console.print(try Self.table(of: results))
  }

  private static func table(of results: Results) throws -> String {
    let standings = try OptimizerRace.standings(from: results)
    let table = TextTable(
      header: ["optimizer", "learning rate", "loss (median)", "least", "largest", "diverged"],
      rows: standings.map {
        [$0.name, $0.rate.brief, $0.median.brief, $0.least.brief, $0.largest.brief, "\($0.diverged) of \($0.runs)"]
      })
    return table.text(width: Console.width)
  }
}

extension Runner.Outcome {
  fileprivate var file: String {
    switch self {
    case .existing(let file), .finished(let file, _): file
    }
  }
}
