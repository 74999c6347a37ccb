import ConvergenceTheory
import Notebook
import TestSupport
import Testing

/// The claims hold at quick, and fail where the paper says that their effect is gone.
@Suite(.serialized, .takesTurns) struct BlockAndSamplingClaimsTests {
  @Test(arguments: [
    // Columns of one scale have blocks of one curvature; the lattice carries no claim.
    (["regression.spread=0", "regression.offset=0", "lattice.iterations=1"], ["curvature-aware-rules-gsl"]),
    // Cut off before anything is found.
    (["lasso.iterations=1", "lattice.iterations=1"], ["finite-termination"]),
    ([], []),
  ])
  func greedyBlocks(changes: [String], failing: [String]) throws {
    try expect(GreedyBlockDescent.self, changes, failing)
  }

  @Test(arguments: [
    // With one block there is no cycle to gain from.
    (["blocks=1"], ["cyclic-beats-gd"]),
    // Batches that cost more than the full gradient.
    (["batch=2000"], ["vr-saves-gradients"]),
    ([], []),
  ])
  func cyclicBlocks(changes: [String], failing: [String]) throws { try expect(CyclicBlockDescent.self, changes, failing) }

  @Test(arguments: [
    // Cut off: nothing has arrived.
    (["iterations=50"], ["counterexample-old", "sqrt-rho-rate-gaussian-b10"]),
    ([], []),
  ])
  func interpolation(changes: [String], failing: [String]) throws {
    try expect(InterpolatedAcceleration.self, changes, failing)
  }

  private func expect<E: Experiment>(_ experiment: E.Type, _ changes: [String], _ failing: [String]) throws {
    let unreproduced = try unreproducedClaims(experiment, changes)
    #expect(failing.allSatisfy(unreproduced.contains), "\(unreproduced)")
    if changes.isEmpty { #expect(unreproduced == []) }
  }
}
