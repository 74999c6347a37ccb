import Dispatch
import Foundation
import Notebook

/// Runs this program many times over, a few at once, each with words of its own.
package struct ProcessPool {
  /// One process.
  package struct Command {
    /// What follows the program's name.
    package var arguments: [String]
    /// Whatever tells it from the others.
    package var tag: Int

    package init(_ arguments: [String], tag: Int) {
      self.arguments = arguments
      self.tag = tag
    }
  }

  /// What became of it.
  package struct Ending {
    package var tag: Int
    /// The exit code; of a process that a signal ended, the signal's number below zero.
    package var status: Int32
    /// The last line on standard error, or what ended it.
    package var reason: String

    package init(tag: Int, status: Int32, reason: String) {
      self.tag = tag
      self.status = status
      self.reason = reason
    }
  }

  private final class Running {
    let command: Command
    let process = Process()
    /// What it prints; files, so that no pipe fills.
    let output, messages: FileHandle
    private var unfinished = ""

    init(_ command: Command, ended: DispatchSemaphore) throws {
      self.command = command
      (output, messages) = (try Self.scratch(), try Self.scratch())
      process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
      process.arguments = command.arguments
      process.standardInput = FileHandle.nullDevice
      // Handles of their own: a shared one would share its place with our reading.
      process.standardOutput = FileHandle(forWritingAtPath: "/proc/self/fd/\(output.fileDescriptor)")
      process.standardError = FileHandle(forWritingAtPath: "/proc/self/fd/\(messages.fileDescriptor)")
      process.terminationHandler = { _ in ended.signal() }
      try process.run()
      try (process.standardOutput as? FileHandle)?.close()
      try (process.standardError as? FileHandle)?.close()
    }

    /// A file without a name: gone with the last process that has it open.
    private static func scratch() throws -> FileHandle {
      var path = Array("\(NSTemporaryDirectory())/offprint-XXXXXX".utf8CString)
      let descriptor = mkstemp(&path)
      guard descriptor >= 0 else {
        throw NotebookError.notWritable(NSTemporaryDirectory(), reason: String(cString: strerror(errno)))
      }
      unlink(path)
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// The whole lines on standard output since the last call.
    func newLines() -> [String] {
      guard let data = try? output.readToEnd(), !data.isEmpty else { return [] }
      var lines = (unfinished + String(decoding: data, as: UTF8.self)).split(separator: "\n", omittingEmptySubsequences: false)
      unfinished = String(lines.popLast() ?? "")
      return lines.map(String.init)
    }

    func ending() -> Ending {
      process.waitForEnd()
      let status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
      let text = String(decoding: (try? messages.readToEnd()) ?? Data(), as: UTF8.self)
      let silent = status < 0 ? "ended by signal \(-status)" : "ended with exit code \(status)"
      return Ending(
        tag: command.tag, status: status, reason: text.split(separator: "\n").last.map(String.init) ?? silent)
    }
  }

  /// How many run at the same time.
  private let atOnce: Int

  package init(atOnce: Int) { self.atOnce = atOnce }

  /// Runs what `next` gives until it gives nothing and all have ended; it is asked again after each end.
  ///
  /// - Parameters:
  ///   - heard: gets the lines that a process prints, about ten times a second, and no lines when nobody said anything.
  ///   - ended: gets what became of each, after its last line.
  /// - Throws: ``Interruption`` when stopped: every process has been told to end, and has ended.
  package func run(
    next: () -> Command?, heard: (_ tag: Int, _ lines: [String]) -> Void, ended: (Ending) throws -> Void
  ) throws {
    let someEnded = DispatchSemaphore(value: 0)
    var running: [Running] = []
    while true {
      if let interruption = Signals.interruption {
        for one in running { one.process.terminate() }
        for one in running {
          one.process.waitForEnd()
          heard(one.command.tag, one.newLines())
        }
        throw interruption
      }
      // Asked once: one that ends meanwhile is met in the next round.
      let over = running.filter { !$0.process.isRunning }
      running.removeAll { one in over.contains { $0 === one } }
      for one in over {
        heard(one.command.tag, one.newLines())
        try ended(one.ending())
      }
      while running.count < atOnce, let command = next() { running.append(try Running(command, ended: someEnded)) }
      if running.isEmpty { return }
      _ = someEnded.wait(timeout: .now() + .milliseconds(100))
      for one in running { heard(one.command.tag, one.newLines()) }
    }
  }
}
