import Foundation
import Tensors
import Testing

@Suite struct RandomDiscreteTests {
  static let key = Key(seed: 42).named("init")

  /// Printed by References/random.py, an independent transcription.
  @Test func knownNumbers() {
    let key = Self.key
    #expect(
      Tensor<Int32>.poisson([20], mean: 2.5, key: key).scalars == [3, 2, 5, 5, 3, 2, 2, 4, 2, 1, 3, 2, 0, 1, 2, 1, 4, 3, 2, 3])
    #expect(
      Tensor<Int32>.poisson([20], mean: 30, key: key).scalars == [
        33, 26, 32, 38, 25, 26, 31, 21, 25, 35, 25, 29, 30, 22, 32, 26, 37, 30, 32, 25,
      ])
    #expect(Tensor<Int32>.integers([12], in: -5..<12, key: key).scalars == [6, 0, 10, 10, 7, 3, 2, 9, 2, -1, 6, 1])
    let choices: [Int32] = [0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1]
    #expect(Tensor<Int32>.bernoulli([12], probability: 0.4, key: key).scalars == choices)
    #expect(Tensor<Double>.bernoulli([12], probability: 0.4, key: key).scalars == choices.map(Double.init))
    #expect(Tensor<Float>.bernoulli(probabilities: .full([12], 0.4), key: key).scalars == choices.map(Float.init))
    #expect(Tensor<Float>.rademacher([12], key: key).scalars == [1, -1, 1, 1, 1, 1, -1, 1, -1, -1, 1, -1])
    #expect(key.choice(8, from: 20) == [14, 7, 18, 2, 16, 12, 5, 3])
  }

  /// Chi-squared of counts against shares, less its mean, in its standard deviations: about normal for many classes.
  static func chiSquared(_ counts: [Int], _ shares: [Double]) -> Double {
    let total = Double(counts.reduce(0, +))
    let statistic = zip(counts, shares).reduce(0) { $0 + pow(Double($1.0) - total * $1.1, 2) / (total * $1.1) }
    let degrees = Double(counts.count - 1)
    return (statistic - degrees) / (2 * degrees).squareRoot()
  }

  @Test(arguments: [0.3, 2.5, 9.99, 10, 47, 3000]) func poissonCounts(mean: Double) {
    let total = 200_000
    let x = Tensor<Int32>.poisson([total], mean: mean, key: Key(seed: 5)).scalars
    let average = x.reduce(0) { $0 + Double($1) } / Double(total)
    #expect(abs(average - mean) < 5 * (mean / Double(total)).squareRoot())
    // Classes with at least 20 counts expected; their shares and the rest.
    var (shares, counts, rest) = ([Double](), [Int](), 1.0)
    var histogram: [Int32: Int] = [:]
    for k in x { histogram[k, default: 0] += 1 }
    for k in 0...Int32(2 * mean + 20) {
      let share = exp(Double(k) * log(mean) - mean - lgamma(Double(k) + 1))
      guard share * Double(total) > 20 else { continue }
      shares.append(share)
      counts.append(histogram[k] ?? 0)
      rest -= share
    }
    // The far tails together are one class, unless they are too small for a count of their own.
    if rest * Double(total) > 5 {
      shares.append(rest)
      counts.append(total - counts.reduce(0, +))
    }
    // Five standard deviations; a chi-squared of few degrees has a longer tail than the normal: three classes are the fewest here.
    #expect(abs(Self.chiSquared(counts, shares)) < 5)
    #expect(Tensor<Int32>.poisson([4], mean: 0, key: Key(seed: 5)).scalars == [0, 0, 0, 0])
  }

  @Test func integersAreUniform() {
    let x = Tensor<Int32>.integers([100_000], in: 10..<60, key: Key(seed: 1)).scalars
    let counts = (10..<60).map { i in x.count { $0 == i } }
    #expect(counts.reduce(0, +) == 100_000)
    #expect(abs(Self.chiSquared(counts, Array(repeating: 0.02, count: 50))) < 5)
    let wide = Tensor<Int32>.integers([1000], in: Int32.min..<Int32.max, key: Key(seed: 1)).scalars
    #expect(wide.contains { $0 < -1 << 30 } && wide.contains { $0 > 1 << 30 }, "a width beyond Int32.max")
  }

  @Test func bernoulliEnds() {
    let key = Key(seed: 2)
    #expect(Tensor<Double>.bernoulli([5000], probability: 0, key: key).sum().scalar == 0)
    #expect(Tensor<Double>.bernoulli([5000], probability: 1, key: key).sum().scalar == 5000)
    let x = Tensor<Float>.bernoulli(probabilities: Tensor([0, 1, 0.5, 1]), key: key).scalars
    #expect(x[0] == 0 && x[1] == 1 && x[3] == 1)
    #expect(abs(Tensor<Float>.bernoulli([100_000], probability: 0.3, key: key).mean().scalar - 0.3) < 5 * 0.46 / 316)
    #expect(abs(Tensor<Double>.rademacher([100_000], key: key).mean().scalar) < 5 / 316.0)
  }

  @Test func classesComeWithTheirProbabilities() {
    let logits: [Double] = [0, 1, -1, -.infinity, 2]
    let count = 100_000
    let rows = Tensor<Double>(shape: [count, 5], Array(repeating: logits, count: count).flatMap(\.self))
    let x = Tensor<Int32>.categorical(logits: rows, key: Key(seed: 4))
    #expect(x.shape == [count])
    let counts = (0..<5).map { k in x.scalars.count { $0 == k } }
    #expect(counts[3] == 0)
    let mass = logits.reduce(0) { $0 + exp($1) }
    let possible = [0, 1, 2, 4]
    #expect(abs(Self.chiSquared(possible.map { counts[$0] }, possible.map { exp(logits[$0]) / mass })) < 5)
    // A row is a function of key and place: in Float too, for logits that Float holds.
    let few = Tensor<Float>(shape: [3, 2, 5], Array(repeating: logits.map { Float($0) }, count: 6).flatMap(\.self))
    let same = Tensor<Int32>.categorical(logits: few, key: Key(seed: 4))
    #expect(same.shape == [3, 2] && same.scalars[...] == x.scalars.prefix(6))
    let none = Tensor<Double>(shape: [3, 2], [.nan, 0, -.infinity, -.infinity, 0, .nan])
    #expect(Tensor<Int32>.categorical(logits: none, key: Key(seed: 4)).scalars == [-1, -1, -1])
  }

  @Test func choicesAreDifferentAndFair() {
    let key = Key(seed: 6)
    #expect(key.choice(0, from: 0) == [])
    #expect(Set(key.choice(1000, from: 1000)) == Set(0..<1000))
    #expect(key.choice(3, from: 1 << 40) == Array(key.choice(9, from: 1 << 40).prefix(3)))
    // All 20 ordered pairs of 5, 400 times each on average.
    let pairs = Dictionary(grouping: key.split(8000).map { $0.choice(2, from: 5) }) { $0 }.values.map(\.count)
    #expect(pairs.count == 20 && abs(Self.chiSquared(pairs, Array(repeating: 0.05, count: 20))) < 5)
  }
}

@Suite struct RandomMatrixTests {
  @Test(arguments: [[3, 3], [6, 2], [2, 5], [2, 3, 4, 4], [0, 2, 2], [1, 1]]) func orthonormal(shape: [Int]) {
    let x = Tensor<Double>.orthogonal(shape, key: Key(seed: 1))
    #expect(x.shape == shape)
    let (m, n) = (shape[shape.count - 2], shape[shape.count - 1])
    let batches = x.reshaped([shape.dropLast(2).reduce(1, *), m, n])
    for i in 0..<batches.shape[0] {
      let matrix = batches.row(i)
      let gram = m < n ? matmul(matrix, matrix, transposeB: true) : matmul(matrix, matrix, transposeA: true)
      // Householder reflections keep columns orthonormal to a few roundings.
      #expect((gram - .identity(min(m, n))).norm().scalar < 1e-14)
    }
    #expect(Tensor<Float>.orthogonal(shape, key: Key(seed: 1)).scalars == x.scalars.map { Float($0) })
    if shape.count == 4 { #expect(batches.row(0) == Tensor<Double>.orthogonal([4, 4], key: Key(seed: 1))) }
  }

  /// Of a Haar matrix of side 3: the trace of a rotation by a and a sign, E tr = 0, E tr^2 = 1, E det = 0, and every entry is uniform on
  /// [-1, 1]. LAPACK's own signs of R give entries that are not: the diagonal would lean to one side.
  @Test func haar() {
    let count = 20_000
    let x = Tensor<Double>.orthogonal([count, 3, 3], key: Key(seed: 2)).scalars
    let bound = 5 / Double(count).squareRoot()
    for entry in [0, 1, 4, 5, 8] {
      let values = (0..<count).map { x[9 * $0 + entry] }
      #expect(RandomTests.kolmogorovSmirnov(values) { ($0 + 1) / 2 } < 1.95 / Double(count).squareRoot(), "entry \(entry)")
    }
    let traces = (0..<count).map { i in [0, 4, 8].reduce(0.0) { $0 + x[9 * i + $1] } }
    #expect(abs(traces.reduce(0, +) / Double(count)) < bound)
    // E tr^4 = 3, so the variance of tr^2 is 2.
    #expect(abs(traces.reduce(0) { $0 + $1 * $1 } / Double(count) - 1) < 2.0.squareRoot() * bound)
    let determinants = (0..<count).map { i -> Double in
      let m = Array(x[9 * i..<9 * i + 9])
      let minors = [m[4] * m[8] - m[5] * m[7], m[5] * m[6] - m[3] * m[8], m[3] * m[7] - m[4] * m[6]]
      return m[0] * minors[0] + m[1] * minors[1] + m[2] * minors[2]
    }
    #expect(abs(determinants.reduce(0, +) / Double(count)) < bound)
  }
}
