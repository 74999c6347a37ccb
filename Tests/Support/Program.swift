import Foundation

/// The offprint executable, run as a user runs it.
package enum Program {
  package struct Outcome: Sendable {
    package var status: Int32
    package var output: String
    package var errors: String
    /// The lines of standard error.
    package var lines: [String] { errors.split(separator: "\n").map(String.init) }
  }

  /// Beside this executable: the bundle of the tests, or `faults`.
  package static let path: String = {
    let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    return tests.deletingLastPathComponent().appending(path: "offprint").path
  }()

  /// Papers whose smoke runs take a fraction of a second: what the commands are tried on.
  package static let paper = "two-pass-softmax"
  package static let others = ["large-step-perceptron", "symmetry-curse"]

  /// The slugs of all papers.
  package static let papers: [String] =
    (try? run(["list", "--json"]))
    .flatMap { try? JSONDecoder().decode([Row].self, from: Data($0.output.utf8)) }?.map(\.slug) ?? []

  private struct Row: Decodable { var slug: String }

  /// Starts the program in `folder`.
  package static func start(
    _ arguments: [String], in folder: String = ".", environment: [String: String] = [:], shell: String? = nil
  ) throws -> Running {
    let process = Process()
    process.currentDirectoryURL = URL(filePath: folder)
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    if let shell {
      process.executableURL = URL(filePath: "/bin/sh")
      process.arguments = ["-c", shell, path] + arguments
    } else {
      process.executableURL = URL(filePath: path)
      process.arguments = arguments
    }
    return try Running(process)
  }

  /// Runs it to its end.
  /// - Parameter shell: a line for /bin/sh instead, with `"$0" "$@"` for the program and its arguments.
  package static func run(
    _ arguments: [String], in folder: String = ".", environment: [String: String] = [:], shell: String? = nil
  ) throws -> Outcome {
    try start(arguments, in: folder, environment: environment, shell: shell).wait()
  }

  /// A started program. What it prints goes to files, so that no pipe fills.
  package final class Running {
    package let process: Process
    private let folder: String

    init(_ process: Process) throws {
      self.process = process
      folder = FileManager.default.temporaryDirectory.appending(path: "offprint-output-\(UUID().uuidString)").path
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      for name in ["output", "errors"] { _ = FileManager.default.createFile(atPath: "\(folder)/\(name)", contents: nil) }
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = FileHandle(forWritingAtPath: "\(folder)/output")
      process.standardError = FileHandle(forWritingAtPath: "\(folder)/errors")
      try process.run()
    }

    /// What it has said on standard error so far.
    package var errors: String { text("errors") }

    /// Waits until `condition` holds; false when it does not in time or the program ends before.
    package func reaches(within seconds: Double = 20, _ condition: () -> Bool) -> Bool {
      let end = ContinuousClock.now + .seconds(seconds)
      while .now < end {
        if condition() { return true }
        if !process.isRunning { return condition() }
        usleep(5000)
      }
      return false
    }

    package func wait(seconds: Double = 20) -> Outcome {
      // A program that hangs must fail its test, not stop the suite.
      if !reaches(within: seconds, { !process.isRunning }) { kill(process.processIdentifier, SIGKILL) }
      process.waitUntilExit()
      let outcome = Outcome(
        status: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
        output: text("output"), errors: text("errors"))
      try? FileManager.default.removeItem(atPath: folder)
      return outcome
    }

    private func text(_ name: String) -> String {
      String(decoding: FileManager.default.contents(atPath: "\(folder)/\(name)") ?? Data(), as: UTF8.self)
    }
  }
}
