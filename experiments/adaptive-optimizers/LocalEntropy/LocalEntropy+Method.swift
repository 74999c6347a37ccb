import Foundation
import Problems
import Tensors

/// f(x) = sum over dimensions of x^2 / 2 + A (1 - cos(w x)), A = 0.15 and w = 12: a parabola with ripples.
struct RoughBowl: Problem {
  let dimensions: Int

  /// Of places [..., dimensions].
  static func loss(_ x: Tensor<Double>) -> Tensor<Double> { (0.5 * x.square() + 0.15 * (1 - (12 * x).cos())).sum(-1) }

  func initialParameters(key: Key) -> Tensor<Double> { .uniform([dimensions], in: -2..<2, key: key) }
  func batches(key: Key) -> (Int) -> WholeBatch { { _ in WholeBatch() } }
  func loss(_ x: Tensor<Double>, on batch: WholeBatch) -> Tensor<Double> { Self.loss(x) }
  func measures(of x: Tensor<Double>) -> [String: Tensor<Double>] { ["value": Self.loss(x)] }
}

/// F(x) = -T log of the integral of exp(-(f(x') + g (x - x')^2 / 2) / T) in one dimension, by the trapezoidal rule.
struct LocalEntropyIntegral {
  let coupling: Double
  let temperature: Double
  /// Points in -8...8, beyond which the integrand is nothing.
  let count: Int

  /// F and its gradient g (x - <x'>) at places x, [count].
  func evaluate(at x: Tensor<Double>) -> (value: Tensor<Double>, gradient: Tensor<Double>) {
    let points = Tensor<Double>.linspace(-8, 8, count: count)
    let loss = RoughBowl.loss(points.reshaped([-1, 1]))
    // At the ends the integrand vanishes: their half weights do not matter.
    let spacing = 16 / Double(count - 1)
    var (values, gradients): ([Double], [Double]) = ([], [])
    for place in x.scalars {
      let exponents = -(loss + 0.5 * coupling * (place - points).square()) / temperature
      values.append(-temperature * (exponents.logSumExp().scalar + log(spacing)))
      gradients.append(coupling * (place - exponents.softmax().dot(points).scalar))
    }
    return (Tensor(values), Tensor(gradients))
  }
}
