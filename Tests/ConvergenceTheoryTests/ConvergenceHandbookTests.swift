import ConvergenceTheory
import Problems
import Tensors
import Testing

@Suite struct ConvergenceHandbookTests {
  private static let model = LinearModel(
    .squared, design: Tensor<Double>.normal([4, 2], key: Key(seed: 1)), targets: .normal([4], key: Key(seed: 2)))

  private func problem() throws -> HandbookProblem {
    HandbookProblem(Self.model, minimum: try #require(Self.model.minimum()))
  }

  /// Over all batches of two of the four samples.
  @Test func batchVarianceIsThatOfAllBatches() throws {
    let problem = try problem()
    let gradients = Self.model.componentGradients(at: problem.minimum.point)
    var (sum, count) = (0.0, 0)
    for i in 0..<4 {
      for j in 0..<i {
        sum += ((gradients.row(i) + gradients.row(j)) / 2).squaredNorm().scalar
        count += 1
      }
    }
    #expect(abs(problem.noise(batch: 2) - sum / Double(count)) < 1e-14)
    #expect(problem.noise(batch: 1) == problem.noise && problem.noise(batch: 4) == 0)
  }

  @Test func batchSmoothnessLiesBetweenThatOfSamplesAndOfTheirMean() throws {
    let problem = try problem()
    #expect(abs(problem.smoothness(batch: 1) - Self.model.largestSmoothness) < 1e-14)
    #expect(abs(problem.smoothness(batch: 4) - Self.model.smoothness) < 1e-14)
  }

  /// A batch of all samples without replacement is the full gradient; of fewer, right on average.
  @Test func batchesAreDrawnWithoutReplacement() throws {
    let problem = try problem()
    let x = Tensor<Double>.normal([2], key: Key(seed: 3))
    let exact = Self.model.gradient(at: x)
    let points = x.broadcast(to: [20_000, 2])
    #expect((problem.minibatch(4)(points, Key(seed: 4)) - exact).abs().max().scalar < 1e-14)
    let sampled = problem.minibatch(2)(points, Key(seed: 5))
    let deviation = (sampled - exact).squaredNorm(1).mean().scalar
    #expect((sampled.mean(0) - exact).norm().scalar < 4 * (deviation / 20_000).squareRoot())
  }
}
