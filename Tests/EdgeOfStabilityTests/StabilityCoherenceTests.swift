import EdgeOfStability
import Foundation
import Solvers
import Tensors
import Testing

/// Against References/stability_coherence.py, and the family's closed form against the general map.
@Suite struct StabilityCoherenceTests {
  @Test func coherenceIsOfTheRootsOfTheHessians() {
    let factors = Tensor<Double>(shape: [1, 4, 3, 2], (0..<24).map { sin(1 + Double($0) + 0.3 * Double($0 * $0)) })
    #expect(abs(coherence(factors: factors).scalars[0] - 1.948255920370759) < 1e-7)
  }

  /// The first sigma examples share an axis, each other one has its own.
  @Test(arguments: [(1, 0.5), (1, 3), (3, 0.5), (3, 3), (5, 2)])
  func familysFactorIsTheRadiusOfItsMap(sigma: Int, eigenvalue: Double) {
    let (n, batchSize, rate) = (5, 2, 0.8)
    let scale = (eigenvalue * Double(n) / Double(sigma)).squareRoot()
    let axes = Tensor<Double>.identity(n - sigma + 1).gather(Tensor<Int32>((0..<n).map { Int32(max(0, $0 - sigma + 1)) }))
    let factors = (scale * axes).reshaped(1, n, n - sigma + 1, 1)
    let map = SecondMomentMap(
      factors: factors, rate: Tensor(rate), batchSize: Tensor(Double(batchSize)), sampling: .bernoulli)
    let radius = map.growthFactor(from: .identity(n - sigma + 1).expandingDimensions(0), iterations: 500).scalars[0]
    let condition = CoherenceCondition(rate: rate, examples: n, batchSize: batchSize)
    #expect(abs(condition.radius(eigenvalue: eigenvalue, coherence: sigma) - radius) < 1e-9 * radius)
    #expect(abs(coherence(factors: factors).scalars[0] - Double(sigma)) < 1e-12)
  }

  /// At the boundaries the conditions change, and where one speaks the factor agrees.
  @Test(arguments: [1, 3, 7]) func boundariesAreTheConditions(batchSize: Int) {
    let condition = CoherenceCondition(rate: 0.8, examples: 20, batchSize: batchSize)
    let (divergent, stable) = condition.boundaries(eigenvalue: 1)
    #expect(condition.impliesDivergence(eigenvalue: 1, coherence: divergent * 0.999))
    #expect(!condition.impliesDivergence(eigenvalue: 1, coherence: divergent * 1.001))
    let edge = stable ?? .nan
    #expect(condition.allowsStability(eigenvalue: 1, coherence: edge * 1.001))
    #expect(!condition.allowsStability(eigenvalue: 1, coherence: edge * 0.999))
    #expect(abs(condition.factor(eigenvalue: 1, coherence: edge) - 1) < 1e-12)
    #expect(condition.boundaries(eigenvalue: 3).stable == nil)
  }

  /// Three examples of four in the batch, sigma = 1 and 3: with eta m / B = 0.5 and 0.2.
  @Test func familyStepMultipliesEachDirection() {
    let w = Tensor<Double>(shape: [1, 1, 2, 1, 4], [1, 2, 3, 4, 1, 0, 0, 4])
    let next = FamilyWalk(w: w).stepped(
      draws: Tensor(shape: [1, 4], [0.1, 0.6, 0.2, 0.3]), shares: Tensor([0.5]), gains: Tensor(shape: [1, 1, 2], [0.5, 0.2]),
      coherences: [1, 3], limit: 100)
    let expected = [0.5, 2, 1.5, 2, 0.6, 0, 0, 3.2]
    for (value, expected) in zip(next.w.scalars, expected) { #expect(abs(value - expected) < 1e-15) }
    let frozen = FamilyWalk(w: w * 1000).stepped(
      draws: Tensor(shape: [1, 4], [0.1, 0.6, 0.2, 0.3]), shares: Tensor([0.5]), gains: Tensor(shape: [1, 1, 2], [0.5, 0.2]),
      coherences: [1, 3], limit: 100)
    #expect(frozen.w == w * 1000)
  }

  @Test func logisticStepIsTheBatchGradient() {
    let x = Tensor<Double>(shape: [1, 4, 3], (0..<12).map { sin(1 + Double($0) + 0.3 * Double($0 * $0)) })
    let next = logisticStep(
      Tensor(shape: [1, 1, 3], [0.4, -1.1, 0.7]), x: x, draws: Tensor(shape: [1, 4], [0.1, 0.6, 0.2, 0.9]), batchSize: 2,
      rate: 0.8)
    let expected = [0.5198353428616366, -0.9986815199988633, 0.6100756406126695]
    for (value, expected) in zip(next.scalars, expected) { #expect(abs(value - expected) < 1e-14) }
  }
}
