import Datasets
import Foundation
import HDF5
import Logging
import Tensors

/// Takes an experiment from its settings to a complete results file.
public struct Runner {
  /// Where results, checkpoints and locks go.
  public var folders: Folders
  /// Gets notices (resumed, interrupted), warnings (diverged) and errors.
  public var logger: Logger
  /// Whether to show no progress.
  public var isQuiet: Bool
  /// Time between two checkpoints, 30 s by default: long enough to cost nothing, short enough that little is lost.
  public var checkpointInterval = Duration.seconds(30)
  /// Looked at between two steps of every loop.
  public var interruption: () -> Interruption?

  /// By default stops on SIGINT and SIGTERM, once ``Signals/install()`` has been called.
  public init(
    folders: Folders = Folders(), logger: Logger = Logger(label: "offprint"), isQuiet: Bool = false,
    interruption: @escaping () -> Interruption? = { Signals.interruption }
  ) {
    self.folders = folders
    self.logger = logger
    self.isQuiet = isQuiet
    self.interruption = interruption
  }

  /// What to do with what an earlier run left.
  public enum Start: Sendable {
    /// Keep a complete result; go on from a checkpoint only when told to.
    case fresh
    /// Go on from the checkpoint, where there is one.
    case resume
    /// Run again, whatever is there.
    case force
  }

  /// What a call of ``run(_:preset:seed:assignments:start:)`` came to.
  public enum Outcome: Sendable {
    /// The result was there already.
    case existing(file: String)
    case finished(file: String, seconds: Double)
  }

  /// The run that these inputs name.
  /// - Throws: ``SettingsError`` when an assignment does not fit the settings.
  public static func identity<E: Experiment>(
    of experiment: E.Type, preset: Preset, seed: UInt64, assignments: [String]
  ) throws -> RunIdentity {
    try plan(experiment, preset, seed, assignments).identity
  }

  /// Runs the experiment, unless its result is there already.
  /// - Throws: ``Interruption`` when stopped (a checkpoint is then written), ``NotebookError``, ``HDF5Error``, ``SettingsError``.
  ///   The old result, if any, is untouched by any failure.
  public func run<E: Experiment>(
    _ experiment: E.Type, preset: Preset = .quick, seed: UInt64 = 0, assignments: [String] = [], start: Start = .fresh
  ) throws -> Outcome {
    let (identity, settings) = try Self.plan(experiment, preset, seed, assignments)
    let path = folders.resultsFile(identity)
    let checkpointPath = folders.checkpoint(identity)
    // A repetition by force may have been interrupted: then the result is there, and something to resume as well.
    let isRepeating = start == .force || start == .resume && FileManager.default.fileExists(atPath: checkpointPath)
    if !isRepeating, FileManager.default.fileExists(atPath: path) {
      do {
        _ = try Results(path)
      } catch NotebookError.notAResult(_, let reason) {
        throw NotebookError.inTheWay(path, reason: reason)
      }
      return .existing(file: path)
    }
    try AtomicFile.makeFolder("\(folders.results)/\(identity.slug)")
    let lock = try RunLock(folders.lock(identity), for: path)
    defer { withExtendedLifetime(lock) {} }
    // Nobody else is writing them while the lock is ours.
    for file in [path, checkpointPath, folders.liveView(identity)] { AtomicFile.removeTemporaries(of: file) }

    let text = try SettingsTree.text(of: settings)
    let resumed = try start == .resume ? checkpoint(at: checkpointPath, settings: text) : nil
    if start == .fresh, FileManager.default.fileExists(atPath: checkpointPath) {
      logger.notice("an interrupted run left \(checkpointPath); starting anew (--resume would go on from it)")
    }
    let journal = LoopJournal(
      resumed: resumed, checkpointPath: checkpointPath, checkpointInterval: checkpointInterval,
      livePath: folders.liveView(identity), settings: text, interruption: interruption, progress: Progress(isQuiet: isQuiet),
      logger: logger)
    defer { unlink(folders.liveView(identity)) }
    let recorder = Recorder(seed: seed, loops: journal, logger: logger)
    let started = Date.now
    try E.run(settings, into: recorder)
    journal.keep(recorder.recording.traces)

    for line in recorder.recording.divergences { logger.warning("diverged: \(line)") }
    // In part it may be meant: NaN is what a place without a value has.
    let notFinite = recorder.recording.tensorsNotFinite
    if !notFinite.wholly.isEmpty { logger.warning("no finite number in \(notFinite.wholly.joined(separator: ", "))") }
    if !notFinite.partly.isEmpty { logger.notice("not finite in part: \(notFinite.partly.joined(separator: ", "))") }
    let history = RunHistory(
      started: started, finished: .now, duration: journal.elapsed, command: identity.command, threads: Threads.count)
    try write(recorder.recording, of: experiment, identity, settings: text, history, to: path)
    unlink(checkpointPath)
    return .finished(file: path, seconds: history.duration)
  }

  private static func plan<E: Experiment>(
    _ experiment: E.Type, _ preset: Preset, _ seed: UInt64, _ assignments: [String]
  ) throws -> (identity: RunIdentity, settings: E.Settings) {
    let defaults = E.settings(for: preset)
    let settings = try SettingsTree.applying(assignments, to: defaults)
    let changes = try SettingsTree.changes(in: settings, from: defaults)
    return (RunIdentity(slug: E.paper.slug, preset: preset, seed: seed, changes: changes), settings)
  }

  private func checkpoint(at path: String, settings: String) throws -> Checkpoint? {
    guard let checkpoint = try Checkpoint.read(from: path) else {
      logger.debug("no checkpoint to resume from; starting anew")
      return nil
    }
    guard checkpoint.settings == settings else { throw NotebookError.foreignCheckpoint(path) }
    if checkpoint.build != Provenance.build {
      logger.warning("the checkpoint was written by another build of offprint: the result may differ in the last bits")
    }
    return checkpoint
  }

  /// The temporary file gets data, then claims and figures computed from those data, then its final name.
  private func write<E: Experiment>(
    _ recording: Recording, of experiment: E.Type, _ identity: RunIdentity, settings: String, _ history: RunHistory,
    to path: String
  ) throws {
    let temporary = AtomicFile.temporaryName(for: path)
    do {
      try ResultsWriter.write(recording, of: E.paper, run: identity, settings: settings, history: history, to: temporary)
      try Verdicts.store(of: experiment, identity, in: temporary, logger: logger)
      try AtomicFile.commit(temporary, to: path)
    } catch {
      unlink(temporary)
      // The name in the error is that of a file which is gone.
      if let error = error as? HDF5Error { throw NotebookError.notWritable(path, reason: error.message) }
      throw error
    }
  }
}
