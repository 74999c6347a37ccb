import LowRankRecovery
import Notebook
import TestSupport
import Testing

/// The claims of the four descents fail where their effect is taken away; that they hold at quick is what `offprint run` shows.
@Suite(.serialized, .takesTurns) struct FactorDescentClaimsTests {
  private func expectFailing<E: Experiment>(_ experiment: E.Type, _ changes: [String], _ failing: [String]) throws {
    let unreproduced = try unreproducedClaims(experiment, changes)
    #expect(failing.allSatisfy(unreproduced.contains), "\(changes): \(unreproduced)")
  }

  @Test(arguments: [
    // So much damping that it is gradient descent with small steps.
    ("damping=1e3", ["kappa-free", "gd-suffers-scaled", "log-alpha-waiting"]),
    // No steps at all.
    ("rate=0", ["alpha-controls-error-100x", "alpha-controls-error-1e6x", "gd-suffers-slower", "no-overfit"]),
  ]) func preconditioning(change: String, failing: [String]) throws {
    try expectFailing(PreconditionedSensing.self, ["side=12", "measurements=400", "seeds=1", change], failing)
  }

  @Test(arguments: [
    // So many measurements that A is nearly an isometry.
    ("measurements=100000", ["not-svd-truncation-distance"]),
    // Too slow to visit anything.
    (
      "rate=1e-5",
      [
        "closer-with-smaller-alpha-rank1", "closer-with-smaller-alpha-rank2", "under-parameterised-limit", "visits-in-order",
        "not-svd-truncation-limit",
      ]
    ),
  ]) func incrementalRank(change: String, failing: [String]) throws {
    try expectFailing(IncrementalRank.self, ["side=8", "wideColumns=8", "steps=1000", "longSteps=1000", change], failing)
  }

  @Test(arguments: [
    // Outliers that are none: the squared loss recovers too.
    ("sigma=0", ["l1-recovers-l2-fails-l2", "l1-recovers-l2-fails-ratio"]),
    // Steps that shrink before the start is left.
    ("decay=0.9", ["l1-recovers-l2-fails-l1", "exact-rank-exact-recovery", "error-falls-with-alpha", "rank-agnostic-speed"]),
    // Measurements too few for Sign-RIP.
    ("measurements=40", ["sign-rip"]),
  ]) func robustSensing(change: String, failing: [String]) throws {
    try expectFailing(RobustSensing.self, ["side=10", "measurements=300", "columns=3,10", "steps=1000", change], failing)
  }

  @Test(arguments: [
    // Too slow to leave the start.
    ("rate=1e-6", ["low-tubal-rank-small", "small-init-helps", "two-phases-aligned"]),
    // A truth of full tubal rank.
    ("rank=7", ["small-init-helps"]),
  ]) func tubalFactorization(change: String, failing: [String]) throws {
    try expectFailing(TubalFactorization.self, ["side=8", "measurements=200", "steps=300", change], failing)
  }
}
