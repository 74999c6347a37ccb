import LowRankRecovery
import TestSupport
import Testing

/// The claims hold at quick, and each of them fails where the paper says that its effect is gone.
@Suite(.serialized, .takesTurns) struct SymmetryCurseClaimsTests {
  private static let tail = ["one-over-T-squared-k10", "one-over-T-squared-k5", "tail-constant-k10", "tail-constant-k5"]
  private static let rebalanced = ["rebalanced-alpha-free-agreement", "rebalanced-alpha-free-gain"]

  @Test(arguments: [
    // A start so small that the tail is not reached.
    (["population.symmetricScale=1e-4"], tail),
    // No rebalancing step.
    (["rebalanceBelow=0"], rebalanced),
    // Rates fitted before the spare directions matter.
    (["population.asymmetricSteps=100"], ["rate-scales-alpha2", "rebalanced-alpha-free-gain"].sorted()),
    // Steps too few and too small for the exact rank.
    (["rate=1e-5"], ["exact-rank-linear"]),
    ([], []),
  ])
  func claimsFailWithTheirEffect(changes: [String], failing: [String]) throws {
    // Gaussian measurements carry no claim.
    let unreproduced = try unreproducedClaims(SymmetryCurse.self, ["measured.steps=1", "measured.side=4"] + changes)
    #expect(failing.allSatisfy(unreproduced.contains), "\(unreproduced)")
    if changes.isEmpty { #expect(unreproduced == []) }
  }
}
