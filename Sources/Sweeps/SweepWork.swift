import Foundation
import Notebook

/// Which points wait, which process has which, and how long points take.
package struct SweepWork {
  package let points: SweepPoints
  package var summary: SweepRunner.Summary
  /// Points that wait; the last one is next.
  package var waiting: [Int] = []
  package private(set) var failed: [Int] = []
  package private(set) var elsewhere: [Int] = []
  /// The seconds of all points done now.
  private(set) var seconds = 0.0
  /// The shares under way, by their first point.
  private var shares: [Int: Share] = [:]

  /// - Parameter count: how many of the points are worked on; nil for all.
  package init(points: SweepPoints, count: Int? = nil) {
    self.points = points
    summary = SweepRunner.Summary(count: count ?? points.count)
  }

  private struct Share {
    /// Points that are not over.
    var open: [Int]
    var begun: Int?
    var hasSpoken = false
  }

  /// Points that are over, one way or another.
  var over: Int { summary.before + summary.now + summary.failed.count + failed.count + elsewhere.count }
  var running: Int { shares.values.count { $0.begun != nil } }
  var isTimed: Bool { summary.now > 0 }
  /// Of one point.
  var meanSeconds: Double { seconds / Double(max(summary.now, 1)) }

  /// The next neighbours for a process: one while nothing is known, then as many as take the time given, and always few enough
  /// that every process has several shares to come. The range may cover points that are done.
  package mutating func share(jobs: Int, seconds: Double, most: Int) -> Range<Int>? {
    let fair = (waiting.count + 4 * jobs - 1) / (4 * jobs)
    let wanted = isTimed ? Int(min(Double(most), seconds / max(meanSeconds, 1e-3))) : 1
    let taken = waiting.suffix(max(1, min(fair, wanted)))
    guard let first = taken.last, let last = taken.first else { return nil }
    let open = Array(taken.reversed())
    waiting.removeLast(open.count)
    shares[first] = Share(open: open)
    return first..<last + 1
  }

  package mutating func take(_ report: PointReport, of share: Int) {
    func isOver(_ index: Int) -> Bool {
      guard let place = shares[share]?.open.firstIndex(of: index) else { return false }
      shares[share]?.open.remove(at: place)
      shares[share]?.begun = nil
      return true
    }
    shares[share]?.hasSpoken = true
    switch report {
    case .begun(let index): shares[share]?.begun = index
    case .done(let index, let seconds, let isReproduced):
      // A range may cover points that were done before: they are counted already.
      guard isOver(index) else { return }
      summary.now += 1
      summary.reproduced += isReproduced ? 1 : 0
      self.seconds += seconds
    case .failed(let index): if isOver(index) { failed.append(index) }
    case .elsewhere(let index): if isOver(index) { elsewhere.append(index) }
    }
  }

  /// Points that another process had wait now.
  package mutating func takeBack(_ free: [Int]) {
    elsewhere.removeAll { free.contains($0) }
    waiting = (waiting + free).sorted(by: >)
  }

  /// What a process has left open waits again, but for the point that ended it.
  /// - Returns: that point; nil when the process dealt with its failure itself, or was told to end.
  package mutating func close(_ ending: ProcessPool.Ending) -> Int? {
    guard var share = shares.removeValue(forKey: ending.tag), !share.open.isEmpty else { return nil }
    let isStopped = [SIGINT, SIGTERM].contains { ending.status == Interruption(signal: $0).exitCode }
    // One that could not even begin would do no better next time.
    let culprit = isStopped ? nil : share.begun ?? (share.hasSpoken ? nil : share.open[0])
    if let culprit, let place = share.open.firstIndex(of: culprit) {
      share.open.remove(at: place)
      failed.append(culprit)
    }
    // Highest first: the last one is next.
    waiting = (waiting + share.open).sorted(by: >)
    return culprit
  }
}
