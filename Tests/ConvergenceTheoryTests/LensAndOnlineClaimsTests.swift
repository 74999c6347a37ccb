import ConvergenceTheory
import TestSupport
import Testing

/// The claims fail where their effect is taken away; that they hold at quick is checked by running the papers.
@Suite(.serialized, .takesTurns) struct LensAndOnlineClaimsTests {
  @Test func learnersNeedTheStepThatOvershoots() throws {
    // The largest eps a² is 0.6 then.
    let failing = try unreproducedClaims(LearnersAsMachines.self, ["descent.inputs=[0.5,1]", "polynomials.triples=5"])
    #expect(failing == ["gd-invariant-interval-expanding"])
  }

  @Test func lensesNeedTraining() throws {
    let failing = try unreproducedClaims(
      ParametricLensLearning.self, ["clusters.steps=3", "boolean.manyBits=2", "boolean.draws=1", "digits.count=20"])
    #expect(failing.contains("accuracy") && !failing.contains("lens-laws-reals") && !failing.contains("boolean-one-pass"))
  }

  @Test func invertibilityIsMeasuredAtTheRateOfTheLaws() throws {
    #expect(try unreproducedClaims(BackpropFunctor.self, ["rate=0.5", "training.steps=10"]) == ["invertibility-needed"])
  }

  @Test func lastIteratesNeedLargeSteps() throws {
    let failing = try unreproducedClaims(LastIterate.self, ["hardRate=0.3", "repetitions=1"])
    #expect(failing.contains("log-factor-const-6400"))
  }

  @Test func driftMustNotGrowWithTheHorizon() throws {
    // Flips in every round of the longest horizon, and none in the shorter ones.
    let failing = try unreproducedClaims(OptimisticMirrorDescent.self, ["segments=8000"])
    #expect(failing.contains("drift-not-horizon-constant") && !failing.contains("scales-with-sigma-T500"))
  }

  @Test func plasticityNeedsTraining() throws {
    let failing = try unreproducedClaims(PlasticityGeometry.self, ["epochs=3", "dimensions=[100]"])
    #expect(failing.contains("interpolates") && !failing.contains("dual-change-in-row-space"))
  }
}
