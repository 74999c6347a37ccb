import ConvergenceTheory
import Foundation
import Tensors
import Testing

/// Against References/large_step_perceptron.py, an independent transcription in NumPy.
@Suite struct LargeStepPerceptronTests {
  /// The script's data: a wave whose first column is positive, rows counted once, twice, three times in turn.
  private var samples: SignedSamples {
    var z = Tensor<Double>(shape: [8, 3], (0..<24).map { sin(1 + 1.3 * Double($0)) })
    for i in 0..<8 { z[i, 0] = abs(z[i, 0]) + 0.1 * Double(i) }
    return SignedSamples(z: z, copies: Tensor((0..<8).map { Double(1 + $0 % 3) }))
  }

  private struct Reference: Sendable {
    var rule: UpdateRule
    var gamma: Double
    var theta: [Double]
    var loss: Double
  }

  private static let references = [
    Reference(
      rule: .logistic, gamma: 3, theta: [4.4069779365696755, -0.011837797714481202, -0.3960177656277439],
      loss: 0.023817022320280514),
    Reference(
      rule: .normalizedLogistic, gamma: 0.7, theta: [11.888191386528879, 1.6808050723836296, -1.0219358018440745],
      loss: 0.00020529649712158255),
    Reference(
      rule: .batchPerceptron, gamma: 1, theta: [0.5120596596718642, -0.09214405555955357, -0.09856679336456974],
      loss: 0.455514235521161),
    Reference(
      rule: .averagedPerceptron, gamma: 1, theta: [1.0241193193437284, -0.18428811111910715, -0.19713358672913947],
      loss: 0.2949161204375471),
  ]

  @Test(arguments: references) private func updatesAreThePapers(_ reference: Reference) {
    var run = Descent(features: 3)
    for _ in 0..<25 {
      let margins = matmul(samples.z, run.theta)
      // The averaged perceptron has nothing to average once all is classified.
      if reference.rule == .averagedPerceptron, margins.min().scalar > 0 { break }
      run.update(reference.rule, gamma: reference.gamma, on: samples, margins: margins)
    }
    for (a, b) in zip(run.theta.scalars, reference.theta) { #expect(abs(a - b) <= 1e-12, "\(a) instead of \(b)") }
    #expect(abs(run.loss(on: samples) / reference.loss - 1) < 1e-12)
    #expect(run.misclassified(on: samples) == 0)
  }

  @Test(arguments: [
    (10, UpdateRule.logistic, 1e5, 28), (10, .normalizedLogistic, 1e5, 29), (10, .normalizedLogistic, 10, 17),
    (100, .logistic, 1e5, 96), (1000, .logistic, 1e5, 962), (1000, .normalizedLogistic, 10, 51),
    (1000, .averagedPerceptron, 1, 38),
  ])
  func hardInstanceTakesAsLongAsInNumPy(count: Int, rule: UpdateRule, gamma: Double, updates: Int) {
    var run = Descent(features: 2)
    while !run.isSolved { run.step(rule, gamma: gamma, on: .hard(count: count)) }
    #expect(run.updates == updates)
  }

  @Test func copiesCountAsStoredSamplesDo() {
    let stored = SignedSamples(z: Tensor(shape: [4, 2], [1, 0, 1, 0, 1, 0, -0.5, 0.1]))
    var (a, b) = (Descent(features: 2), Descent(features: 2))
    for _ in 0..<10 {
      a.step(.logistic, gamma: 5, on: stored)
      b.step(.logistic, gamma: 5, on: .hard(count: 4))
    }
    #expect((a.theta - b.theta).norm().scalar < 1e-13)
    #expect(abs(a.loss(on: stored) - b.loss(on: .hard(count: 4))) < 1e-14)
  }

  /// The widest margin of the hard instance by a search over directions, against the closed form.
  @Test func hardBoundIsTheExactMargin() {
    let margin =
      (0..<100_000).map { i -> Double in
        let angle = Double(i) / 100_000 * .pi
        return min(cos(angle), -0.5 * cos(angle) + 0.1 * sin(angle))
      }.max() ?? 0
    #expect(abs(1 / (margin * margin) / SignedSamples.hardBound - 1) < 1e-4)
  }

  @Test func randomSamplesKeepTheirMargin() {
    let samples = SignedSamples.random(count: 100, features: 5, margin: 0.1, key: Key(seed: 3))
    let normal = Tensor<Double>.unitVectors([1, 5], key: Key(seed: 3).named("normal")).row(0)
    for i in 0..<100 {
      #expect(abs(samples.z.row(i).norm().scalar - 1) < 1e-14)
      #expect(samples.z.row(i).dot(normal).scalar > 0.1)
    }
  }

  @Test func lossSurvivesHugeMargins() {
    var run = Descent(features: 1)
    run.theta = Tensor([1e6])
    #expect(run.loss(on: SignedSamples(z: Tensor(shape: [2, 1], [1, -1]))) == 5e5)
  }
}
