import Foundation
import Notebook

/// Runs the points of a sweep on this machine: a pool of processes, each with a share of neighbouring points.
public struct SweepRunner {
  /// What came of it.
  public struct Summary: Sendable {
    /// All points; those that were done before; those done now.
    public var count = 0, before = 0, now = 0
    /// Of those done now: how many reproduced every claim.
    public var reproduced = 0
    /// Points that another process has.
    public var elsewhere = 0
    /// The points that failed, now or before, by the stem of their files, with the reason.
    public var failed: [(stem: String, reason: String)] = []
    /// Whether nothing is missing.
    public var isComplete: Bool { before + now == count }
  }

  private let points: SweepPoints
  private let files: SweepFiles
  private let range: Range<Int>
  private let jobs: Int
  private let patience: Double
  /// The words of a process, but for its range of points.
  private let command: [String]
  private let isQuiet: Bool

  /// A share of the work lasts about this long: long beside the start of a process (40 ms), short beside a sweep.
  private static let shareSeconds = 2.0
  private static let mostPointsOfShare = 200

  /// - Parameters:
  ///   - range: the places of the points that this runner is for; nil for all.
  ///   - jobs: how many processes at once.
  ///   - patience: seconds to wait at the end for points that another process has.
  ///   - command: what this program is told to run a share, "sweep-points" with its options; the first point and the one after the
  ///     last are put behind it.
  public init(
    _ points: SweepPoints, files: SweepFiles, range: Range<Int>? = nil, jobs: Int, patience: Double = 0, command: [String],
    isQuiet: Bool
  ) {
    self.points = points
    self.files = files
    self.range = (range ?? 0..<points.count).clamped(to: 0..<points.count)
    self.jobs = jobs
    self.patience = patience
    self.command = command
    self.isQuiet = isQuiet
  }

  /// Runs what is missing.
  /// - Throws: ``Interruption`` when stopped: points that were running have left checkpoints.
  public func run() throws -> Summary {
    let failures = SweepFailures(files)
    let failedBefore = failures.read()
    var work = SweepWork(points: points, count: range.count)
    for index in range {
      let point = points[index]
      switch files.state(of: point, failures: failedBefore) {
      case .done: work.summary.before += 1
      case .failed(let reason): work.summary.failed.append((point.identity.stem, reason))
      default: work.waiting.append(index)
      }
    }
    work.waiting.reverse()
    let progress = SweepProgress(isQuiet: isQuiet, jobs: jobs)
    defer { progress.clear() }
    repeat { try runPool(&work, failures, progress) } while try waitForOthers(&work)
    // What failed now is in the list by now, whichever process has put it there.
    let failedNow = failures.read()
    for index in work.failed {
      let stem = points[index].identity.stem
      work.summary.failed.append((stem, failedNow[stem] ?? "it left no reason"))
    }
    work.summary.elsewhere = work.elsewhere.count { index in
      let isDone = FileManager.default.fileExists(atPath: files.folders.resultsFile(points[index].identity))
      if isDone { work.summary.before += 1 }
      return !isDone
    }
    return work.summary
  }

  private func runPool(_ work: inout SweepWork, _ failures: SweepFailures, _ progress: SweepProgress) throws {
    try ProcessPool(atOnce: jobs).run(
      next: {
        work.share(jobs: jobs, seconds: Self.shareSeconds, most: Self.mostPointsOfShare).map { range in
          ProcessPool.Command(command + ["\(range.lowerBound)", "\(range.upperBound)"], tag: range.lowerBound)
        }
      },
      heard: { share, lines in
        for report in lines.compactMap(PointReport.init) { work.take(report, of: share) }
        progress.show(work)
      },
      ended: { ending in
        // A point that was begun and is not done has taken its process with it.
        guard let culprit = work.close(ending) else { return }
        try failures.add(points[culprit].identity.stem, reason: ending.reason)
      })
  }

  /// Waits for points that another process has: it may end without a result, lost with its node or told to end.
  /// - Returns: whether some of them wait for this one now.
  private func waitForOthers(_ work: inout SweepWork) throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(patience)
    while .now < deadline {
      let states = work.elsewhere.map { ($0, files.state(of: points[$0], failures: [:])) }
      if states.allSatisfy({ $0.1 == .done }) { return false }
      let free = states.filter { $0.1 == .waiting || $0.1 == .interrupted }.map(\.0)
      if !free.isEmpty {
        work.takeBack(free)
        return true
      }
      if let interruption = Signals.interruption { throw interruption }
      usleep(500_000)
    }
    return false
  }
}
