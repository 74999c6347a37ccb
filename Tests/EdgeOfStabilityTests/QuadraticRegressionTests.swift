import EdgeOfStability
import Foundation
import Tensors
import Testing

/// Against References/quadratic_regression.py: gradient descent on the parameters, with gradients by hand.
@Suite struct QuadraticRegressionTests {
  @Test func planarRecursionIsGradientDescentOnTwoParameters() {
    var model = PlanarModel(epsilon: 0.1, squaredA: 1.2, z: -0.3)
    for _ in 0..<15 { model.step() }
    #expect(abs(model.z - 0.022468192192742986) < 1e-13)
    #expect(abs(model.a - 1.3198019831297325) < 1e-13)
    #expect(abs(model.b - 0.4119394239797508) < 1e-13)
    #expect(abs(model.lambda - model.a * model.a - model.b * model.b) < 1e-15)
    #expect(model.peak >= model.lambda)
  }

  @Test func residualAndJacobianFollowTheParameters() {
    let (outputs, parameters, rate) = (2, 3, 0.3)
    let numbers = Tensor<Double>((0..<30).map { sin(1 + Double($0) + 0.3 * Double($0 * $0)) })
    let raw = numbers.slice(0..<18).reshaped(outputs, parameters, parameters)
    let model = ExplicitQuadraticModel(
      q: (raw + raw.transposed()) / 2, g: numbers.slice(18..<24).reshaped(outputs, parameters), target: numbers.slice(27..<29))
    var theta = numbers.slice(24..<27)
    var runs = QuadraticModels(
      z: model.residual(theta).reshaped(1, 1, outputs), j: model.jacobian(theta).reshaped(1, 1, outputs, parameters))
    let q = model.q.reshaped(1, outputs * parameters, parameters)
    for _ in 0..<10 {
      theta = model.stepped(theta, rate: rate)
      runs = runs.stepped(q: q, rate: .full([1, 1, 1], rate))
    }
    expect(theta, [0.8634507040889082, 0.08062848251688738, 0.16508637577824248])
    expect(runs.z, [-0.6331632553186487, -0.5471254510253173])
    expect(
      runs.j,
      [
        0.6683465479100024, 0.9638585071131645, -0.36908203692946706, -0.15054528581044357, -1.2493624078778232,
        0.2894711438563684,
      ])
    expect(runs.kernelEigenvalue(), [3.00344909445763])
    expect(runs.loss(), [(0.6331632553186487 * 0.6331632553186487 + 0.5471254510253173 * 0.5471254510253173) / 2])
  }

  private func expect(_ values: Tensor<Double>, _ reference: [Double]) {
    #expect(values.count == reference.count)
    for (value, expected) in zip(values.scalars, reference) { #expect(abs(value - expected) < 1e-12) }
  }
}
