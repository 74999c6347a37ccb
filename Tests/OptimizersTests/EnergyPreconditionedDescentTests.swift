import Optimizers
import Tensors
import Testing
import Transforms

@Suite struct EnergyPreconditionedDescentTests {
  let loss = { (x: [Tensor<Double>]) in (x[0].square() * x[0] * 0.1 + x[0].square()).sum() + (1 + x[1].square()).log().sum() }
  let start = [Tensor<Double>([0.5, -1, 2]), Tensor([1.5])]

  @Test func withoutAMetricItIsAEGD() {
    var (x, y) = (start, start)
    let rule = EnergyPreconditionedDescent(EuclideanMetric<Double>(), learningRate: 0.3)
    let plain = AEGD<Double>(learningRate: 0.3, isElementWise: false)
    var (state, plainState) = (rule.initialState(for: x), plain.initialState(for: y))
    for _ in 0..<20 {
      #expect(rule.step(&x, &state, loss: loss).scalar == plain.step(&y, &plainState, loss: loss).scalar)
    }
    for (a, b) in zip(x, y) { #expect(a == b) }
  }

  /// From NumPy: F = c . x + 2 x . x on the simplex, v = x (g - <x, g>), eta = 0.4, c = 1, three steps from the uniform weights.
  @Test func simplexStepsAreThoseOfNumPy() {
    let cost = Tensor<Double>([1, -0.5, 0.25, 2])
    var x = Tensor<Double>.full([4], 0.25)
    let rule = EnergyPreconditionedDescent(SimplexMetric<Double>(), learningRate: 0.4)
    var state = rule.initialState(for: x)
    for _ in 0..<3 { rule.step(&x, &state) { (cost * $0).sum() + 2 * $0.square().sum() } }
    // A few roundings of numbers below 2.
    #expect(abs(state.energy.scalar - 1.319949221179848) < 1e-14)
    for (value, expected) in zip(x.scalars, [0.16787046690391005, 0.47627703887022865, 0.3031733415598044, 0.05267915266605674]) {
      #expect(abs(value - expected) < 1e-14)
    }
  }

  /// AEPG's first step from l = sqrt(F + c) has the length that the energy balance says: r'^2 = r^2 - (r' - r)^2 - ||dx||_A^2 / eta.
  @Test func energyBalances() {
    let x = TensorList([Tensor<Double>([0.2, 0.5, 0.3])])
    let value = { (x: TensorList<Double>) in x.squaredNorm }
    let rule = EnergyPreconditionedDescent(SimplexMetric<Double>(), learningRate: 5)
    var (next, state) = (x, rule.initialState(for: x, key: Key(seed: 0)))
    let before = (rule.step(&next, &state, on: Objective(loss: value)).scalar + 1).squareRoot()
    let after = state.energy.scalar
    let length = rule.metric.squaredNorm(next - x, at: x).scalar
    #expect(abs(after * after - before * before + (after - before) * (after - before) + length / 5) < 1e-14)
    #expect(after < before)
  }

  @Test func simplexMetricLeavesZerosOut() {
    let metric = SimplexMetric<Double>()
    let x = TensorList([Tensor<Double>([0, 0.25, 0.75])])
    let v = metric.direction(TensorList([Tensor([5, 1, 3])]), at: x)
    #expect(v.elements[0] == Tensor([0, -0.375, 0.375]))
    #expect(metric.squaredNorm(v, at: x).scalar == 0.375 * 0.375 / 0.25 + 0.375 * 0.375 / 0.75)
  }

  @Test func fixedStepsFollowTheMetric() {
    let x = TensorList([Tensor<Double>([0.25, 0.75])])
    let rule = PreconditionedDescent(SimplexMetric<Double>(), learningRate: 2)
    var state = rule.initialState(for: x, key: Key(seed: 0))
    let update = rule.update(&state, gradient: TensorList([Tensor([1, 3])]), at: x)
    // x (g - <x, g>) with <x, g> = 2.5
    #expect(update.elements[0] == Tensor([0.75, -0.75]))
  }
}
