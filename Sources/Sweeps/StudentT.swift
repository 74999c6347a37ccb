import Diagnostics
import Foundation

/// The distribution of a mean of few normal numbers around the truth, in units of its estimated error.
package enum StudentT {
  /// The t between whose negative and itself lie 95 percent, for whole degrees of freedom from 1: 12.706, 4.303, 3.182, ... 1.960.
  ///
  /// By bisection of the probability's finite series in the angle atan(t/sqrt(degrees)) (Abramowitz and Stegun 26.7.3 and 26.7.4).
  package static func ninetyFivePercent(degrees: Int) -> Double {
    var (low, high) = (1.0, 13.0)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if probability(within: middle, degrees: degrees) < 0.95 { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// The share between -t and t.
  package static func probability(within t: Double, degrees: Int) -> Double {
    let angle = atan(t / Double(degrees).squareRoot())
    let square = cos(angle) * cos(angle)
    let isOdd = degrees % 2 == 1
    // Odd: cos + 2/3 cos^3 + 2 4/(3 5) cos^5 + ...; even: 1 + 1/2 cos^2 + 1 3/(2 4) cos^4 + ...; up to cos^(degrees - 2).
    var (term, sum) = (isOdd ? cos(angle) : 1, 0.0)
    for power in stride(from: isOdd ? 1 : 0, through: degrees - 2, by: 2) {
      sum += term
      term *= square * Double(power + 1) / Double(power + 2)
    }
    return isOdd ? 2 / Double.pi * (angle + sin(angle) * sum) : sin(angle) * sum
  }
}

/// One claim over the seeds of one combination of settings.
public struct ClaimStatistics: Sendable, Equatable {
  /// The mean of what was measured; NaN without a number.
  public var mean: Double
  /// The 95 percent confidence interval of the mean by Student's t; NaN with fewer than two numbers.
  public var low, high: Double
  /// The share of seeds that reproduced the claim.
  public var reproduced: Double
  /// Seeds that are done.
  public var seeds: Int

  /// - Parameters:
  ///   - measured: one number for each seed that is done; those that are not finite count as seeds, but not in the mean.
  ///   - reproduced: how many of them reproduced the claim.
  public init(measured: [Double], reproduced: Int) {
    let finite = measured.filter(\.isFinite)
    mean = finite.isEmpty ? .nan : Diagnostics.mean(finite)
    seeds = measured.count
    self.reproduced = measured.isEmpty ? .nan : Double(reproduced) / Double(measured.count)
    guard finite.count > 1 else {
      (low, high) = (.nan, .nan)
      return
    }
    let reach = StudentT.ninetyFivePercent(degrees: finite.count - 1) * standardError(finite)
    (low, high) = (mean - reach, mean + reach)
  }
}
