import Foundation
import Networks
import Notebook
import Tensors
import Transforms

/// Vectors that vary smoothly over a square: each channel is a sum of cosines with frequencies and phases of its own, of variance 1 over
/// the phases. Maps of several sizes are samples of one function.
package struct CosineMap {
  private let frequencies: Tensor<Double>  // [channels, cosines, 2]
  private let phases: Tensor<Double>  // [channels, cosines]

  package init(channels: Int, cosines: Int, highestFrequency: Double, key: Key) {
    frequencies = .uniform([channels, cosines, 2], in: 0..<highestFrequency, key: key.named("frequencies"))
    phases = .uniform([channels, cosines], in: 0..<(2 * .pi), key: key.named("phases"))
  }

  /// Vectors at the middles of side x side cells of the unit square, divided by d^(1/4): [side, side, channels].
  package func queries(side: Int) -> Tensor<Double> {
    let places = (Tensor<Double>((0..<side).map { Double($0) }) + 0.5) * (2 * .pi / Double(side))
    let channels = phases.shape[0]
    let vertical = places.reshaped(side, 1, 1, 1) * frequencies.slice(All(), All(), 0)
    let horizontal = places.reshaped(1, side, 1, 1) * frequencies.slice(All(), All(), 1)
    let sums = (vertical + horizontal + phases).cos().sum(-1)
    return sums * ((2 / Double(phases.shape[1])).squareRoot() / pow(Double(channels), 0.25))
  }

  /// Means over windows of r x r tokens as landmarks: [side, side, d] to [(side / r)², d].
  package static func pooled(_ map: Tensor<Double>, ratio r: Int) -> Tensor<Double> {
    let means = map.expandingDimensions(0).averagePool2D(ImageExtents(r, r))
    return means.reshaped(-1, map.shape[2])
  }
}

extension SoftmaxFreeAttention {
  /// The gradient of a random linear function of the inverse, against differences and against the derivative of converged steps.
  static func compareGradients(
    _ gradient: Gradient, _ map: CosineMap, _ inverse: NewtonInverse, _ notebook: Recorder
  ) throws {
    let landmarks = CosineMap.pooled(map.queries(side: gradient.side), ratio: gradient.ratio)
    let a = GaussianAttention.kernel(landmarks, landmarks)
    let (m, h) = (a.shape[0], gradient.spacing)
    let weights = Tensor<Double>.normal([m, m], key: notebook.key("gradient"))
    let analytic = grad { (a: Tensor<Double>) in (weights * inverse(a)).sum() }(a)
    // Every entry of A by itself, all at once.
    let directions = Tensor<Double>.identity(m * m).reshaped(m * m, m, m)
    let values = { (a: Tensor<Double>) in (weights * inverse(a)).sum(-1, -2) }
    let differences = ((values(a + h * directions) - values(a - h * directions)) / (2 * h)).reshaped(m, m)
    let converged = NewtonInverse(regularization: inverse.regularization, steps: gradient.tapedSteps)
    let taped = grad { (a: Tensor<Double>) in (weights * converged.taped(a)).sum() }(a)
    for (name, other) in [("differences", differences), ("autodiff", taped)] {
      try notebook.scalar(
        "gradient/\(name)", ((analytic - other).norm() / other.norm()).scalar,
        "relative distance of the analytic gradient of the inverse from that of \(name)")
    }
  }
}
