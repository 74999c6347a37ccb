import EdgeOfStability
import Optimizers
import Tensors
import Testing
import Transforms

@Suite struct BatchHessianTests {
  private let key = Key(seed: 7)

  @Test func spikesAppearBeyondTheThreshold() {
    #expect(abs(BatchHessian.spikePosition(2, noise: 1) - 2.5) < 1e-15)
    #expect(BatchHessian.spikePosition(0.9, noise: 1) == 2)
    // In units of the noise.
    #expect(abs(BatchHessian.spikePosition(4, noise: 2) - 5) < 1e-15)
    #expect(BatchHessian.spikePosition(1.9, noise: 2) == 4)
  }

  @Test func ensemblesHaveTheirVariances() throws {
    let p = 200
    let a = BatchHessian.orthogonalEnsemble(p, noise: 3, key: key)
    #expect((a - a.transposed()).norm().scalar == 0)
    // Of p² / 2 independent squares the mean is right to a share of 2 / p; of p on the diagonal to (2 / p)^(1/2); three of these.
    let diagonal = a.diagonal().square().mean().scalar
    let outside = (a.squaredNorm().scalar - Double(p) * diagonal) / Double(p * (p - 1))
    #expect(abs(outside * Double(p) / 9 - 1) < 6.0 / Double(p))
    #expect(abs(diagonal * Double(p) / 18 - 1) < 3 * 0.1)
    // The edge, to the size of its fluctuations, p^(-2/3).
    #expect(abs(try eigh(a).values.max().scalar - 6) < 3 * 0.2)
  }

  @Test func effectiveBatchesCountTheWholeSet() {
    #expect(BatchHessian.inverseEffective(8, of: 8) == 0)
    // b = B / (1 - B/N).
    #expect(abs(1 / BatchHessian.inverseEffective(16, of: 64) - 16 / (1 - 16.0 / 64)) < 1e-12)
  }

  /// Two draws, two rates, one of which is stopped by the limit.
  @Test func regressionStepsAreThoseOfTheLoss() {
    let w = Tensor<Double>.normal([2, 2, 3], key: key.named("w"))
    let x = Tensor<Double>.normal([2, 4, 3], key: key.named("x"))
    let rates = Tensor([0.1, 0.7])
    let norms = w.norm(-1)
    // Between the norms of the second draw's two runs.
    let middle = (norms[1, 0] + norms[1, 1]) / 2
    let next = BatchHessian.RegressionRuns(w: w).stepped(x, rates: rates, limit: Tensor(shape: [2, 1, 1], [100, middle])).w
    for draw in 0..<2 {
      for run in 0..<2 {
        let point = w.row(draw).row(run)
        let gradient = grad { matmul(x.row(draw), $0).square().mean() / 2 }(point)
        let isStopped = draw == 1 && norms[1, run] > middle
        let expected = isStopped ? point : point - rates[run] * gradient
        #expect((next.row(draw).row(run) - expected).norm().scalar < 1e-14)
      }
    }
  }

  /// Every run of a grid is Adam on its own.
  @Test func adamRunsAreIndependent() {
    let start = Tensor<Double>.normal([3], key: key.named("start"))
    let inputs = Tensor<Double>.normal([3, 2, 4, 3], key: key.named("inputs"))
    let labels = Tensor<Int32>.integers([3, 2, 4], in: 0..<2, key: key.named("labels"))
    let rates = Tensor([0.01, 0.5])
    let gradient = { (p: Tensor<Double>, x: Tensor<Double>, y: Tensor<Int32>) in
      grad { (matmul(x, $0) - y.converted(to: Double.self)).square().square().mean() }(p)
    }
    var runs = BatchHessian.AdamRuns(from: start, rates: 2, draws: 2)
    for t in 0..<3 { runs = runs.stepped(inputs.row(t), labels.row(t), rates: rates, gradient: gradient) }
    for rate in 0..<2 {
      for draw in 0..<2 {
        let adam = Adam<Double>(learningRate: rates[rate])
        var parameters = start
        var state = adam.initialState(for: parameters)
        for t in 0..<3 {
          let slope = gradient(parameters, inputs.row(t).row(draw), labels.row(t).row(draw))
          parameters = adam.updated(parameters, gradient: slope, &state)
        }
        #expect((runs.parameters.row(rate).row(draw) - parameters).norm().scalar < 1e-14)
      }
    }
  }

  @Test func theLargestStableRateIsThatOfTheGrid() {
    let stable = Tensor<Double>(shape: [3, 3], [1, 1, 0, 1, 0, 1, 0, 0, 0])
    let rates = BatchHessian.largestStable(stable, rates: [0.1, 0.2, 0.4])
    #expect(rates[0] == 0.2 && rates[1] == 0.4 && rates[2].isNaN)
  }
}
