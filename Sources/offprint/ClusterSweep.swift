import ArgumentParser
import Foundation
import Notebook
import Sweeps

/// A paper over seeds and settings: `offprint sweep <paper>` is `offprint sweep run <paper>`.
struct SweepCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Run a paper over seeds and settings: as many points at once as there are cores, or on a Slurm cluster.",
    usage: """
      offprint sweep <paper or plan> [--seeds 0..<8] [--set key=value,value]... [--on slurm] ...
      offprint sweep status <sweep>
      offprint sweep cancel <sweep>
      """,
    discussion: "`offprint help sweep run` says what a sweep can be told.",
    subcommands: [RunSweep.self, SweepStatus.self, CancelSweep.self], defaultSubcommand: RunSweep.self)
}

/// Where the points of a sweep run, and what a cluster is asked for.
struct ClusterOptions: ParsableArguments {
  enum Place: String, ExpressibleByArgument, CaseIterable { case local, slurm }

  @Option(help: "Where the points run: local (default), or slurm: job arrays are submitted, and a job that gathers the points.")
  var on = Place.local
  @Option(
    name: .customLong("slurm"),
    help: ArgumentHelp("What every sweep asks of Slurm (default: slurm.yaml, if it is there).", valueName: "file"))
  var file: String?
  @Option(help: "Partition of the tasks.") var partition: String?
  @Option(help: "Account that they are charged to.") var account: String?
  @Option(help: ArgumentHelp("Limit of a task: 30 (minutes), 2:00:00, 1-00 (a day).", valueName: "time")) var time: String?
  @Option(help: "Memory of a task, 4G.") var memory: String?
  @Option(help: "Processors of a task, and so the points that it runs at once (default: 1).") var cpus: Int?
  @Option(help: "Tasks that run at once at most.") var tasksAtOnce: Int?
  @Option(help: "Points that a task runs (default: so many that one job array holds them all).") var pointsPerTask: Int?
  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A further option of sbatch, as --sbatch=--qos=low; may be repeated.", valueName: "option"))
  var sbatch: [String] = []

  func validate() throws {
    let words: [Any?] = [file, partition, account, time, memory, cpus, tasksAtOnce, pointsPerTask, sbatch.first]
    if on == .local, words.contains(where: { $0 != nil }) {
      throw ValidationError("--partition, --time and the like go with --on slurm")
    }
  }

  /// The flags, and the file's lines where there are none.
  func options() throws -> SlurmOptions {
    var asked = SlurmOptions()
    (asked.partition, asked.account, asked.time, asked.memory) = (partition, account, time, memory)
    (asked.cpus, asked.tasksAtOnce, asked.pointsPerTask) = (cpus, tasksAtOnce, pointsPerTask)
    asked.options = sbatch
    let path = file ?? "slurm.yaml"
    if let data = FileManager.default.contents(atPath: path) {
      asked = asked.filled(from: try SlurmOptions(yaml: String(decoding: data, as: UTF8.self), file: path))
    } else if file != nil {
      throw SweepError("cannot read \(path)")
    }
    try asked.check()
    return asked
  }
}

/// A sweep that is there, with all its points.
private struct KeptSweep {
  let points: SweepPoints
  let files: SweepFiles
  let onSlurm: SlurmSweep

  init(_ words: String, _ folders: Folders) throws {
    let path = try SweepFiles.plan(words, in: folders)
    let plan = try SweepFiles.read(path)
    func points<E: Experiment>(_ experiment: E.Type) throws -> SweepPoints { try SweepPoints(plan, of: experiment) }
    self.points = try points(Catalog.entry(named: plan.slug).experiment)
    files = try SweepFiles(folders, slug: plan.slug, name: SweepFiles.name(ofPlan: path))
    onSlurm = SlurmSweep(self.points, files: files, options: SlurmOptions())
  }
}

struct SweepStatus: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show how far a sweep is: its points, and its tasks in Slurm's queue.",
    discussion: "Exit code 0 when all points are done, 1 otherwise.")

  @Argument(help: "The plan, results/<paper>/sweeps/<name>.yaml; or its name, or the paper's when that has one sweep.")
  var sweep: String
  @OptionGroup var folders: FolderOptions

  func run() throws {
    let kept = try KeptSweep(sweep, folders.folders)
    let failures = SweepFailures(kept.files).read()
    var counts: [String: Int] = [:]
    for index in 0..<kept.points.count {
      counts[kept.files.state(of: kept.points[index], failures: failures).description, default: 0] += 1
    }
    let order = [PointState.done, .running, .interrupted, .waiting, .failed("")].map(\.description)
    let parts = order.compactMap { state in counts[state].map { "\($0) \(state)" } }
    Console.print("\(kept.points.count) points: \(parts.joined(separator: ", "))")
    if kept.onSlurm.isSubmitted {
      let queued = try kept.onSlurm.status()
      Console.print("Slurm: " + (queued.isEmpty ? "nothing in the queue" : queued.joined(separator: ", ")))
    }
    Console.print("plan: \(kept.files.plan)")
    if counts["done"] != kept.points.count { throw ExitCode(ExitStatus.failed) }
  }
}

struct CancelSweep: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel", abstract: "Take a sweep's jobs out of Slurm's queue and end those that run; they leave checkpoints.",
    discussion: "A sweep on this machine ends with Ctrl-C.")

  @Argument(help: "The plan, results/<paper>/sweeps/<name>.yaml; or its name, or the paper's when that has one sweep.")
  var sweep: String
  @OptionGroup var folders: FolderOptions

  func run() throws {
    let kept = try KeptSweep(sweep, folders.folders)
    guard kept.onSlurm.isSubmitted else {
      throw SlurmError("this sweep was never given to Slurm; one on this machine ends with Ctrl-C")
    }
    let jobs = try kept.onSlurm.cancel()
    Console.print(
      jobs.isEmpty ? "nothing in the queue" : "cancelled: jobs \(jobs.map(String.init).joined(separator: ", "))")
    Console.print("to go on: offprint sweep \(kept.files.plan) --on slurm")
  }
}
