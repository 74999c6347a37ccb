import Diagnostics
import EdgeOfStability
import Foundation
import Tensors
import Testing

/// Against References/phase_diagram.py: loops in NumPy, gradients by JAX, a quadrature.
@Suite struct PhaseDiagramTests {
  private func numbers(_ first: Int, _ shape: [Int]) -> Tensor<Double> {
    Tensor(shape: shape, (first..<first + shape.reduce(1, *)).map { sin(1 + Double($0) + 0.3 * Double($0 * $0)) })
  }

  @Test func linearStudent() {
    let student = LinearStudent(target: numbers(0, [2, 2]), rate: 0.2, batchSize: 3)
    let next = student.stepped(numbers(4, [1, 2, 2]), x: numbers(8, [1, 3, 2]), noise: numbers(14, [1, 3, 2]))
    expect(next, [-0.3552415828779111, 0.7958572349232603, -0.8757731860383967, -0.4220308122133448])
    #expect(student.relaxation == 5)
    let spectrum = LinearStudent.spectra(Tensor(shape: [1, 2, 2], [0, -3, 2, 0]))
    expect(spectrum, [4, 9])
  }

  @Test func langevinEquation() {
    let equation = SpectralLangevin(target: 1.1, step: 1e-2)
    let next = equation.stepped(
      Tensor(shape: [1, 1, 3], [0.9, 1.05, 1.3]), temperatures: Tensor([0.02]), normal: numbers(20, [1, 1, 3]))
    expect(next, [0.911618775117606, 1.0381618040882488, 1.2599735456329317])
  }

  /// The second scale starts beyond the limit and stands still.
  @Test func tanhNetworks() {
    let shapes = [[2, 3], [3, 3], [3, 1]]
    let weights = zip(shapes, [0, 6, 15]).map { shape, first in (0.5 * numbers(first, shape)).converted(to: Float.self) }
    var runs = TanhRuns(widths: [2, 3, 3, 1], scales: [1, 1], keys: [Key(seed: 0)])
    for i in 0..<3 {
      let large = i == 2 ? 1e4 * weights[i] : weights[i]
      runs.networks.layers[i].weight = Tensor.stack([weights[i], large]).expandingDimensions(1)
    }
    let (x, y) = (numbers(20, [4, 2]).converted(to: Float.self), numbers(30, [4]).converted(to: Float.self))
    let before = runs
    for batch: [Int32] in [[1, 3], [0, 0]] {
      runs = runs.stepped(x, y, batches: Tensor(shape: [1, 2], batch), rate: 0.2, limit: 1e3)
    }
    let expected = [
      0.4396380478067472, 0.3424521465357564, -0.44245641870826813, 0.17159070422689382, -0.13456786974293755, 0.4103769235468037,
      -0.4395737448870784, -0.32313135863382336, 0.04293917351087264, 0.09134706203304341, -0.06454841770466262,
      -0.4285552581791656,
      -0.112538256147735, 0.4541829160311987, -0.5532065326622363, 0.4619848821067714, -0.14889042066168537, -0.4571511318375124,
    ]
    let found = runs.networks.layers.flatMap { $0.weight.slice(0).converted(to: Double.self).scalars }
    #expect(found.count == expected.count)
    for (value, expected) in zip(found, expected) { #expect(abs(value - expected) < 1e-6) }
    #expect(runs.isBounded.scalars == [1, 0])
    for i in 0..<3 { #expect(runs.networks.layers[i].weight.slice(1) == before.networks.layers[i].weight.slice(1)) }
    #expect(abs(runs.losses(x, y).scalars[0] - 0.3134572) < 1e-6)
    for (value, expected) in zip(
      runs.singularValues().slice(0, 0).scalars, [0.8131519311788216, 0.5075266450777439, 0.3191209919129044])
    {
      #expect(abs(value - expected) < 1e-6)
    }
  }

  @Test func startsHaveTheirScale() {
    let runs = TanhRuns(widths: [16, 64, 64, 1], scales: [0.5, 2], keys: Key(seed: 3).split(4))
    let weights = runs.networks.layers[1].weight
    #expect(weights.slice(1) == weights.slice(0) * 4)
    // 4 x 64 x 64 numbers of variance 0.25 / 64.
    #expect(abs(weights.slice(0).square().mean().scalar * 64 - 0.25) < 0.01)
  }

  @Test func semicircle() {
    #expect(abs(SpectrumStatistics.semicircleShare(below: 0.3) - 0.688081167609464) < 1e-12)
    #expect(SpectrumStatistics.semicircleShare(below: -2) == 0 && SpectrumStatistics.semicircleShare(below: 2) == 1)
    let mass = (0..<4000).reduce(0.0) {
      $0 + SpectrumStatistics.semicircleDensity(-4 + Double($1) * 2e-3, variance: 2) * 2e-3
    }
    #expect(abs(mass - 1) < 1e-4)
    #expect(SpectrumStatistics.meanGapRatio([[0, 1, 3, 4]]) == 0.5)
  }

  /// Against the known values of random symmetric matrices and of independent levels; spacings have the surmise's variance 4/pi - 1.
  @Test func levelStatistics() {
    let (count, size) = (1000, 10)
    let g = Tensor<Double>.normal([count, size, size], key: Key(seed: 1))
    let rows = { (values: Tensor<Double>) in (0..<count).map { values.slice($0).scalars } }
    let orthogonal = rows((g + g.transposed()).eigh().values)
    #expect(abs(SpectrumStatistics.meanGapRatio(orthogonal) - 0.53) < 0.015)
    let spacings = SpectrumStatistics.unfoldedSpacings(orthogonal)
    #expect(abs(mean(spacings) - 1) < 1e-12 && abs(sampleVariance(spacings) - (4 / .pi - 1)) < 0.03)
    let independent = rows(Tensor<Double>.uniform([count, 40], key: Key(seed: 2))).map { $0.sorted() }
    #expect(abs(SpectrumStatistics.meanGapRatio(independent) - 0.386) < 0.01)
  }

  private func expect(_ values: Tensor<Double>, _ reference: [Double]) {
    #expect(values.count == reference.count)
    for (value, expected) in zip(values.scalars, reference) { #expect(abs(value - expected) < 1e-12) }
  }
}
