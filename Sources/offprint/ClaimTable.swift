import Foundation
import Notebook

/// Claims as a person reads them: claim, source, expected, measured, verdict.
struct ClaimTable {
  private let claims: [StoredClaim]
  private let preset: Preset

  init(_ claims: [Claim], preset: Preset) { self.init(claims.map(\.stored), preset: preset) }

  init(_ claims: [StoredClaim], preset: Preset) {
    self.claims = claims
    self.preset = preset
  }

  var text: String {
    let rows = claims.map { [$0.name, $0.source, $0.expected, $0.measured.brief, $0.verdict.rawValue] }
    let table = TextTable(header: ["claim", "source", "expected", "measured", "verdict"], rows: rows)
    return table.text(width: Console.width) + "\n\n" + summary
  }

  private var summary: String {
    let reproduced = claims.count { $0.verdict == .reproduced }
    let note = preset == .smoke ? " (a smoke run only proves that it runs: its claims do not count)" : ""
    return "\(reproduced) of \(claims.count) claims reproduced\(note)"
  }
}

/// A claim as JSON.
struct ClaimReport: Encodable {
  var name, statement, source, quantity, expected, verdict: String
  var measured: Double

  init(_ claim: Claim) {
    name = claim.name
    statement = claim.statement
    source = claim.source
    quantity = claim.quantity
    expected = claim.expected.description
    verdict = claim.verdict.rawValue
    measured = claim.measured
  }
}
