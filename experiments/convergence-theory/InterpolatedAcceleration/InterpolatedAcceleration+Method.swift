import Problems
import Tensors
import Transforms

/// f(w) = ||X (w - w*)||² / (2n), fitted exactly at w*, with the constants of its theorems.
package struct InterpolatedRegression: Sendable {
  package let model: LinearModel<Double>
  /// rho_1, the strong growth constant of single samples: E ||grad f_i||² <= rho ||grad f||².
  package let strongGrowth: Double

  package init(design: Tensor<Double>, weights: Tensor<Double>) {
    model = LinearModel(.squared, design: design, targets: matmul(design, weights))
    let rows = Double(design.shape[0])
    let hessian = matmul(design, design, transposeA: true) / rows
    let fourth = matmul(design, design.squaredNorm(1, keepingAxes: true) * design, transposeA: true) / rows
    // The largest eigenvalue of H^-2 S is that of the symmetric H^-1 S H^-1.
    let inverse = hessian.inverse()
    let growth = matmul(matmul(inverse, fourth), inverse)
    strongGrowth = ((growth + growth.transposed()) / 2).eigh().values.scalars.last ?? .nan
  }

  /// rho = 1 + (rho_1 - 1) / b, of batches drawn with replacement.
  package func strongGrowth(batch: Int) -> Double { 1 + (strongGrowth - 1) / Double(batch) }
}

/// Constants of the step sizes.
package struct GrowthConstants: Sendable {
  /// rho of the batches.
  package var rho: Double
  /// L.
  package var smoothness: Double
  /// mu; 0 for a convex function.
  package var convexity: Double

  package init(rho: Double, smoothness: Double, convexity: Double) {
    (self.rho, self.smoothness, self.convexity) = (rho, smoothness, convexity)
  }

  /// eta = 1 / (rho L)
  package var step: Double { 1 / (rho * smoothness) }
  /// alpha of the paper's tuning: sqrt(mu eta), for a rate of 1 - sqrt(mu / (rho L)).
  package var newAlpha: Double { (convexity * step).squareRoot() }
  /// alpha of Vaswani, Bach and Schmidt (2019): sqrt(mu eta / rho), for a rate of 1 - sqrt(mu / L) / rho.
  package var oldAlpha: Double { (convexity * step / rho).squareRoot() }
}

/// The methods side by side, each for every draw of the batches: [draws, d].
package struct InterpolatedRuns: TensorTree, Codable {
  package struct Accelerated: TensorTree, Codable {
    package var w: Tensor<Double>
    package var v: Tensor<Double>
  }

  package var plain: Tensor<Double>
  package var old: Accelerated
  package var new: Accelerated
  package var convex: Accelerated
  /// gamma_k of the convex version.
  package var curvature: Tensor<Double>

  /// w_0 = v_0 = 0, gamma_0 = rho L
  package init(draws: Int, dimension: Int, _ constants: GrowthConstants) {
    plain = .zeros(draws, dimension)
    (old, new, convex) = (Accelerated(w: plain, v: plain), Accelerated(w: plain, v: plain), Accelerated(w: plain, v: plain))
    curvature = Tensor(1 / constants.step)
  }

  /// w of SGD, of the old and the new tuning, and of the convex version.
  package var iterates: [Tensor<Double>] { [plain, old.w, new.w, convex.w] }

  /// One step of each method with the same batches: `gradient` is the sampled gradient at [draws, d]. A run beyond 1e100 stays where it is.
  package func stepped(_ constants: GrowthConstants, gradient: (Tensor<Double>) -> Tensor<Double>) -> Self {
    var next = self
    next.plain = plain - constants.step * gradient(plain)
    guard constants.convexity > 0 else { return next.withConvexStep(from: self, constants, gradient) }
    next.old = Self.stronglyConvex(old, alpha: constants.oldAlpha, constants, gradient)
    next.new = Self.stronglyConvex(new, alpha: constants.newAlpha, constants, gradient)
    return next.withConvexStep(from: self, constants, gradient)
  }

  /// y = (w + alpha v) / (1 + alpha), w <- y - eta g, v <- (1 - alpha) v + alpha y - (alpha / mu) g, the same g = g(y) in both.
  private static func stronglyConvex(
    _ run: Accelerated, alpha: Double, _ constants: GrowthConstants, _ gradient: (Tensor<Double>) -> Tensor<Double>
  ) -> Accelerated {
    let y = (run.w + alpha * run.v) / (1 + alpha)
    let g = gradient(y)
    let w = y - constants.step * g
    let v = (1 - alpha) * run.v + alpha * y - (alpha / constants.convexity) * g
    let isSmall = run.v.squaredNorm(1, keepingAxes: true) .< 1e200
    return Accelerated(w: .where(isSmall, w, run.w), v: .where(isSmall, v, run.v))
  }

  /// alpha² = eta (1 - alpha) gamma, y = (1 - alpha) w + alpha v, gamma <- (1 - alpha) gamma, w <- y - eta g, v <- v - (alpha / gamma) g.
  private func withConvexStep(
    from last: Self, _ constants: GrowthConstants, _ gradient: (Tensor<Double>) -> Tensor<Double>
  ) -> Self {
    let product = constants.step * last.curvature
    let alpha = ((product.square() + 4 * product).sqrt() - product) / 2
    let y = (1 - alpha) * last.convex.w + alpha * last.convex.v
    let g = gradient(y)
    var next = self
    next.curvature = (1 - alpha) * last.curvature
    next.convex.w = y - constants.step * g
    next.convex.v = last.convex.v - (alpha / next.curvature) * g
    return next
  }
}
