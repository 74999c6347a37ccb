import Foundation
import Notebook
import Plotting
import Sweeps
import TestSupport
import Testing

/// Settings of every kind; it is never run.
struct Knobs: Experiment {
  static let paper = Paper(
    slug: "knobs", title: "Knobs", authors: ["A"], year: 2026, arxiv: "0000.00000", shows: "nothing", fidelity: .exact)

  struct Settings: Codable, Sendable {
    struct Problem: Codable, Sendable { var rows = 10 }
    var rate = 0.1
    var sizes = [1, 2]
    var rule = "adam"
    var isFast = true
    var problem = Problem()
  }

  static func settings(for preset: Preset) -> Settings { Settings() }
  static func run(_ settings: Settings, into notebook: Recorder) throws {}
  static func figures(from results: Results) throws -> [Figure] { [] }
  static func claims(from results: Results) throws -> [Claim] { [] }
}

@Suite struct PlanTests {
  private func sweep(
    _ seeds: String = "0", _ settings: [String] = [], preset: Preset = .quick, sample: Sweep.Sample? = nil
  ) throws -> Sweep {
    try Sweep(slug: "knobs", preset: preset, seeds: SeedList(seeds), axes: settings.map { try SweepAxis($0) }, sample: sample)
  }

  @Test(
    arguments: [
      ("0..<3", [0, 1, 2]), ("0...3", [0, 1, 2, 3]), ("0,3,5", [0, 3, 5]), ("7", [7]), ("1...2,9", [1, 2, 9]),
    ] as [(String, [UInt64])]) func seedsAreRangesAndLists(text: String, values: [UInt64]) throws
  {
    #expect(try SeedList(text).values == values)
  }

  @Test(arguments: [
    ("3...1", "is empty"), ("3..<3", "is empty"), ("a", "seeds are given as"), ("", "seeds are given as"),
    ("1,1", "name a seed twice"), ("-1", "seeds are given as"), ("0..<99999999999", "more than"), ("1,", "seeds are given as"),
  ]) func seedsThatAreNone(text: String, complaint: String) {
    #expect(message { _ = try SeedList(text) }.contains(complaint), "\(text)")
  }

  @Test(arguments: [
    ("rate=0.01,0.1", ["0.01", "0.1"]), ("sizes=[1,2],[3]", ["[1,2]", "[3]"]), ("rule=\"a,b\",c", ["a,b", "c"]),
    ("sizes=[[1,2],[3]],[]", ["[[1,2],[3]]", "[]"]), ("rule=a=b", ["a=b"]),
  ]) func valuesAreSplitAtCommasOutsideOfBracketsAndQuotes(text: String, values: [String]) throws {
    #expect(try SweepAxis(text).candidates == .values(values))
  }

  @Test func assignmentsThatAreNone() {
    for (text, complaint) in [
      ("rate", "takes key=value"), ("=1", "takes key=value"), ("rate=", "empty value"), ("rate=1,,2", "empty value"),
      ("sizes=[1,2", "do not close"), ("rule=\"a", "do not close"),
    ] {
      #expect(message { _ = try SweepAxis(text) }.contains(complaint), "\(text)")
    }
  }

  @Test func whatIsWrongIsFoundBeforeAnythingRuns() {
    for (settings, complaint) in [
      (["rate=1,2", "rate=3"], "given twice"), (["rate=0.1..1"], "--random"), (["bogus=1"], "no setting named 'bogus'"),
      (["rate=fast"], "takes a number"), (["rate=0.1,1e-1"], "has the value 1e-1 twice"),
      (["problem.rows=1.5"], "a whole number"),
    ] {
      #expect(message { _ = try SweepPoints(sweep("0", settings), of: Knobs.self) }.contains(complaint), "\(settings)")
    }
  }

  @Test func pointsAreInRowMajorOrderSeedsLast() throws {
    let points = try SweepPoints(sweep("4,2", ["rate=0.1,0.2", "sizes=[1],[2,3]"]), of: Knobs.self)
    #expect(points.count == 8)
    let all = (0..<points.count).map { points[$0] }
    #expect(all.map(\.seed) == [4, 2, 4, 2, 4, 2, 4, 2])
    #expect(all[0].assignments == ["rate=0.1", "sizes=[1]"] && all[3].assignments == ["rate=0.1", "sizes=[2,3]"])
    #expect(all[7].assignments == ["rate=0.2", "sizes=[2,3]"] && all.map(\.combination) == [0, 0, 1, 1, 2, 2, 3, 3])
    // The names are those of plain runs: a value that is the preset's is no change.
    for point in all {
      let run = try Runner.identity(of: Knobs.self, preset: .quick, seed: point.seed, assignments: point.assignments)
      #expect(run.stem == point.identity.stem)
    }
    let plain = try SweepPoints(sweep("3", ["rate=0.1"]), of: Knobs.self)
    #expect(plain[0].identity.stem == "quick-seed3")
  }

  @Test func aPlanSurvivesItsFile() throws {
    let plans = try [
      sweep(), sweep("0..<32", ["rate=0.010,1e-3", "sizes=[1,2],[3]", "rule=adam,\"a,b\",true,0x1", "isFast=true,false"]),
      sweep("0,3", ["rate=0.001..0.1", "problem.rows=3,4"], preset: .smoke, sample: .init(count: 5, seed: 9)),
    ]
    for plan in plans { #expect(try Sweep(yaml: plan.yaml, file: "x") == plan) }
    #expect(try Set(plans.map { try $0.defaultName }).count == plans.count)
  }

  @Test func aPlanWrittenByHand() throws {
    let text = """
      # by hand
      paper: knobs
      seeds: [0, 3]
      settings:
        rate: [0.01, 0.1]
        problem.rows: 5
        sizes: [[1, 2], [3]]
        rule: "sgd"
      """
    let plan = try Sweep(yaml: text, file: "x")
    #expect(plan == (try sweep("0,3", ["rate=0.01,0.1", "problem.rows=5", "sizes=[1,2],[3]", "rule=sgd"])))
    for (text, complaint) in [
      ("", "has no 'paper:'"), ("paper: knobs", "which 'seeds:'"), ("paper: k\nseeds: 0\nsetting: 1", "'setting' means nothing"),
      ("paper: k\nseeds: 0\npreset: big", "no preset 'big'"), ("paper: [", "is no plan"),
      ("paper: k\nseeds: 0\nrandom: x", "'random:'"),
    ] {
      #expect(message { _ = try Sweep(yaml: text, file: "x") }.contains(complaint), "\(text)")
    }
  }

  @Test func aSampleIsTheSameEachTimeAndHasNoPointTwice() throws {
    let grid = ["rate=0.1,0.2,0.3", "sizes=[1],[2],[3],[4]"]
    let some = try SweepPoints(sweep("0..<2", grid, sample: .init(count: 7)), of: Knobs.self)
    #expect(some.count == 14)
    let choices = stride(from: 0, to: 14, by: 2).map { some[$0].assignments }
    #expect(Set(choices).count == 7)
    let again = try SweepPoints(sweep("0..<2", grid, sample: .init(count: 7)), of: Knobs.self)
    #expect((0..<14).map { again[$0].assignments } == (0..<14).map { some[$0].assignments })
    let other = try SweepPoints(sweep("0..<2", grid, sample: .init(count: 7, seed: 1)), of: Knobs.self)
    #expect((0..<14).map { other[$0].assignments } != (0..<14).map { some[$0].assignments })
    #expect(
      message { _ = try SweepPoints(sweep("0", grid, sample: .init(count: 13)), of: Knobs.self) }.contains("more than the grid"))
  }

  @Test func rangesAreDrawnLogarithmicallyOverADecadeAndWholeForWholeSettings() throws {
    let plan = try sweep("0", ["rate=0.001..0.1", "problem.rows=3..900"], sample: .init(count: 400))
    let points = try SweepPoints(plan, of: Knobs.self)
    let values = try (0..<points.count).map { index in
      try points[index].assignments.map { try #require(Double($0.split(separator: "=")[1])) }
    }
    #expect(values.allSatisfy { 0.001...0.1 ~= $0[0] && 3...900 ~= $0[1] && $0[1] == $0[1].rounded() })
    // Half of them below the geometric mean of the ends: a binomial of 400, five standard deviations are 50.
    #expect(abs(values.count { $0[0] < 0.01 } - 200) < 50)
    #expect(abs(values.count { $0[1] < 52 } - 200) < 50)
  }
}
