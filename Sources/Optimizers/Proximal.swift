import Tensors
import Transforms

/// sign(x) max(|x| - threshold, 0): the proximal map of threshold ||x||_1. Entries below the threshold become exact zeros.
public func softThreshold<Scalar: RealScalar>(_ x: Tensor<Scalar>, by threshold: Tensor<Scalar>) -> Tensor<Scalar> {
  maximum(x - threshold, Tensor(0)) - maximum(-x - threshold, Tensor(0))
}

/// sign(x) max(|x| - threshold, 0): the proximal map of threshold ||x||_1.
public func softThreshold<Scalar: RealScalar>(_ x: Tensor<Scalar>, by threshold: Double) -> Tensor<Scalar> {
  softThreshold(x, by: Tensor(Scalar(threshold)))
}

/// The nearest point of the ball ||x|| <= radius to each vector along the last axis.
public func projectedOnBall<Scalar: RealScalar>(_ x: Tensor<Scalar>, radius: Double) -> Tensor<Scalar> {
  let radius = Tensor(Scalar(radius))
  // A norm of 0 is never divided by.
  return x * (radius / maximum(x.norm(-1, keepingAxes: true), radius))
}

/// The nearest point to each vector along the last axis among those with no negative entry and the sum `total`: a common shift down, cut at
/// 0 (Held, Wolfe and Crowder 1974).
/// - Parameter total: a number, or one for each vector.
public func projectedOnSimplex<Scalar: RealScalar>(_ x: Tensor<Scalar>, total: Tensor<Scalar> = Tensor(1)) -> Tensor<Scalar> {
  let total = total.rank == 0 ? total : total.expandingDimensions(-1)
  let sorted = x.sorted(descending: true)
  let excess = sorted.cumulativeSum() - total
  let isPositive = (sorted * .arange(x.shape[x.rank - 1], from: 1) .> excess).converted(to: Scalar.self)
  let shift = ((isPositive * sorted).sum(-1, keepingAxes: true) - total) / isPositive.sum(-1, keepingAxes: true)
  return maximum(x - shift, Tensor(0))
}

/// The nearest point of a box: each entry clipped to its bounds.
public func projectedOnBox<Scalar: RealScalar>(
  _ x: Tensor<Scalar>, lower: Tensor<Scalar>, upper: Tensor<Scalar>
) -> Tensor<Scalar> {
  minimum(maximum(x, lower), upper)
}
