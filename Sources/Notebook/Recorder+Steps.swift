import Foundation

/// Hands values to traces, at the steps that the cadence selects.
public struct Measurement {
  /// How many updates have been made.
  public let step: Int

  /// The value of a trace without dimensions at this step.
  public func callAsFunction(_ trace: Trace, _ value: Double) { trace.append(CollectionOfOne(value), at: step) }
  /// One value for each place along the trace's dimensions, row-major.
  public func callAsFunction(_ trace: Trace, _ values: [Double]) { trace.append(values, at: step) }
}

extension Recorder {
  /// Runs `update` at most `count` times on `state`, and `measure` at the steps of the `cadence`, before the first update and after
  /// the last.
  ///
  /// Progress, checkpoints, interruption and resume come with it: on resume, `state` and the traces are those of the checkpoint and
  /// the loop goes on from there. `update` and `measure` may therefore depend only on `state`, the step and constants, never on
  /// variables that they change themselves.
  ///
  /// - Parameters:
  ///   - name: names the loop in the progress line and the checkpoint; unique within a run.
  ///   - state: everything that an update changes, a tree of tensors and numbers.
  ///   - finished: looked at after each update; true ends the loop early.
  ///   - update: one step of the algorithm; its first argument counts the updates made before it, from 0.
  ///   - measure: records traces of the current state.
  /// - Returns: the number of updates made.
  /// - Throws: ``Interruption`` after writing a checkpoint, when the run was asked to stop; whatever the closures throw.
  @discardableResult
  public func steps<State: Codable>(
    _ name: String, _ count: Int, state: inout State, cadence: Cadence,
    until finished: (State) -> Bool = { _ in false },
    update: (Int, inout State) throws -> Void,
    measure: (State, Measurement) throws -> Void = { _, _ in }
  ) throws -> Int {
    var step = 0
    var isFinished = count == 0
    if let saved = try loops.begin(name, steps: count) {
      state = try Checkpoint.decode(State.self, from: saved.state)
      step = saved.updates
      isFinished = saved.isFinished
    } else {
      try measure(state, Measurement(step: 0))
    }
    var nextMeasured = cadence.next(after: step)
    while !isFinished {
      try update(step, &state)
      step += 1
      isFinished = step == count || finished(state)
      if step == nextMeasured || isFinished {
        try measure(state, Measurement(step: step))
        nextMeasured = cadence.next(after: step)
      }
      try loops.advance(name, to: step, isFinished: isFinished, traces: recording.traces) { try Checkpoint.encode(state) }
    }
    loops.end(name, updates: step) { [state] in try Checkpoint.encode(state) }
    return step
  }
}
