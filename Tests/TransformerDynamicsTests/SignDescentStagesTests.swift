import Foundation
import Optimizers
import Tensors
import Testing
import TransformerDynamics
import Transforms

@Suite struct SignDescentStagesTests {
  typealias Paper = SignDescentStages

  private func settings() -> Paper.Settings {
    var settings = Paper.Settings()
    (settings.dimension, settings.noiseCoordinates, settings.signal) = (40, 3, 0.8)
    (settings.valueNeurons, settings.keyNeurons, settings.initialScale) = (3, 2, 0.4)
    return settings
  }

  private func example(_ settings: Paper.Settings) -> Paper.Case {
    let key = Key(seed: 3)
    return Paper.Case(
      layer: Paper.Layer(attends: true, settings: settings, key: key.named("layer")),
      train: Paper.Samples(5, deviation: 2, settings: settings, key: key.named("train")),
      test: Paper.Samples(7, deviation: 2, settings: settings, key: key.named("test")))
  }

  /// f = F_1 - F_-1 with F_j = 1/m_v sum_l 1^T W_V,j X softmax(X^T W_K^T W_Q x_l), entry by entry.
  @Test func layerIsThePapersFormula() {
    let settings = settings()
    let example = example(settings)
    let (layer, samples) = (example.layer, example.train)
    let pass = layer(samples)
    let product = { (w: [Double], x: [Double]) in zip(w, x).reduce(0) { $0 + $1.0 * $1.1 } }
    for i in 0..<5 {
      var signal = [Double](repeating: 0, count: 40)
      signal[0] = samples.labels[i] * 0.8
      let patches = [signal, samples.noise.row(i).scalars]
      var output = 0.0
      for l in 0..<2 {
        let scores = (0..<2).map { k in
          (0..<2).reduce(0.0) {
            $0 + product(layer.key.row($1).scalars, patches[k]) * product(layer.query.row($1).scalars, patches[l])
          }
        }
        let sum = scores.reduce(0) { $0 + exp($1) }
        for k in 0..<2 {
          let weight = exp(scores[k]) / sum
          #expect(abs(pass.attention[i, l, k] - weight) < 1e-14)
          for r in 0..<3 {
            output += weight * product(layer.value.slice(0, r).scalars, patches[k]) / 3
            output -= weight * product(layer.value.slice(1, r).scalars, patches[k]) / 3
          }
        }
      }
      #expect(abs(pass.margins[i] - samples.labels[i] * output) < 1e-13)
    }
  }

  /// Noise lives on s coordinates, none of which is the signal's.
  @Test func noiseIsSparse() {
    let noise = example(settings()).train.noise
    for i in 0..<5 {
      #expect(noise[i, 0] == 0 && noise.row(i).scalars.count { $0 != 0 } == 3)
    }
  }

  @Test func coordinatesThatNobodyUsesCanBeLeftOut() {
    expectTheSameTraining(SignSGD(learningRate: 0.01))
    expectTheSameTraining(Adam(learningRate: 0.01, epsilon: 1e-15))
    expectTheSameTraining(SGD(learningRate: 0.1))
  }

  private func expectTheSameTraining<Rule: GradientOptimizer>(_ rule: Rule) where Rule.Scalar == Double {
    let full = example(settings())
    let confined = full.confined(to: 16)
    #expect(confined.train.noise.shape == [5, 16] && confined.layer.value.shape == [2, 3, 16])
    var runs = [full, confined].map { Paper.Run($0.layer, rule) }
    for _ in 0..<20 { runs = zip(runs, [full, confined]).map { $0.stepped(rule, on: $1.train) } }
    let (a, b) = (Paper.measure(runs[0].layer, on: full), Paper.measure(runs[1].layer, on: confined))
    for (name, value) in a { #expect(abs(value.scalar - (b[name]?.scalar ?? .nan)) < 1e-12, "\(name)") }
    let start = Paper.measure(full.layer, on: full)
    #expect(a["train loss"].map { $0.scalar < (start["train loss"]?.scalar ?? 0) } ?? false)
  }
}
