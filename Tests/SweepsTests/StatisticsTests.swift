import Plotting
import Sweeps
import Testing

@Suite struct StatisticsTests {
  /// The 97.5 percent points of the tables.
  @Test(arguments: [
    (1, 12.7062), (2, 4.30265), (3, 3.18245), (4, 2.77645), (5, 2.57058), (9, 2.26216), (10, 2.22814), (30, 2.04227),
    (120, 1.97993),
    (1000, 1.96234),
  ]) func studentsT(degrees: Int, t: Double) {
    #expect(abs(StudentT.ninetyFivePercent(degrees: degrees) - t) < 1e-4)
  }

  @Test func aClaimOverSeeds() {
    // Mean 2, standard deviation 1, so the interval reaches 4.30265 / sqrt(3) to both sides.
    let some = ClaimStatistics(measured: [1, 2, 3], reproduced: 2)
    #expect(some.mean == 2 && some.seeds == 3 && some.reproduced == 2.0 / 3)
    #expect(abs(some.high - 2 - 2.48414) < 1e-4 && abs(2 - some.low - 2.48414) < 1e-4)
    let one = ClaimStatistics(measured: [5], reproduced: 1)
    #expect(one.mean == 5 && one.low.isNaN && one.high.isNaN)
    // A run that diverged is a seed that did not reproduce, and no number.
    let diverged = ClaimStatistics(measured: [1, .nan, 3], reproduced: 1)
    #expect(diverged.mean == 2 && diverged.seeds == 3 && diverged.reproduced == 1.0 / 3)
    #expect(ClaimStatistics(measured: [], reproduced: 0).mean.isNaN)
  }

  private func figure(_ series: Series...) -> [Figure] {
    [Figure("fig1", title: "loss", Panel(x: Axis("x"), y: Axis("y"), series: series))]
  }

  @Test func curvesBecomeMediansWithBands() throws {
    let runs = [1.0, 2, 6].map { figure(.line(x: [0, 1], y: [$0, 10 * $0], label: "a"), .guide("x")) }
    let all = SeedFigures.combined(runs)
    #expect(all[0].title == "loss, 3 seeds")
    let series = all[0].panels[0].series
    try #require(series.count == 3)
    guard case .band(_, let lower, let upper) = series[0].kind, case .curve(_, let y, .line) = series[1].kind else {
      Issue.record("a band, then its line")
      return
    }
    #expect(lower.values == [1, 10] && upper.values == [6, 60] && y.values == [2, 20] && series[1].label == "a")
  }

  @Test func fromFiveSeedsOnTheBandHoldsTheMiddle() throws {
    let runs = (0...10).map { figure(.line(x: [0], y: [Double($0)])) }
    guard case .band(_, let lower, let upper) = try #require(SeedFigures.combined(runs)[0].panels[0].series.first).kind else {
      Issue.record("a band")
      return
    }
    #expect(lower.values == [1] && upper.values == [9])
  }

  @Test func aBandOfTheFiguresOwnIsWidened() {
    let runs = [0.0, 1].map { figure(.band(x: [0], lower: [$0], upper: [$0 + 1]), .line(x: [0], y: [$0 + 0.5])) }
    let series = SeedFigures.combined(runs)[0].panels[0].series
    guard series.count == 2, case .band(_, let lower, let upper) = series[0].kind, case .curve(_, let y, _) = series[1].kind
    else {
      Issue.record("one band and its line")
      return
    }
    #expect(lower.values == [0] && upper.values == [2] && y.values == [1])
  }

  @Test func whatDoesNotAgreeIsTheFirstSeedsAndTheTitleSaysSo() {
    let runs = [[0.0, 1], [0.0, 2]].map { figure(.line(x: Column($0), y: [1, 2]), .line(x: [0], y: [$0[1]])) }
    let combined = SeedFigures.combined(runs)[0]
    #expect(combined.title == "loss, in part the first of 2 seeds")
    guard case .curve(let x, _, _) = combined.panels[0].series[0].kind else {
      Issue.record("the first curve as it was")
      return
    }
    #expect(x.values == [0, 1] && combined.panels[0].series.count == 3)
    let apart = [1.0, 2].map { figure(.line(x: [$0], y: [1])) }
    #expect(SeedFigures.combined(apart)[0].title == "loss, the first of 2 seeds")
  }
}
