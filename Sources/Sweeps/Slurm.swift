import Foundation
import Notebook

/// Slurm's own commands. Nothing here schedules anything.
public struct Slurm {
  /// A task in the queue, or a job that is no array.
  public struct Task: Sendable, Equatable {
    /// Number of the job, of an array that of all its tasks.
    public var job: Int
    /// What the job is called.
    public var name: String
    /// "PENDING", "RUNNING", ...
    public var state: String
    /// Why it waits: "Resources", "Dependency".
    public var reason: String

    /// One that waits or runs; one that is ending is not.
    var isWaitingOrRunning: Bool { state != "COMPLETING" }
  }

  /// Slurm as the environment says where it is.
  public init() {}

  /// Queues a script.
  /// - Parameter words: options of sbatch, the script, and its own words.
  /// - Returns: the job's number.
  public func submit(_ words: [String]) throws -> Int {
    let answer = try run("sbatch", ["--parsable"] + words)
    guard let job = answer.split(whereSeparator: { $0 == ";" || $0.isNewline }).first.flatMap({ Int($0) }) else {
      throw SlurmError("sbatch answered '\(PlainText.line(answer))', not with a job's number")
    }
    return job
  }

  /// This user's tasks that wait or run, each for itself.
  public func queue() throws -> [Task] {
    try run("squeue", ["--me", "--array", "--noheader", "--format=%F|%j|%T|%r"]).split(separator: "\n").compactMap { line in
      let parts = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 4, let job = Int(parts[0]) else { return nil }
      return Task(job: job, name: parts[1], state: parts[2], reason: parts[3])
    }
  }

  /// Takes jobs out of the queue and ends what runs of them.
  public func cancel(_ jobs: [Int]) throws { _ = try run("scancel", jobs.map(String.init)) }

  /// How many tasks one array may have.
  public func largestArray() throws -> Int {
    for line in try run("scontrol", ["show", "config"]).split(separator: "\n") {
      let parts = line.split(separator: "=").map { $0.trimmingCharacters(in: .whitespaces) }
      if parts.count == 2, parts[0] == "MaxArraySize", let size = Int(parts[1]), size > 0 { return size }
    }
    throw SlurmError("`scontrol show config` names no MaxArraySize")
  }

  /// - Throws: ``SlurmError`` with the last line that the command said on standard error.
  private func run(_ command: String, _ words: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [command] + words
    let (output, errors) = (Pipe(), Pipe())
    (process.standardOutput, process.standardError) = (output, errors)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    // What these commands say of errors fits into the pipe; the queue may not.
    let answer = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitForEnd()
    switch process.terminationStatus {
    case 0: return answer
    case 127: throw SlurmError("there is no `\(command)` here: a sweep on Slurm is started where Slurm's commands are")
    default:
      let reason = said.split(separator: "\n").last.map { PlainText.line(String($0)) }
      throw SlurmError(reason ?? "`\(command)` failed without a word")
    }
  }
}

/// What Slurm, or its queue, has against a sweep.
public struct SlurmError: Error, Sendable, Equatable, CustomStringConvertible {
  /// One line.
  public var description: String

  package init(_ description: String) { self.description = description }
}
