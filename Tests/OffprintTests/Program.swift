import Foundation
import Testing

/// The offprint executable, run as a user runs it.
enum Program {
  struct Outcome {
    var status: Int32
    var output: String
    var errors: String
    /// The lines of standard error.
    var lines: [String] { errors.split(separator: "\n").map(String.init) }
  }

  /// Beside the bundle of the tests, which is this executable.
  static let path: String = {
    let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    return tests.deletingLastPathComponent().appending(path: "offprint").path
  }()

  /// Papers whose smoke runs take a fraction of a second: what the commands are tried on.
  static let paper = "two-pass-softmax"
  static let others = ["large-step-perceptron", "symmetry-curse"]

  /// The slugs of all papers.
  static let papers: [String] =
    (try? run(["list", "--json"]))
    .flatMap { try? JSONDecoder().decode([Row].self, from: Data($0.output.utf8)) }?.map(\.slug) ?? []

  private struct Row: Decodable { var slug: String }

  /// Starts the program in `folder`.
  static func start(
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
  static func run(
    _ arguments: [String], in folder: String = ".", environment: [String: String] = [:], shell: String? = nil
  ) throws -> Outcome {
    try start(arguments, in: folder, environment: environment, shell: shell).wait()
  }

  /// A started program. What it prints goes to files, so that no pipe fills.
  final class Running {
    let process: Process
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
    var errors: String { text("errors") }

    /// Waits until `condition` holds; false when it does not within 20 seconds or the program ends before.
    func reaches(_ condition: () -> Bool) -> Bool {
      for _ in 0..<4000 {
        if condition() { return true }
        if !process.isRunning { return condition() }
        usleep(5000)
      }
      return false
    }

    func wait() -> Outcome {
      // A program that hangs must fail its test, not stop the suite.
      if !reaches({ !process.isRunning }) { kill(process.processIdentifier, SIGKILL) }
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
