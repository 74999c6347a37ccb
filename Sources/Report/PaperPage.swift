import Foundation
import Notebook

/// What a paper's template shows.
struct PaperPage {
  let title: String
  var root = "../"
  let heading, authors, arxiv, topic, fidelity, fidelityMeaning, standing, standingClass, shows: String
  /// The doc comment, as HTML; empty without sources.
  let comment: String
  let command: String
  let run: RunFacts?
  let figures: [FigureView]
  let claims: [ClaimRow]
  let hasSeeds: Bool
  let seeds: String
  let settings: [SettingRow]
  let hasChanges: Bool
  let provenance, data: [Fact]
  let runs: [RunRow]
  let sources: [Link]
  let uses: [Use]
  let problems: [String]

  struct RunFacts {
    var name, status: String
    var isDiverged: Bool
    var file: String
  }

  struct FigureView {
    var id, title, mirrors, path, description, script: String
    var width, height: Int
  }

  struct ClaimRow {
    var name, statement, source, quantity, expected, measured, verdict, verdictClass, overSeeds: String
  }

  struct SettingRow {
    var name, value, meaning: String
    /// The preset's own value, where the run has another.
    var preset: String?
  }

  struct Fact {
    var name, value: String
  }

  struct RunRow {
    var name, file, claims, seconds, changes: String
  }

  struct Link {
    var name, target: String
  }

  struct Use {
    var module: String
    var parts: [String]
  }

  /// - Parameter place: from a path as seen from the project's root to a link on the page.
  init(_ report: PaperReport, pictures: [Pictures.Entry], index: SourceIndex, place: (String) -> String) {
    let paper = report.paper
    title = paper.title
    heading = Typesetting.html(paper.title)
    authors = "\(paper.authors.joined(separator: ", ")) (\(paper.year))"
    (arxiv, topic, fidelity) = (paper.arxiv, report.topic, paper.fidelity.rawValue)
    fidelityMeaning = paper.fidelity.meaning
    standing =
      report.standing == .notRun
      ? report.main == nil ? "not run" : "smoke run: claims do not count"
      : "\(report.reproducedCount) of \(report.claims.count) claims reproduced"
    standingClass = report.standing.cssClass
    shows = Typesetting.html(paper.shows)
    comment = Self.comment(report.source.comment)
    command = "make reproduce-\(paper.slug)"
    run = report.main.map { results in
      let status = (try? results.status) ?? ""
      return RunFacts(
        name: "\(results.preset.rawValue), seed \(results.seed)", status: status, isDiverged: status == "diverged",
        file: place(results.path))
    }
    figures = pictures.map {
      FigureView(
        id: $0.id, title: Typesetting.html($0.title), mirrors: Typesetting.html($0.mirrors), path: $0.path,
        description: $0.description, script: place($0.script), width: Int($0.width), height: Int($0.height))
    }
    let (allSeeds, ranges) = report.overSeeds
    hasSeeds = allSeeds.count > 1
    seeds = allSeeds.map(String.init).joined(separator: ", ")
    claims = report.claims.map { claim in
      ClaimRow(claim, overSeeds: ranges[claim.name], seeds: allSeeds.count)
    }
    settings = report.settings.map {
      SettingRow(name: $0.name, value: $0.value, meaning: Typesetting.html($0.help), preset: $0.preset)
    }
    hasChanges = settings.contains { $0.preset != nil }
    provenance = (report.main.flatMap { try? $0.provenance } ?? []).map { Fact(name: $0.name, value: $0.value) }
    data = (report.main.flatMap { try? $0.dataSources } ?? []).map {
      Fact(name: $0.name, value: "\($0.count) examples, SHA-256 \($0.sha256)")
    }
    runs = report.runs.map { RunRow($0, place: place) }
    sources = report.source.files.map { Link(name: $0.split(separator: "/").last.map(String.init) ?? $0, target: place($0)) }
    uses = SourceIndex.modules.compactMap { module in
      let parts = index.parts.filter { $0.module == module && report.source.uses.contains($0.name) }.map(\.name)
      return parts.isEmpty ? nil : Use(module: module, parts: parts.sorted())
    }
    problems = report.problems
  }

  /// Without its first paragraph, the title once more.
  private static func comment(_ text: String) -> String {
    let paragraphs = text.split(separator: "\n\n", maxSplits: 1)
    return paragraphs.count == 2 ? Typesetting.blocks(String(paragraphs[1])) : ""
  }
}

extension PaperPage.ClaimRow {
  init(_ claim: StoredClaim, overSeeds: (range: ClosedRange<Double>?, reproduced: Int)?, seeds: Int) {
    (name, source) = (claim.name, claim.source)
    (statement, quantity) = (Typesetting.html(claim.statement), Typesetting.html(claim.quantity))
    expected = claim.expected.replacing("<=", with: "≤").replacing(">=", with: "≥").replacing("+-", with: "±")
    measured = claim.measured.brief
    verdict = claim.verdict.rawValue
    verdictClass = claim.verdict == .reproduced ? "good" : "bad"
    let range = overSeeds?.range.map { "\($0.lowerBound.brief) to \($0.upperBound.brief)" } ?? ""
    self.overSeeds = "\(range), \(overSeeds?.reproduced ?? 0) of \(seeds)"
  }
}

extension PaperPage.RunRow {
  init(_ run: PaperReport.Run, place: (String) -> String) {
    let parts = run.file.split(separator: "/")
    name = parts.last.map(String.init) ?? run.file
    file = place(run.file)
    let reproduced = run.claims.count { $0.verdict == .reproduced }
    claims = run.results == nil ? "cannot be read" : "\(reproduced) of \(run.claims.count)"
    seconds = run.results.flatMap { try? $0.duration }.map(\.asDuration) ?? ""
    changes = (run.results.flatMap { try? $0.changedSettings } ?? []).joined(separator: ", ")
  }
}

extension Fidelity {
  fileprivate var meaning: String {
    switch self {
    case .exact: "the paper's algorithm, problem and sizes"
    case .scaled: "the paper's algorithm on a smaller problem of the same kind"
    case .mechanism: "the effect the paper describes, on a problem built for it"
    }
  }
}
