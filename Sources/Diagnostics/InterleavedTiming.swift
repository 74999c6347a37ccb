/// Times alternatives against each other: all of them in turn, round after round, so that a drift of the machine's speed hits all
/// alike. Compare medians.
///
/// - Parameters:
///   - rounds: how often each is timed.
///   - minimum: shorter work is repeated within one sample until it lasts about this long.
///   - work: the alternatives.
/// - Returns: for each alternative, the seconds of one call in every round.
public func interleavedTiming(rounds: Int, minimum: Duration, _ work: [() -> Void]) -> [[Double]] {
  let clock = ContinuousClock()
  // The first call is the warm-up; the second says how many make a sample.
  let repeats = work.map { call in
    call()
    let once = clock.measure(call)
    return max(1, Int((minimum / max(once, .nanoseconds(1))).rounded(.up)))
  }
  var seconds = [[Double]](repeating: [], count: work.count)
  for _ in 0..<rounds {
    for (index, call) in work.enumerated() {
      let sample = clock.measure { for _ in 0..<repeats[index] { call() } }
      seconds[index].append(sample / .seconds(1) / Double(repeats[index]))
    }
  }
  return seconds
}
