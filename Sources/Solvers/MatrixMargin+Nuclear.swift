import Tensors

extension MatrixMargin {
  /// The W of least nuclear norm (the sum of singular values: a W of low rank), by the alternating direction method of multipliers
  /// (Boyd et al. 2011, section 3.1) for min ||Z||_* subject to W = Z and <A_k, W> >= 1:
  ///
  ///     W <- the nearest point to Z - U that meets the constraints, by coordinate ascent from the last multipliers
  ///     Z <- W + U with its singular values lowered by a threshold, but not below 0
  ///     U <- U + W - Z
  ///
  /// It converges for every threshold; ours is the largest singular value of ``leastFrobenius(tolerance:maximumSweeps:)``, from where it
  /// starts. The projection's multipliers over the threshold are those of the bound, whose dual norm is the largest singular value. The
  /// result is Z, which is exactly of low rank, scaled to a least margin of 1.
  ///
  /// - Parameters:
  ///   - tolerance: of the relative gap.
  ///   - maximumIterations: after which it ends anyway.
  public func leastNuclear(tolerance: Double = 1e-8, maximumIterations: Int = 10_000) throws(LinearAlgebraError) -> MaximumMargin
  {
    let start = leastFrobenius()
    let spectrum = try thinSVD(start.weights).s
    let threshold = spectrum[0]
    guard start.isFeasible else {
      return MaximumMargin(
        scaling: start.weights, in: self, norm: spectrum.sum().scalar, multipliers: start.multipliers,
        dualNorm: try thinSVD(combination(start.multipliers)).s[0], iterations: 0)
    }
    var z = start.weights
    var u = Tensor<Double>.zeros(z.shape)
    var multipliers = start.multipliers.map { _ in 0.0 }
    var best = start
    for iteration in 1...max(1, maximumIterations) {
      let w = projected(z - u, &multipliers, accuracy: 1e-12 * start.norm)
      let (left, values, right) = try thinSVD(w + u)
      let lowered = maximum(values - threshold, Tensor(0))
      z = matmul(left * lowered, right)
      u = u + w - z
      let dual = multipliers.map { $0 / threshold }
      best = MaximumMargin(
        scaling: z, in: self, norm: lowered.sum().scalar, multipliers: dual, dualNorm: try thinSVD(combination(dual)).s[0],
        iterations: iteration)
      if best.relativeGap <= tolerance { break }
    }
    return best
  }

  /// The nearest matrix to `center` that meets all constraints: center + sum_k lambda_k A_k.
  private func projected(_ center: Tensor<Double>, _ multipliers: inout [Double], accuracy: Double) -> Tensor<Double> {
    let targets = (1 - margins(of: center)).scalars
    var products = ascent.products(multipliers)
    for _ in 0..<1000 {
      if ascent.sweep(targets: targets, &multipliers, &products) <= accuracy { break }
    }
    return center + combination(multipliers)
  }
}
