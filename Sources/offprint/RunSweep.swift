import ArgumentParser
import Foundation
import Notebook
import Sweeps
import Tensors

struct RunSweep: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run what is missing of a sweep (`run` may be left out).",
    discussion: """
      Each point is the run that `offprint run` would make, under the same file name: one that is there is not run again. The same
      command goes on with an interrupted sweep; so does `offprint sweep` with the plan it has kept in results/<paper>/sweeps/.
      """)

  @Argument(
    help: "A paper's name, or a plan: results/<paper>/sweeps/<name>.yaml.",
    completion: .list(Catalog.entries.map(\.paper.slug))) var paperOrPlan: String
  @Option(help: ArgumentHelp("Seeds: 0..<32, 0...31, 0,3,5 or 7 (default: 0).", valueName: "seeds")) var seeds: String?
  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "A setting and its values; may be repeated. rate=0.01,0.1; sizes=[1,2],[3]; with --random also rate=0.001..0.1.",
      valueName: "key=values"))
  var settings: [String] = []
  @Option(help: "How large each point is: smoke, quick (default) or full.") var preset: Preset?
  @Option(help: ArgumentHelp("Draw so many combinations of the settings; each runs with every seed.", valueName: "points"))
  var random: Int?
  @Option(help: "What the draw of --random follows from (default: 0).") var randomSeed: UInt64?
  @Option(help: "What the sweep is called (default: a checksum of its plan).") var name: String?
  @Option(help: ArgumentHelp("Only these points of the plan, 40..<50: --dry-run numbers them.", valueName: "range"))
  var points: PointRange?
  @Option(help: "Points at once, each on one thread (default: as many as cores and memory allow).") var jobs: Int?
  @Option(help: ArgumentHelp("Seconds to wait for points that another process has (default: 0).", valueName: "seconds"))
  var patience: Double?
  @Option(help: ArgumentHelp("Seconds between two checkpoints of a point (default: 30).", valueName: "seconds"))
  var checkpoint: Double?
  @Flag(help: "Run the points that failed once more.") var retry = false
  @Flag(help: "Only show the points, their files and their states.") var dryRun = false
  @OptionGroup(title: "On a cluster") var cluster: ClusterOptions
  @OptionGroup var folders: FolderOptions
  @Flag(name: .shortAndLong, help: "No progress.") var quiet = false

  private var isPlan: Bool { paperOrPlan.hasSuffix(".yaml") || paperOrPlan.hasSuffix(".yml") }

  func validate() throws {
    if let jobs, jobs < 1 { throw ValidationError("--jobs takes a number from 1") }
    if let patience, !(0...86_400 ~= patience) { throw ValidationError("--patience takes seconds from 0 to a day, 86400") }
    if cluster.on == .slurm, jobs != nil || points != nil || patience != nil {
      throw ValidationError("--jobs, --points and --patience are for this machine; tasks of a cluster have --cpus")
    }
    if let checkpoint, !(0...86_400 ~= checkpoint) { throw ValidationError("--checkpoint takes seconds from 0 to a day, 86400") }
    if randomSeed != nil, random == nil { throw ValidationError("--random-seed goes with --random <points>") }
    if isPlan, seeds != nil || !settings.isEmpty || preset != nil || random != nil {
      throw ValidationError("\(paperOrPlan) says what the points are: edit it, or give a paper and options")
    }
  }

  func run() throws {
    let sweep = try plan()
    let entry = try Catalog.entry(named: sweep.slug)
    func points<E: Experiment>(_ experiment: E.Type) throws -> SweepPoints { try SweepPoints(sweep, of: experiment) }
    let all = try points(entry.experiment)
    let given = isPlan ? SweepFiles.name(ofPlan: paperOrPlan) : nil
    let files = try SweepFiles(folders.folders, slug: sweep.slug, name: try name ?? given ?? sweep.defaultName)
    if dryRun { return show(all, files) }
    if cluster.on == .slurm { return try submit(all, files, measuresTime: entry.experiment.measuresTime) }
    try begin(all, files)
    let jobs = jobs ?? (entry.experiment.measuresTime ? 1 : Batch.defaultJobs)
    let threads = entry.experiment.measuresTime && jobs == 1 ? Threads.count : 1
    let command =
      ["sweep-points", files.plan, "--results", folders.results, "--figures", folders.figures, "--threads", "\(threads)"]
      + ["--parent", "\(getpid())"] + (checkpoint.map { ["--checkpoint", "\($0)"] } ?? [])
    let runner = SweepRunner(
      all, files: files, range: self.points?.range, jobs: jobs, patience: patience ?? 0, command: command, isQuiet: quiet)
    do {
      try end(with: runner.run(), of: all, files)
    } catch let interruption as Interruption {
      StandardStream.error.write("\(interruption); the same command goes on, or: offprint sweep \(files.plan)\n")
      throw interruption
    }
  }

  /// Keeps the plan: nothing is wrong with it.
  private func begin(_ points: SweepPoints, _ files: SweepFiles) throws {
    try files.keep(points.sweep)
    if retry { SweepFailures(files).clear() }
  }

  private func submit(_ points: SweepPoints, _ files: SweepFiles, measuresTime: Bool) throws {
    let options = try cluster.options()
    let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().path
    let scripts = try SlurmScripts(
      files, options: options, program: program, measuresTime: measuresTime, checkpoint: checkpoint)
    try begin(points, files)
    try SlurmSweep(points, files: files, options: options).submit(scripts) { StandardStream.output.write($0 + "\n") }
    Console.print("scripts, logs: \(files.slurm)/   state: offprint sweep status \(files.plan)")
  }

  private func plan() throws -> Sweep {
    if isPlan { return try SweepFiles.read(paperOrPlan) }
    // A mistyped paper is told before a mistyped setting.
    _ = try Catalog.entry(named: paperOrPlan)
    return try Sweep(
      slug: paperOrPlan, preset: preset ?? .quick, seeds: SeedList(seeds ?? "0"), axes: settings.map { try SweepAxis($0) },
      sample: random.map { Sweep.Sample(count: $0, seed: randomSeed ?? 0) })
  }

  private func end(with summary: SweepRunner.Summary, of points: SweepPoints, _ files: SweepFiles) throws {
    let shown = 10
    for (stem, reason) in summary.failed.prefix(shown) { Console.print("\(stem)  FAILED: \(PlainText.line(reason))") }
    if summary.failed.count > shown { Console.print("... and \(summary.failed.count - shown) more: \(files.failures)") }
    var parts = ["\(summary.before + summary.now) done (\(summary.now) now)"]
    parts.append("\(summary.failed.count) failed" + (summary.failed.isEmpty ? "" : " (--retry runs them once more)"))
    if summary.elsewhere > 0 { parts.append("\(summary.elsewhere) being run by another process") }
    let claims = points.sweep.preset == .smoke || summary.now == 0
    let reproduced = claims ? "" : "; \(summary.reproduced) of the \(summary.now) reproduced every claim"
    Console.print("\(summary.count) points: \(parts.joined(separator: ", "))\(reproduced)")
    Console.print("plan: \(files.plan)   all in one file: offprint aggregate \(files.plan)")
    if !summary.isComplete { throw ExitCode(ExitStatus.failed) }
  }

  private func show(_ points: SweepPoints, _ files: SweepFiles) {
    let failures = SweepFailures(files).read()
    var rows: [[String]] = []
    var counts: [String: Int] = [:]
    for index in (self.points?.range ?? 0..<points.count).clamped(to: 0..<points.count) {
      let point = points[index]
      let state = files.state(of: point, failures: failures).description
      counts[state, default: 0] += 1
      rows.append([
        "\(index)", "\(point.seed)", point.assignments.joined(separator: " "), state,
        folders.folders.resultsFile(point.identity),
      ])
    }
    let table = TextTable(header: ["point", "seed", "settings", "state", "file"], rows: rows)
    Console.print(table.text(width: Console.width))
    Console.print(
      "\n\(rows.count) points: " + counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", "))
    Console.print("plan: \(files.plan)")
  }
}

/// Neighbouring points, "40..<50".
struct PointRange: ExpressibleByArgument {
  let range: Range<Int>

  init?(argument: String) {
    guard let match = argument.wholeMatch(of: /(\d+)\.\.<(\d+)/), let first = Int(match.1), let end = Int(match.2), first < end
    else { return nil }
    range = first..<end
  }
}

/// A share of a sweep, in this process: what the pool starts.
struct RunPoints: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep-points", abstract: "Run some neighbouring points of a sweep.", shouldDisplay: false)

  @Argument(help: "The plan.") var plan: String
  @Argument(help: "The first point.") var from: Int
  @Argument(help: "The point after the last.") var to: Int
  @Option(help: "Threads to compute with.") var threads = 1
  @Option(help: "Seconds between two checkpoints.") var checkpoint: Double?
  @OptionGroup var folders: FolderOptions
  @Option(help: .hidden) var parent: Int32?

  func validate() throws {
    if !(0 <= from && from <= to) { throw ValidationError("the points go from a number to a larger one") }
    if threads < 1 { throw ValidationError("--threads takes a number from 1") }
  }

  func run() throws {
    Threads.count = threads
    let sweep = try SweepFiles.read(plan)
    let files = try SweepFiles(folders.folders, slug: sweep.slug, name: SweepFiles.name(ofPlan: plan))
    var log = LogOptions()
    log.quiet = true
    var runner = Runner(folders: folders.folders, logger: log.logger, isQuiet: true)
    if let checkpoint { runner.checkpointInterval = .seconds(checkpoint) }
    if let parent { runner.stop(without: parent) }
    func share<E: Experiment>(_ experiment: E.Type) throws -> Bool {
      let points = try PointRunner(SweepPoints(sweep, of: experiment), files: files, runner: runner)
      return try points.run(experiment, from..<to) { StandardStream.output.write($0.line + "\n") }
    }
    if try !share(Catalog.entry(named: sweep.slug).experiment) { throw ExitCode(ExitStatus.failed) }
  }
}
