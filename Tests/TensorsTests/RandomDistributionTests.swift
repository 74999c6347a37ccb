import Foundation
import Tensors
import Testing

/// Every distribution against its moments and its distribution function, on 100,000 numbers of each seed.
///
/// Seeds are fixed, so a test that passes passes for ever; bounds are what a right generator misses with the probability given.
@Suite struct RandomDistributionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let mean, variance, fourthMoment: Double
    let draw: @Sendable ([Int], Key) -> Tensor<Double>
    let drawFloat: @Sendable ([Int], Key) -> Tensor<Float>
    let cumulative: @Sendable (Double) -> Double
    var testDescription: String { name }
  }

  static func normalCumulative(_ x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }

  /// Moments are closed forms, but for the truncated normal's.
  static let cases = [
    Case(
      name: "exponential, rate 2", mean: 0.5, variance: 0.25, fourthMoment: 9.0 / 16,
      draw: { .exponential($0, rate: 2, key: $1) }, drawFloat: { .exponential($0, rate: 2, key: $1) },
      cumulative: { 1 - exp(-2 * $0) }),
    Case(
      name: "Laplace, mean 1, scale 3", mean: 1, variance: 18, fourthMoment: 24 * 81,
      draw: { .laplace($0, mean: 1, scale: 3, key: $1) }, drawFloat: { .laplace($0, mean: 1, scale: 3, key: $1) },
      cumulative: { $0 < 1 ? 0.5 * exp(($0 - 1) / 3) : 1 - 0.5 * exp((1 - $0) / 3) }),
    Case(
      name: "Gumbel, location -1, scale 0.5", mean: -1 + 0.5 * 0.5772156649015329, variance: .pi * .pi / 24,
      fourthMoment: 5.4 * pow(.pi * .pi / 24, 2),
      draw: { .gumbel($0, location: -1, scale: 0.5, key: $1) }, drawFloat: { .gumbel($0, location: -1, scale: 0.5, key: $1) },
      cumulative: { exp(-exp(-($0 + 1) / 0.5)) }),
    // Chi-squared with 6 degrees of freedom, halved: P(x) = 1 - e^-x (1 + x + x^2/2).
    Case(
      name: "gamma, 3", mean: 3, variance: 3, fourthMoment: 3 * 9 + 6 * 3,
      draw: { .gamma($0, concentration: 3, key: $1) }, drawFloat: { .gamma($0, concentration: 3, key: $1) },
      cumulative: { 1 - exp(-$0) * (1 + $0 + $0 * $0 / 2) }),
    Case(
      name: "gamma, 1, scale 2", mean: 2, variance: 4, fourthMoment: 9 * 16,
      draw: { .gamma($0, concentration: 1, scale: 2, key: $1) }, drawFloat: { .gamma($0, concentration: 1, scale: 2, key: $1) },
      cumulative: { 1 - exp(-$0 / 2) }),
    // Half a squared normal number.
    Case(
      name: "gamma, 1/2", mean: 0.5, variance: 0.5, fourthMoment: 3 * 0.25 + 6 * 0.5,
      draw: { .gamma($0, concentration: 0.5, key: $1) }, drawFloat: { .gamma($0, concentration: 0.5, key: $1) },
      cumulative: { erf($0.squareRoot()) }),
    Case(
      name: "beta, 2 and 2", mean: 0.5, variance: 0.05, fourthMoment: 0.05 * 0.05 * 15 / 7,
      draw: { .beta($0, 2, 2, key: $1) }, drawFloat: { .beta($0, 2, 2, key: $1) },
      cumulative: { $0 * $0 * (3 - 2 * $0) }),
    // The arcsine distribution.
    Case(
      name: "beta, 1/2 and 1/2", mean: 0.5, variance: 0.125, fourthMoment: 3.0 / 128,
      draw: { .beta($0, 0.5, 0.5, key: $1) }, drawFloat: { .beta($0, 0.5, 0.5, key: $1) },
      cumulative: { 2 / Double.pi * asin(min(1, $0).squareRoot()) }),
    // F(t) = 1/2 + theta/pi + sin(2 theta)/(2 pi) ... for odd degrees; 5 degrees in closed form.
    Case(
      name: "Student's t, 5 degrees", mean: 0, variance: 5.0 / 3, fourthMoment: 25,
      draw: { .studentT($0, degrees: 5, key: $1) }, drawFloat: { .studentT($0, degrees: 5, key: $1) },
      cumulative: { t in
        let theta = atan(t / 5.0.squareRoot())
        return 0.5 + (theta + sin(theta) * (cos(theta) + 2.0 / 3 * pow(cos(theta), 3))) / .pi
      }),
    truncated(-1, 2), truncated(-0.5, 0.75), truncated(3, .infinity), truncated(2, 2.25), truncated(-.infinity, -1.5),
    truncated(0, .infinity),
  ]

  /// Moments by Simpson's rule over the interval, cut where the density is below 1e-30 of its peak.
  static func truncated(_ lower: Double, _ upper: Double) -> Case {
    let (a, b) = (max(lower, -12), min(upper, 12))
    let panels = 20_000
    func integral(_ f: (Double) -> Double) -> Double {
      let h = (b - a) / Double(panels)
      return (0...panels).reduce(0) { sum, i in
        let x = a + h * Double(i)
        return sum + (i == 0 || i == panels ? 1 : i % 2 == 1 ? 4 : 2) * f(x) * exp(-x * x / 2)
      } * h / 3
    }
    let mass = integral { _ in 1 }
    let mean = integral { $0 } / mass
    // Lower tails on the side where they are small.
    @Sendable func cumulative(_ x: Double) -> Double {
      lower > 0
        ? (normalCumulative(-lower) - normalCumulative(-x)) / (normalCumulative(-lower) - normalCumulative(-upper))
        : (normalCumulative(x) - normalCumulative(lower)) / (normalCumulative(upper) - normalCumulative(lower))
    }
    return Case(
      name: "normal from \(lower) to \(upper)", mean: mean, variance: integral { pow($0 - mean, 2) } / mass,
      fourthMoment: integral { pow($0 - mean, 4) } / mass,
      draw: { .truncatedNormal($0, in: lower...upper, key: $1) },
      drawFloat: { .truncatedNormal($0, in: Float(lower)...Float(upper), key: $1) }, cumulative: cumulative)
  }

  @Test(arguments: cases) func distributed(_ row: Case) {
    let count = 100_000
    for seed in 0..<3 as Range<UInt64> {
      let x = row.draw([count], Key(seed: seed)).scalars
      let mean = x.reduce(0, +) / Double(count)
      let variance = x.reduce(0) { $0 + ($1 - row.mean) * ($1 - row.mean) } / Double(count)
      // Five standard errors: missed by a right generator once in two million times. Kolmogorov: above 1.95 / sqrt(n) once in a thousand.
      #expect(abs(mean - row.mean) < 5 * (row.variance / Double(count)).squareRoot(), "mean")
      let error = ((row.fourthMoment - row.variance * row.variance) / Double(count)).squareRoot()
      #expect(abs(variance - row.variance) < 5 * error, "variance")
      #expect(RandomTests.kolmogorovSmirnov(x, row.cumulative) < 1.95 / Double(count).squareRoot(), "distribution")
    }
  }

  /// Element i is a function of key and i: of no shape, of no thread, of neither precision.
  @Test(arguments: cases) func anElementIsItsOwn(_ row: Case) {
    let key = Key(seed: 7)
    let long = row.draw([9001], key).scalars
    for count in [1, 2, 7, 17, 4095, 4097] { #expect(row.draw([count], key).scalars[...] == long.prefix(count)) }
    #expect(row.draw([3, 5, 2], key).scalars[...] == long.prefix(30))
    for (float, double) in zip(row.drawFloat([9001], key).scalars, long) {
      // The location and the scale are applied in Float: three roundings at most, each of half a unit of the largest term.
      #expect(abs(Double(float) - double) <= 2 * Double(Float(abs(double) + 1).ulp), "\(float) \(double)")
    }
    #expect(row.draw([10], Key(seed: 8)).scalars[...] != long.prefix(10))
  }

  /// References/random.py computes them again from the draws, with Python's logarithm.
  @Test func knownNumbers() {
    let key = Key(seed: 42).named("init")
    func expect(_ tensor: Tensor<Double>, _ known: [Double], _ name: String) {
      // A few operations on a logarithm each; 1e-14 is 45 units in the last place.
      for (ours, theirs) in zip(tensor.scalars, known) { #expect(abs(ours - theirs) <= 1e-14 * abs(theirs), "\(name)") }
    }
    expect(
      .exponential([6], key: key),
      [1.220880211993106, 0.4247086889203334, 2.696653925424849, 2.732982162728533, 1.411315421744557, 0.7217730543609401],
      "exponential")
    expect(
      .laplace([6], key: key),
      [0.5277330314331605, -0.3680544838739589, 2.0035067448649038, 2.0398349821685877, 0.7181682411846115, 0.02862587380099475],
      "laplace")
    expect(
      .gumbel([6], key: key),
      [1.0512073288598394, -0.05940191172528366, 2.661951046695745, 2.6995527255408183, 1.2748283586416653, 0.4074901655288719],
      "gumbel")
    expect(
      .gamma([6], concentration: 3, key: key),
      [7.6087546083718856, 1.7436365980913675, 3.2301549292930085, 5.331235069494564, 0.9343451771215842, 1.792630687218336],
      "gamma 3")
    expect(
      .gamma([6], concentration: 0.5, key: key),
      [
        0.27674223930510283, 0.08822592486496601, 0.6877395343237803, 2.7695844966221994, 0.0011554541745180552,
        0.010057074817401068,
      ], "gamma 0.5")
    expect(
      .truncatedNormal([6], in: 2...(.infinity), key: key),
      [2.498451688826199, 2.1240776609978975, 2.4082131232738613, 2.9472238910273054, 2.0319303092399084, 2.1313681566231333],
      "normal above 2")
  }

  /// Small numbers too are right to the last places: against the C library, from the same draws.
  @Test func bothTailsKeepTheirDigits() {
    let key = Key(seed: 6)
    let count = 100_000
    let u = Tensor<Double>.uniform([count], key: key).scalars
    let exponential = Tensor<Double>.exponential([count], key: key).scalars
    let laplace = Tensor<Double>.laplace([count], key: key).scalars
    var worst = (exponential: 0.0, laplace: 0.0)
    for i in 0..<count {
      // The centre of a cell is half a cell above its lower end; exact on the side where it is given.
      let known = u[i] < 0.5 ? -log1p(-(u[i] + 0x1p-54)) : -log(1 - u[i] - 0x1p-54)
      worst.exponential = max(worst.exponential, abs(exponential[i] - known) / known.ulp)
      let q = u[i] - 0.5 + 0x1p-54
      let magnitude = -log1p(-2 * abs(q))
      worst.laplace = max(worst.laplace, abs(laplace[i] - (q < 0 ? -magnitude : magnitude)) / magnitude.ulp)
    }
    // A logarithm, a difference, a quotient and a product of ours, a logarithm of the C library.
    #expect(worst.exponential <= 6 && worst.laplace <= 6)
  }

  @Test func extremeConcentrations() {
    let tiny = Tensor<Double>.gamma([20_000], concentration: 0.001, key: Key(seed: 1)).scalars
    #expect(tiny.allSatisfy { $0 >= 0 && $0.isFinite })
    // P(x < 1e-300) = 1e-300^0.001 / Gamma(1.001) = 0.5016; five standard errors of a share are 0.0177.
    #expect(abs(Double(tiny.count { $0 < 1e-300 }) / 20_000 - 0.5016) < 0.0177)
    let large = Tensor<Double>.gamma([20_000], concentration: 1e8, key: Key(seed: 1))
    #expect(abs(large.mean().scalar - 1e8) < 5 * 1e4 / 20_000.0.squareRoot())
    let simplex = Tensor<Double>.dirichlet([1000, 5], concentration: 0.001, key: Key(seed: 1))
    for i in 0..<1000 { #expect(abs(simplex.row(i).sum().scalar - 1) < 1e-15, "no 0/0 though most numbers underflow") }
  }

  @Test func dirichletMoments() {
    let (a, count): ([Double], Int) = ([0.5, 1, 2.5], 100_000)
    let x = Tensor<Double>.dirichlet([count, 3], concentrations: a, key: Key(seed: 3))
    for i in stride(from: 0, to: count, by: 1000) { #expect(abs(x.row(i).sum().scalar - 1) < 1e-15) }
    for (k, concentration) in a.enumerated() {
      let share = concentration / 4
      let variance = share * (1 - share) / 5
      let column = (0..<count).map { x[$0, k] }
      #expect(abs(column.reduce(0, +) / Double(count) - share) < 5 * (variance / Double(count)).squareRoot())
      let square = column.reduce(0) { $0 + ($1 - share) * ($1 - share) } / Double(count)
      // The fourth central moment of a number in 0...1 is below its variance.
      #expect(abs(square - variance) < 5 * (variance / Double(count)).squareRoot())
    }
    // Covariance of the first two: -a_0 a_1 / (4^2 5); the product of two numbers in 0...1 has a variance below 1/16.
    let product = (0..<count).reduce(0) { $0 + (x[$1, 0] - 0.125) * (x[$1, 1] - 0.25) } / Double(count)
    #expect(abs(product + 0.5 / 80) < 5 * 0.25 / Double(count).squareRoot())
    let float = Tensor<Float>.dirichlet([50, 3], concentrations: [0.5, 1, 2.5], key: Key(seed: 3)).scalars
    #expect(float == x.scalars.prefix(150).map { Float($0) })
  }

  @Test func farTailsOfTheTruncatedNormal() {
    // Beyond 30 standard deviations z - 30 is exponential with rate 30 to 1 part in 900: mean 1/30 (1 - 1/900).
    let x = Tensor<Double>.truncatedNormal([20_000], in: 30...(.infinity), key: Key(seed: 2))
    #expect(x.min().scalar >= 30)
    #expect(abs((x.mean().scalar - 30) * 30 - (1 - 1.0 / 900)) < 5 / 20_000.0.squareRoot())
    #expect(Tensor<Double>.truncatedNormal([100], in: -40...(-39), key: Key(seed: 2)).max().scalar <= -39)
    let shifted = Tensor<Float>.truncatedNormal([1000], mean: 5, standardDeviation: 2, in: 1...3, key: Key(seed: 2))
    #expect(shifted.min().scalar >= 1 && shifted.max().scalar <= 3)
  }

  @Test func oneThreadOrMany() {
    let key = Key(seed: 3)
    let shape = [1000, 13]  // Four blocks.
    func all() -> [[Double]] {
      [
        Tensor<Double>.gamma(shape, concentration: 0.3, key: key).scalars,
        Tensor<Double>.truncatedNormal(shape, in: 1...2, key: key).scalars,
        Tensor<Double>.orthogonal([10, 4, 4], key: key).scalars,
        Tensor<Int32>.poisson(shape, mean: 50, key: key).scalars.map(Double.init),
      ]
    }
    let count = Threads.count
    defer { Threads.count = count }
    Threads.count = 1
    let one = all()
    Threads.count = 5
    #expect(all() == one)
  }
}
