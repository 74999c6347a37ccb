import Problems
import Tensors
import Testing

@Suite struct OracleNoiseTests {
  private let gradient = Tensor([3.0, -4, 0, 0])  // of norm 5
  private let count = 20_000

  private func squaredNorms(_ noise: OracleNoise) -> Tensor<Double> {
    let draws = noise.unit([count, 4], as: Double.self, key: Key(seed: 1))
    return (noise.applied(draws, to: gradient) - gradient).square().sum(-1)
  }

  /// Means of 20 000 draws with a relative deviation of about one: five standard errors are 4%.
  @Test func sizesAreAsSaid() {
    #expect(abs(squaredNorms(OracleNoise(.normal, variance: 0.25)).mean().scalar - 0.25) < 0.01)
    #expect(abs(squaredNorms(OracleNoise(.normal, variance: 0.25, growth: 0.1)).mean().scalar - 2.75) < 0.11)
    let sphere = squaredNorms(OracleNoise(.sphere, variance: 0.25))
    #expect((sphere - 0.25).abs().max().scalar < 1e-14)
    // Var t_5 = 5/3.
    #expect(abs(squaredNorms(OracleNoise(.studentT(degrees: 5), variance: 1)).mean().scalar - 5.0 / 3) < 0.1)
  }

  @Test(arguments: [OracleNoise.Distribution.normal, .sphere, .studentT(degrees: 3)])
  func isUnbiased(_ distribution: OracleNoise.Distribution) {
    let draws = OracleNoise(distribution, variance: 1).unit([count, 4], as: Double.self, key: Key(seed: 2))
    #expect(draws.mean(0).abs().max().scalar < 0.03)
  }

  /// The quartiles of t with 1.8 degrees of freedom, by SciPy, times 1/2 for four dimensions.
  @Test func heavyTails() {
    let draws = OracleNoise(.studentT(degrees: 1.8), variance: 1).unit([count, 4], as: Double.self, key: Key(seed: 3))
    let share = (draws.abs() .< 0.834679988641845 * 0.5).converted(to: Double.self).mean().scalar
    #expect(abs(share - 0.5) < 0.01)
  }
}
