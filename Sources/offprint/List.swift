import ArgumentParser
import Foundation
import Notebook

struct List: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "List the papers and the state of their stored results.")

  @Option(help: "Only this topic.") var topic: String?
  @Option(help: "Only papers of this fidelity: exact, scaled or mechanism.") var fidelity: Fidelity?
  @Option(help: "Only papers in this state: reproduced, failed, ran (smoke), not-run, interrupted, outdated, damaged.") var state:
    RunState?
  @Option(help: "Only papers whose name, title or authors contain this text.") var search: String?
  @Option(help: "Order: topic, name, year, state, time.") var sort = Order.topic
  @Option(help: "The runs whose state is shown: smoke, quick or full.") var preset = Preset.quick
  @Flag(help: "Print JSON.") var json = false
  @OptionGroup var folders: FolderOptions

  enum Order: String, ExpressibleByArgument, CaseIterable { case topic, name, year, state, time }

  func run() throws {
    if let topic, !Catalog.entries.contains(where: { $0.topic == topic }) {
      throw ValidationError("no topic named '\(topic)'; there are: \(topics.map(\.name).joined(separator: ", "))")
    }
    let runs = try Catalog.entries.filter(isWanted).map { entry in
      (entry: entry, run: try Runner.identity(of: entry.experiment, preset: preset, seed: 0, assignments: []))
    }
    let byFile = Dictionary(runs.map { (folders.folders.resultsFile($0.run), $0) }) { first, _ in first }
    let files = byFile.keys.filter(FileManager.default.fileExists(atPath:)).sorted()
    try ForeignFile.readMany(files) { file in
      guard let (entry, run) = byFile[file] else { return }
      _ = try StoredState(run, of: entry.experiment, in: folders.folders)
    } _: { unreadable in
      try show(
        runs.map { entry, run in
          Row(entry, try StoredState(run, of: entry.experiment, in: folders.folders, unreadable: unreadable))
        })
    }
  }

  private func show(_ all: [Row]) throws {
    let rows = all.filter { state == nil || $0.state == state }
    let sorted = rows.enumerated().sorted { isBefore($0.element, $1.element) ?? ($0.offset < $1.offset) }.map(\.element)
    if json {
      Console.print(try Console.json(sorted))
    } else {
      let table = TextTable(
        header: ["topic", "paper", "title", "fidelity", "time", "result (\(preset.rawValue))"],
        rows: sorted.map {
          [$0.topic, $0.slug, $0.title, $0.fidelity, $0.seconds.map { String(format: "%.1f s", $0) } ?? "", $0.status]
        })
      Console.print(table.text(width: Console.width))
    }
  }

  private func isWanted(_ entry: Catalog.Entry) -> Bool {
    let words = ([entry.paper.slug, entry.paper.title] + entry.paper.authors).joined(separator: " ").lowercased()
    return (topic == nil || entry.topic == topic) && (fidelity == nil || entry.paper.fidelity == fidelity)
      && (search.map { words.contains($0.lowercased()) } ?? true)
  }

  /// Nil when the order does not decide.
  private func isBefore(_ a: Row, _ b: Row) -> Bool? {
    switch sort {
    case .topic: nil
    case .name: a.slug == b.slug ? nil : a.slug < b.slug
    case .year: a.year == b.year ? nil : a.year < b.year
    case .state: a.state == b.state ? nil : a.state.rawValue < b.state.rawValue
    case .time: a.seconds == b.seconds ? nil : a.seconds ?? .infinity < b.seconds ?? .infinity
    }
  }

  private struct Row: Encodable {
    var topic, slug, title, arxiv, fidelity, status: String
    var state: RunState
    var authors: [String]
    var year: Int
    var seconds: Double?
    var claims, reproduced: Int?

    init(_ entry: Catalog.Entry, _ stored: StoredState) {
      let paper = entry.paper
      (topic, slug, title, arxiv, fidelity) = (entry.topic, paper.slug, paper.title, paper.arxiv, paper.fidelity.rawValue)
      (authors, year) = (paper.authors, paper.year)
      (state, status, seconds) = (stored.state, stored.text, stored.seconds)
      (claims, reproduced) = (stored.claims?.count, stored.claims?.count { $0.verdict == .reproduced })
    }
  }
}

extension Fidelity: ExpressibleByArgument {}

extension RunOptions {
  /// The run that `make reproduce-<paper>` makes.
  static func defaultRun(of entry: Catalog.Entry) throws -> RunIdentity {
    try Runner.identity(of: entry.experiment, preset: .quick, seed: 0, assignments: [])
  }
}

/// What has become of a run.
enum RunState: String, Encodable, ExpressibleByArgument, CaseIterable {
  case reproduced
  case failed
  /// A smoke run, whose claims do not count.
  case ran
  case notRun = "not-run"
  case interrupted
  /// The experiment's settings have changed since.
  case outdated
  case damaged
}

/// What lies on disk of a run.
struct StoredState {
  var state: RunState
  /// In a few words.
  var text: String
  var seconds: Double?
  var claims: [StoredClaim]?

  /// - Parameter unreadable: files that cost the life of whoever reads them.
  init<E: Experiment>(
    _ run: RunIdentity, of experiment: E.Type, in folders: Folders, unreadable: Set<String> = []
  ) throws {
    let file = folders.resultsFile(run)
    guard FileManager.default.fileExists(atPath: file) else {
      let isResumable = folders.hasCheckpoint(run)
      (state, text) = isResumable ? (.interrupted, "interrupted (resumable)") : (.notRun, "not run")
      return
    }
    guard !unreadable.contains(file) else {
      (state, text) = (.damaged, "damaged")
      return
    }
    do {
      let results = try Results(file)
      let claims = try results.storedClaims()
      let reproduced = claims.count { $0.verdict == .reproduced }
      let diverged = try results.status == "diverged" ? ", diverged" : ""
      let isOutdated =
        try run.changesNothing && JSONValue(parsing: results.settingsText) != JSONValue(E.settings(for: run.preset))
      state = isOutdated ? .outdated : run.preset == .smoke ? .ran : reproduced == claims.count ? .reproduced : .failed
      text = "\(reproduced)/\(claims.count) reproduced\(diverged)\(isOutdated ? ", with other settings than now" : "")"
      (seconds, self.claims) = (try results.duration, claims)
    } catch NotebookError.futureFormat {
      (state, text) = (.damaged, "of a later Offprint")
    } catch {
      (state, text) = (.damaged, "damaged")
    }
  }
}
