import Optimizers
import Tensors
import Testing
import Transforms

/// Numbers of References/regularized_newton.py.
@Suite struct RegularizedNewtonTests {
  static let matrix = Tensor(shape: [3, 3], [1.0, 0.5, -0.3, 0.2, 2, 0.7, -0.4, 0.1, 3])
  static let metric = Tensor([1.0, 4, 9]).diagonalMatrix()

  /// sum log cosh(A x) + |x|^4 / 40, with log cosh z = softplus(2 z) - z - log 2.
  static func value(_ x: Tensor<Double>) -> Tensor<Double> {
    let z = matmul(matrix, x)
    return ((2 * z).softplus() - z).sum() + x.squaredNorm().square() / 40
  }

  private func end(_ rule: RegularizedNewton, hasHessian: Bool = true, steps: Int) -> [Double] {
    let objective = RegularizedNewton.Objective(
      slope: { (Self.value($0), grad(Self.value)($0)) },
      hessian: { x in hasHessian ? hessian(Self.value)(x) : .zeros(3, 3) })
    var state = rule.start(at: Tensor([2, -1, 1.5]), on: objective)
    for _ in 0..<steps { rule.step(&state, on: objective) }
    #expect(state.iterations == steps && !state.isStuck)
    return state.point.scalars + [state.coefficient, Double(state.solves)]
  }

  @Test func rulesFollowTheReference() {
    let ends: [(ours: [Double], reference: [Double])] = [
      (
        end(.gradientNormalized(), steps: 5),
        [0.0011965085243706708, -0.0004136676536338063, 0.0002700864600389055, 0.03125, 5]
      ),
      (
        end(.gradientNormalized(metric: Self.metric), steps: 5),
        [0.00467929537695308, -0.0020826918753023838, 0.001399271871071972, 0.03125, 5]
      ),
      (
        end(.gradientNormalized(), hasHessian: false, steps: 10),
        [0.3737968233080556, -0.13144061654383515, 0.022201755826546876, 4, 22]
      ),
      (end(.superUniversal(), steps: 5), [0.00012059087317509154, -4.133577477422046e-05, 2.633785981348731e-05, 0.00390625, 6]),
      (
        end(.backtracking(), hasHessian: false, steps: 10),
        [0.374508190979143, -0.11792731076969853, 0.08776966571666851, 2, 21]
      ),
    ]
    // Values of order one lose 1e-16 to cancellation near the minimum; the points are computed from gradients.
    for (ours, reference) in ends {
      for (a, b) in zip(ours, reference) { #expect(abs(a - b) < 1e-12 * max(1, abs(b))) }
    }
  }

  /// At a minimum no step is better: the search is given up, not endless.
  @Test func searchEnds() {
    let objective = RegularizedNewton.Objective(
      slope: { _ in (Tensor(Double.nan), Tensor([1.0, 1, 1])) }, hessian: { _ in .zeros(3, 3) })
    let rule = RegularizedNewton.gradientNormalized()
    var state = rule.start(at: .zeros(3), on: objective)
    rule.step(&state, on: objective)
    #expect(state.isStuck && state.iterations == 0 && state.solves == 41)
  }
}

@Suite struct TargetSurrogateTests {
  let design = Tensor<Double>.normal([12, 4], key: Key(seed: 5))
  let theta = Tensor<Double>.normal([4], key: Key(seed: 6))

  /// With the curvatures of a quadratic loss the surrogate is the loss, and its minimum that of least squares with weights.
  @Test func surrogateOfSquaresIsTheLoss() {
    let (y, c) = (Tensor<Double>.normal([12], key: Key(seed: 7)), Tensor<Double>.uniform([12], in: 0.5..<2, key: Key(seed: 8)))
    let loss = { (theta: Tensor<Double>) in (c * (matmul(design, theta) - y).square()).mean() * 0.5 }
    let surrogate = TargetSurrogate(
      design: design, start: theta, value: loss(theta), slopes: c * (matmul(design, theta) - y), curvature: c)
    let other = theta + 1
    #expect(abs((surrogate(other) - loss(other)).scalar) < 1e-13)
    #expect((surrogate.gradient(at: other) - grad(loss)(other)).norm().scalar < 1e-13)
    #expect((surrogate.hessian - hessian(loss)(other)).norm().scalar < 1e-13)
    let best = (design * c.sqrt().expandingDimensions(1)).leastSquares(c.sqrt() * y)
    #expect((surrogate.minimum() - best).norm().scalar < 1e-12)
    // Steps with the Hessian are gradient steps, and many of them find the minimum.
    let l = surrogate.smoothness
    var expected = theta
    for _ in 0..<5 { expected = expected - grad(loss)(expected) / l }
    #expect((surrogate.descended(steps: 5, smoothness: l) - expected).norm().scalar < 1e-13)
    #expect((surrogate.descended(steps: 2000, smoothness: l) - best).norm().scalar < 1e-8)
  }
}
