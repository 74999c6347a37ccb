import ConvergenceTheory
import Foundation
import Tensors
import Testing

/// Against References/accelerated_sgd_risk.py, an independent transcription in NumPy.
@Suite struct AcceleratedSGDRiskTests {
  @Test func iteratesAndTailAveragesAreThePapers() {
    let (d, steps) = (3, 20)
    let x = Tensor<Double>(shape: [steps, d], (0..<steps * d).map { sin(1 + 1.3 * Double($0)) })
    var runs = TailAveragedRuns(start: Tensor(shape: [1, 1, d], [1, -2, 0.5]))
    for t in 0..<steps {
      if t == steps / 2 { runs.beginWindow() }
      runs = runs.stepped(x: x.slice(t..<t + 1), noise: Tensor(shape: [1, 1], [cos(2 + 0.7 * Double(t))]), AcceleratedRates())
    }
    expect(runs.plain, [1.003654882585876, -1.1030231432416118, 0.9762256343865918])
    expect(runs.accelerated, [1.0533790321525005, -0.7546017650711111, 1.112906105876714])
    expect(runs.momentum, [1.3876647359371546, 4.615407868616229, 3.6515629755202905])
    expect(runs.excessRisks(over: steps / 2, eigenvalues: Tensor([1, 0.25, 1.0 / 9])), [1.4554347827948504, 1.3887970009620982])
  }

  @Test(arguments: [(1, 0.9423796847336404), (0.1, 0.98837615168444), (1e-3, 0.9994300325945785)])
  func spectralRadiusIsOfTheMeanDynamics(eigenvalue: Double, radius: Double) {
    // The root of a difference loses digits.
    #expect(abs(AcceleratedRates().spectralRadius(eigenvalue: eigenvalue) - radius) < 1e-12)
  }

  private func expect(_ values: Tensor<Double>, _ reference: [Double]) {
    for (value, expected) in zip(values.scalars, reference) { #expect(abs(value - expected) < 1e-13) }
    #expect(values.count == reference.count)
  }
}
