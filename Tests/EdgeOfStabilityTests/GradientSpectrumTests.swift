import EdgeOfStability
import Foundation
import Networks
import Tensors
import Testing

/// Softmax regression against the closed forms of its gradient and Hessian, in References/gradient_spectrum.py.
@Suite struct GradientSpectrumTests {
  /// Sums of seven points of size one, and LAPACK's own rounding.
  private let tolerance = 1e-12

  private func objective() -> (objective: NetworkObjective, parameters: Tensor<Double>) {
    let grid = (1...7).map { Double($0) / 3 }
    let inputs = Tensor<Double>(shape: [7, 2], grid.flatMap { [sin(7 * $0), sin(14 * $0)] })
    let labels = Tensor<Int32>((0..<7).map { Int32($0 % 3) })
    let objective = NetworkObjective(inputs: inputs, labels: labels, network: MLP([2, 3], key: Key(seed: 0)))
    return (objective, Tensor((0..<9).map { cos(3 * Double($0)) }))
  }

  @Test func softmaxRegressionIsThatOfTheClosedForms() throws {
    let (objective, parameters) = objective()
    let local = objective.derivatives()(parameters)
    #expect(abs(local.loss.scalar - 1.0742731772491825) < tolerance)
    let spectrum = try TinyGradientSubspace.Spectrum(hessian: local.hessian, gradient: local.gradient, k: 2)
    let expected = [0.3973857530759643, 0.24157379376559837, 0.22816190710786036, 0.13668318040378039]
    for (value, reference) in zip(spectrum.eigenvalues, expected) { #expect(abs(value - reference) < tolerance) }
    #expect(abs(spectrum.share(0..<2) - 0.18989404742732902) < tolerance)
    #expect(abs(spectrum.share(2..<4) - 0.02509735980614709) < tolerance)
    #expect(abs(spectrum.share(0..<9) - 1) < tolerance)
  }

  @Test func theTopColumnsAreEigenvectorsOfTheLargestValues() throws {
    let (objective, parameters) = objective()
    let local = objective.derivatives()(parameters)
    let spectrum = try TinyGradientSubspace.Spectrum(hessian: local.hessian, gradient: local.gradient, k: 2)
    let images = matmul(local.hessian, spectrum.top)
    // Ascending in the columns, as `eigh` has them.
    let scales = Tensor([spectrum.eigenvalues[1], spectrum.eigenvalues[0]])
    #expect((images - spectrum.top * scales).norm().scalar < tolerance)
  }

  /// A step on a batch of all points is a step along the whole gradient.
  @Test func stepsGoDownTheGradientOfTheBatch() {
    let (objective, parameters) = objective()
    let gradient = objective.derivatives()(parameters).gradient
    let stepped = objective.step()(parameters, Tensor(0.5), Tensor((0..<7).map { Int32($0) }))
    #expect((stepped - (parameters - 0.5 * gradient)).norm().scalar < tolerance)
  }
}
