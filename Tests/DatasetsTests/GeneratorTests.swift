import Datasets
import Foundation
import Tensors
import Testing

/// Drawn data sets: shapes, what the labels mean, and that a sample depends on the key and its place alone.
@Suite struct GeneratorTests {
  private static let key = Key(seed: 3)

  struct Family: Sendable, CustomTestStringConvertible {
    let name: String
    let dimension, classes: Int
    let draw: @Sendable (Int, Key) -> LabelledPoints<Double>
    let drawFloat: @Sendable (Int, Key) -> LabelledPoints<Float>
    var testDescription: String { name }
  }

  private static let mixture = GaussianMixture(
    centres: Tensor(shape: [3, 2], [0, 0, 5, 0, 0, 5]), spread: 0.5, classOfCluster: [0, 1, 1], shares: [0.5, 0.2, 0.3])
  private static let design = LinearDesign(dimension: 4, spectrum: .powerLaw(exponent: 1), isRotated: true, key: key)
  private static let teacher = TeacherNetwork(inputs: 4, hidden: 8, outputs: 3, key: key)
  private static let prototypes = PrototypeImages(classes: 4, side: 8, channels: 2, key: key)

  static let families = [
    Family(
      name: "mixture", dimension: 2, classes: 2, draw: { mixture.sample($0, labelNoise: 0.1, key: $1) },
      drawFloat: { mixture.sample($0, labelNoise: 0.1, key: $1) }),
    Family(
      name: "exclusive or", dimension: 5, classes: 2,
      draw: { GaussianMixture.exclusiveOr(dimension: 5, spread: 0.1).sample($0, key: $1) },
      drawFloat: { GaussianMixture.exclusiveOr(dimension: 5, spread: 0.1).sample($0, key: $1) }),
    Family(
      name: "moons", dimension: 2, classes: 2, draw: { PlanarShapes.twoMoons($0, key: $1) },
      drawFloat: { PlanarShapes.twoMoons($0, key: $1) }),
    Family(
      name: "circles", dimension: 2, classes: 3, draw: { PlanarShapes.circles($0, classes: 3, key: $1) },
      drawFloat: { PlanarShapes.circles($0, classes: 3, key: $1) }),
    Family(
      name: "spirals", dimension: 2, classes: 3, draw: { PlanarShapes.spirals($0, classes: 3, key: $1) },
      drawFloat: { PlanarShapes.spirals($0, classes: 3, key: $1) }),
    Family(
      name: "checkerboard", dimension: 2, classes: 2, draw: { PlanarShapes.checkerboard($0, labelNoise: 0.1, key: $1) },
      drawFloat: { PlanarShapes.checkerboard($0, labelNoise: 0.1, key: $1) }),
    Family(
      name: "separable", dimension: 4, classes: 2, draw: { design.separable($0, margin: 0.5, key: $1) },
      drawFloat: { design.separable($0, margin: 0.5, key: $1) }),
    Family(
      name: "logistic", dimension: 4, classes: 2, draw: { design.logistic($0, key: $1) },
      drawFloat: { design.logistic($0, key: $1) }),
    Family(
      name: "teacher", dimension: 4, classes: 3, draw: { teacher.classification($0, labelNoise: 0.1, key: $1) },
      drawFloat: { teacher.classification($0, labelNoise: 0.1, key: $1) }),
    Family(
      name: "prototypes", dimension: 128, classes: 4, draw: { prototypes.sample($0, noise: 1, key: $1) },
      drawFloat: { prototypes.sample($0, noise: 1, key: $1) }),
  ]

  @Test(arguments: families) func aPointIsItsOwn(_ family: Family) {
    let points = family.draw(60, Self.key)
    #expect(points.inputs.shape == [60, family.dimension] && points.labels.shape == [60] && points.classes == family.classes)
    #expect(Set(points.labels.scalars) == Set(0..<Int32(family.classes)))
    let fewer = family.draw(7, Self.key)
    #expect(fewer.labels.scalars[...] == points.labels.scalars.prefix(7))
    // Matrix products may sum in another order for another number of rows: a few roundings of numbers near 1.
    #expect(zip(fewer.inputs.scalars, points.inputs.scalars).allSatisfy { abs($0 - $1) < 1e-14 })
    #expect(family.drawFloat(60, Self.key).inputs.scalars == points.inputs.scalars.map { Float($0) })
    #expect(family.draw(7, Key(seed: 4)).inputs != fewer.inputs)
  }

  @Test func pointsLieAroundTheirCentres() {
    let points: LabelledPoints<Double> = Self.mixture.sample(20_000, key: Self.key)
    var counts = [0, 0, 0]
    for i in 0..<points.count {
      // Centres are ten spreads apart: the nearest is the one, but for one point in a million.
      let distances = (0..<3).map { (points.inputs.row(i) - Self.mixture.centres.row($0)).norm().scalar }
      let nearest = distances.indices.reduce(0) { distances[$1] < distances[$0] ? $1 : $0 }
      counts[nearest] += 1
      #expect(points.labels[i] == (nearest == 0 ? 0 : 1))
    }
    for (count, share) in zip(counts, [0.5, 0.2, 0.3]) {
      #expect(abs(Double(count) / 20_000 - share) < 5 * (share * (1 - share) / 20_000).squareRoot())
    }
    let spread = (0..<20_000).reduce(0.0) {
      $0 + (points.labels[$1] == 0 ? Double(points.inputs.row($1).squaredNorm().scalar) : 0)
    }
    // A chi-squared of two degrees has mean and standard deviation 2.
    #expect(abs(spread / Double(counts[0]) / 0.25 - 2) < 5 * 2 / Double(counts[0]).squareRoot())
    let noisy: LabelledPoints<Double> = Self.mixture.sample(20_000, labelNoise: 0.2, key: Self.key)
    let flipped = (0..<20_000).count { noisy.labels[$0] != points.labels[$0] }
    #expect(abs(Double(flipped) / 20_000 - 0.2) < 5 * 0.4 / 20_000.0.squareRoot())
    let apart = GaussianMixture(classes: 2, dimension: 10_000, separation: 3, key: Self.key).centres
    // Directions in 10,000 dimensions have cosines of about 0.01.
    #expect(abs((apart.row(0) - apart.row(1)).norm().scalar - 3) < 5 * 0.01 * 3)
  }

  @Test func shapesWithoutNoise() {
    let moons = PlanarShapes.twoMoons(40, noise: 0, as: Double.self, key: Self.key)
    let circles = PlanarShapes.circles(40, noise: 0, as: Double.self, key: Self.key)
    let spirals = PlanarShapes.spirals(40, turns: 1, noise: 0, as: Double.self, key: Self.key)
    for i in 0..<40 {
      let (x, y, label) = (moons.inputs[i, 0], moons.inputs[i, 1], moons.labels[i])
      #expect(abs(label == 0 ? hypot(x, y) - 1 : hypot(x - 1, y - 0.5) - 1) < 1e-15 && (label == 0 ? y >= 0 : y <= 0.5))
      #expect(abs(circles.inputs.row(i).norm().scalar - (circles.labels[i] == 0 ? 1 : 0.5)) < 1e-15)
      // On an arm the angle is 2 pi times the radius, up to the half turn between the arms.
      let point = spirals.inputs.row(i)
      let turned = 2 * .pi * point.norm().scalar + (spirals.labels[i] == 0 ? 0 : .pi)
      #expect(
        abs(point[0] - point.norm().scalar * cos(turned)) < 1e-14 && abs(point[1] - point.norm().scalar * sin(turned)) < 1e-14)
    }
    let board = PlanarShapes.checkerboard(2000, cells: 2, as: Double.self, key: Self.key)
    for i in 0..<2000 { #expect((board.inputs[i, 0] * board.inputs[i, 1] < 0) == (board.labels[i] == 1)) }
    let xor: LabelledPoints<Double> = GaussianMixture.exclusiveOr(spread: 0.1).sample(100, key: Self.key)
    for i in 0..<100 { #expect((xor.inputs[i, 0] * xor.inputs[i, 1] < 0) == (xor.labels[i] == 1)) }
  }

  @Test func spectra() {
    #expect(CovarianceSpectrum.isotropic.values(3) == [1, 1, 1])
    #expect(CovarianceSpectrum.powerLaw(exponent: 2).values(3) == [1, 0.25, 1.0 / 9])
    let condition = CovarianceSpectrum.conditionNumber(100).values(3)
    #expect(condition[0] == 1 && abs(condition[1] - 0.1) < 1e-16 && abs(condition[2] - 0.01) < 1e-17)
    #expect(CovarianceSpectrum.conditionNumber(10).values(1) == [1])
  }

  @Test(arguments: [false, true]) func regressionHasItsCovarianceAndItsWeights(isRotated: Bool) {
    let count = 50_000
    let design = LinearDesign(
      dimension: 3, spectrum: .eigenvalues([1, 0.5, 0.1]), weightNorm: 2, isRotated: isRotated, key: Self.key)
    let samples: RegressionSamples<Double> = design.regression(count, noise: 0.3, key: Self.key)
    #expect(samples.weights == design.weights && abs(samples.weights.norm().scalar - 2) < 1e-15)
    let covariance = matmul(samples.inputs, samples.inputs, transposeA: true) * (1 / Double(count))
    let axes = design.axes ?? .identity(3)
    let expected = matmul(axes * Tensor([1, 0.5, 0.1]), axes, transposeB: true)
    // The standard error of an entry is at most sqrt(2 / count) times the largest eigenvalue.
    #expect((covariance - expected).scalars.allSatisfy { abs($0) < 5 * (2 / Double(count)).squareRoot() })
    let residual = samples.targets - matmul(samples.inputs, samples.weights)
    #expect(abs((residual * residual).mean().scalar - 0.09) < 5 * 0.09 * (2 / Double(count)).squareRoot())
    #expect(samples.selected([5, 2]).targets.scalars == [samples.targets[5], samples.targets[2]])
  }

  @Test func classesOfLinearDesigns() {
    let points: LabelledPoints<Double> = Self.design.separable(5000, margin: 0.5, key: Self.key)
    let scores = matmul(points.inputs, Self.design.weights) * points.signs * (1 / Self.design.weights.norm().scalar)
    #expect(scores.min().scalar >= 0.5 - 1e-14)
    #expect(scores.min().scalar < 0.51, "the margin is reached, nearly")
    let steep = LinearDesign(dimension: 2, weightNorm: 3, key: Self.key)
    let noisy: LabelledPoints<Double> = steep.logistic(50_000, key: Self.key)
    let excess = noisy.labels.map { Double($0) } - 1 / (1 + (-matmul(noisy.inputs, steep.weights)).exp())
    // Labels less their probabilities average to 0, alone and times the score: variances at most 1/4 and 1/4 of the score's.
    #expect(abs(excess.mean().scalar) < 5 * 0.5 / 50_000.0.squareRoot())
    #expect(abs((excess * matmul(noisy.inputs, steep.weights)).mean().scalar) < 5 * 1.5 / 50_000.0.squareRoot())
  }

  @Test func teachersAnswer() {
    let inputs = Tensor<Double>(shape: [1, 4], [1, -2, 0.5, 3])
    for activation in [TeacherNetwork.Activation.relu, .tanh] {
      let teacher = TeacherNetwork(inputs: 4, hidden: 8, outputs: 3, activation: activation, key: Self.key)
      let output = teacher.outputs(for: inputs)
      for k in 0..<3 {
        let known = (0..<8).reduce(0.0) { sum, h in
          let before = (0..<4).reduce(0.0) { $0 + teacher.hidden[h, $1] * inputs[0, $1] }
          return sum + teacher.output[k, h] * (activation == .tanh ? Foundation.tanh(before) : max(0, before))
        }
        #expect(abs(output[0, k] - known) < 1e-14)
      }
    }
    let points: LabelledPoints<Double> = Self.teacher.classification(200, key: Self.key)
    let scores = Self.teacher.outputs(for: points.inputs)
    for i in 0..<200 { #expect(scores[i, Int(points.labels[i])] == scores.row(i).max().scalar) }
    let pairs: (inputs: Tensor<Double>, targets: Tensor<Double>) = Self.teacher.regression(200, key: Self.key)
    #expect(pairs.targets == scores && pairs.inputs == points.inputs)
    let binary: LabelledPoints<Double> = TeacherNetwork(inputs: 4, hidden: 8, key: Self.key).classification(200, key: Self.key)
    #expect(binary.classes == 2 && Set(binary.labels.scalars) == [0, 1])
  }

  @Test func prototypesAreSmooth() {
    let rows = Self.prototypes.prototypes
    #expect(rows.shape == [4, 128])
    for k in 0..<4 {
      #expect(abs(rows.row(k).squaredNorm().scalar / 128 - 1) < 1e-14)
      let image = rows.row(k).reshaped([2, 8, 8])
      for channel in 0..<2 {
        // The constant frequency is left out: the mean is 0. An alternating pattern has no share in the low frequencies.
        #expect(abs(image.row(channel).sum().scalar) < 1e-13)
        let plane = image.row(channel)
        let fastest = (0..<8).reduce(0.0) { sum, x in
          sum + (0..<8).reduce(0.0) { $0 + plane[$1, x] * cos(.pi * (Double($1) + 0.5) * 5 / 8) }
        }
        #expect(abs(fastest) < 1e-13)
      }
    }
  }

  /// Without noise an image is its pattern; classes and patterns come in turn.
  @Test func aClassHasSeveralPrototypes() {
    let images = PrototypeImages(classes: 3, prototypesPerClass: 2, side: 8, key: Self.key)
    let points = images.sample(12, noise: 0, as: Double.self, key: Self.key)
    #expect(images.prototypes.shape == [6, 64] && points.labels.scalars == [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2])
    #expect(points.classes == 3 && points.inputs == Tensor.concatenate([images.prototypes, images.prototypes]))
    let single = PrototypeImages(classes: 3, side: 8, key: Self.key)
    #expect(single.classes == 3 && single.prototypes.shape == [3, 64])
  }

  @Test func inContextSequences() {
    let data = InContextRegression<Double>(6, length: 5, dimension: 3, key: Self.key)
    #expect(data.inputs.shape == [6, 5, 3] && data.targets.shape == [6, 5] && data.weights.shape == [6, 3])
    for i in 0..<6 {
      for t in 0..<5 {
        let known = (0..<3).reduce(0.0) { $0 + data.inputs[i, t, $1] * data.weights[i, $1] }
        #expect(abs(data.targets[i, t] - known) < 1e-14)
      }
    }
    let prompts = data.prompts()
    #expect(prompts.shape == [6, 5, 4] && prompts[2, 3, 3] == data.targets[2, 3] && prompts[2, 4, 3] == 0)
    #expect(prompts[2, 4, 1] == data.inputs[2, 4, 1])
    #expect(data.weights.row(0) != data.weights.row(1))
  }

  /// The same targets in other coordinates, whose inputs have the covariance A A^T.
  @Test func mappedSequences() throws {
    let map = Tensor<Double>(shape: [2, 2], [2, 1, 0, 0.5])
    let data = InContextRegression<Double>(4000, length: 3, dimension: 2, noise: 0.2, key: Self.key)
    let mapped = data.mapped(by: map)
    #expect(mapped.targets == data.targets)
    let values = (mapped.inputs * mapped.weights.expandingDimensions(1)).sum(2)
    #expect((values - data.noiselessTargets).norm().scalar < 1e-11)
    let rows = mapped.inputs.reshaped(-1, 2)
    let covariance = matmul(rows, rows, transposeA: true) / 12_000
    // Five standard errors of the largest entry, 5 sqrt(2 / 12000).
    #expect((covariance - matmul(map, map, transposeB: true)).abs().max().scalar < 0.33)
    // The noise: its standard deviation 0.2 within five standard errors.
    let deviation = (data.targets - data.noiselessTargets).square().mean().scalar.squareRoot()
    #expect(abs(deviation - 0.2) < 5 * 0.2 / 24_000.0.squareRoot())
  }

  /// Networks of hidden units u_j, outputs a_j: the formula, and variance d.
  @Test func sequencesOfNetworks() {
    let data = InContextRegression<Double>(
      3000, length: 4, dimension: 3, response: .reluNetwork(units: 2), weightScale: 2, key: Self.key)
    #expect(data.weights.shape == [3000, 2, 4])
    for i in 0..<5 {
      for t in 0..<4 {
        let value = (0..<2).reduce(0.0) { sum, j in
          let z = (0..<3).reduce(0.0) { $0 + data.inputs[i, t, $1] * data.weights[i, j, $1] }
          return sum + 2 * data.weights[i, j, 3] * max(z, 0)
        }
        #expect(abs(data.noiselessTargets[i, t] - value) < 1e-13)
      }
    }
    let wide = InContextRegression<Double>(3000, length: 4, dimension: 3, response: .reluNetwork(units: 10), key: Self.key)
    // The mean squares of a sequence deviate by about 5: five standard errors of 3000 of them.
    #expect(abs(wide.targets.square().mean().scalar - 3) < 0.45)
  }

  @Test func sequencesOfSines() {
    let data = InContextRegression<Double>(50, length: 4, dimension: 1, inputs: .uniform(5), response: .sine, key: Self.key)
    for i in 0..<50 {
      let (amplitude, phase) = (data.weights[i, 0], data.weights[i, 1])
      #expect((0.1..<5).contains(amplitude) && (0..<Double.pi).contains(phase))
      for t in 0..<4 { #expect(abs(data.targets[i, t] - amplitude * sin(data.inputs[i, t, 0] + phase)) < 1e-13) }
    }
    let largest = data.inputs.abs().max().scalar
    #expect(largest < 5 && largest > 4.5)
  }

  @Test func promptsAreContextAndQuery() {
    let data = InContextRegression<Float>(3, length: 5, dimension: 2, noise: 0.5, key: Self.key)
    let prompts = data.prompts()
    #expect(data.contextLength == 4 && data.context == prompts.slice(All(), 0..<4) && data.query == prompts.slice(All(), 4..<5))
    #expect(data.queryTarget == data.targets.slice(All(), 4) && data.queryTarget != data.noiselessQueryTarget)
    // Numbers are drawn in Double and rounded.
    let exact = InContextRegression<Double>(3, length: 5, dimension: 2, noise: 0.5, key: Self.key)
    #expect(data.targets == exact.targets.converted(to: Float.self))
  }
}
