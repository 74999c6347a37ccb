import ArgumentParser
import Foundation
import Notebook
import Plotting
import Tensors

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run papers: results, figures, and the table of claims.",
    discussion: "A result that is there already is kept; --force repeats it. An interrupted run goes on with --resume.")

  @Argument(help: "The papers' names, as `offprint list` shows them.", completion: .list(Catalog.entries.map(\.paper.slug)))
  var papers: [String] = []
  @Flag(help: "Run every paper.") var all = false
  @Option(help: "With --all: papers at once (default: as many as cores and memory allow).") var jobs: Int?
  @OptionGroup var options: RunOptions
  @Option(help: "Threads to compute with; results do not depend on it.") var threads: Int?
  @Flag(help: "Go on from the checkpoint of an interrupted run.") var resume = false
  @Flag(help: "Run again although the result is there.") var force = false
  @Flag(help: "Draw no figures: the result and its claims only.") var noFigures = false
  @Option(help: ArgumentHelp("Seconds between two checkpoints (default: 30).", valueName: "seconds")) var checkpoint: Double?
  @OptionGroup var folders: FolderOptions
  @OptionGroup var log: LogOptions
  /// A batch that is killed cannot stop its papers: they stop when their parent is another.
  @Option(help: .hidden) var parent: Int32?

  func validate() throws {
    if let checkpoint, !(0...86_400 ~= checkpoint) { throw ValidationError("--checkpoint takes seconds from 0 to a day, 86400") }
    if papers.isEmpty != all { throw ValidationError("name papers to run, or give --all") }
    if resume && force { throw ValidationError("--resume goes on from a checkpoint, --force starts again: give one of them") }
    if let jobs, jobs < 1 || !all { throw ValidationError("--jobs takes a number from 1, and goes with --all") }
    if let threads, threads < 1 { throw ValidationError("--threads takes a number from 1") }
  }

  func run() throws {
    let entries = try all ? Catalog.entries : papers.map(Catalog.entry(named:))
    if let threads { Threads.count = threads }
    // Settings that do not fit one of the papers are found before any of them runs.
    for entry in entries { _ = try options.identity(of: entry) }
    try end(with: all ? runAll(entries) : runEach(entries))
  }

  private func end(with outcome: (isEverythingReproduced: Bool, hasFailed: Bool)) throws {
    if outcome.hasFailed { throw ExitCode(ExitStatus.failed) }
    // A smoke run only proves that it runs.
    if !outcome.isEverythingReproduced && options.preset != .smoke { throw ExitCode(ExitStatus.claimNotReproduced) }
  }

  /// Many at once, a line each.
  private func runAll(_ entries: [Catalog.Entry]) throws -> (isEverythingReproduced: Bool, hasFailed: Bool) {
    let jobs = jobs ?? Batch.defaultJobs
    let start =
      (force ? ["--force"] : resume ? ["--resume"] : []) + (checkpoint.map { ["--checkpoint", "\($0)"] } ?? [])
      + (noFigures ? ["--no-figures"] : [])
    let all = RunAll(options: options, folders: folders.folders, start: start)
    let summary = try all.run(entries, atOnce: jobs, threads: threads ?? Batch.share(of: jobs))
    return (summary.notReproduced.isEmpty, !summary.failed.isEmpty)
  }

  /// One after the other, each with its table.
  private func runEach(_ entries: [Catalog.Entry]) throws -> (isEverythingReproduced: Bool, hasFailed: Bool) {
    var outcome = (isEverythingReproduced: true, hasFailed: false)
    for entry in entries {
      do {
        if try !reproduce(entry.experiment) { outcome.isEverythingReproduced = false }
      } catch  where entries.count > 1 && !(error is Interruption) {
        // A paper that fails does not stop the others.
        StandardStream.error.write("offprint: \(entry.paper.slug): \(error)\n")
        outcome.hasFailed = true
      }
    }
    return outcome
  }

  /// - Returns: whether every claim was reproduced.
  private func reproduce<E: Experiment>(_ experiment: E.Type) throws -> Bool {
    let logger = log.logger
    if !log.quiet { Console.print("\(E.paper.title)\n\(E.paper.citation); fidelity: \(E.paper.fidelity.rawValue)\n") }
    var runner = Runner(folders: folders.folders, logger: logger, isQuiet: log.quiet)
    if let checkpoint { runner.checkpointInterval = .seconds(checkpoint) }
    if let parent { runner.stop(without: parent) }
    let start: Runner.Start = force ? .force : resume ? .resume : .fresh
    let outcome = try runner.run(
      experiment, preset: options.preset, seed: options.seed, assignments: options.assignments, start: start)

    let isNew: Bool
    let results: Results
    switch outcome {
    case .existing(let file):
      isNew = false
      results = try Results(file)
      if !log.quiet { Console.print("nothing to do: \(file) is complete (--force repeats the run)") }
    case .finished(let file, let seconds):
      isNew = true
      results = try Results(file)
      if !log.quiet { Console.print("finished in \(String(format: "%.1f", seconds)) s: \(file)") }
    }
    // Asked to stop after the last step: the result is safe, the figures can wait.
    if let interruption = Signals.interruption { throw interruption }
    let claims = try E.claims(from: results)
    // The table comes last, where it is read, but a gnuplot that fails must not hide it.
    defer { if !log.quiet { Console.print("\n" + ClaimTable(claims, preset: options.preset).text + "\n") } }
    let isReproduced = claims.allSatisfy { $0.verdict == .reproduced }
    guard !noFigures else { return isReproduced }
    let figures = FigureFiles(folders: folders.folders)
    let drawn = try E.figures(from: results)
    if isNew || !figures.areComplete(drawn.map(\.id), of: results) {
      let scripts = try figures.writeScripts(drawn, of: results)
      let pictures = try figures.render(scripts, terminals: [.svg, .png])
      if !log.quiet {
        Console.print("figures: \(figures.folder(of: results))/ (\(scripts.count) scripts, \(pictures.count) pictures)")
      }
    } else if !log.quiet {
      Console.print("figures: \(figures.folder(of: results))/")
    }
    return isReproduced
  }
}

extension Runner {
  /// Stops also when the process that started this one is no longer there: it cannot have told us.
  mutating func stop(without parent: Int32) {
    Signals.repeatsAreOne()
    interruption = { Signals.interruption ?? (getppid() == parent ? nil : Interruption(signal: SIGTERM)) }
  }
}
