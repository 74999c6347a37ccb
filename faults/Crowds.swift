import Foundation
import Notebook
import TestSupport

/// Many processes on the same files: one works, the others say who does, and nobody sees half a file.
enum Crowds: FaultFamily {
  static let name = "crowds"
  static let title = "Concurrency"

  static func run(_ trials: Trials) throws -> [Fault] {
    try withFolder { folder in
      let run = try ReferenceRun.short(in: "\(folder)/whole")
      return [
        try startTogether(run, times: trials.scaled(10)),
        try runPapersTogether(times: trials.scaled(1)),
        try recoverLocks(run, times: trials.scaled(6)),
        try readWhileWriting(run, times: trials.scaled(6)),
        try drawTogether(run, times: trials.scaled(3)),
      ]
    }
  }

  private static func startTogether(_ run: ReferenceRun, times: Int) throws -> Fault {
    var fault = Fault("eight processes start the same run at once")
    for _ in 0..<times {
      try withFolder { folder in
        let outcomes = try (0..<8).map { _ in try Program.start(run.arguments, in: folder) }.map { $0.wait() }
        for outcome in outcomes {
          let isHeld =
            outcome.status == 1 && outcome.lines.count == 1 && outcome.errors.contains("is being written by another run")
          fault.count(
            isHeld ? "named the one at work" : "worked or found the result",
            unless: isHeld || outcome.status == 0 ? nil : "\(outcome.status): \(outcome.errors)")
        }
        if let wrong = try run.whatIsWrong(in: folder, mustHaveResult: true) { fault.lose(wrong) }
      }
    }
    return fault
  }

  private static func runPapersTogether(times: Int) throws -> Fault {
    var fault = Fault("eight papers at once in one folder, then each alone")
    let papers = stride(from: 0, to: Program.papers.count, by: Program.papers.count / 7).map { Program.papers[$0] }
    for _ in 0..<times {
      try withFolder { folder in
        let arguments = { (paper: String) in ["run", paper, "--preset", "smoke", "--quiet"] }
        let together = try papers.map { try Program.start(arguments($0), in: folder) }.map { $0.wait(seconds: 120) }
        for (paper, outcome) in zip(papers, together) {
          let alone = try Program.start(arguments(paper) + ["--results", "alone"], in: folder).wait(seconds: 120)
          let file = "\(paper)/smoke-seed0.h5"
          guard outcome.status == 0, alone.status == 0 else {
            fault.lose("\(paper): \(outcome.errors)\(alone.errors)")
            continue
          }
          // Times differ from run to run, and so does what is computed from them.
          let found = try differences(
            between: "\(folder)/alone/\(file)", and: "\(folder)/results/\(file)", leavingOut: ["/run", "/claims", "/figures"])
          fault.count("same bits", unless: found.first.map { "\(paper): \($0)" })
        }
      }
    }
    return fault
  }

  /// Locks of processes that died, with the number of one that lives now.
  private static func recoverLocks(_ run: ReferenceRun, times: Int) throws -> Fault {
    var fault = Fault("stale locks, of dead processes and of numbers in use again")
    for trial in 0..<times {
      try withFolder { folder in
        try run.copyResult(to: folder)
        let result = files(in: folder)[0]
        let lock = "\(folder)/\(result)".replacing("/smoke-seed0.h5", with: "/.smoke-seed0.lock")
        let process = trial % 2 == 0 ? getpid() : 4_194_303
        try Data("process \(process), since 2026-01-01T00:00:00Z".utf8).write(to: URL(filePath: lock))
        let outcome = try Program.run(run.arguments + ["--force"], in: folder)
        let isLeft = FileManager.default.fileExists(atPath: lock)
        fault.count(
          "taken over",
          unless: isLeft
            ? "the lock is still there"
            : try run.whatIsWrong(outcome, in: folder, mustHaveResult: true) ?? (outcome.status == 0 ? nil : outcome.errors))
      }
    }
    return fault
  }

  private static func readWhileWriting(_ run: ReferenceRun, times: Int) throws -> Fault {
    var fault = Fault("`claims` and `compare` read while `run --force` writes")
    try withFolder { folder in
      try run.copyResult(to: folder)
      let result = files(in: folder)[0]
      for _ in 0..<times {
        let writer = try Program.start(run.arguments + ["--force"], in: folder)
        while writer.process.isRunning {
          for arguments in [["claims", result], ["compare", result, result]] {
            let outcome = try Program.run(arguments, in: folder)
            fault.count(
              "read a whole file", unless: outcome.status == 0 ? nil : "\(arguments[0]): \(outcome.status), \(outcome.errors)")
          }
        }
        let outcome = writer.wait()
        if let wrong = try run.whatIsWrong(outcome, in: folder, mustHaveResult: true) { fault.lose(wrong) }
      }
    }
    return fault
  }

  private static func drawTogether(_ run: ReferenceRun, times: Int) throws -> Fault {
    var fault = Fault("four processes draw the same figures at once")
    try withFolder { folder in
      try run.copyResult(to: folder)
      let arguments = ["figures", files(in: folder)[0]]
      _ = try Program.run(arguments, in: folder)
      let pictures = files(in: folder).filter { $0.hasSuffix(".svg") }
      let whole = pictures.map { FileManager.default.contents(atPath: "\(folder)/\($0)") }
      for _ in 0..<times {
        for outcome in try (0..<4).map({ _ in try Program.start(arguments, in: folder) }).map({ $0.wait() }) {
          let isSame = pictures.map { FileManager.default.contents(atPath: "\(folder)/\($0)") } == whole
          fault.count("whole pictures", unless: outcome.status != 0 ? outcome.errors : isSame ? nil : "a picture differs")
        }
      }
    }
    return fault
  }
}
