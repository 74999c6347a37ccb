import Foundation
import Notebook
import Tensors

/// Many papers at once, each a process of its own, so that one that fails or crashes takes no other with it.
struct Batch {
  /// The papers, in the order in which they start; those that measure time come last, one at a time.
  var entries: [Catalog.Entry]
  var options: RunOptions
  var folders: Folders
  /// How many run at the same time, and the threads of each.
  var jobs: Int
  var threads: Int
  /// "--resume", "--force" or nothing.
  var start: [String]

  /// What became of them.
  struct Summary {
    var reproduced: [String] = []
    var notReproduced: [String] = []
    var failed: [String] = []
    var claims = 0
    var reproducedClaims = 0
  }

  private struct Job {
    var entry: Catalog.Entry
    var process: Process
    var messages: String
    var began: ContinuousClock.Instant
  }

  /// As many as cores, as long as each can have 2 GiB.
  static var defaultJobs: Int {
    let memory = Int(ProcessInfo.processInfo.physicalMemory >> 31)
    return max(1, min(ProcessInfo.processInfo.activeProcessorCount, memory))
  }

  /// Runs them all, and prints a line for each as it ends.
  /// - Throws: ``Interruption`` when stopped: the papers that were running have left checkpoints.
  func run() throws -> Summary {
    var summary = Summary()
    let together = entries.filter { !$0.experiment.measuresTime }
    let alone = entries.filter { $0.experiment.measuresTime }
    try run(together, atOnce: jobs, threads: threads, into: &summary)
    try run(alone, atOnce: 1, threads: Threads.count, into: &summary)
    return summary
  }

  private func run(_ entries: [Catalog.Entry], atOnce: Int, threads: Int, into summary: inout Summary) throws {
    var waiting = entries[...]
    var running: [Job] = []
    while !waiting.isEmpty || !running.isEmpty {
      if let interruption = Signals.interruption {
        for job in running { job.process.terminate() }
        for job in running {
          job.process.waitUntilExit()
          unlink(job.messages)
        }
        StandardStream.error.write("\(interruption); the same command with --resume goes on\n")
        throw interruption
      }
      for job in running where !job.process.isRunning { try finish(job, into: &summary) }
      running.removeAll { !$0.process.isRunning }
      while running.count < atOnce, let entry = waiting.popFirst() { running.append(try begin(entry, threads: threads)) }
      usleep(20_000)
    }
  }

  private func begin(_ entry: Catalog.Entry, threads: Int) throws -> Job {
    let process = Process()
    process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments =
      ["run", entry.paper.slug, "--quiet", "--preset", options.preset.rawValue, "--seed", "\(options.seed)"]
      + ["--results", folders.results, "--figures", folders.figures, "--threads", "\(threads)"]
      + ["--parent", "\(getpid())"] + start
      + options.assignments.flatMap { ["--set", $0] }
    let messages = "\(NSTemporaryDirectory())/offprint-\(getpid())-\(entry.paper.slug).messages"
    _ = FileManager.default.createFile(atPath: messages, contents: nil)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle(forWritingAtPath: messages)
    try process.run()
    return Job(entry: entry, process: process, messages: messages, began: .now)
  }

  private func finish(_ job: Job, into summary: inout Summary) throws {
    job.process.waitUntilExit()
    let slug = job.entry.paper.slug
    let seconds = String(format: "%.1f s", (.now - job.began) / .seconds(1))
    let messages = String(decoding: FileManager.default.contents(atPath: job.messages) ?? Data(), as: UTF8.self)
    unlink(job.messages)
    let status = job.process.terminationReason == .exit ? job.process.terminationStatus : -job.process.terminationStatus
    let state = try StoredState(options.identity(of: job.entry), of: job.entry.experiment, in: folders)
    guard status == ExitStatus.done || status == ExitStatus.claimNotReproduced, let claims = state.claims else {
      summary.failed.append(slug)
      let reason = messages.split(separator: "\n").last.map(String.init) ?? "ended by signal \(abs(status))"
      return say("\(slug)  FAILED after \(seconds): \(PlainText.line(reason))")
    }
    // A smoke run only proves that it runs: its claims do not count.
    if options.preset == .smoke {
      summary.reproduced.append(slug)
      return say("\(slug)  ran  \(seconds)")
    }
    let missing = claims.filter { $0.verdict == .notReproduced }.map(\.name)
    summary.claims += claims.count
    summary.reproducedClaims += claims.count - missing.count
    if missing.isEmpty { summary.reproduced.append(slug) } else { summary.notReproduced.append(slug) }
    say("\(slug)  \(state.text)  \(seconds)" + (missing.isEmpty ? "" : "  not: \(missing.joined(separator: ", "))"))
  }

  /// At once, also into a file or a pipe.
  private func say(_ line: String) { StandardStream.output.write(line + "\n") }
}
