import Foundation
import Notebook
import TestSupport

/// One process that runs papers again and again: its memory stays flat, and no file stays open.
enum LongStays: FaultFamily {
  static let name = "stays"
  static let title = "Long runs"

  /// Seconds at factor 1; an hour is `FACTOR=60`.
  private static let seconds = 60.0
  /// What a process may grow by from its second quarter to its last, in parts of its size.
  private static let growth = 0.05

  static func run(_ trials: Trials) throws -> [Fault] {
    var fault = Fault("one process repeats papers for \(Int(seconds * trials.factor / 60)) min: memory and open files")
    try withFolder { folder in
      // More than it can finish.
      let papers = Array(repeating: Program.others + [Program.paper], count: 20_000).flatMap { $0 }
      let running = try Program.start(["run"] + papers + ["--preset", "smoke", "--force", "--quiet"], in: folder)
      var samples: [Sample] = []
      let end = ContinuousClock.now + .seconds(seconds * trials.factor)
      while running.process.isRunning, .now < end {
        usleep(200_000)
        if let sample = Sample(running.process.processIdentifier) { samples.append(sample) }
      }
      let hasEnded = !running.process.isRunning
      kill(running.process.processIdentifier, SIGTERM)
      let outcome = running.wait()
      guard !hasEnded, samples.count >= 8 else {
        return fault.lose("ended by itself: \(outcome.status), \(outcome.errors)")
      }
      let quarter = samples.count / 4
      let (early, late) = (samples[quarter..<2 * quarter], samples[(3 * quarter)...])
      let (before, after) = (early.map(\.kilobytes).max() ?? 0, late.map(\.kilobytes).max() ?? 0)
      let summary = "\(before / 1024) MB before, \(after / 1024) MB after"
      fault.count(
        "flat (\(summary))", unless: Double(after) > (1 + growth) * Double(before) ? "memory grew: \(summary)" : nil)
      let (open, still) = (early.map(\.openFiles).max() ?? 0, late.map(\.openFiles).max() ?? 0)
      fault.count("no file left open", unless: still > open ? "\(open) files were open, then \(still)" : nil)
    }
    return [fault]
  }

  /// What the system knows of a process.
  private struct Sample {
    var kilobytes, openFiles: Int

    init?(_ process: Int32) {
      guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
        let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }),
        let kilobytes = Int(line.split(whereSeparator: \.isWhitespace)[1]),
        let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd")
      else { return nil }
      (self.kilobytes, openFiles) = (kilobytes, open.count)
    }
  }
}
