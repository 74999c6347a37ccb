import LowRankRecovery
import Tensors
import Testing
import Transforms

/// Against References/kronecker_bayes.py, where everything is dense.
@Suite struct KroneckerSparseBayesTests {
  typealias Paper = KroneckerSparseBayes
  let n = 4
  let m = 3

  private var x: Tensor<Double> {
    var x = Tensor<Double>.zeros([n * n * n])
    let values = 2 * Fixture.wave(4, 2, 0.4).flattened()
    let places = [0, 2].flatMap { i in [1, 2].flatMap { j in [0, 3].map { (i * n + j) * n + $0 } } }
    for (place, i) in places.enumerated() { x[i] = values[place] }
    return x
  }

  private var measurement: Paper.Measurement {
    let factors = [0.0, 0.7, 1.9].map { phase in
      let a = Fixture.wave(m, n, phase)
      return a / a.norm(0, keepingAxes: true)
    }
    let y = Paper.multiply(factors, x.reshaped(n, n, n)).flattened() + 0.1 * Fixture.wave(1, m * m * m, 0.9).flattened()
    return Paper.Measurement(factors: factors, y: y, noise: Tensor(1e-2))
  }

  private struct Run {
    var algorithm: Paper.Algorithm
    var pruning: Double
    /// After 0, 10, ..., 50 steps.
    var costs: [Double]
    var error: Double
    var kept: Int
  }

  private static let runs = [
    Run(
      algorithm: .sbl, pruning: 0,
      costs: [
        -14.537307897782112, -76.28769603693249, -91.07751832737016, -95.57545890380044, -97.39514554020502, -98.34350430340477,
      ], error: 0.13843871631031382, kept: 64),
    Run(
      algorithm: .alternating, pruning: 0,
      costs: [
        -14.537307897782112, -73.7214965784101, -85.56123341368377, -89.27696875160925, -91.04519327940676, -92.16136129676602,
      ], error: 0.3566189318960333, kept: 64),
    Run(
      algorithm: .singularVectors, pruning: 0,
      costs: [
        -14.537307897782112, -73.50943609014267, -89.15356381808566, -92.05491834833826, -92.090222803111, -92.21030693286197,
      ], error: 0.11712712185822455, kept: 64),
    Run(
      algorithm: .alternating, pruning: 0.03,
      costs: [
        -14.537307897782112, -73.7214965784101, -85.56123341368377, -90.61284319604336, -92.43595003330873, -94.50209437350763,
      ], error: 0.23421670386548726, kept: 36),
    Run(
      algorithm: .singularVectors, pruning: 0.03,
      costs: [
        -14.537307897782112, -73.50943609014267, -90.6223275867436, -92.38206225470125, -92.27435871067941, -92.26937043943771,
      ], error: 0.15893293414283283, kept: 12),
  ]

  @Test(arguments: 0..<5) func expectationMaximizationIsThePapers(index: Int) {
    let run = Self.runs[index]
    let measurement = run.algorithm == .sbl ? measurement.dense : measurement
    let alternating = Paper.AlternatingMaximization(tolerance: 1e-5, maximumRounds: 10_000)
    var estimate = Paper.Estimate(measurement)
    var costs: [Double] = []
    for t in 0...50 {
      if t % 10 == 0 { costs.append(estimate.posterior.cost.scalar) }
      let second = estimate.posterior.second
      let factors: [Tensor<Double>] =
        switch run.algorithm {
        case .sbl: [second]
        case .alternating:
          // A batch of one problem.
          alternating(
            second.expandingDimensions(0), from: estimate.factors.map { $0.expandingDimensions(0) }, isActive: .ones([1])
          ).map { $0.row(0) }
        case .singularVectors: Paper.singularVectorMaximization(second)
        }
      if t < 50 { estimate = estimate.advanced(to: factors, on: measurement, pruning: run.pruning, tolerance: 1e-4) }
    }
    Fixture.expectEqual(costs, run.costs)
    let error: Double = (estimate.posterior.mean.flattened() - x).squaredNorm().scalar / x.squaredNorm().scalar
    Fixture.expectEqual([error], [run.error])
    #expect(Paper.product(estimate.factors).scalars.count { $0 > 0 } == run.kept)
  }

  @Test func matchingPursuitIsThePapers() throws {
    let found = try Paper.matchingPursuit(measurement.dense.factors[0], measurement.y, count: 8)
    let error: Double = (found - x).squaredNorm().scalar / x.squaredNorm().scalar
    Fixture.expectEqual([error], [1.3850525622962455])
  }

  /// The order of the axes is that of kron.
  @Test func factorsMultiplyAsTheirKroneckerProduct() {
    let z = Fixture.wave(n, n * n, 0.2).flattened()
    let dense = matmul(measurement.dense.factors[0], z)
    #expect((Paper.multiply(measurement.factors, z.reshaped(n, n, n)).flattened() - dense).norm().scalar < 1e-14)
  }

  /// Both E-steps of one gamma.
  @Test func structuredAndDenseExpectationsAgree() {
    let factors = [0.3, 0.6, 0.9].map { phase in Fixture.wave(1, n, phase).flattened().abs() }
    let structured = Paper.expectation(measurement, factors)
    let dense = Paper.expectation(measurement.dense, [Paper.product(factors).flattened()])
    Fixture.expectEqual(structured.mean.scalars, dense.mean.scalars, floor: 1e-14)
    Fixture.expectEqual(structured.second.scalars, dense.second.scalars, floor: 1e-14)
    Fixture.expectEqual([structured.cost.scalar], [dense.cost.scalar])
  }

  /// A problem that has stopped, or is told that it has, keeps its factors while the others go on.
  @Test func finishedProblemsRest() {
    let second = Tensor.stack([x.square() + 0.1, x.square() + 0.2]).reshaped(2, n, n, n)
    let start = (0..<3).map { _ in Tensor<Double>.ones([2, n]) }
    let maximize = Paper.AlternatingMaximization(tolerance: 1e-5, maximumRounds: 100)
    let both = maximize(second, from: start, isActive: .ones([2]))
    let second1 = maximize(second, from: start, isActive: Tensor([0, 1]))
    for (a, b) in zip(both, second1) {
      #expect(b.row(0) == .ones([n]))
      #expect(a.row(1) == b.row(1))
    }
  }
}
