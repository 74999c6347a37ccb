import Optimizers
import Tensors
import Testing
import Transforms

@Suite struct ProximalTests {
  private let points = Tensor<Double>.normal([50, 6], key: Key(seed: 1)) * 2

  /// A projection p of x on a convex set is the point with <x - p, q - p> <= 0 for every q in the set.
  private func expectNearest(_ projected: Tensor<Double>, in candidates: Tensor<Double>) {
    let products =
      matmul(points - projected, candidates, transposeB: true) - ((points - projected) * projected).sum(1, keepingAxes: true)
    #expect(products.max().scalar < 1e-12)
  }

  @Test func softThresholdMinimizesItsObjective() {
    let x = Tensor([3, 0.2, -0.5, -2, 0])
    let z = softThreshold(x, by: 0.5)
    #expect(z == Tensor([2.5, 0, 0, -1.5, 0]))
    #expect(z.scalars[1].bitPattern == 0)
    #expect(softThreshold(x, by: Tensor([1, 0.1, 0.1, 0.1, 0.1])).scalars[0] == 2)
  }

  @Test func onTheBall() {
    let projected = projectedOnBall(points, radius: 1.5)
    #expect(projected.norm(1).max().scalar <= 1.5 + 1e-15)
    let inside = points * 0.01
    #expect(projectedOnBall(inside, radius: 1.5) == inside)
    #expect(projectedOnBall(Tensor<Double>.zeros(3), radius: 1) == .zeros(3))
    expectNearest(projected, in: projectedOnBall(.normal([200, 6], key: Key(seed: 2)) * 3, radius: 1.5))
  }

  @Test func onTheSimplex() {
    let projected = projectedOnSimplex(points)
    #expect(projected.min().scalar >= 0)
    #expect((projected.sum(1) - 1).abs().max().scalar < 1e-14)
    #expect(projected.min(1).min().scalar == 0)
    expectNearest(projected, in: Tensor.identity(6))
    // Each vector with its own sum, and a point of the simplex stays.
    let totals = Tensor<Double>.uniform([50], key: Key(seed: 3)) + 0.5
    #expect((projectedOnSimplex(points, total: totals).sum(1) - totals).abs().max().scalar < 1e-14)
    #expect((projectedOnSimplex(Tensor([0.2, 0.3, 0.5])) - Tensor([0.2, 0.3, 0.5])).abs().max().scalar < 1e-16)
  }

  @Test func onABox() {
    let projected = projectedOnBox(Tensor([-2, 0.5, 7]), lower: Tensor(-1), upper: Tensor([1, 1, 3]))
    #expect(projected == Tensor([-1, 0.5, 3]))
  }

  @Test func projectionsCompile() {
    let step = compile { (x: Tensor<Double>) in projectedOnSimplex(projectedOnBall(x, radius: 1)) }
    #expect((step(points) - projectedOnSimplex(projectedOnBall(points, radius: 1))).abs().max().scalar < 1e-15)
  }
}
