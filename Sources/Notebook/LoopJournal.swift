import Foundation
import Logging

/// Keeps the step loops of one run: where each of them is, when a checkpoint is due, whether somebody wants the run to stop.
final class LoopJournal {
  /// The checkpoint that this run goes on from.
  let resumed: Checkpoint?
  private let checkpointPath: String
  private let livePath: String
  private let settings: String
  private let interruption: () -> Interruption?
  private let progress: Progress
  private let logger: Logger
  /// Loops that have begun; the state of a finished one is encoded only if a checkpoint is written.
  private var begun: [String: () throws -> Checkpoint.Loop] = [:]
  private let checkpointInterval: Duration
  // The wall clock may be set back while a run goes on.
  private let started = ContinuousClock.now
  private var lastCheckpoint = ContinuousClock.now
  private var lastView = ContinuousClock.now
  private var steps = 0
  /// Steps until the clock is next looked at: the clock costs more than a small step.
  private var countdown = 0
  private var stride = 1
  private var lastLook = ContinuousClock.now

  private static let viewInterval = Duration.seconds(1)

  init(
    resumed: Checkpoint?, checkpointPath: String, checkpointInterval: Duration, livePath: String, settings: String,
    interruption: @escaping () -> Interruption?, progress: Progress, logger: Logger
  ) {
    self.resumed = resumed
    self.checkpointPath = checkpointPath
    self.checkpointInterval = checkpointInterval
    self.livePath = livePath
    self.settings = settings
    self.interruption = interruption
    self.progress = progress
    self.logger = logger
  }

  /// Seconds worked on this run, before and after the checkpoint it was resumed from.
  var elapsed: Double { (resumed?.elapsed ?? 0) + (.now - started) / .seconds(1) }

  /// Starts a loop; what the checkpoint knows of it, if anything.
  func begin(_ name: String, steps: Int) throws -> Checkpoint.Loop? {
    guard begun[name] == nil else { throw NotebookError.duplicateRecord("loop \(name)") }
    let saved = resumed?.loops[name]
    if let saved { begun[name] = { saved } }
    progress.begin(name, steps: steps, from: saved?.updates ?? 0)
    self.steps = steps
    countdown = 0
    stride = 1
    lastLook = .now
    return saved
  }

  /// After each step: cheap unless something is due.
  func advance(
    _ name: String, to step: Int, isFinished: Bool, traces: [Trace], state: () throws -> Data
  ) throws {
    if let interruption = interruption() {
      do {
        try checkpoint(name, at: step, isFinished, traces, state)
        progress.clear()
        logger.notice("\(interruption); go on later with --resume (checkpoint: \(checkpointPath))")
      } catch {
        logger.error("\(interruption), and no checkpoint could be written: \(error)")
      }
      throw interruption
    }
    countdown -= 1
    guard countdown <= 0 else { return }
    adaptStride()
    progress.advance(to: step)
    if lastLook - lastView > Self.viewInterval {
      lastView = lastLook
      LiveView(loop: name, step: step, steps: steps, elapsed: elapsed, traces: traces.map(LiveView.Series.init))
        .write(to: livePath)
    }
    if lastLook - lastCheckpoint > checkpointInterval {
      lastCheckpoint = lastLook
      do {
        try checkpoint(name, at: step, isFinished, traces, state)
      } catch {
        logger.warning("no checkpoint: \(error)")
      }
    }
  }

  /// When all loops are done and the results file is about to be written: what took long must survive a disk that is full, or a
  /// figure that crashes.
  func keep(_ traces: [Trace]) {
    guard elapsed > checkpointInterval / .seconds(1) else { return }
    do {
      try write(begun.mapValues { try $0() }, traces)
    } catch {
      logger.warning("no checkpoint: \(error)")
    }
  }

  func end(_ name: String, updates: Int, state: @escaping () throws -> Data) {
    begun[name] = { Checkpoint.Loop(updates: updates, isFinished: true, state: try state()) }
    progress.end()
  }

  /// Looks at the clock about every 10 ms.
  private func adaptStride() {
    let now = ContinuousClock.now
    let passed = now - lastLook
    lastLook = now
    if passed < .milliseconds(5) {
      stride = min(stride * 2, 1 << 20)
    } else if passed > .milliseconds(20) {
      stride = max(stride / 2, 1)
    }
    countdown = stride
  }

  private func checkpoint(
    _ name: String, at step: Int, _ isFinished: Bool, _ traces: [Trace], _ state: () throws -> Data
  ) throws {
    var loops = try begun.mapValues { try $0() }
    loops[name] = Checkpoint.Loop(updates: step, isFinished: isFinished, state: try state())
    try write(loops, traces)
  }

  private func write(_ loops: [String: Checkpoint.Loop], _ traces: [Trace]) throws {
    let samples = Dictionary(uniqueKeysWithValues: traces.map { ($0.path, $0.samples) })
    let checkpoint = Checkpoint(
      settings: settings, build: Provenance.build, loops: loops, traces: samples, elapsed: elapsed)
    try checkpoint.write(to: checkpointPath)
  }
}
