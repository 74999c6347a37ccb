import Foundation

/// The quantile of Student's t distribution with a whole number of degrees of freedom, for 0 < p < 1; NaN outside.
public func studentTQuantile(_ p: Double, degrees: Int) -> Double {
  guard p > 0, p < 1, degrees > 0 else { return .nan }
  // Both sides of 0 are mirrored; the angle atan(t / sqrt(degrees)) runs from 0 to pi/2, and the probability rises with it.
  let target = abs(2 * p - 1)
  var (low, high) = (0.0, Double.pi / 2)
  // Sixty halvings leave less than the rounding of the sum.
  for _ in 0..<60 {
    let middle = (low + high) / 2
    if centralProbability(angle: middle, degrees) < target { low = middle } else { high = middle }
  }
  let t = tan((low + high) / 2) * Double(degrees).squareRoot()
  return p < 0.5 ? -t : t
}

/// P(|T| < t) for the angle atan(t / sqrt(degrees)): the finite sums of Abramowitz and Stegun, 26.7.3 and 26.7.4.
private func centralProbability(angle: Double, _ degrees: Int) -> Double {
  let square = cos(angle) * cos(angle)
  let isOdd = degrees % 2 == 1
  var term = isOdd ? cos(angle) : 1
  var sum = degrees == 1 ? 0 : term
  for k in stride(from: isOdd ? 3 : 2, through: degrees - 2, by: 2) {
    term *= square * Double(k - 1) / Double(k)
    sum += term
  }
  return isOdd ? 2 / Double.pi * (angle + sin(angle) * sum) : sin(angle) * sum
}
