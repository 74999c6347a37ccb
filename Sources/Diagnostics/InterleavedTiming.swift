import Foundation

/// Times alternatives against each other: all of them in turn, round after round, so that a drift of the machine's speed hits all
/// alike. Compare medians.
public struct InterleavedTiming {
  /// For each alternative, the seconds of one call in every round.
  public private(set) var seconds: [[Double]]

  /// - Parameters:
  ///   - rounds: how often each is timed, after one call to warm up.
  ///   - minimum: shorter work is repeated within one sample until it lasts about this long.
  ///   - alternatives: each returns a number that depends on its work, so that the work cannot be optimized away.
  public init(rounds: Int, minimum: Duration, _ alternatives: [() -> Float]) {
    let clock = ContinuousClock()
    var witness: Float = 0
    let repeats = alternatives.map { call in
      witness += call()
      let once = clock.measure { witness += call() }
      return max(1, Int((minimum / max(once, .nanoseconds(1))).rounded(.up)))
    }
    var seconds = [[Double]](repeating: [], count: alternatives.count)
    for _ in 0..<rounds {
      for (index, call) in alternatives.enumerated() {
        let sample = clock.measure { for _ in 0..<repeats[index] { witness += call() } }
        seconds[index].append(sample / .seconds(1) / Double(repeats[index]))
      }
    }
    self.seconds = seconds
    // Never true, but the compiler cannot know: every call's number is needed until here.
    if witness == .leastNonzeroMagnitude { print(witness) }
  }

  /// The `share`-quantile of each alternative's seconds; 0.5 for the medians.
  public func quantiles(_ share: Double) -> [Double] { seconds.map { quantile($0, share) } }
}
