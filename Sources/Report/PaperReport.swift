import Foundation
import Notebook
import Plotting

/// All that the report says of one paper, from its stored results.
struct PaperReport {
  let topic: String
  let paper: Paper
  let source: SourceIndex.Paper
  /// The run whose figures and claims are shown; nil when there is none that can be read.
  let main: Results?
  /// Every stored run, the one shown first.
  let runs: [Run]
  /// The claims of the run shown.
  let claims: [StoredClaim]
  /// The settings of the run shown, by dotted name, and the preset's own values of those that were changed.
  let settings: [(name: String, value: String, preset: String?, help: String)]
  /// The figures of the run shown.
  let figures: [Figure]
  /// What went wrong while the run was read.
  private(set) var problems: [String] = []

  /// Each is an open file while the page is written.
  private static let mostRuns = 100

  /// One stored result.
  struct Run {
    var file: String
    var results: Results?
    var claims: [StoredClaim]
    /// Of one preset with its own settings, whatever the seed.
    var isPlain: Bool
  }

  enum Standing: String, CaseIterable {
    case reproduced
    case partly = "not all reproduced"
    case notRun = "not run"
  }

  var standing: Standing {
    if claims.isEmpty { return .notRun }
    return claims.allSatisfy { $0.verdict == .reproduced } ? .reproduced : .partly
  }

  var reproducedCount: Int { claims.count { $0.verdict == .reproduced } }

  /// Reads the results of one paper. A file that is damaged, or one of those that are not to be opened, becomes a line of ``problems``.
  init<E: Experiment>(
    _ experiment: E.Type, topic: String, folders: Folders, source: SourceIndex.Paper, unreadable: Set<String> = []
  ) {
    (self.topic, paper, self.source) = (topic, E.paper, source)
    var problems: [String] = []
    func attempt<Value>(_ what: String, _ body: () throws -> Value) -> Value? {
      do {
        return try body()
      } catch {
        problems.append("\(what): \(error)")
        return nil
      }
    }
    // A sweep may have left thousands of points: the runs of seed 0 come before them.
    let stored = folders.storedResults(of: E.paper.slug)
    let shown = (stored.filter { $0.hasSuffix("-seed0.h5") } + stored.filter { !$0.hasSuffix("-seed0.h5") }).prefix(Self.mostRuns)
    if stored.count > shown.count {
      problems.append("\(stored.count) results are stored, \(shown.count) of them are on this page")
    }
    let runs = shown.map { file in
      let results = attempt(file) {
        if unreadable.contains(file) {
          throw NotebookError.notAResult(file, reason: "reading it crashed; it is damaged or hostile")
        }
        return try Results(file)
      }
      let claims = results.flatMap { results in attempt("the claims of \(file)") { try results.storedClaims() } }
      let changed = results.flatMap { try? $0.changedSettings }
      return Run(file: file, results: results, claims: claims ?? [], isPlain: changed?.isEmpty ?? false)
    }
    // The run of `make reproduce-<paper>` first, then the largest; smoke runs prove nothing and come last.
    let order: [Preset] = [.quick, .full, .smoke]
    func rank(_ run: Run) -> Int {
      guard let results = run.results, let preset = order.firstIndex(of: results.preset) else { return 100 }
      return preset * 4 + (run.isPlain ? 0 : 2) + (results.seed == 0 ? 0 : 1)
    }
    self.runs = runs.enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }.map(\.element)
    main = self.runs.first?.results
    claims = main?.preset == .smoke ? [] : self.runs.first?.claims ?? []
    settings = main.flatMap { results in attempt("its settings") { try Self.settings(of: experiment, in: results) } } ?? []
    figures = main.flatMap { results in attempt("its figures") { try E.figures(from: results) } } ?? []
    self.problems = problems
  }

  private static func settings<E: Experiment>(
    of experiment: E.Type, in results: Results
  ) throws -> [(name: String, value: String, preset: String?, help: String)] {
    let defaults = E.settings(for: results.preset)
    let help = SettingsTree.help(of: defaults)
    let presets = try JSONValue(defaults).leaves
    let changed = Set(try results.changedSettings)
    return try results.settingsLeaves.sorted { $0.key < $1.key }.map { name, value in
      (name, try value.text(), changed.contains(name) ? try presets[name]?.text() : nil, help[name] ?? "")
    }
  }

  /// Over the plain runs of the preset that is shown: their seeds, and of each claim the range of what was measured.
  var overSeeds: (seeds: [UInt64], ranges: [String: (range: ClosedRange<Double>?, reproduced: Int)]) {
    let same = runs.filter { $0.isPlain && $0.results != nil && $0.results?.preset == main?.preset }
    var ranges: [String: (range: ClosedRange<Double>?, reproduced: Int)] = [:]
    for claim in claims {
      let all = same.flatMap(\.claims).filter { $0.name == claim.name }
      let measured = all.map(\.measured).filter { !$0.isNaN }
      let range = measured.min().flatMap { low in measured.max().map { low...$0 } }
      ranges[claim.name] = (range, all.count { $0.verdict == .reproduced })
    }
    return (same.compactMap { $0.results?.seed }.sorted(), ranges)
  }
}
