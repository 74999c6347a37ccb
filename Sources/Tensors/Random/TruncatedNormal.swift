// The normal distribution on an interval, by rejection: right however far out the interval lies, where the quantile of a difference of
// two distribution functions has lost all its digits.
//
// Robert, "Simulation of truncated normal variables", Statistics and Computing 5 (1995). About half
// of the proposals are accepted, or more.

extension Tensor where Scalar: RealScalar {
  /// Independent normal numbers given that they lie in `range`, whose ends may be infinite.
  /// - Parameters:
  ///   - mean: of the normal distribution before it is cut.
  ///   - standardDeviation: of the normal distribution before it is cut.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func truncatedNormal(
    _ shape: [Int], mean: Scalar = 0, standardDeviation: Scalar = 1, in range: ClosedRange<Scalar>, key: Key
  ) -> Tensor {
    guard standardDeviation > 0 else {
      fatalError("Tensor.truncatedNormal: standard deviation \(standardDeviation) is not positive")
    }
    let cut = TruncatedNormal(
      lower: Double(range.lowerBound - mean) / Double(standardDeviation),
      upper: Double(range.upperBound - mean) / Double(standardDeviation))
    return filled(shape) { block, target in
      cut.withDraws(block, key) { z in
        for i in 0..<block.count {
          let x = mean + standardDeviation * Scalar(z[i])
          (target + i).initialize(to: Swift.min(range.upperBound, Swift.max(range.lowerBound, x)))
        }
      }
    }
  }
}

/// Standard normal numbers between two bounds.
private struct TruncatedNormal: Sendable {
  /// Bounds with the interval turned such that it does not lie wholly below 0, and whether it was.
  private let lower, upper: Double
  private let isTurned: Bool

  init(lower: Double, upper: Double) {
    guard lower < upper else { fatalError("Tensor.truncatedNormal: no interval from \(lower) to \(upper) standard deviations") }
    isTurned = upper < 0
    (self.lower, self.upper) = isTurned ? (-upper, -lower) : (lower, upper)
  }

  @inline(never)
  func withDraws(_ range: Range<Int>, _ key: Key, _ body: (UnsafeMutablePointer<Double>) -> Void) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 4096) { buffer in
      let target = buffer.baseAddress!
      buffer.initialize(repeating: 0)
      fill(range, key, target)
      if isTurned {
        for i in 0..<range.count { target[i] = -target[i] }
      }
      body(target)
    }
  }

  private func fill(_ range: Range<Int>, _ key: Key, _ target: UnsafeMutablePointer<Double>) {
    let (lower, upper) = (lower, upper)
    // The rate of the exponential proposal of Robert's proposition 2.3, of use in the tail.
    let rate = (lower + (lower * lower + 4).squareRoot()) / 2
    if lower <= 0 ? upper - lower < 2.5 : upper - lower < 1 / rate {
      // Short: uniform over the interval, against the density over its maximum.
      let peak = Swift.max(0, lower)
      key.firstAccepted(range, into: target) { _, q, u in
        let z = lower + (upper - lower) * (0.5 + q)
        return (z, u .< (0.5 * (peak * peak - z * z)).exponential())
      }
    } else if lower <= 0 {
      key.firstAccepted(range, into: target) { _, q, _ in
        let z = normalQuantile(halfPlus: q)
        return (z, (z .>= lower) .& (z .<= upper))
      }
    } else {
      // A tail: exponential beyond the lower bound.
      key.firstAccepted(range, into: target) { _, q, u in
        let z = lower + exponentialQuantile(of: 0.5 + q, rest: 0.5 - q) / rate
        return (z, (u .< (-0.5 * (z - rate) * (z - rate)).exponential()) .& (z .<= upper))
      }
    }
  }
}
