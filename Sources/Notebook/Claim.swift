import Foundation

/// One statement of the paper, with the number that decides it.
public struct Claim: Sendable {
  /// As in the paper's card, with a suffix for a variant: "one-over-T-squared-k5".
  public var name: String
  /// What the paper says, in one sentence.
  public var statement: String
  /// Where the paper says it: "Theorem 3.1".
  public var source: String
  /// What was measured: "slope of log loss against log T".
  public var quantity: String
  /// NaN where nothing could be measured: such a claim fails.
  public var measured: Double
  /// What the number must be, from the paper's card.
  public var expected: Expectation
  private let hasBasis: Bool

  /// A claim named as in the card; `measured` is computed from the results file.
  ///
  ///     Claim(
  ///       "descent-fails", "Only descent fails.", source: "Theorem 2", quantity: "steps to 1e-6 (infinite: never)",
  ///       measured: steps(of: "descent"), basis: losses(of: "ours"), expected: .above(400))
  ///
  /// - Parameter basis: finite numbers without which the measured one means nothing: one of them that is not finite makes it NaN.
  ///   Sums, means and quantiles carry a NaN by themselves. A count, a selection and a search leave it out, so the values that
  ///   were counted, selected or searched are the basis. Where a baseline diverges or never arrives, what the method itself
  ///   did is: an infinite number is a measurement only beside a basis.
  public init(
    _ name: String, _ statement: String, source: String, quantity: String, measured: Double, basis: [Double] = [],
    expected: Expectation
  ) {
    self.name = name
    self.statement = statement
    self.source = source
    self.quantity = quantity
    self.measured = basis.allSatisfy(\.isFinite) ? measured : .nan
    self.expected = expected
    hasBasis = !basis.isEmpty
  }

  /// Whether the measured number is what is expected. Of an infinite one with nothing finite beside it, it is not: everything may
  /// have diverged.
  public var verdict: Verdict {
    expected.holds(for: measured) && (measured.isFinite || hasBasis) ? .reproduced : .notReproduced
  }
}

/// What a claim's number must be. Fixed before anything was built, never moved to fit a result.
public enum Expectation: Sendable, Equatable, CustomStringConvertible {
  case atMost(Double)
  case atLeast(Double)
  case below(Double)
  case above(Double)
  case within(ClosedRange<Double>)
  case near(Double, tolerance: Double)
  case exactly(Double)

  /// False for NaN, whatever is expected: a run that diverged reproduces nothing.
  public func holds(for value: Double) -> Bool {
    switch self {
    case .atMost(let bound): value <= bound
    case .atLeast(let bound): value >= bound
    case .below(let bound): value < bound
    case .above(let bound): value > bound
    case .within(let range): range.contains(value)
    case .near(let center, let tolerance): abs(value - center) <= tolerance
    case .exactly(let expected): value == expected
    }
  }

  /// As in a table: "<= 1", "-2 +- 0.1", "in [4, 15]".
  public var description: String {
    switch self {
    case .atMost(let bound): "<= \(bound.brief)"
    case .atLeast(let bound): ">= \(bound.brief)"
    case .below(let bound): "< \(bound.brief)"
    case .above(let bound): "> \(bound.brief)"
    case .within(let range): "in [\(range.lowerBound.brief), \(range.upperBound.brief)]"
    case .near(let center, let tolerance): "\(center.brief) +- \(tolerance.brief)"
    case .exactly(let expected): "= \(expected.brief)"
    }
  }
}

/// What became of a claim; the raw value is what the results file says.
public enum Verdict: String, Sendable {
  case reproduced
  case notReproduced = "not reproduced"
}
