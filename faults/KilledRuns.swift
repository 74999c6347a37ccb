import Foundation
import Notebook
import Tensors
import TestSupport

/// Runs that are ended at a random moment, again and again, until they finish: no half file, no lost result, and at the end the bits
/// of a run that nobody disturbed.
enum KilledRuns: FaultFamily {
  static let name = "kills"
  static let title = "Killed processes"

  static func run(_ trials: Trials) throws -> [Fault] {
    try withFolder { folder in
      let run = try ReferenceRun.long(in: "\(folder)/whole")
      return [
        try disturb(run, "`kill -9` at a random moment of a run", SIGKILL, times: trials.scaled(130), trials.key.named("kill")),
        try disturb(
          run, "`kill -9` of a run that repeats a finished one by `--force`", SIGKILL, times: trials.scaled(50),
          trials.key.named("force"), isRepeating: true),
        try disturb(run, "SIGINT at a random moment", SIGINT, times: trials.scaled(20), trials.key.named("int")),
        try disturb(run, "SIGTERM at a random moment", SIGTERM, times: trials.scaled(20), trials.key.named("term")),
        try killBatches(times: trials.scaled(5), trials.key.named("batch")),
        try killSweeps(times: trials.scaled(20), trials.key.named("sweep")),
      ]
    }
  }

  /// Starts the run with `--resume`, sends it the signal at a random moment, and looks at what it left; and again.
  private static func disturb(
    _ run: ReferenceRun, _ name: String, _ signal: Int32, times: Int, _ key: Key, isRepeating: Bool = false
  ) throws -> Fault {
    var fault = Fault(name)
    let moments: [Double] = Tensor<Double>.uniform([times], key: key).scalars
    try withFolder { folder in
      if isRepeating { try run.copyResult(to: folder) }
      for moment in moments {
        // Forced while there is nothing to resume; from then on resumed, as a user would.
        let start = isRepeating && !run.hasCheckpoint(in: folder) ? "--force" : "--resume"
        let running = try Program.start(run.arguments + [start], in: folder)
        usleep(UInt32(moment * run.seconds * 1e6))
        kill(running.process.processIdentifier, signal)
        let outcome = running.wait()
        let state =
          outcome.status == 0
          ? "had finished"
          : run.hasCheckpoint(in: folder)
            ? "left a checkpoint" : run.hasResult(in: folder) ? "had a result" : "had nothing yet"
        // Before the program is up nobody catches the signal.
        let isRight = [0, -signal].contains(outcome.status) || signal != SIGKILL && outcome.status == 128 + signal
        fault.count(
          state,
          unless: isRight
            ? try run.whatIsWrong(in: folder, mustHaveResult: isRepeating || outcome.status == 0)
            : "ended with \(outcome.status): \(outcome.errors)")
        if !isRepeating && run.hasResult(in: folder) && !run.hasCheckpoint(in: folder) {
          try FileManager.default.removeItem(atPath: "\(folder)/results")
        }
      }
      let last = try Program.run(run.arguments + ["--resume"], in: folder)
      if last.status != 0 { fault.lose("the last run ended with \(last.status): \(last.errors)") }
      if let wrong = try run.whatIsWrong(in: folder, mustHaveResult: true) { fault.lose(wrong) }
      let left = files(in: folder).filter { $0.contains("/.") || $0.hasSuffix(".checkpoint") }
      if !left.isEmpty { fault.lose("left behind at the end: \(left)") }
    }
    return fault
  }

  /// `run --all` is killed: its papers stop by themselves, and the next one finishes what they began.
  private static func killBatches(times: Int, _ key: Key) throws -> Fault {
    var fault = Fault("`kill -9` of `run --all`, then `run --all --resume`")
    let moments: [Double] = Tensor<Double>.uniform([times], key: key).scalars
    let arguments = ["run", "--all", "--preset", "smoke", "--resume", "--jobs", "8"]
    for moment in moments {
      try withFolder { folder in
        let running = try Program.start(arguments, in: folder)
        usleep(UInt32((0.1 + 2 * moment) * 1e6))
        kill(running.process.processIdentifier, SIGKILL)
        _ = running.wait()
        waitForEnd(in: folder)
        let broken = files(in: folder).filter { $0.hasSuffix(".h5") && !$0.contains("/.") }
          .filter { (try? Results("\(folder)/\($0)")) == nil }
        fault.count(
          "papers stopped by themselves",
          unless: !broken.isEmpty
            ? "half files: \(broken)" : locks(in: folder).isEmpty ? nil : "still at work: \(locks(in: folder))")
      }
    }
    return fault
  }

  /// A sweep is killed and given again, until it is done: a point that was finished is not run again, and all have the same bits.
  private static func killSweeps(times: Int, _ key: Key) throws -> Fault {
    var fault = Fault("`kill -9` of a sweep of 24 points, then the same sweep again")
    let arguments = ["sweep", "large-step-perceptron", "--preset", "smoke", "--seeds", "0..<24", "--quiet"]
    try withFolder { whole in
      guard try Program.start(arguments, in: whole).wait(seconds: 120).status == 0 else { return fault.lose("it does not run") }
      try withFolder { folder in
        var finished: [String: UInt64] = [:]
        for moment in Tensor<Double>.uniform([times], key: key).scalars {
          let running = try Program.start(arguments, in: folder)
          usleep(UInt32((0.05 + 0.5 * moment) * 1e6))
          kill(running.process.processIdentifier, SIGKILL)
          let isOver = running.wait().status == 0
          waitForEnd(in: folder)
          let now = results(in: folder)
          let again = finished.filter { now[$0.key] != $0.value }.keys.sorted()
          let broken = now.keys.filter { (try? Results("\(folder)/\($0)")) == nil }
          let state = isOver ? "was done" : "no point run twice"
          fault.count(state, unless: again.isEmpty && broken.isEmpty ? nil : "run again: \(again), half: \(broken)")
          finished = now
          if isOver { break }
        }
        let last = try Program.start(arguments, in: folder).wait(seconds: 120)
        if last.status != 0 { fault.lose("the last ended with \(last.status): \(last.errors)") }
        for path in results(in: whole).keys.sorted() {
          let found = try differences(between: "\(whole)/\(path)", and: "\(folder)/\(path)")
          if let first = found.first { fault.lose("\(path): \(first)") }
        }
      }
    }
    return fault
  }

  /// The finished results and the numbers of their files, which are new whenever one is written.
  private static func results(in folder: String) -> [String: UInt64] {
    let paths = files(in: folder).filter { $0.hasSuffix(".h5") && !$0.contains("/.") }
    return Dictionary(
      uniqueKeysWithValues: paths.map { path in
        let number = try? FileManager.default.attributesOfItem(atPath: "\(folder)/\(path)")[.systemFileNumber] as? NSNumber
        return (path, number?.uint64Value ?? 0)
      })
  }

  /// Waits until the children of what was killed have ended, too.
  private static func waitForEnd(in folder: String) {
    let deadline = ContinuousClock.now + .seconds(20)
    while !locks(in: folder).isEmpty && .now < deadline { usleep(20_000) }
  }

  /// The locks that live processes hold.
  private static func locks(in folder: String) -> [String] {
    files(in: folder).filter { $0.hasSuffix(".lock") && RunLock.isHeld("\(folder)/\($0)") }
  }
}
