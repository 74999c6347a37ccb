import ArgumentParser
import Foundation
import HDF5
import Notebook
import Tensors

struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a stored result again and compare bit for bit. Exit code 3 when it does not come out the same.",
    discussion: "Same seed, same build, same kind of processor: the same bits. Claims about measured times may differ.")

  @OptionGroup var stored: StoredResult
  @Option(help: "Threads to compute with; the result must not depend on it.") var threads: Int?
  @OptionGroup var folders: FolderOptions
  @OptionGroup var log: LogOptions

  func run() throws {
    let file = try stored.path(in: folders.folders)
    // A file that cannot be read must not end this process, which runs the paper: a child reads all of it first.
    try ForeignFile.read([file]) {
      let results = try StoredResult.open(file).results
      _ = (try Comparison(results, results), try results.assignments)
    }
    let (entry, results) = try StoredResult.open(file)
    if let threads { Threads.count = threads }
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
      throw ExitCode(ExitStatus.different)
    }
  }
}
