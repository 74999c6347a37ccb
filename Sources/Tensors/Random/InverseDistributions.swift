// Distributions whose quantile is an elementary function: one draw an element, both tails to full relative accuracy.

extension Tensor where Scalar: RealScalar {
  /// Independent exponential numbers, density `rate` e^(-rate x) for x > 0: -log(1 - p) / rate for the p of draw i.
  public static func exponential(_ shape: [Int], rate: Scalar = 1, key: Key) -> Tensor {
    guard rate > 0 else { fatalError("Tensor.exponential: rate \(rate) is not positive") }
    return draw(.exponential(rate: Double(rate)), shape, key)
  }

  /// Independent Laplace numbers, density e^(-|x - mean| / scale) / (2 scale); standard deviation sqrt(2) `scale`.
  public static func laplace(_ shape: [Int], mean: Scalar = 0, scale: Scalar = 1, key: Key) -> Tensor {
    guard scale >= 0 else { fatalError("Tensor.laplace: scale \(scale) is negative") }
    return draw(.laplace(mean: Double(mean), scale: Double(scale)), shape, key)
  }

  /// Independent Gumbel numbers, distribution function exp(-e^(-(x - location) / scale)); mean `location` + 0.5772 `scale`.
  public static func gumbel(_ shape: [Int], location: Scalar = 0, scale: Scalar = 1, key: Key) -> Tensor {
    guard scale >= 0 else { fatalError("Tensor.gumbel: scale \(scale) is negative") }
    return draw(.gumbel(location: Double(location), scale: Double(scale)), shape, key)
  }
}

/// -log(1 - p) for p and `rest` = 1 - p, each rounded on its own.
@inline(always)
func exponentialQuantile(of p: SIMD8<Double>, rest: SIMD8<Double>) -> SIMD8<Double> {
  // For a small p the rounding of `rest` matters, by the factor p / (1 - rest) to first order, as the logarithm does: Kahan's log1p.
  let value = -rest.naturalLogarithm()
  let lost = 1 - rest
  let corrected = (value * (p / lost)).replacing(with: p, where: lost .== 0)
  return value.replacing(with: corrected, where: p .< 0.5)
}
