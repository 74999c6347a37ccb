import Foundation
import Notebook

/// The two scripts that a sweep gives to sbatch: one for its points, one for the aggregate. Researchers read and edit them.
public struct SlurmScripts: Sendable {
  private let files: SweepFiles
  private let options: SlurmOptions
  private let program: String
  private let measuresTime: Bool
  private let checkpoint: Double?

  /// How many seconds before a task's time is over it is told: not most of a short time.
  private var warning: Int { min(120, (options.seconds ?? .max) / 4) }
  /// How often it may go back into the queue for that.
  private static let mostReturns = 50
  /// How many seconds a task waits for a point that another one still has, as after the loss of a node.
  private static let patience = 120

  /// - Parameters:
  ///   - program: the path of this program, as the nodes see it.
  ///   - measuresTime: whether points must run one after the other.
  ///   - checkpoint: seconds between two checkpoints of a point.
  /// - Throws: ``SweepError`` for a path that a line of a script does not take.
  public init(
    _ files: SweepFiles, options: SlurmOptions, program: String, measuresTime: Bool = false, checkpoint: Double? = nil
  ) throws {
    try options.check()
    // Slurm reads '%' in the names of logs as a pattern, and a line of options ends at white space.
    for path in [files.slurm, files.folders.results, files.folders.figures, program] {
      guard path.unicodeScalars.allSatisfy({ $0.properties.isAlphabetic || "0123456789/._-+=,@:".unicodeScalars.contains($0) })
      else { throw SweepError("Slurm's scripts take paths of letters, digits and /._-+=,@: only, got '\(path)'") }
    }
    self.files = files
    self.options = options
    self.program = program
    self.measuresTime = measuresTime
    self.checkpoint = checkpoint
  }

  /// What Slurm calls the jobs.
  static func jobName(_ files: SweepFiles) -> String { "\(files.slug)-\(files.name)" }

  /// Runs the points of one task of an array.
  public var points: String {
    let words =
      ["--points \"$first..<$last\"", "--patience \(Self.patience)"]
      + (measuresTime ? [] : ["--jobs \"$SLURM_CPUS_PER_TASK\""]) + (checkpoint.map { ["--checkpoint \($0)"] } ?? [])
    return """
      #!/bin/bash
      # The points of the sweep \(files.name), written by `offprint sweep --on slurm`. Edit it as you like: it is not written again while it is there.
      #
      #     sbatch --array=0-3 \(files.slurmPoints) 20 5
      #
      # runs four tasks of five points each, from point 20 on. Points that are done are not run again.
      #SBATCH --job-name=\(Self.jobName(files))
      #SBATCH --output=\(files.slurm)/%A-%a.log
      #SBATCH --open-mode=append
      #SBATCH --ntasks=1
      #SBATCH --cpus-per-task=\(options.cpus ?? 1)
      # Lost with its node, or pushed aside, a task goes back into the queue, and on from its checkpoints.
      #SBATCH --requeue
      #SBATCH --signal=B:USR1@\(warning)
      \(directives)
      first=$(($1 + SLURM_ARRAY_TASK_ID * $2))
      last=$((first + $2))
      \(program) sweep run \(files.plan) \\
        \(words.joined(separator: " ")) \\
        \(folders) &
      sweep=$!

      # Slurm says USR1 when the time is nearly over: the points make checkpoints, and the task goes back into the queue.
      # It says TERM to the points themselves; this shell only waits for them.
      trap 'out_of_time=yes; kill -TERM "$sweep"' USR1
      trap : TERM
      wait "$sweep"
      status=$?
      while kill -0 "$sweep" 2>/dev/null; do
        wait "$sweep"
        status=$?
      done
      if [ "$out_of_time" ] && [ "$status" = 143 ] && [ "${SLURM_RESTART_COUNT:-0}" -lt \(Self.mostReturns) ]; then
        scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"
      fi
      exit "$status"

      """
  }

  /// Gathers the points when all tasks have ended.
  public var aggregate: String {
    """
    #!/bin/bash
    # Gathers the sweep \(files.name) when its points are done.
    #SBATCH --job-name=\(Self.jobName(files))
    #SBATCH --output=\(files.slurm)/aggregate-%j.log
    #SBATCH --ntasks=1
    \(directives)
    exec \(program) aggregate \(files.plan) \(folders)

    """
  }

  private var folders: String { "--results \(files.folders.results) --figures \(files.folders.figures)" }

  private var directives: String {
    let asked = [("partition", options.partition), ("account", options.account), ("time", options.time), ("mem", options.memory)]
    let words = asked.compactMap { name, value in value.map { "--\(name)=\($0)" } } + options.options
    return words.map { "#SBATCH \($0)\n" }.joined()
  }

  /// Puts the scripts beside the results; one that is there, perhaps edited, stays.
  /// - Returns: the scripts that are there and say something else than they would, written anew.
  func keep() throws -> [String] {
    try AtomicFile.makeFolder(files.slurm)
    return try [(files.slurmPoints, points), (files.slurmAggregate, aggregate)].compactMap { path, text in
      if let there = FileManager.default.contents(atPath: path) {
        return String(decoding: there, as: UTF8.self) == text ? nil : path
      }
      try AtomicFile.write(Data(text.utf8), to: path)
      return nil
    }
  }
}
