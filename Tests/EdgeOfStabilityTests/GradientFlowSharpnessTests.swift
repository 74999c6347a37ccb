import EdgeOfStability
import Foundation
import Tensors
import Testing

/// Against References/gradient_flow_sharpness.py: flows integrated by SciPy, derivatives by differences.
@Suite struct GradientFlowSharpnessTests {
  private let w = [1.5, -0.8, 0.6, -0.7]

  @Test func flowEndsWhereItsIntegralDoes() {
    expect(
      ScalarNetwork.flowEnd(w), [1.5808338896901213, -0.9428869427417063, 0.780407449216628, -0.8596719064810725], within: 1e-10)
    #expect(abs(ScalarNetwork.flowSharpness(w) - 4.520022532908976) < 1e-9)
  }

  @Test func hessianIsTheGradientsDerivative() throws {
    #expect(abs(try eigh(ScalarNetwork.hessian(w)).values.max().scalar - 0.7063773235102185) < 1e-8)
  }

  @Test func twentySteps() {
    let end = (0..<20).reduce(w) { w, _ in ScalarNetwork.stepped(w, rate: 0.1) }
    expect(end, [1.5798759945415806, -0.9424483483286319, 0.781217455047215, -0.8596884940812819], within: 1e-13)
    #expect(abs(ScalarNetwork.loss(end) - 1.0822545046120284e-10) < 1e-20)
  }

  @Test func squaredRegression() {
    let problem = SquaredRegression(
      x: Tensor(shape: [1, 2, 3], (0..<6).map { sin(1 + Double($0) + 0.3 * Double($0 * $0)) }),
      y: Tensor(shape: [1, 2], [0.7, -0.4]))
    let point = SquaredRegression.Point(
      u: Tensor(shape: [1, 1, 3], [0.5, -0.6, 0.8]), v: Tensor(shape: [1, 1, 3], [0.3, 0.9, -0.2]))
    #expect(abs(problem.loss(point).scalars[0] - 0.8159717612524782) < 1e-14)
    #expect(abs(problem.gaussNewtonSharpness(point).scalars[0] - 3.6164875162295287) < 1e-13)
    // Differences of gradients at a distance of 1e-5.
    #expect(abs(problem.sharpness(point).scalars[0] - 5.143607852848529) < 1e-7)
    let next = problem.stepped(point, rate: Tensor(shape: [1, 1, 1], [0.1]))
    expect(
      next.u.scalars + next.v.scalars,
      [0.5373986866017607, -0.6881582276778235, 0.6292163975941625, 0.2775607880389436, 0.7677626584832646, -0.2426959006014594],
      within: 1e-14)
    // A Runge-Kutta step of 0.1 / lambda is wrong by about 1e-7 of its way.
    let end = (0..<200).reduce(point) { point, _ in problem.flowed(point, count: 10, tolerance: 1e-22) }
    expect(
      end.u.scalars + end.v.scalars,
      [0.3975277671302354, -0.9994201728350603, 0.304565115820012, 0.3773321322504196, 0.5403132883221449, -0.5253392187388704],
      within: 1e-6)
    #expect(abs(problem.gaussNewtonSharpness(end).scalars[0] - 2.9353068766249075) < 1e-5)
  }

  private func expect(_ values: [Double], _ reference: [Double], within tolerance: Double) {
    #expect(values.count == reference.count)
    for (value, expected) in zip(values, reference) { #expect(abs(value - expected) < tolerance) }
  }
}
