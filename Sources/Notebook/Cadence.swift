import Foundation

/// At which steps of a loop the traces are recorded. Step 0 (before the first update) and the last step always are.
public enum Cadence: Sendable, Equatable {
  /// Every `n`-th step.
  case every(Int)
  /// About `perDecade` steps in each factor of ten, evenly spaced on a logarithmic axis: for log-log figures.
  case geometric(perDecade: Int)

  /// Evenly spaced, about `points` of them over a loop of `steps`.
  public static func even(_ points: Int, of steps: Int) -> Cadence { .every(max(1, steps / max(1, points))) }

  /// The first recorded step after `step`.
  package func next(after step: Int) -> Int {
    switch self {
    case .every(let interval):
      precondition(interval > 0, "a cadence needs a positive interval, got \(interval)")
      return (step / interval + 1) * interval
    case .geometric(let perDecade):
      precondition(perDecade > 0, "a cadence needs a positive number of points, got \(perDecade)")
      // The grid 10^(i / perDecade), rounded to whole steps; where it is finer than one step, every step.
      var exponent = Int((Double(perDecade) * log10(Double(max(step, 1)))).rounded(.down))
      while true {
        let candidate = Int(pow(10, Double(exponent) / Double(perDecade)).rounded())
        if candidate > step { return candidate }
        exponent += 1
      }
    }
  }
}
