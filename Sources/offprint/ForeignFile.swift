import ArgumentParser
import CChild
import Foundation
import Notebook
import Synchronization

/// Reads files of unknown origin in a child process with limits on time and memory: a damaged file can crash libhdf5, stop it for ever,
/// or make it ask for the memory of the machine, and then it is the child that dies, and one line says so.
///
/// The child is a fork that goes on where its parent stands, so that it costs a millisecond. No thread may have been started before:
/// commands call this first.
enum ForeignFile {
  /// Runs `body`, which opens `files`, in a child that prints where we print.
  /// - Throws: ForeignFileError when the child died, ExitCode when it ended with another code than 0; what it had to say is said then.
  static func read(_ files: [String], _ body: () throws -> Void) throws {
    try finish(attempt(files, body), files.joined(separator: " or "))
  }

  /// The same for commands that look at many results, one of which must not spoil the rest: where the child dies, each file is tried alone
  /// with `check`, and `body` runs again without those that this did not survive.
  static func readMany(
    _ files: [String], check: (_ file: String) throws -> Void, _ body: (_ unreadable: Set<String>) throws -> Void
  ) throws {
    let first = try attempt(files) { try body([]) }
    guard case .died = first.end else { return try finish(first, "a result") }
    let unreadable = try files.filter { file in
      if case .died = try attempt([file], { try check(file) }).end { true } else { false }
    }
    try finish(attempt(files) { try body(Set(unreadable)) }, "a result")
  }

  // MARK: The child

  private enum End {
    case exited(Int32)
    case died(signal: Int32)
  }

  /// How the child ended, and what it wrote to its standard error.
  private typealias Outcome = (end: End, messages: String)

  private static let child = Atomic<pid_t>(0)
  /// What is kept of the child's messages; thousands of damaged files have a line each.
  private static let mostMessages = 1 << 20

  private static func attempt(_ files: [String], _ body: () throws -> Void) throws -> Outcome {
    if let interruption = Signals.interruption { throw interruption }
    fflush(nil)
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw ForeignFileError(file: files.joined(separator: ", "), cause: "no pipe can be made") }
    let limits = ForeignFileLimits(files)
    let pid = offprint_fork()
    guard pid >= 0 else { throw ForeignFileError(file: files.joined(separator: ", "), cause: "no process can be started") }
    if pid == 0 {
      close(ends[0])
      dup2(ends[1], STDERR_FILENO)
      close(ends[1])
      limits.apply()
      // A signal that came before that was only noted.
      if let interruption = Signals.interruption { raise(interruption.signal) }
      Offprint.perform(body)
    }
    close(ends[1])
    child.store(pid, ordering: .relaxed)
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        // Ours to pass on: the child ends of it, and we with the child.
        let pid = ForeignFile.child.load(ordering: .relaxed)
        if pid > 0 { kill(pid, number) }
      }
    }
    // One that came before that is ours to pass on, too.
    if let interruption = Signals.interruption { kill(pid, interruption.signal) }
    let messages = text(from: ends[0])
    close(ends[0])
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    child.store(0, ordering: .relaxed)
    Signals.install()
    // WTERMSIG and WEXITSTATUS, which are macros.
    let signal = status & 0x7F
    if signal == SIGINT || signal == SIGTERM { throw Interruption(signal: signal) }
    return (signal == 0 ? .exited((status >> 8) & 0xFF) : .died(signal: signal), messages)
  }

  private static func text(from descriptor: Int32) -> String {
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = Foundation.read(descriptor, &block, block.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      if bytes.count < mostMessages { bytes += block[..<count] }
    }
  }

  private static func finish(_ outcome: Outcome, _ file: String) throws {
    switch outcome.end {
    case .exited(let code):
      StandardStream.error.write(outcome.messages)
      if code != ExitStatus.done { throw ExitCode(code) }
    case .died(let signal): throw ForeignFileError(file: file, signal: signal, messages: outcome.messages)
    }
  }
}

/// What the child may take: enough for what a file of that size can hold, and little for small ones.
private struct ForeignFileLimits {
  private let seconds, bytes: Int

  init(_ files: [String]) {
    let sizes = files.map { (try? FileManager.default.attributesOfItem(atPath: $0)[.size] as? Int) ?? 0 }
    let megabytes = sizes.reduce(0) { $0 + $1 >> 20 }
    seconds = 60 + 10 * files.count + 2 * megabytes
    // Threads have stacks of 8 MiB, untouched for the most part.
    bytes = (768 << 20) + 16 * (megabytes << 20) + 16 * ProcessInfo.processInfo.processorCount << 20
  }

  /// Limits this process for good.
  func apply() {
    for signal in [SIGINT, SIGTERM, SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGBUS, SIGSEGV, SIGQUIT] {
      // Swift's handlers would print pages about a crash.
      Foundation.signal(signal, SIG_DFL)
    }
    Self.set(RLIMIT_CORE, 0)
    Self.set(RLIMIT_CPU, seconds)
    Self.set(RLIMIT_DATA, Self.privateBytes + bytes)
  }

  private static func set(_ resource: __rlimit_resource, _ value: Int) {
    var limit = rlimit(rlim_cur: rlim_t(value), rlim_max: rlim_t(value))
    setrlimit(__rlimit_resource_t(resource.rawValue), &limit)
  }

  /// What the process has already of what the limit counts, touched or not: the sixth number of /proc/self/statm, in pages.
  private static var privateBytes: Int {
    let fields = FileManager.default.contents(atPath: "/proc/self/statm").map { String(decoding: $0, as: UTF8.self) } ?? ""
    let numbers = fields.split(separator: " ").compactMap { Int($0) }
    return numbers.count > 5 ? numbers[5] * sysconf(Int32(_SC_PAGESIZE)) : 8 << 30
  }
}

/// A file that the child died of.
struct ForeignFileError: Error, CustomStringConvertible {
  var file: String
  var cause: String

  init(file: String, cause: String) { (self.file, self.cause) = (file, cause) }

  init(file: String, signal: Int32, messages: String) {
    self.file = file
    // The words of a trap are worth reporting: "Fatal error: Index out of range".
    let trap = messages.split(separator: "\n").compactMap { line in line.range(of: "Fatal error: ").map { line[$0.upperBound...] }
    }
    let words = trap.first.map { ": \($0.prefix(100))" } ?? ""
    cause =
      signal == SIGXCPU || signal == SIGKILL
      ? "reading it took too long"
      : "reading it crashed or took too much memory (signal \(signal)\(words))"
  }

  var description: String { "\(file) cannot be read: \(cause); the file is damaged or hostile" }
}
