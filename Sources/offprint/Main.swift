import ArgumentParser
import Foundation
import Notebook
import Sweeps

/// Exit codes that scripts can rely on; 130 and 143 are those of ``Interruption``.
enum ExitStatus {
  static let done: Int32 = 0
  static let failed: Int32 = 1
  static let claimNotReproduced: Int32 = 2
  /// Of `compare` and `verify`.
  static let different: Int32 = 3
  static let wrongUsage: Int32 = 64
}

@main
struct Offprint: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "offprint",
    abstract: "Reproduces papers on optimization and machine learning: one experiment each, its figures, its claims.",
    discussion: """
      Start with:   offprint list
                    offprint run two-pass-softmax
                    offprint inspect results/two-pass-softmax/quick-seed0.h5

      Exit codes: 0 done, 1 failed, 2 a claim was not reproduced, 3 two results differ, 64 wrong usage, 130 interrupted, 143 terminated.
      """,
    version: Provenance.version,
    subcommands: [
      List.self, Show.self, Run.self, SweepCommands.self, AggregateSweep.self, RunPoints.self, Watch.self, Figures.self,
      Claims.self,
      MakeReport.self, Inspect.self, Compare.self, Verify.self, Export.self, Race.self, ListOptimizers.self, New.self,
      Doctor.self,
    ])

  static func main() {
    Signals.install()
    perform {
      var command = try parseAsRoot()
      try command.run()
    }
  }

  /// Runs `body` and ends the process with its exit code; an error is said in one line.
  static func perform(_ body: () throws -> Void) -> Never {
    do {
      try body()
      leave(ExitStatus.done)
    } catch let status as ExitCode {
      leave(status.rawValue)
    } catch let interruption as Interruption {
      leave(interruption.exitCode)
    } catch {
      let code = status(of: error)
      if code == ExitStatus.done {
        StandardStream.output.write(fullMessage(for: error) + "\n")  // --help, --version
      } else {
        let text = isUsage(error) ? "\(message(for: error)); `offprint --help` says more" : "\(error)"
        StandardStream.error.write("offprint: \(PlainText.line(text))\n")
      }
      leave(code)
    }
  }

  /// Ends without the exit handlers: after a failed write, that of libhdf5 can crash.
  private static func leave(_ code: Int32) -> Never {
    fflush(nil)
    _exit(code)
  }

  private static func status(of error: any Error) -> Int32 {
    switch error {
    case is SettingsError, is SweepError, NotebookError.unknownExperiment: ExitStatus.wrongUsage
    case _ where isUsage(error): exitCode(for: error).rawValue
    default: ExitStatus.failed
    }
  }

  /// Whether the error is about the command line itself (or is the answer to --help), so that the parser words it best.
  private static func isUsage(_ error: any Error) -> Bool {
    error is CleanExit || error is ValidationError || exitCode(for: error) == .validationFailure
      || exitCode(for: error) == .success
  }
}
