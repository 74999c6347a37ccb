import Foundation

/// Times alternatives against each other: all of them in turn, round after round, so that a drift of the machine's speed hits all
/// alike. Compare the medians over the rounds.
public final class InterleavedTiming {
  private let alternatives: [() -> Float]
  /// How many calls make a sample of each alternative.
  private var repeats: [Int] = []
  /// Depends on every call, and is looked at in the end, so that no call can be optimized away.
  private var witness: Float = 0
  private let clock = ContinuousClock()

  /// - Parameters:
  ///   - minimum: shorter work is repeated within one sample until it lasts about this long.
  ///   - alternatives: each returns a number that depends on its work.
  public init(minimum: Duration, _ alternatives: [() -> Float]) {
    self.alternatives = alternatives
    // The first call is the warm-up, the second says how many make a sample.
    repeats = alternatives.map { call in
      witness += call()
      let once = clock.measure { witness += call() }
      return max(1, Int((minimum / max(once, .nanoseconds(1))).rounded(.up)))
    }
  }

  deinit {
    if witness == .leastNonzeroMagnitude { print(witness) }  // Never true, which the compiler cannot know.
  }

  /// The seconds of one call of each alternative, in one round.
  public func round() -> [Double] {
    zip(alternatives, repeats).map { call, count in
      let sample = clock.measure { for _ in 0..<count { witness += call() } }
      return sample / .seconds(1) / Double(count)
    }
  }
}
