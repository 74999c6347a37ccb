import ArgumentParser
import Foundation
import Notebook

struct List: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "List the papers and the state of their stored results.")

  @Option(help: "Only this topic.") var topic: String?
  @Flag(help: "Print JSON.") var json = false
  @OptionGroup var folders: FolderOptions

  func run() throws {
    let entries = Catalog.entries.filter { topic == nil || $0.topic == topic }
    if let topic, entries.isEmpty {
      throw ValidationError("no topic named '\(topic)'; there are: \(topics.map(\.name).joined(separator: ", "))")
    }
    let rows = try entries.map { entry in
      let identity = try RunOptions.defaultRun(of: entry)
      return Row(
        topic: entry.topic, slug: entry.paper.slug, title: entry.paper.title, fidelity: entry.paper.fidelity.rawValue,
        status: StoredStatus.of(identity, in: folders.folders))
    }
    if json {
      print(try Console.json(rows))
    } else {
      let table = TextTable(
        header: ["topic", "paper", "title", "fidelity", "result (quick)"],
        rows: rows.map { [$0.topic, $0.slug, $0.title, $0.fidelity, $0.status] })
      print(table.text(width: Console.width))
    }
  }

  private struct Row: Encodable {
    var topic, slug, title, fidelity, status: String
  }
}

extension RunOptions {
  /// The run that `make reproduce-<paper>` makes.
  static func defaultRun(of entry: Catalog.Entry) throws -> RunIdentity {
    try Runner.identity(of: entry.experiment, preset: .quick, seed: 0, assignments: [])
  }
}

/// What lies on disk of a run, in a few words.
enum StoredStatus {
  static func of(_ run: RunIdentity, in folders: Folders) -> String {
    let file = folders.resultsFile(run)
    guard FileManager.default.fileExists(atPath: file) else {
      return folders.hasCheckpoint(run) ? "interrupted (resumable)" : "not run"
    }
    let results: Results
    do {
      results = try Results(file)
    } catch NotebookError.futureFormat {
      return "of a later Offprint"
    } catch {
      return "damaged"
    }
    guard let verdicts = try? results.storedClaims() else { return "damaged" }
    let reproduced = verdicts.count { $0.verdict == .reproduced }
    let diverged = (try? results.status) == "diverged" ? ", diverged" : ""
    return "\(reproduced)/\(verdicts.count) reproduced\(diverged)"
  }
}
