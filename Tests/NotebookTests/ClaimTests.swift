import Notebook
import Testing

@Suite struct ClaimTests {
  static let expectations: [Notebook.Expectation] = [
    .atMost(1), .atLeast(1), .below(1), .above(1), .within(1...2), .near(1, tolerance: 0.5), .exactly(1),
  ]

  @Test(arguments: expectations) func notANumberReproducesNothing(expectation: Notebook.Expectation) {
    #expect(!expectation.holds(for: .nan))
    let claim = Claim("c", "s", source: "t", quantity: "q", measured: .nan, expected: expectation)
    #expect(claim.verdict == .notReproduced)
  }

  @Test func notANumberAsTheBoundHoldsForNothing() {
    for expectation: Notebook.Expectation in [
      .atMost(.nan), .atLeast(.nan), .below(.nan), .near(1, tolerance: .nan), .exactly(.nan),
    ] {
      #expect(!expectation.holds(for: 1))
      #expect(!expectation.holds(for: .nan))
    }
  }

  /// Each expectation with a value that just holds and one that just does not.
  @Test(arguments: [
    (Notebook.Expectation.atMost(1), 1, 1.0.nextUp), (.atLeast(1), 1, 1.0.nextDown), (.below(1), 1.0.nextDown, 1),
    (.above(1), 1.0.nextUp, 1),
    (.within(1...2), 1, 1.0.nextDown), (.within(1...2), 2, 2.0.nextUp), (.near(1, tolerance: 0.5), 1.5, 1.5.nextUp),
    (.near(1, tolerance: 0.5), 0.5, 0.5 - 1e-15), (.exactly(1), 1, 1.0.nextUp), (.atLeast(0), .infinity, -.infinity),
    (.atMost(0), -.infinity, .infinity),
  ])
  func boundaries(expectation: Notebook.Expectation, holds: Double, fails: Double) {
    #expect(expectation.holds(for: holds))
    #expect(!expectation.holds(for: fails))
    let verdict = { Claim("c", "s", source: "t", quantity: "q", measured: $0, basis: [1], expected: expectation).verdict }
    #expect(verdict(holds) == .reproduced)
    #expect(verdict(fails) == .notReproduced)
  }

  @Test func aBasisThatIsNotFiniteLeavesNothingMeasured() {
    let claim = { (basis: [Double]) in
      Claim("c", "s", source: "t", quantity: "q", measured: 0, basis: basis, expected: .atMost(1))
    }
    #expect(claim([0, 1]).measured == 0)
    #expect(claim([0, 1]).verdict == .reproduced)
    for bad in [Double.nan, .infinity, -.infinity] {
      #expect(claim([0, bad]).measured.isNaN)
      #expect(claim([0, bad]).verdict == .notReproduced)
    }
  }

  /// What is infinite may be a baseline that never arrives, or a run of which nothing is left.
  @Test func infinityIsMeasuredOnlyBesideSomethingFinite() {
    let claim = { (basis: [Double]) in
      Claim("c", "s", source: "t", quantity: "q", measured: .infinity, basis: basis, expected: .above(1))
    }
    #expect(claim([1]).verdict == .reproduced)
    #expect(claim([]).verdict == .notReproduced)
    #expect(claim([.infinity]).verdict == .notReproduced)
    #expect(claim([]).measured == .infinity, "it is shown as it was measured")
  }

  @Test func areWrittenAsAPersonWould() {
    #expect(
      Self.expectations.map(\.description) == ["<= 1", ">= 1", "< 1", "> 1", "in [1, 2]", "1 +- 0.5", "= 1"])
    #expect(Notebook.Expectation.atMost(1.0 / 20).description == "<= 0.05")
    #expect(Notebook.Expectation.atMost(1e-24).description == "<= 1e-24")
    #expect(2000.0.brief == "2000")
  }
}
