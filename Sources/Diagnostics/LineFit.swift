import Foundation
import Tensors

/// A straight line fitted by least squares, with the range it was fitted on and how sure its slope is.
public struct LineFit: Sendable, Equatable {
  /// In units of y per unit of x; of the logarithms, for the fits of laws.
  public var slope: Double
  /// The value of the line at x = 0.
  public var intercept: Double
  /// Share of the variance that the line explains, 0 to 1.
  public var rSquared: Double
  /// Standard error of the slope, from the residuals.
  public var slopeError: Double
  /// How many points it was fitted on.
  public var count: Int

  /// Fits y = intercept + slope x over the points with x in `range`.
  ///
  /// A value that is not finite makes every result NaN, as do fewer than two points: a claim on such a fit fails.
  public init(x: [Double], y: [Double], over range: (any RangeExpression<Double>)? = nil) {
    let points = zip(x, y).filter { x, _ in range?.contains(x) ?? true }
    let n = Double(points.count)
    let meanX = points.reduce(0) { $0 + $1.0 } / n
    let meanY = points.reduce(0) { $0 + $1.1 } / n
    let xx = points.reduce(0) { $0 + ($1.0 - meanX) * ($1.0 - meanX) }
    let xy = points.reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
    let yy = points.reduce(0) { $0 + ($1.1 - meanY) * ($1.1 - meanY) }
    count = points.count
    slope = xy / xx
    intercept = meanY - slope * meanX
    // Rounding may leave it below zero; max(0, residual) would also make 0 of a NaN.
    let difference = yy - slope * xy
    let residual = difference < 0 ? 0 : difference
    rSquared = yy == 0 ? 1 + 0 * slope : 1 - residual / yy
    slopeError = (residual / max(n - 2, 1) / xx).squareRoot()
  }

  /// The interval that holds the true slope with the given confidence, if the points scatter about a line with normal errors of one size:
  /// slope -+ the quantile of Student's t with count - 2 degrees of freedom times ``slopeError``. NaN for fewer than three points.
  public func slopeInterval(confidence: Double = 0.95) -> (lower: Double, upper: Double) {
    let halfWidth = count < 3 ? .nan : studentTQuantile(0.5 + confidence / 2, degrees: count - 2) * slopeError
    return (slope - halfWidth, slope + halfWidth)
  }

  /// Fits y = c x^p: the slope is p. Points with x or y not positive cannot be on a log-log line and are left out.
  public static func powerLaw(x: [Double], y: [Double], over range: (any RangeExpression<Double>)? = nil) -> LineFit {
    let points = zip(x, y).filter { x, y in (range?.contains(x) ?? true) && !(x <= 0) && !(y <= 0) }
    return LineFit(x: points.map { log($0.0) }, y: points.map { log($0.1) })
  }

  /// Fits y = c exp(-r x): the slope is -r. Points with y not positive are left out.
  public static func exponential(x: [Double], y: [Double], over range: (any RangeExpression<Double>)? = nil) -> LineFit {
    let points = zip(x, y).filter { x, y in (range?.contains(x) ?? true) && !(y <= 0) }
    return LineFit(x: points.map(\.0), y: points.map { log($0.1) })
  }
}
