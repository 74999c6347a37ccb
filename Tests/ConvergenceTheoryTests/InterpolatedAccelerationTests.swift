import ConvergenceTheory
import Foundation
import Problems
import Tensors
import Testing

/// Against References/interpolated_acceleration.py, an independent transcription in NumPy.
@Suite struct InterpolatedAccelerationTests {
  private let problem = InterpolatedRegression(
    design: Tensor(shape: [4, 3], (0..<12).map { (k: Int) -> Double in sin(1 + Double(k) + 0.3 * Double(k * k)) }),
    weights: Tensor([1, -2, 0.5]))

  @Test func strongGrowthIsTheLargestRatio() {
    #expect(abs(problem.strongGrowth - 11.481778667659736) < 1e-11)
    #expect(abs(problem.strongGrowth(batch: 10) - (1 + 10.481778667659736 / 10)) < 1e-11)
    // Single coordinates, as many as dimensions.
    let coordinates = InterpolatedRegression(
      design: Tensor.identity(4) * Tensor([1, 2, 3, 4]), weights: Tensor([1, 1, 1, 1]))
    #expect(abs(coordinates.strongGrowth - 4) < 1e-12)
  }

  @Test func iteratesAreThePapers() {
    let constants = GrowthConstants(
      rho: problem.strongGrowth, smoothness: problem.model.smoothness, convexity: problem.model.strongConvexity)
    var runs = InterpolatedRuns(draws: 1, dimension: 3, constants)
    for k in 0..<12 {
      runs = runs.stepped(constants) { point in
        problem.model.gradient(at: point.row(0), of: Tensor([Int32(k % 4)])).expandingDimensions(0)
      }
    }
    expect(runs.plain, [-0.06868065997024018, -0.38905141904325513, 0.4193217158196264])
    expect(runs.old.w, [-0.07441316249909238, -0.48680440576642253, 0.5239436325110567])
    expect(runs.old.v, [-0.0976778398984924, -1.0466712384945815, 1.0517387075176883])
    expect(runs.new.w, [0.24026055378548283, -0.9644253526634473, 0.8302950057534907])
    expect(runs.new.v, [0.9964349962502027, -1.4519387708272358, 0.3516099484016604])
    expect(runs.convex.w, [0.05254906664129459, -0.7408572568795073, 0.7125252645096656])
    expect(runs.convex.v, [0.3374368902776314, -1.0944409244462228, 0.6158430961267689])
    #expect(abs(runs.curvature.scalar - 0.1759275291839857) < 1e-12)
  }

  private func expect(_ values: Tensor<Double>, _ reference: [Double]) {
    for (value, expected) in zip(values.scalars, reference) { #expect(abs(value - expected) < 1e-11) }
  }
}
