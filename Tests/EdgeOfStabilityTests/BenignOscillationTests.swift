import EdgeOfStability
import Foundation
import Tensors
import Testing

/// Against References/benign_oscillation.py, whose gradients come from the loss.
@Suite struct BenignOscillationTests {
  private func numbers(_ first: Int, _ shape: [Int]) -> Tensor<Double> {
    Tensor(shape: shape, (first..<first + shape.reduce(1, *)).map { sin(1 + Double($0) + 0.3 * Double($0 * $0)) })
  }

  @Test func stepsFollowTheGradientAndADivergedRunStandsStill() {
    let points = FeaturePoints(x: numbers(0, [1, 3, 3, 4]), y: Tensor(shape: [1, 3], [1, -1, 1]))
    let start = numbers(40, [1, 2, 2, 4])
    var runs = OscillatingRuns(start: start, rates: 2)
    // The first two points are strong; a step size of 1e6 exceeds the limit at once.
    for i: Int32 in [2, 0, 1] {
      runs = runs.stepped(points, examples: Tensor([i]), rates: Tensor([0.3, 1e6]), strong: 2, limit: 100)
    }
    let expected = [
      -0.0864225513966228, -0.13683306448753932, 0.8085480474965454, 0.45207750286047943, -0.1265747964621649,
      -0.32735420965352646, 0.8607820180548504, -0.19624271435702612, -1.1934906656005495, -1.0636425842433839,
      0.14663346400162452, 0.46037407516020745, -0.603033466369082, -1.5945156342295448, -0.02626678683940964, 0.91327550398474,
    ]
    expect(runs.networks.w.slice(0), expected)
    #expect(runs.networks.w.slice(1) == start)
    #expect(runs.isBounded.scalars == [1, 0])
    expect(runs.margin, [-0.9599818870953312, 0])
    expect(runs.shortfall, [2.9374722299694276, 0])
    #expect(runs.strongDraws.scalars == [2, 0])
    expect(runs.outputs(points).slice(0), [0, -3.707474050000059, -0.6996182319681934])
    // Along the axis 2: the larger of the neurons of +1, and the larger with its sign changed of those of -1.
    expect(runs.alignments(axis: 2).slice(0), [(0.8607820180548504 + 0.02626678683940964) / 2])
  }

  @Test func pointsHaveTheirPatches() {
    let points = FeaturePoints(
      dataSets: 2, count: 4, strong: 3, dimension: 5, strongNorm: 2, weakNorm: 0.6, noise: 0.1, key: Key(seed: 1))
    for set in 0..<2 {
      for i in 0..<4 {
        let y = points.y[set, i]
        #expect(abs(y) == 1)
        #expect(points.x.slice(set, i, 0).scalars == [0, 0.6 * y, 0, 0, 0])
        #expect(points.x.slice(set, i, 1).scalars == [i < 3 ? 2 * y : 0, 0, 0, 0, 0])
        #expect(points.x.slice(set, i, 2, 0..<2).scalars == [0, 0] && points.x.slice(set, i, 2, 4).scalar != 0)
      }
    }
  }

  private func expect(_ values: Tensor<Double>, _ reference: [Double]) {
    #expect(values.count == reference.count)
    for (value, expected) in zip(values.scalars, reference) { #expect(abs(value - expected) < 1e-12) }
  }
}
