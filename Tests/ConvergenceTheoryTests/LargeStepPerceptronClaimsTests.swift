import ConvergenceTheory
import TestSupport
import Testing

/// The claims hold at quick, and fail where the paper says that their effect is gone.
@Suite(.serialized, .takesTurns) struct LargeStepPerceptronClaimsTests {
  @Test(arguments: [
    // Data so far apart that small steps solve them at once, before any loss has grown.
    (["random.margin=0.4"], ["large-steps-solve-fast", "loss-misleads"]),
    // Normalized steps too small for their theorem.
    (["hard.gamma=10"], ["n-dependence-nlr"]),
    // Runs that are cut off solve nothing.
    (["limit=2"], ["large-steps-solve-fast", "loss-misleads-iterations", "mistake-bound-hard", "n-dependence-lr"]),
    ([], []),
  ])
  func claimsFailWithTheirEffect(changes: [String], failing: [String]) throws {
    // The images carry no claim.
    let unreproduced = try unreproducedClaims(LargeStepPerceptron.self, ["digits.steps=1", "digits.count=2"] + changes)
    #expect(failing.allSatisfy(unreproduced.contains), "\(unreproduced)")
    if changes.isEmpty { #expect(unreproduced == []) }
  }
}
