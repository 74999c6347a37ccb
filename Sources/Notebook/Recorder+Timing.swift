import Diagnostics

extension Recorder {
  /// Times alternatives against each other, in turn, round after round; compare their medians.
  ///
  /// A round is a step of a loop, so timing shows its progress, can be interrupted, and keeps its rounds when it is resumed. What is
  /// made of the numbers goes into ``timing(_:_:_:along:units:)``.
  /// - Parameters:
  ///   - name: names the loop; unique within a run.
  ///   - minimum: shorter work is repeated within one sample until it lasts about this long.
  ///   - alternatives: each returns a number that depends on its work, so that the work cannot be optimized away.
  /// - Returns: for each alternative, the seconds of one call in every round.
  public func interleavedSeconds(
    _ name: String, rounds: Int, minimum: Duration = .microseconds(200), of alternatives: [() -> Float]
  ) throws -> [[Double]] {
    let timing = InterleavedTiming(minimum: minimum, alternatives)
    var samples: [[Double]] = []
    try steps(name, rounds, state: &samples, cadence: .every(1)) { _, samples in samples.append(timing.round()) }
    return alternatives.indices.map { alternative in samples.map { $0[alternative] } }
  }
}
