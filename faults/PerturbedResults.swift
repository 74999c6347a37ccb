import Foundation
import Notebook
import Tensors
import TestSupport

/// Results files with other numbers in them, and what `offprint claims` says: nothing is reproduced by a run that diverged, and no
/// claim holds whatever the numbers are. What is not finite is drawn all the same, as far as it can be.
enum PerturbedResults: FaultFamily {
  static let name = "claims"
  static let title = "Claims"

  static func run(_ trials: Trials) throws -> [Fault] {
    let papers = try concurrently(Program.papers) { try examine($0, trials.key.named($0)) }
    return Perturbation.notFinite.map { row(of: $0, in: papers, mayHold: false) }
      + Perturbation.finite.map { row(of: $0, in: papers, mayHold: true) } + [rowOfClaims(in: papers)]
      + Perturbation.notFinite.map { rowOfFigures(of: $0, in: papers) }
  }

  /// What the claims of one paper came to.
  private struct Examination: Sendable {
    var slug: String
    /// On the file as it is.
    var asItIs: Answer
    /// By the name of the perturbation.
    var perturbed: [String: Answer] = [:]
    /// What `offprint figures` said of those that are drawn.
    var drawn: [String: Program.Outcome] = [:]
  }

  /// What the program made of a file.
  private enum Answer: Sendable {
    /// The verdict of each claim.
    case verdicts([String: Verdict])
    /// One line, which is all right: where there is nothing to measure, nothing is reproduced.
    case refused
    /// A trap, or more than a line.
    case lost(String)

    /// Nil where there is no verdict.
    func holds(_ claim: String) -> Bool? {
      guard case .verdicts(let verdicts) = self else { return nil }
      return verdicts[claim] == .reproduced
    }
  }

  private struct Row: Decodable { var name, verdict: String }

  private static func examine(_ slug: String, _ key: Key) throws -> Examination {
    try withFolder { folder in
      let file = try result(of: slug, in: folder)
      let arrays = try ResultArrays(of: file)
      var examination = Examination(slug: slug, asItIs: try ask(file))
      for perturbation in Perturbation.notFinite + Perturbation.finite {
        var changed = arrays
        perturbation.apply(to: &changed, key: key)
        let copy = "\(folder)/perturbed.h5"
        try changed.write(to: copy)
        examination.perturbed[perturbation.name] = try ask(copy)
        if Perturbation.notFinite.contains(where: { $0.name == perturbation.name }) {
          examination.drawn[perturbation.name] = try Program.run(
            ["figures", copy, "--terminal", "svg", "--figures", "\(folder)/figures"], environment: environment)
        }
        try FileManager.default.removeItem(atPath: copy)
      }
      return examination
    }
  }

  /// The stored quick result, whose claims are meant to hold; a smoke run where there is none.
  private static func result(of slug: String, in folder: String) throws -> String {
    let stored = "results/\(slug)/quick-seed0.h5"
    if FileManager.default.fileExists(atPath: stored) { return stored }
    let outcome = try Program.run(["run", slug, "--preset", "smoke", "--quiet"], in: folder)
    guard outcome.status == 0 else { throw NotebookError.shape("the smoke run of \(slug) failed: \(outcome.errors)") }
    return "\(folder)/results/\(slug)/smoke-seed0.h5"
  }

  /// A trap is to be counted, not described.
  private static let environment = ["SWIFT_BACKTRACE": "enable=no"]

  private static func ask(_ file: String) throws -> Answer {
    let outcome = try Program.run(["claims", "--json", file], environment: environment)
    if outcome.status == 1, outcome.lines.count == 1 { return .refused }
    guard outcome.status == 0 || outcome.status == 2 else {
      return .lost("ended with \(outcome.status): \(outcome.errors)")
    }
    let rows = try JSONDecoder().decode([Row].self, from: Data(outcome.output.utf8))
    return .verdicts(Dictionary(uniqueKeysWithValues: rows.map { ($0.name, Verdict(rawValue: $0.verdict) ?? .notReproduced) }))
  }

  private static func row(of perturbation: Perturbation, in papers: [Examination], mayHold: Bool) -> Fault {
    var fault = Fault(perturbation.name)
    for paper in papers {
      switch paper.perturbed[perturbation.name] {
      case .verdicts(let verdicts):
        for (claim, verdict) in verdicts.sorted(by: { $0.key < $1.key }) {
          let holds = verdict == .reproduced
          fault.count(
            holds ? "claims held" : "claims failed", unless: holds && !mayHold ? "\(paper.slug): \(claim) is reproduced" : nil)
        }
      case .refused: fault.count("files refused in one line")
      case .lost(let what): fault.lose("\(paper.slug): \(what)")
      case nil: break
      }
    }
    return fault
  }

  private static func rowOfFigures(of perturbation: Perturbation, in papers: [Examination]) -> Fault {
    var fault = Fault("\(perturbation.name): the figures of each paper")
    for paper in papers {
      guard let outcome = paper.drawn[perturbation.name] else { continue }
      let isRefused = outcome.status == 1 && outcome.lines.count == 1
      fault.count(
        isRefused ? "refused in one line" : "drawn",
        unless: isRefused || outcome.status == 0 ? nil : "\(paper.slug): ended with \(outcome.status): \(outcome.errors)")
    }
    return fault
  }

  /// Each claim against all that is finite.
  private static func rowOfClaims(in papers: [Examination]) -> Fault {
    var fault = Fault("each claim against all of these")
    for paper in papers {
      guard case .verdicts(let verdicts) = paper.asItIs else {
        fault.lose("\(paper.slug): no claims of the result as it is: \(paper.asItIs)")
        continue
      }
      for (claim, verdict) in verdicts.sorted(by: { $0.key < $1.key }) {
        let failures = Perturbation.finite.count { paper.perturbed[$0.name]?.holds(claim) == false }
        if verdict != .reproduced {
          fault.count("not reproduced as it is")
        } else {
          let wrong = "\(paper.slug): \(claim) holds whatever the numbers are"
          fault.count("failed for \(bin(failures)) of \(Perturbation.finite.count)", unless: failures == 0 ? wrong : nil)
        }
      }
    }
    return fault
  }

  private static func bin(_ failures: Int) -> String { failures == 1 ? "one" : failures <= 4 ? "2 to 4" : "5 or more" }
}
