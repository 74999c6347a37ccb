import Foundation
import TestSupport

/// The smoke run of every paper with one thread, and again with two threads beside seven others: the same bits.
enum RepeatedRuns: FaultFamily {
  static let name = "determinism"
  static let title = "Repeated runs"

  static func run(_ trials: Trials) throws -> [Fault] {
    try withFolder { folder in
      var first = Fault("every paper, smoke, one thread")
      let ran = try finish(["run", "--all", "--preset", "smoke", "--threads", "1"], in: folder)
      var second = Fault("again with two threads beside seven others")
      let verified = try finish(["verify", "--all", "--preset", "smoke", "--threads", "2", "--jobs", "8"], in: folder)
      for slug in Program.papers {
        let line = { (outcome: Program.Outcome, words: String) in
          outcome.output.split(separator: "\n").first { $0.hasPrefix(slug + words) }.map(String.init)
        }
        first.count("ran", unless: line(ran, "  ran") == nil ? line(ran, "  ") ?? "\(slug): \(ran.errors)" : nil)
        let isVerified = line(verified, ": verified") != nil
        second.count("the same bit for bit", unless: isVerified ? nil : line(verified, ":") ?? "\(slug): \(verified.errors)")
      }
      return [first, second]
    }
  }

  /// Waits for as long as it takes; `Program.run` gives up after seconds.
  private static func finish(_ arguments: [String], in folder: String) throws -> Program.Outcome {
    let running = try Program.start(arguments, in: folder)
    running.process.waitUntilExit()
    return running.wait()
  }
}
