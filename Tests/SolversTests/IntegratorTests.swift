import Foundation
import Solvers
import Tensors
import Testing
import Transforms

@Suite struct IntegratorTests {
  let key = Key(seed: 10)

  @Test(arguments: [(RungeKutta.euler, 1.0), (.heun, 2), (.midpoint, 2), (.classical4, 4)])
  func fixedStepsHaveTheirOrder(method: RungeKutta, order: Double) {
    // y' = y cos t, y = exp(sin t).
    let f = { (t: Tensor<Double>, y: Tensor<Double>) in y * t.cos() }
    func error(_ steps: Int) -> Double {
      let states = method.integrate(f, from: Tensor([1.0]), over: 0...2, steps: steps)
      #expect(states.count == steps + 1)
      return abs(states[steps][0] - exp(sin(2)))
    }
    #expect(abs(log2(error(80) / error(160)) - order) < 0.12)
  }

  @Test func fixedStepsHaveDerivatives() {
    // The derivative of y(1) = y0 exp(-p) by p, for a tree of states and inside a compiled gradient.
    let end = { (p: Tensor<Double>) -> Tensor<Double> in
      let states = RungeKutta.classical4.integrate(
        { (_: Tensor<Double>, y: Pair) in Pair(first: y.first * p * -1, second: y.second * 0) },
        from: Pair(first: Tensor(2), second: Tensor([1.0, 2])), over: 0...1, steps: 50)
      return states[50].first
    }
    let compiled = compile { (p: Tensor<Double>) in grad(end)(p) }
    for gradient in [grad(end)(Tensor(0.7)), compiled(Tensor(0.7))] {
      #expect(abs(gradient.scalar + 2 * exp(-0.7)) < 1e-8)
    }
  }

  @Test func adaptiveMatchesSciPy() throws {
    let reference = try References.load().vanDerPol
    let f = { (_: Tensor<Double>, y: Tensor<Double>) -> Tensor<Double> in
      let (x, v) = (y.row(0), y.row(1))
      return Tensor.stack([v, (1 - x.square()) * v * 2 - x])
    }
    let times = (0...8).map(Double.init)
    for tolerance in [1e-6, 1e-10] {
      let result = dormandPrince(
        f, from: Tensor([2.0, 0]), at: times, relativeTolerance: tolerance, absoluteTolerance: tolerance)
      #expect(result.isComplete && result.states.count == 9)
      // The error at the end is the tolerance times what the equation makes of it over some hundred steps.
      #expect(distance(.stack(result.states), reference) < 300 * tolerance)
    }
    // Times within a step are interpolated: many do not cost more steps.
    let dense = dormandPrince(f, from: Tensor([2.0, 0]), at: (0...800).map { Double($0) / 100 })
    let sparse = dormandPrince(f, from: Tensor([2.0, 0]), at: [0, 8])
    #expect(dense.accepted == sparse.accepted && dense.accepted < 200)
    let fine = dormandPrince(
      f, from: Tensor([2.0, 0]), at: (0...800).map { Double($0) / 100 }, relativeTolerance: 1e-10, absoluteTolerance: 1e-12)
    let worst = zip(dense.states, fine.states).map { ($0 - $1).abs().max().scalar }.max() ?? .nan
    #expect(worst < 3e-4)
  }

  @Test func singularitiesEndAsValues() {
    // y' = y^2 leaves every bound at t = 1.
    let result = dormandPrince({ (_: Tensor<Double>, y: Tensor<Double>) in y.square() }, from: Tensor([1.0]), at: [0, 0.5, 2])
    #expect(!result.isComplete && result.states.count == 2 && abs(result.states[1][0] - 2) < 1e-5)
  }

  @Test func eulerMaruyamaHasTheMomentsOfOrnsteinAndUhlenbeck() {
    let count = 20_000
    let states = eulerMaruyama(
      drift: { (_: Tensor<Double>, y: Tensor<Double>) in -y }, diffusion: { _, y in y * 0 + 0.5 }, from: .full([count], 1),
      over: 0...1,
      steps: 200, key: key)
    let (mean, variance) = (exp(-1.0), 0.125 * (1 - exp(-2.0)))
    // Bias 1 / 400 of the scheme, and four standard deviations of 20000 samples.
    #expect(abs(states[200].mean().scalar - mean) < 0.0025 + 4 * (variance / 20_000).squareRoot())
    #expect(abs(states[200].variance().scalar / variance - 1) < 0.005 + 4 * (2.0 / 20_000).squareRoot())
  }
}
