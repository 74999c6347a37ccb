import Foundation
import Notebook

/// `offprint run --all`: many papers at once, a line each.
struct RunAll {
  var options: RunOptions
  var folders: Folders
  /// "--resume", "--force" or nothing, and how often checkpoints are made.
  var start: [String]

  /// What became of the papers.
  struct Summary {
    var reproduced: [String] = []
    var notReproduced: [String] = []
    var failed: [String] = []
    var claims = 0
    var reproducedClaims = 0
  }

  /// Runs them, and prints a line for each as it ends and one in the end.
  func run(_ entries: [Catalog.Entry], atOnce jobs: Int, threads: Int) throws -> Summary {
    let batch = Batch(
      jobs: entries.map { Batch.Job(entry: $0, arguments: arguments(for: $0), isAlone: $0.experiment.measuresTime) },
      atOnce: jobs, threads: threads, remedy: "the same command with --resume goes on")
    var summary = Summary()
    try batch.run { try add($0, to: &summary) }
    if options.preset == .smoke {
      Console.print("\n\(entries.count) papers: \(summary.reproduced.count) ran, \(summary.failed.count) failed")
    } else {
      Console.print(
        "\n\(entries.count) papers: \(summary.reproduced.count) with every claim reproduced, "
          + "\(summary.notReproduced.count) not, \(summary.failed.count) failed; "
          + "\(summary.reproducedClaims) of \(summary.claims) claims")
    }
    return summary
  }

  private func arguments(for entry: Catalog.Entry) -> [String] {
    ["run", entry.paper.slug, "--quiet", "--preset", options.preset.rawValue, "--seed", "\(options.seed)"]
      + ["--results", folders.results, "--figures", folders.figures, "--parent", "\(getpid())"] + start
      + options.assignments.flatMap { ["--set", $0] }
  }

  private func add(_ ending: Batch.Ending, to summary: inout Summary) throws {
    let (slug, seconds) = (ending.entry.paper.slug, ending.seconds)
    let state = try StoredState(options.identity(of: ending.entry), of: ending.entry.experiment, in: folders)
    let isDone = ending.status == ExitStatus.done || ending.status == ExitStatus.claimNotReproduced
    guard isDone, let claims = state.claims else {
      summary.failed.append(slug)
      return Batch.say("\(slug)  FAILED after \(seconds): \(ending.reason)")
    }
    // A smoke run only proves that it runs: its claims do not count.
    if options.preset == .smoke {
      summary.reproduced.append(slug)
      return Batch.say("\(slug)  ran  \(seconds)")
    }
    let missing = claims.filter { $0.verdict == .notReproduced }.map(\.name)
    summary.claims += claims.count
    summary.reproducedClaims += claims.count - missing.count
    if missing.isEmpty { summary.reproduced.append(slug) } else { summary.notReproduced.append(slug) }
    Batch.say("\(slug)  \(state.text)  \(seconds)" + (missing.isEmpty ? "" : "  not: \(missing.joined(separator: ", "))"))
  }
}
