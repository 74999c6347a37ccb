import Problems
import Tensors
import Testing
import Transforms

/// Each function with its name, on a few random samples.
private let functions: [(name: String, function: any SmoothFunction<Double>)] = {
  let key = Key(seed: 11)
  let design = Tensor<Double>.normal([9, 4], key: key.named("design"))
  let numbers = Tensor<Double>.normal([9], key: key.named("targets"))
  let models = LinearModel<Double>.Loss.allCases.map { loss in
    LinearModel(loss, design: design, targets: loss == .squared ? numbers : numbers.sign(), ridge: 0.1)
  }
  let labels = Tensor<Int32>.integers([9], in: 0..<3, key: key.named("labels"))
  return models.map { ($0.loss.rawValue, $0) } + [
    ("quadratic", QuadraticForm(curvatures: [0.5, 1, 2, 4], linear: numbers.slice(0..<4), key: key.named("axes"))),
    ("log-sum-exp", LogSumExp(design: design, offsets: numbers, temperature: 0.3)),
    ("softmax", SoftmaxRegression(design: design, labels: labels, classes: 3, ridge: 0.1)),
  ]
}()

@Suite struct SmoothFunctionTests {
  private static func point(_ dimension: Int, _ name: String) -> Tensor<Double> {
    .normal([dimension], key: Key(seed: 5).named(name))
  }

  @Test(arguments: functions.map(\.name)) func derivativesAreThoseOfTheValue(name: String) throws {
    let function = try #require(functions.first { $0.name == name }).function
    func check<F: SmoothFunction<Double>>(_ f: F) {
      let (x, v) = (Self.point(f.dimension, "x"), Self.point(f.dimension, "v"))
      let value = { (x: Tensor<Double>) in f.value(at: x) }
      #expect((f.gradient(at: x) - grad(value)(x)).norm().scalar < 1e-13)
      #expect((f.hessianProduct(at: x, v) - hvp(value)(x, v)).norm().scalar < 1e-12)
      #expect((f.hessian(at: x) - hessian(value)(x)).norm().scalar < 1e-12)
    }
    check(function)
  }

  @Test(arguments: functions.map(\.name)) func curvatureStaysWithinTheConstants(name: String) throws {
    let f = try #require(functions.first { $0.name == name }).function
    for scale in [0.0, 0.1, 1, 10] {
      let curvatures = f.hessian(at: Self.point(f.dimension, "x") * scale).eigh().values.scalars
      #expect(curvatures[curvatures.count - 1] <= f.smoothness * (1 + 1e-12), "at \(scale)")
      if name != "sigmoid" { #expect(curvatures[0] >= f.strongConvexity - 1e-12, "at \(scale)") }
    }
  }

  @Test func theConstantOfTheSigmoidIsReached() {
    // One sample a = 1, y = 1: phi'' is largest where the sigmoid of -z is 1/2 + 1/sqrt(12).
    let s = 0.5 + 1 / 12.0.squareRoot()
    let model = LinearModel<Double>(.sigmoid, design: .ones(1, 1), targets: .ones(1))
    let curvature = model.hessian(at: Tensor([Double.log((1 - s) / s)]))
    #expect(abs(abs(curvature.scalar) - model.smoothness) < 1e-15)
  }

  @Test(arguments: ["squared", "logistic", "sigmoid", "softmax"]) func aSumIsTheMeanOfItsComponents(name: String) throws {
    let sum = try #require(functions.first { $0.name == name }?.function as? any FiniteSum<Double>)
    let x = Self.point(sum.dimension, "x")
    let gradients = sum.componentGradients(at: x)
    #expect((gradients.mean(0) - sum.gradient(at: x)).norm().scalar < 1e-14)
    let picked = (gradients.row(2) + gradients.row(7) + gradients.row(2)) / 3
    #expect((sum.gradient(at: x, of: Tensor([2, 7, 2])) - picked).norm().scalar < 1e-14)
    // No component bends more than its constant along the way from x to y.
    let y = Self.point(sum.dimension, "y")
    let ratios = (gradients - sum.componentGradients(at: y)).norm(1) / (x - y).norm()
    for (ratio, bound) in zip(ratios.scalars, sum.componentSmoothness) { #expect(ratio <= bound) }
    let variance =
      (0..<sum.count).map { (gradients.row($0) - gradients.mean(0)).squaredNorm().scalar }.reduce(0, +) / Double(sum.count)
    #expect(abs(sum.gradientVariance(at: x).scalar - variance) < 1e-13 * variance)
  }

  @Test(arguments: [LinearModel<Double>.Loss.squared, .logistic], [0, 0.1]) func theMinimumIsFlat(
    loss: LinearModel<Double>.Loss, ridge: Double
  ) throws {
    let key = Key(seed: 2)
    let design = Tensor<Double>.normal([40, 3], key: key[0])
    let noise = Tensor<Double>.normal([40], key: key[1])
    let model = LinearModel(loss, design: design, targets: loss == .squared ? noise : noise.sign(), ridge: ridge)
    let minimum = try #require(model.minimum())
    #expect(model.gradient(at: minimum.point).norm().scalar < 1e-14)
    #expect(minimum.value == model.value(at: minimum.point).scalar)
    #expect(model.value(at: minimum.point + 1e-3).scalar > minimum.value)
  }

  @Test func separableDataHaveNoMinimum() {
    let model = LinearModel<Double>(.logistic, design: Tensor(shape: [2, 2], [1, 0, -1, 0.1]), targets: Tensor([1, -1]))
    #expect(model.minimum() == nil)
  }

  @Test func wideSquaresHaveALeastPositiveCurvature() throws {
    let design = Tensor<Double>.normal([3, 7], key: Key(seed: 1))
    let model = LinearModel(.squared, design: design, targets: Tensor([1, 2, 3]))
    let curvatures = matmul(design, design, transposeB: true).eigh().values.scalars
    #expect(model.strongConvexity < 1e-15)
    #expect(abs(model.polyakLojasiewicz - curvatures[0] / 3) < 1e-14)
    // The inequality itself, at a point where it is tight: along the row space's flattest direction.
    let minimum = try #require(model.minimum())
    let flattest = matmul(design, design, transposeA: true).eigh().vectors.transposed().row(4)
    let x = minimum.point + flattest
    let gap = model.value(at: x).scalar - minimum.value
    #expect(abs(model.gradient(at: x).squaredNorm().scalar / (2 * gap) / model.polyakLojasiewicz - 1) < 1e-12)
  }

  @Test func blocksHaveTheirOwnConstants() throws {
    let design = Tensor<Double>.normal([9, 4], key: Key(seed: 6))
    let model = LinearModel(.logistic, design: design, targets: .ones(9), ridge: 0.2)
    let block = design.slice(All(), 1..<3)
    let largest = matmul(block, block, transposeA: true).eigh().values.scalars[1]
    #expect(abs(model.smoothness(ofBlock: 1..<3) - (0.25 * largest / 9 + 0.2)) < 1e-14)
    #expect(model.smoothness(ofBlock: 1..<3) <= model.smoothness)
  }

  @Test func aCenteredLogSumExpIsLeastAtZero() {
    let f = LogSumExp<Double>(
      design: .normal([20, 3], key: Key(seed: 3)), offsets: .normal([20], key: Key(seed: 4)), temperature: 0.2)
    #expect(f.centered().gradient(at: .zeros(3)).norm().scalar < 1e-15)
    // Within mu log n above the largest of the affine functions.
    let x = Tensor([0.5, -1, 2.0])
    let excess = f.value(at: x).scalar - (matmul(f.design, x) - f.offsets).max().scalar
    #expect(excess > 0 && excess <= 0.2 * Double.log(20))
  }

  @Test func aQuadraticHasTheSpectrumAsked() {
    let f = QuadraticForm<Double>(curvatures: [3, 0.25, 1], linear: Tensor([1, 2, 3]), key: Key(seed: 9))
    for (value, expected) in zip(f.matrix.eigh().values.scalars, [0.25, 1, 3]) { #expect(abs(value - expected) < 1e-14) }
    #expect((matmul(f.matrix, f.minimum().point) - f.linear).norm().scalar < 1e-13)
    #expect(abs(f.conditionNumber - 12) < 1e-12)
  }
}
