import LowRankRecovery
import Notebook
import TestSupport
import Testing

/// Claims fail where what they rest on is taken away; smaller than quick, since only failing is asked for.
@Suite(.serialized, .takesTurns) struct RecoveryClaimsTests {
  @Test(arguments: [
    // Too few steps in every row problem.
    (["iterations=[1,3]"], ["inexact-as-good-many-steps"]),
    // So few entries that some rows are not determined.
    (["share=0.05"], ["linear-convergence-rate", "linear-convergence-error"]),
    // An error as large as the solution.
    (["epsilons=[10.0]"], ["floor-proportional-to-eps-10.0"]),
    (["countedRanks=[5,6]", "halfSweeps=2"], ["linear-convergence-error"]),
  ])
  func completion(changes: [String], failing: [String]) throws {
    try expect(RobustAltminCompletion.self, ["side=80", "rank=4", "seeds=1"] + changes, failing)
  }

  @Test(arguments: [
    // LPGD has not arrived.
    (["steps=21", "sweeps=1"], ["bcd-agrees-value"]),
    // Labels that say nothing, a ridge that dominates: nothing is won by fitting jointly.
    (["weights=[{\"xi\":1,\"nu\":50}]", "synthetic.signal=0"], ["joint-beats-two-stage"]),
    // A condition number below 3 after all.
    (["illConditioned.nu=1"], ["condition-matters"]),
  ])
  func dictionary(changes: [String], failing: [String]) throws {
    let small = ["synthetic.dimension=10", "synthetic.points=40", "steps=60", "sweeps=60", "images.points=10", "images.side=6"]
    try expect(SupervisedDictionary.self, small + changes, failing)
  }

  @Test(arguments: [
    // Gaussian codes have no sparsest dictionary.
    (["theta=1.0"], ["recovers-iterate", "recovers-polar"]),
    // Hardly any noise to average.
    (["batch=2000", "steps=300"], ["averaging-needed-gap"]),
    (["steps=12"], ["self-orthogonalising-end"]),
  ])
  func stream(changes: [String], failing: [String]) throws {
    let small = ["steps=400", "otherSteps=1", "side=8", "seeds=1", "fresh=500", "stored=500", "otherThetas=[]"]
    try expect(OnlineOrthogonalFW.self, small + changes, failing)
  }

  @Test(arguments: [
    // One step is not enough for the support, nor for the error.
    (["steps=1"], ["near-oracle", "support", "svd-beats-sbl-undersampled"]),
    // An entry as large as the largest counts: then every method finds at most one.
    (["threshold=1.0", "steps=5"], ["support"]),
  ])
  func kronecker(changes: [String], failing: [String]) throws {
    try expect(KroneckerSparseBayes.self, ["trials=2"] + changes, failing)
  }

  private func expect<E: Experiment>(_ experiment: E.Type, _ changes: [String], _ failing: [String]) throws {
    let unreproduced = try unreproducedClaims(experiment, changes)
    #expect(failing.allSatisfy(unreproduced.contains), "\(unreproduced)")
  }
}
