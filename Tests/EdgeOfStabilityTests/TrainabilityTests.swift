import EdgeOfStability
import Foundation
import Tensors
import Testing

/// A block of pixels against References/trainability.py, which trains them one by one with gradients by hand. Thirty steps without chaos
/// leave rounding errors far below this.
@Suite struct TrainabilityTests {
  private let tolerance = 1e-9

  private typealias Train<Model> = (Model, Tensor<Double>) -> Tensor<Double>

  private var settings: TrainabilityFractal.Settings {
    var settings = TrainabilityFractal.Settings()
    settings.tail = 10
    return settings
  }

  /// Two blocks of pixels, the same in each.
  private func blocks(_ rates: [(Double, Double)]) -> Tensor<Double> {
    let block = Tensor(shape: [2, rates.count], rates.map(\.0) + rates.map(\.1))
    return Tensor.stack([block, block])
  }

  @Test(arguments: [
    (TrainabilityFractal.Nonlinearity.tanh, [-21.684123446823552, -18.911708483340334, 2.634686123149755, 1.0000289999999992]),
    (.identity, [-21.535026683333147, -21.518743132443205, 1.0503240353517271, 1.0000289999999992]),
  ])
  func networksAreThoseOfTheReference(phi: TrainabilityFractal.Nonlinearity, expected: [Double]) {
    let grid = (1...6).map { Double($0) / 3 }
    let points = TrainabilityFractal.Points(
      x: Tensor(shape: [6, 2], grid.flatMap { [sin(7 * $0), sin(14 * $0)] }),
      y: Tensor(shape: [6, 1], grid.map { cos(5 * $0) }))
    let train: Train<TrainabilityFractal.TwoLayerNetworks<Double>> = TrainabilityFractal.trainer(settings, steps: 30) { _ in
      points
    }
    let networks = TrainabilityFractal.TwoLayerNetworks(
      hidden: Tensor(shape: [1, 2, 2, 1], [0.5, -1, 1.25, 0.75]).broadcast(to: [2, 2, 2, 4]),
      output: Tensor(shape: [1, 2, 1], [1.5, -0.5]).broadcast(to: [2, 2, 4]), phi: phi)
    let intensities = train(networks, blocks([(0.5, 2), (3, 0.25), (40, 8), (1e3, 1e4)])).scalars
    #expect(intensities.count == 8)
    for (value, reference) in zip(intensities, expected + expected) {
      #expect(abs(value - reference) <= tolerance * abs(reference), "\(phi)")
    }
  }

  @Test func quadraticsAreThoseOfTheReference() {
    let train: Train<TrainabilityFractal.Quadratics<Double>> = TrainabilityFractal.trainer(settings, steps: 30) { _ in
      TrainabilityFractal.Points<Double>(x: .zeros([1, 1]), y: .zeros([1, 1]))
    }
    let start = Tensor(shape: [1, 2, 1], [1, -0.5]).broadcast(to: [2, 2, 3])
    let intensities = train(
      TrainabilityFractal.Quadratics(weights: start), blocks([(0.5, 0.25), (2.5, 0.1), (1.5, 1.25)])
    ).scalars
    let expected = [-1.965230533965261, 2.2153571045896743, 627.5391075342485]
    for (value, reference) in zip(intensities, expected + expected) {
      #expect(abs(value - reference) <= tolerance * abs(reference))
    }
  }

  /// Operation by operation over all blocks, a step would take more than twice as long.
  @Test func blocksGoThroughTheCacheOneByOne() {
    let points = TrainabilityFractal.Points<Double>(x: .ones([72, 8]), y: .ones([72, 1]))
    var plan = ""
    let train: Train<TrainabilityFractal.TwoLayerNetworks<Double>> = TrainabilityFractal.trainer(
      settings, steps: 1, onPlan: { plan = "\($0)" }
    ) { _ in points }
    _ = train(
      TrainabilityFractal.TwoLayerNetworks(hidden: .ones([4, 8, 8, 32]), output: .ones([4, 8, 32]), phi: .tanh),
      .ones([4, 2, 32]))
    #expect(plan.contains("the batch in 4 parts"), "\(plan)")
  }
}
