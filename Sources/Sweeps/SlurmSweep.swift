import Foundation
import Notebook

/// A sweep that a Slurm cluster runs: job arrays of its points, and a job that gathers them.
public struct SlurmSweep {
  /// One job array.
  public struct Array: Sendable, Equatable {
    /// The point with which task 0 begins.
    public var first: Int
    /// How many points each task runs.
    public var pointsPerTask: Int
    /// The tasks that have something to do.
    public var tasks: [Int]

    package init(first: Int, pointsPerTask: Int, tasks: [Int]) {
      self.first = first
      self.pointsPerTask = pointsPerTask
      self.tasks = tasks
    }

    /// "0-3,7": the tasks as sbatch takes them.
    package var text: String {
      var ranges: [ClosedRange<Int>] = []
      for task in tasks {
        if let last = ranges.last, last.upperBound == task - 1 {
          ranges[ranges.count - 1] = last.lowerBound...task
        } else {
          ranges.append(task...task)
        }
      }
      return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ",")
    }
  }

  private let points: SweepPoints
  private let files: SweepFiles
  private let options: SlurmOptions
  private let slurm: Slurm

  /// - Parameter options: how many points and tasks at once; the rest is in the scripts.
  public init(_ points: SweepPoints, files: SweepFiles, options: SlurmOptions, slurm: Slurm = Slurm()) {
    self.points = points
    self.files = files
    self.options = options
    self.slurm = slurm
  }

  /// The arrays for points that are missing. An array has at most `largest` tasks; without a wish for the points of a task, they are
  /// as many as bring the whole sweep into one array.
  public static func arrays(missing: [Int], of count: Int, pointsPerTask: Int?, largest: Int) -> [Array] {
    let size = pointsPerTask ?? max(1, (count + largest - 1) / largest)
    var arrays: [Array] = []
    for point in missing {
      let (number, task) = (point / size).quotientAndRemainder(dividingBy: largest)
      let first = number * largest * size
      if arrays.last?.first != first { arrays.append(Array(first: first, pointsPerTask: size, tasks: [])) }
      if arrays[arrays.count - 1].tasks.last != task { arrays[arrays.count - 1].tasks.append(task) }
    }
    return arrays
  }

  /// Submits what is missing, and the job that gathers it all.
  /// - Parameter say: gets a line for each job.
  /// - Throws: ``SlurmError`` when jobs of this sweep are in the queue already, or Slurm refuses.
  public func submit(_ scripts: SlurmScripts, say: (String) -> Void) throws {
    let queued = try jobs(in: slurm.queue())
    guard queued.isEmpty else {
      throw SlurmError(
        "jobs of this sweep are in the queue (\(Set(queued.map(\.job)).sorted().map(String.init).joined(separator: ", "))); "
          + "offprint sweep status \(files.plan), or cancel")
    }
    let failures = SweepFailures(files).read()
    let missing = (0..<points.count).filter { index in
      switch files.state(of: points[index], failures: failures) {
      case .waiting, .interrupted: true
      case .done, .failed, .running: false
      }
    }
    guard !missing.isEmpty else { return say("nothing is left to submit") }
    for path in try scripts.keep() { say("\(path) is used as it is; remove it to have it written anew") }

    var submitted: [Int] = []
    func send(_ words: [String], _ what: String) throws -> Int {
      let job = try slurm.submit(words)
      try note("\(job)\t\(words.joined(separator: " "))")
      say("job \(job): \(what)")
      return job
    }
    let arrays = try Self.arrays(
      missing: missing, of: points.count, pointsPerTask: options.pointsPerTask, largest: slurm.largestArray())
    for array in arrays {
      // A limit holds within one array: with a limit, each array follows the one before.
      let limit = options.tasksAtOnce.map { "%\($0)" } ?? ""
      let follows = limit.isEmpty ? [] : submitted.suffix(1).map { "--dependency=afterany:\($0)" }
      submitted.append(
        try send(
          follows + ["--array=\(array.text)\(limit)", files.slurmPoints, "\(array.first)", "\(array.pointsPerTask)"],
          "\(Self.counted(array.tasks.count, "task")) of \(Self.counted(array.pointsPerTask, "point")), from point \(array.first) on"
        ))
    }
    let all = submitted.map(String.init).joined(separator: ":")
    _ = try send(["--dependency=afterany:\(all)", files.slurmAggregate], "the aggregate, when they have ended")
  }

  /// Those of `tasks` that belong to this sweep: by what the jobs are called as well, since a cluster may begin its numbers anew.
  private func jobs(in tasks: [Slurm.Task]) -> [Slurm.Task] {
    let numbers = Set(submittedJobs)
    return tasks.filter { numbers.contains($0.job) && $0.name == SlurmScripts.jobName(files) && $0.isWaitingOrRunning }
  }

  private static func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

  /// Whether jobs were ever submitted.
  public var isSubmitted: Bool { !submittedJobs.isEmpty }

  private var submittedJobs: [Int] {
    String(decoding: FileManager.default.contents(atPath: files.slurmJobs) ?? Data(), as: UTF8.self).split(separator: "\n")
      .compactMap { $0.split(separator: "\t").first.flatMap { Int($0) } }
  }

  /// Keeps a job's number at once: what was submitted before an error can be cancelled.
  private func note(_ line: String) throws {
    let before = FileManager.default.contents(atPath: files.slurmJobs) ?? Data()
    try AtomicFile.write(before + Data((line + "\n").utf8), to: files.slurmJobs)
  }

  /// What the queue holds of this sweep, a line for each state: "3 tasks RUNNING", "17 tasks PENDING (Resources)".
  public func status() throws -> [String] {
    var counts: [String: Int] = [:]
    for task in try jobs(in: slurm.queue()) {
      counts[task.state == "PENDING" ? "PENDING (\(task.reason))" : task.state, default: 0] += 1
    }
    return counts.sorted { $0.key > $1.key }.map { "\(Self.counted($0.value, "task")) \($0.key)" }
  }

  /// Ends what runs of this sweep and takes the rest out of the queue.
  /// - Returns: the jobs' numbers.
  public func cancel() throws -> [Int] {
    let jobs = Set(try self.jobs(in: slurm.queue()).map(\.job)).sorted()
    if !jobs.isEmpty { try slurm.cancel(jobs) }
    return jobs
  }
}
