import Problems
import Tensors
import Testing
import Transforms

@Suite struct ResidualSumTests {
  /// Chained Rosenbrock at x = (2, 3, 1): residuals 10 (3 - 4), 10 (1 - 9), -1, -2; value half of their squares.
  @Test func chainedRosenbrock() {
    let f = ResidualSum<Double>.chainedRosenbrock(dimension: 3)
    let x = Tensor([2.0, 3, 1])
    #expect(f.residuals(x).scalars == [-10, -80, -1, -2] && f.value(at: x).scalar == 0.5 * (100 + 6400 + 1 + 4))
    #expect(f.value(at: .ones(3)).scalar == 0)
    // J = [[-40, 10, 0], [0, -60, 10], [-1, 0, 0], [0, -1, 0]].
    #expect(f.gaussNewton(at: x).scalars == [1601, -400, 0, -400, 3701, -600, 0, -600, 100])
    #expect(f.gradient(at: x).scalars == [401, 4702, -800])
    // Where the residuals vanish nothing else is left of the Hessian.
    #expect((f.hessian(at: .ones(3)) - f.gaussNewton(at: .ones(3))).norm().scalar < 1e-12)
  }
}
