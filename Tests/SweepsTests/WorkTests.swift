import Notebook
import Sweeps
import Testing

/// How points go to processes and come back.
@Suite struct WorkTests {
  private func work(_ count: Int) throws -> SweepWork {
    var work = SweepWork(points: try SweepPoints(Sweep(slug: "knobs", seeds: SeedList("0..<\(count)")), of: Knobs.self))
    work.waiting = (0..<count).reversed()
    return work
  }

  @Test func reportsSurviveTheirLine() {
    for report in [PointReport.begun(3), .done(4, seconds: 0.25, isReproduced: true), .failed(5), .elsewhere(6)] {
      #expect(PointReport(report.line) == report)
    }
    for line in ["", "done", "done 3", "done x 1 true", "finished 3", "warning: begun"] { #expect(PointReport(line) == nil) }
  }

  @Test func sharesGrowWithWhatPointsTakeAndStayFair() throws {
    var work = try work(100)
    #expect(work.share(jobs: 2, seconds: 2, most: 50) == 0..<1, "nothing is known of the first")
    work.take(.begun(0), of: 0)
    work.take(.done(0, seconds: 0.5, isReproduced: true), of: 0)
    #expect(work.share(jobs: 2, seconds: 2, most: 50) == 1..<5, "two seconds of half a second each")
    work.take(.done(1, seconds: 0, isReproduced: true), of: 1)
    // 95 points wait; eight shares to come.
    #expect(work.share(jobs: 2, seconds: 20, most: 50) == 5..<17)
    #expect(work.share(jobs: 2, seconds: 20, most: 3) == 17..<20)
    #expect(work.summary.now == 2 && work.summary.reproduced == 2)
  }

  @Test func aRangeMayCoverPointsThatAreDone() throws {
    var work = try work(6)
    work.waiting = [5, 2, 0]
    #expect(work.share(jobs: 1, seconds: 2, most: 9) == 0..<1)
    work.take(.done(0, seconds: 0.1, isReproduced: false), of: 0)
    work.waiting = [5, 4, 2, 1]
    #expect(work.share(jobs: 1, seconds: 2, most: 9) == 1..<2)
    #expect(work.close(.init(tag: 0, status: 0, reason: "")) == nil && work.summary.now == 1)
  }

  @Test func aPointThatEndsItsProcessFailsAndTheRestWaitsAgain() throws {
    var work = try work(40)
    _ = work.share(jobs: 1, seconds: 2, most: 9)
    work.take(.done(0, seconds: 0.1, isReproduced: true), of: 0)
    #expect(work.share(jobs: 1, seconds: 2, most: 4) == 1..<5)
    work.take(.begun(1), of: 1)
    work.take(.done(1, seconds: 0.1, isReproduced: true), of: 1)
    work.take(.begun(2), of: 1)
    #expect(work.close(.init(tag: 1, status: -11, reason: "ended by signal 11")) == 2)
    #expect(work.failed == [2])
    #expect(work.share(jobs: 1, seconds: 2, most: 2) == 3..<5, "neighbours go on in order")
    // One that has said why it failed has failed; one that was told to end waits again with the rest.
    work.take(.begun(3), of: 3)
    work.take(.failed(3), of: 3)
    #expect(work.close(.init(tag: 3, status: 1, reason: "")) == nil && work.failed == [2, 3])
    #expect(work.share(jobs: 1, seconds: 2, most: 2) == 4..<6)
    work.take(.begun(4), of: 4)
    #expect(work.close(.init(tag: 4, status: 143, reason: "")) == nil && work.failed == [2, 3])
    // One that ends without a word has failed: it would do so for ever.
    #expect(work.share(jobs: 1, seconds: 2, most: 2) == 4..<6)
    #expect(work.close(.init(tag: 4, status: 1, reason: "")) == 4)
  }
}
