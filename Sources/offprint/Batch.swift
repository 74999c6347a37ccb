import Foundation
import Notebook
import Tensors

/// Many papers at once, each a process of its own, so that one that fails or crashes takes no other with it.
struct Batch {
  /// What is done with one paper.
  struct Job {
    var entry: Catalog.Entry
    /// The words of the command, without threads.
    var arguments: [String]
    /// Whether nothing else may run beside it, as beside what measures time.
    var isAlone = false
  }

  /// What became of it.
  struct Ending {
    var entry: Catalog.Entry
    /// The exit code; of a process that a signal ended, the signal's number below zero.
    var status: Int32
    var output: String
    var seconds: String
    /// The last line on standard error.
    var reason: String
  }

  /// In the order in which they start; those that are alone come last.
  var jobs: [Job]
  /// How many run at the same time, and the threads of each.
  var atOnce: Int
  var threads: Int
  /// Said when it is stopped: "the same command with --resume goes on".
  var remedy: String

  private struct Running {
    var job: Job
    var process: Process
    /// The files of what it prints.
    var output, messages: String
    var began: ContinuousClock.Instant

    func removeFiles() { for file in [output, messages] { unlink(file) } }
  }

  /// As many as cores, as long as each can have 2 GiB.
  static var defaultJobs: Int {
    let memory = Int(ProcessInfo.processInfo.physicalMemory >> 31)
    return max(1, min(ProcessInfo.processInfo.activeProcessorCount, memory))
  }

  /// The cores that each of so many jobs has.
  static func share(of jobs: Int) -> Int { max(1, ProcessInfo.processInfo.activeProcessorCount / jobs) }

  /// Runs them all, and hands over what became of each as it ends.
  /// - Throws: ``Interruption`` when stopped: the papers that were running have left checkpoints.
  func run(_ ended: (Ending) throws -> Void) throws {
    try run(jobs.filter { !$0.isAlone }, atOnce: atOnce, threads: threads, ended)
    try run(jobs.filter(\.isAlone), atOnce: 1, threads: Threads.count, ended)
  }

  private func run(_ jobs: [Job], atOnce: Int, threads: Int, _ ended: (Ending) throws -> Void) throws {
    var waiting = jobs[...]
    var running: [Running] = []
    while !waiting.isEmpty || !running.isEmpty {
      if let interruption = Signals.interruption {
        for one in running { one.process.terminate() }
        for one in running {
          one.process.waitForEnd()
          one.removeFiles()
        }
        StandardStream.error.write("\(interruption); \(remedy)\n")
        throw interruption
      }
      // Asked once: one that ends meanwhile is met in the next round.
      let over = running.filter { !$0.process.isRunning }
      running.removeAll { one in over.contains { $0.process === one.process } }
      for one in over { try ended(ending(of: one)) }
      while running.count < atOnce, let job = waiting.popFirst() { running.append(try begin(job, threads: threads)) }
      usleep(20_000)
    }
  }

  private func begin(_ job: Job, threads: Int) throws -> Running {
    let process = Process()
    process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = job.arguments + ["--threads", "\(threads)"]
    let files = ["output", "messages"].map { "\(NSTemporaryDirectory())/offprint-\(getpid())-\(job.entry.paper.slug).\($0)" }
    for file in files { _ = FileManager.default.createFile(atPath: file, contents: nil) }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle(forWritingAtPath: files[0])
    process.standardError = FileHandle(forWritingAtPath: files[1])
    try process.run()
    return Running(job: job, process: process, output: files[0], messages: files[1], began: .now)
  }

  private func ending(of one: Running) -> Ending {
    one.process.waitForEnd()
    defer { one.removeFiles() }
    let text = { (file: String) in String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self) }
    let status = one.process.terminationReason == .exit ? one.process.terminationStatus : -one.process.terminationStatus
    let reason = text(one.messages).split(separator: "\n").last.map(String.init) ?? "ended by signal \(abs(status))"
    return Ending(
      entry: one.job.entry, status: status, output: text(one.output),
      seconds: String(format: "%.1f s", (.now - one.began) / .seconds(1)), reason: PlainText.line(reason))
  }

  /// At once, also into a file or a pipe.
  static func say(_ line: String) { StandardStream.output.write(line + "\n") }
}
