import ArgumentParser
import Foundation
import HDF5
import Notebook
import Tensors

struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run stored results again and compare bit for bit. Exit code 3 when one does not come out the same.",
    discussion: "Same seed, same build, same kind of processor: the same bits. Claims about measured times may differ.")

  @Argument(help: "Papers' names (their runs with seed 0), or results files.") var papersOrFiles: [String] = []
  @Flag(help: "Verify the results of all papers that have one.") var all = false
  @Option(help: "Of papers: which of their results.") var preset = Preset.quick
  @Option(help: "With --all: papers at once (default: as many as cores and memory allow).") var jobs: Int?
  @Option(help: "Threads to compute with; the result must not depend on it.") var threads: Int?
  @OptionGroup var folders: FolderOptions
  @OptionGroup var log: LogOptions

  func validate() throws {
    if papersOrFiles.isEmpty != all { throw ValidationError("name papers or results files to verify, or give --all") }
    if let jobs, jobs < 1 || !all { throw ValidationError("--jobs takes a number from 1, and goes with --all") }
    if let threads, threads < 1 { throw ValidationError("--threads takes a number from 1") }
  }

  func run() throws {
    if let threads { Threads.count = threads }
    if all { return try verifyAll() }
    var isEverythingEqual = true
    for paperOrFile in papersOrFiles {
      let file = try StoredResult.path(of: paperOrFile, in: folders.folders, preset: preset)
      // A file that cannot be read must not end this process, which runs the paper: a child reads all of it first.
      try ForeignFile.read([file]) {
        let results = try StoredResult.open(file).results
        _ = (try Comparison(results, results), try results.assignments)
      }
      let (entry, results) = try StoredResult.open(file)
      if try !verify(entry, results) { isEverythingEqual = false }
    }
    if !isEverythingEqual { throw ExitCode(ExitStatus.different) }
  }

  /// - Returns: whether it came out the same.
  private func verify(_ entry: Catalog.Entry, _ results: Results) throws -> Bool {
    let folder = "\(folders.folders.results)/.verify-\(getpid())"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func repeated<E: Experiment>(_ experiment: E.Type) throws -> Results {
      let runner = Runner(folders: Folders(results: folder, figures: folder), logger: log.logger, isQuiet: log.quiet)
      let outcome = try runner.run(
        experiment, preset: results.preset, seed: results.seed, assignments: try results.assignments, start: .force)
      switch outcome {
      case .existing(let file), .finished(let file, _): return try Results(file)
      }
    }
    let again = try repeated(entry.experiment)
    let comparison = try Comparison(results, again)
    let isEqual = comparison.areArraysEqual(within: 0) && comparison.settings.isEmpty
    let timed = comparison.claims.isEmpty ? "" : entry.experiment.measuresTime ? " (claims about times differ)" : ""
    let areClaimsEqual = comparison.claims.isEmpty || entry.experiment.measuresTime
    if isEqual && areClaimsEqual {
      Console.print("\(entry.paper.slug): verified, \(comparison.compared) arrays equal bit for bit\(timed)")
    } else {
      Console.print(ComparisonText(comparison, tolerance: 0).text)
    }
    return isEqual && areClaimsEqual
  }

  /// Many at once, a line each. What is measured in seconds is not compared, so that nothing needs to be alone.
  private func verifyAll() throws {
    var stored: [Batch.Job] = []
    for entry in Catalog.entries {
      let identity = try Runner.identity(of: entry.experiment, preset: preset, seed: 0, assignments: [])
      let file = folders.folders.resultsFile(identity)
      guard FileManager.default.fileExists(atPath: file) else { continue }
      stored.append(Batch.Job(entry: entry, arguments: ["verify", file, "--quiet", "--results", folders.results]))
    }
    let jobs = jobs ?? Batch.defaultJobs
    let batch = Batch(
      jobs: stored, atOnce: jobs, threads: threads ?? Batch.share(of: jobs), remedy: "the same command starts again")
    var (equal, different, failed) = (0, 0, 0)
    try batch.run { ending in
      let slug = ending.entry.paper.slug
      switch ending.status {
      case ExitStatus.done:
        equal += 1
        Batch.say("\(ending.output.split(separator: "\n").last ?? "\(slug): verified")  \(ending.seconds)")
      case ExitStatus.different:
        different += 1
        Batch.say("\(slug): DIFFERENT  \(ending.seconds)\n\(ending.output)")
      default:
        failed += 1
        Batch.say("\(slug): FAILED after \(ending.seconds): \(ending.reason)")
      }
    }
    let missing = Catalog.entries.count - stored.count
    Console.print(
      "\n\(stored.count) papers verified: \(equal) the same bit for bit, \(different) different, \(failed) failed"
        + (missing == 0 ? "" : "; \(missing) have no \(preset.rawValue) result"))
    if failed > 0 { throw ExitCode(ExitStatus.failed) }
    if different > 0 { throw ExitCode(ExitStatus.different) }
  }
}
