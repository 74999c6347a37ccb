import Foundation
import Notebook
import Sweeps
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
    var waiting = jobs.indices
    var began: [Int: ContinuousClock.Instant] = [:]
    var output: [Int: [String]] = [:]
    do {
      try ProcessPool(atOnce: atOnce).run(
        next: {
          guard let place = waiting.popFirst() else { return nil }
          began[place] = .now
          return ProcessPool.Command(jobs[place].arguments + ["--threads", "\(threads)"], tag: place)
        },
        heard: { place, lines in output[place, default: []] += lines },
        ended: { ending in
          let seconds = began[ending.tag].map { (.now - $0) / .seconds(1) } ?? 0
          try ended(
            Ending(
              entry: jobs[ending.tag].entry, status: ending.status,
              output: (output.removeValue(forKey: ending.tag) ?? []).joined(separator: "\n"),
              seconds: String(format: "%.1f s", seconds), reason: PlainText.line(ending.reason)))
        })
    } catch let interruption as Interruption {
      StandardStream.error.write("\(interruption); \(remedy)\n")
      throw interruption
    }
  }

  /// At once, also into a file or a pipe.
  static func say(_ line: String) { StandardStream.output.write(line + "\n") }
}
