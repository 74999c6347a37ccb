import Foundation
import Notebook

/// How far a sweep is, on standard error: one line that is rewritten on a terminal, a plain line now and then elsewhere.
final class SweepProgress {
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let isQuiet: Bool
  private let jobs: Int
  private var shown = ContinuousClock.now
  private var isLineOpen = false

  init(isQuiet: Bool, jobs: Int) {
    self.isQuiet = isQuiet
    self.jobs = jobs
  }

  /// Shows it when the last line is old enough: 5 a second on a terminal, one in 10 seconds elsewhere.
  func show(_ work: SweepWork) {
    let now = ContinuousClock.now
    guard !isQuiet, now - shown > (isTerminal ? .milliseconds(200) : .seconds(10)) else { return }
    shown = now
    let text = Self.text(work, jobs: jobs)
    StandardStream.error.write(isTerminal ? "\r\u{1B}[K" + text : text + "\n")
    isLineOpen = isTerminal
  }

  static func text(_ work: SweepWork, jobs: Int) -> String {
    let count = work.summary.count
    let failed = work.summary.failed.count + work.failed.count
    let filled = Int((Double(work.over) / Double(max(count, 1)) * 24).rounded())
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 24 - filled)
    let left = work.meanSeconds * Double(count - work.over) / Double(jobs)
    return "  [\(bar)] \(work.over) of \(count) points, \(work.running) running, \(failed) failed"
      + (work.isTimed ? ", \(left.asDuration) left" : "")
  }

  /// Leaves the terminal's line empty, for whatever is printed next.
  func clear() {
    if isLineOpen { StandardStream.error.write("\r\u{1B}[K") }
    isLineOpen = false
  }
}
