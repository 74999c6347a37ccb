import Foundation
import Notebook
import TestSupport
import Testing

/// Runs that are long enough to be interrupted: the settings are those of one paper, since length has no name common to all.
@Suite(.serialized, .takesTurns, .enabled(if: Program.papers.contains("symmetry-curse"))) struct SignalTests {
  /// Most of a second, so that a signal sent when the lock is seen comes well before the end on a busy machine too.
  private static let short = [
    "run", "symmetry-curse", "--preset", "smoke", "--quiet", "--set", "population.symmetricSteps=30000",
  ]
  private static let long = ["run", "symmetry-curse", "--preset", "smoke", "--set", "population.symmetricSteps=100000000"]

  private func one(_ suffix: String, in folder: String) -> String? { files(in: folder).first { $0.hasSuffix(suffix) } }

  /// Starts a run in `folder` and waits until its first loop is under way: it holds its lock and has been working for a moment.
  private func startLong(in folder: String, _ arguments: [String] = long) throws -> Program.Running {
    let running = try Program.start(arguments, in: folder)
    #expect(running.reaches { one(".lock", in: folder) != nil })
    return running
  }

  @Test(arguments: [SIGINT, SIGTERM]) func aSignalLeavesACheckpointToResumeFrom(signal: Int32) throws {
    try withFolder { whole in
      try withFolder { folder in
        #expect(try Program.run(Self.short, in: whole).status == 0)
        let arguments = Self.short.filter { $0 != "--quiet" }
        let running = try startLong(in: folder, arguments)
        kill(running.process.processIdentifier, signal)
        let outcome = running.wait()
        #expect(outcome.status == 128 + signal, "\(outcome.errors)")
        #expect(outcome.lines.count == 1 && outcome.errors.contains("go on later with --resume"), "\(outcome.errors)")
        #expect(one(".checkpoint", in: folder) != nil && one(".h5", in: folder) == nil && one(".lock", in: folder) == nil)

        #expect(try Program.run(Self.short + ["--resume"], in: folder).status == 0)
        let (a, b) = (try #require(one(".h5", in: whole)), try #require(one(".h5", in: folder)))
        #expect(try differences(between: "\(whole)/\(a)", and: "\(folder)/\(b)") == [])
        #expect(one(".checkpoint", in: folder) == nil)
      }
    }
  }

  @Test func twoRunsOfOnePaperAtOnce() throws {
    try withFolder { folder in
      let running = try startLong(in: folder)
      let second = try Program.run(Self.long + ["--quiet"], in: folder)
      #expect(second.status == 1 && second.lines.count == 1)
      #expect(second.errors.contains("is being written by another run (process \(running.process.processIdentifier), since "))
      kill(running.process.processIdentifier, SIGINT)
      #expect(running.wait().status == 130)
    }
  }

  /// Stopped between two steps the program cannot look at its flag, so the second signal must end it by itself.
  @Test func aSecondSignalEndsAtOnce() throws {
    try withFolder { folder in
      let running = try startLong(in: folder)
      let process = running.process.processIdentifier
      kill(process, SIGSTOP)
      kill(process, SIGINT)
      kill(process, SIGTERM)
      kill(process, SIGCONT)
      let status = running.wait().status
      #expect(status == 130 || status == 143)
    }
  }

  @Test func aKilledRunLeavesNothingInTheWay() throws {
    try withFolder { folder in
      let running = try startLong(in: folder, Self.short)
      kill(running.process.processIdentifier, SIGKILL)
      #expect(running.wait().status == -SIGKILL)
      #expect(try Program.run(Self.short, in: folder).status == 0)
      #expect(one(".lock", in: folder) == nil && one(".h5", in: folder) != nil)
    }
  }

  @Test func divergenceIsAnOutcome() throws {
    try withFolder { folder in
      let arguments = [
        "run", "symmetry-curse", "--set", "rate=1e3", "--set", "population.symmetricSteps=50", "--set",
        "population.asymmetricSteps=50",
        "--set", "population.rebalancedSteps=50", "--set", "measured.steps=50", "--set", "measured.side=8",
      ]
      let outcome = try Program.run(arguments, in: folder)
      #expect(outcome.status == 2, "\(outcome.errors)")
      #expect(outcome.errors.contains("warning: diverged: symmetric/loss is not finite from step"))
      let file = try #require(one(".h5", in: folder))
      #expect(try Results("\(folder)/\(file)").status == "diverged")
    }
  }
}
