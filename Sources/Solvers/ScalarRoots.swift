import Tensors
import Transforms

/// What a search for a root returns, converged or not.
public struct Root: Sendable {
  /// The last estimate.
  public var x: Double
  /// The function there.
  public var value: Double
  /// Evaluations inside the interval, or steps.
  public var iterations: Int
  /// Whether the tolerance was met.
  public var isConverged: Bool
}

/// A root of a continuous function between two points where its signs differ, halving the interval until it is `tolerance` wide or its
/// ends are neighbours. Unconverged, with x NaN, when the signs do not differ.
public func bisection(
  _ f: (Double) -> Double, in interval: ClosedRange<Double>, tolerance: Double = 0, maximumIterations: Int = 2000
) -> Root {
  var (low, high) = (interval.lowerBound, interval.upperBound)
  let (atLow, atHigh) = (f(low), f(high))
  if atLow == 0 { return Root(x: low, value: 0, iterations: 0, isConverged: true) }
  if atHigh == 0 { return Root(x: high, value: 0, iterations: 0, isConverged: true) }
  guard (atLow < 0 && atHigh > 0) || (atLow > 0 && atHigh < 0) else {
    return Root(x: .nan, value: .nan, iterations: 0, isConverged: false)
  }
  var result = Root(x: low, value: atLow, iterations: 0, isConverged: false)
  while result.iterations < maximumIterations {
    let middle = low + (high - low) / 2
    if high - low <= tolerance || middle <= low || middle >= high {
      result.isConverged = true
      break
    }
    let value = f(middle)
    (result.x, result.value) = (middle, value)
    result.iterations += 1
    if value == 0 {
      result.isConverged = true
      break
    }
    if value.isNaN { break }
    if (value < 0) == (atLow < 0) { low = middle } else { high = middle }
  }
  return result
}

/// A root of a differentiable function near `start` by Newton's iteration, whose derivative is taken by `jvp`: converged when a step is
/// at most `tolerance` max(1, |x|). Unconverged where the derivative vanishes or a number is not finite.
public func newton(
  _ f: @escaping (Tensor<Double>) -> Tensor<Double>, from start: Double, tolerance: Double = 1e-14, maximumIterations: Int = 100
) -> Root {
  let one = Tensor(1.0)
  let evaluate = compile { (x: Tensor<Double>) -> (Tensor<Double>, Tensor<Double>) in
    let result = jvp(f, at: x, along: one)
    return (result.value, result.tangent)
  }
  var result = Root(x: start, value: .nan, iterations: 0, isConverged: false)
  while true {
    let (value, slope) = evaluate(Tensor(result.x))
    result.value = value.scalar
    if result.value == 0 { result.isConverged = true }
    let step = result.value / slope.scalar
    guard !result.isConverged, step.isFinite, result.iterations < maximumIterations else { return result }
    result.x -= step
    result.iterations += 1
    if abs(step) <= tolerance * max(1, abs(result.x)) { result.isConverged = true }
  }
}
