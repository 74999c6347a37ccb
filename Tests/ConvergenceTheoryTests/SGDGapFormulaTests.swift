import ConvergenceTheory
import Foundation
import Tensors
import Testing

/// Against References/sgd_gap_formula.py, which has gradients by hand and enumerates all training sets of a tiny population.
@Suite struct SGDGapFormulaTests {
  private let population = GapPopulation(
    model: .logistic(features: 2), x: Tensor(shape: [3, 2], (0..<6).map { sin(1 + 1.3 * Double($0)) }),
    targets: Tensor(shape: [3, 1], [1, -1, 1]))
  private let theta = Tensor([0.4, -0.3])

  @Test func momentsAreThoseOfSingleExamples() {
    let (mu, trace) = population.moments(theta)
    #expect((mu - Tensor([-0.19441913645427963, -0.47137315868656104])).norm().scalar < 1e-14)
    #expect(abs(trace - 0.04103069584616186) < 1e-14)
    #expect(abs(population.drift(theta) - 0.018931997488908326) < 1e-8, "differences of h = 1e-3 and 1e-4")
  }

  @Test func expectationsAreThoseOverAllTrainingSets() {
    let sets = 100_000
    let growth = population.gapGrowth(theta, sets: sets, count: 2, etas: [0.1], key: Key(seed: 5))
    let difference = population.descentDifference(
      theta, sets: sets, count: 2, steps: 2, etas: [0.1], test: (population.x, population.targets), key: Key(seed: 6))
    for (values, expected) in [(growth, 0.0020045619654454803), (difference, 4.521433753439879e-05)] {
      var moments = VectorMoments(width: 1)
      moments.add(sets, sum: values.sum(0), squares: values.square().sum(0))
      #expect(moments.standardErrors[0] < 0.05 * expected)
      #expect(abs(moments.mean[0] - expected) < 4 * moments.standardErrors[0])
    }
  }

  /// The network and the softmax model against scores written out.
  @Test func lossesAreThoseOfTheScores() {
    let x = Tensor(shape: [1, 2], [0.3, -0.8])
    let network = GapModel.network(features: 2, hidden: 1)
    let score = 0.7 * tanh(0.5 * 0.3 - 0.8 * -0.2 + 0.1) - 0.4
    let loss = network.loss(Tensor([0.5, -0.2, 0.1, 0.7, -0.4]), x, Tensor(shape: [1, 1], [-1])).scalar
    #expect(network.parameterCount == 5 && abs(loss - log(1 + exp(score))) < 1e-14)
    let softmax = GapModel.softmax(features: 2, classes: 2)
    // Rows of theta are features: the scores are (0.3, 0.6) - 0.8 (1, -1).
    let values = softmax.loss(Tensor([1, 2, 1, -1]), x, Tensor(shape: [1, 2], [0, 1])).scalar
    #expect(abs(values - log(1 + exp((0.3 - 0.8) - (0.6 + 0.8)))) < 1e-14)
  }
}
