import Foundation
import Networks
import Tensors
import Testing
import Transforms

@Suite struct LayerTests {
  let key = Key(seed: 6)

  @Test func normsHaveTheMomentsTheyPromise() {
    let x = Tensor<Double>.normal([4, 3, 50], mean: 2, standardDeviation: 3, key: key)
    let y = LayerNorm<Double>(50, epsilon: 0)(x)
    #expect(norm(y.mean(-1)) < 1e-13 && norm(y.variance(-1) - 1) < 1e-13)
    let r = RMSNorm<Double>(50, epsilon: 0)(x)
    #expect(norm((r * r).mean(-1) - 1) < 1e-13)
    #expect(norm(r * x.squaredNorm(-1, keepingAxes: true).sqrt() - x * 50.0.squareRoot()) < 1e-10)
  }

  @Test func batchNormTrainsAndEvaluates() {
    let norms = BatchNorm<Double>(50, epsilon: 0, momentum: 0.75)
    let x = Tensor<Double>.normal([4, 3, 50], mean: 2, standardDeviation: 3, key: key)
    let (y, statistics) = norms.training(x, .init(50))
    #expect(norm(y.mean(0, 1)) < 1e-13 && norm(y.variance(0, 1) - 1) < 1e-12)
    #expect(norm(statistics.mean - x.mean(0, 1) * 0.25) < 1e-13)
    #expect(norm(statistics.variance - (x.variance(0, 1) * 0.25 + 0.75)) < 1e-12)
    var settled = statistics
    (settled.mean, settled.variance) = (x.mean(0, 1), x.variance(0, 1))
    #expect(norm(norms(x, settled) - y) < 1e-12)
    // The running statistics take no derivative.
    let gradient = grad { (x: Tensor<Double>) in norms.training(x, .init(50)).statistics.variance.sum() }(x)
    #expect(gradient == .zeros(x.shape))
  }

  @Test func dropoutKeepsTheMean() {
    let x = Tensor<Double>.full([100, 100], 1)
    let y = Dropout(rate: 0.25)(x, key: key)
    // Standard deviation of the mean: sqrt(1/3) / 100.
    #expect(abs(y.mean().scalar - 1) < 4 * 0.00577)
    #expect(y.scalars.allSatisfy { $0 == 0 || abs($0 - 4 / 3) < 1e-15 })
    #expect(Dropout(rate: 0)(x, key: key) == x)
  }

  /// A key that is an argument: a choice of its own for every element of a batch, and no plan of its own for every key.
  @Test func dropoutDrawsFromTracedKeys() {
    let x = Tensor<Double>.normal([3, 40], key: key)
    let keys = (0..<3).map { key.named("dropout")[$0] }
    let dropout = Dropout(rate: 0.25)
    let rows = Tensor.stack((0..<3).map { dropout(x.row($0), key: keys[$0]) })
    let each = vmap { (x: Tensor<Double>, key: Key) in dropout(x, key: key) }
    #expect(each(x, Key.batch(keys)) == rows)
    var plans = 0
    let compiled = compile(onPlan: { _ in plans += 1 }) { (x: Tensor<Double>, key: Key) in dropout(x, key: key) }
    for i in 0..<3 { #expect(compiled(x.row(i), keys[i]) == rows.row(i)) }
    #expect(plans == 1)
    // What was dropped takes no derivative, the rest 1 / (1 - rate).
    let slopes = vmap { (x: Tensor<Double>, key: Key) in grad { (x: Tensor<Double>) in dropout(x, key: key).sum() }(x) }
    #expect(slopes(x, Key.batch(keys)) == .where(rows .== 0, 0, 1 / 0.75))
  }

  @Test func convolutionIsThatOfItsFilter() {
    let stride = ImageExtents(2, 1)
    var layer = Conv2D<Double>(4, 6, kernel: ImageExtents(3, 2), stride: stride, groups: 2, key: key)
    layer.bias = .normal([6], key: key.named("bias"))
    let x = Tensor<Double>.normal([2, 7, 5, 4], key: key.named("x"))
    let expected = conv2d(x, layer.filter, stride: stride, padding: .same, groups: 2) + layer.bias!
    #expect(layer(x) == expected && expected.shape == [2, 4, 5, 6] && layer.tensors.count == 2)
    #expect(norm(compile { (m: Conv2D<Double>, x: Tensor<Double>) in m(x) }(layer, x) - expected) < 1e-13)
    let gradient = grad { (m: Conv2D<Double>) in m(x).sum() }(layer)
    #expect(norm(gradient.bias! - 40) < 1e-12 && gradient.filter.shape == layer.filter.shape)
    // He: 18432 numbers of variance 2 / (9 * 32), known to sqrt(2 / 18432) = 1 %; three of these.
    let he = Conv2D<Double>(32, 64, kernel: ImageExtents(3, 3), hasBias: false, key: key)
    #expect(abs(he.filter.squaredNorm().scalar / 18432 * 144 - 1) < 0.035 && he.bias == nil)
    #expect(he(Tensor.zeros([1, 4, 4, 32])) == .zeros(1, 4, 4, 64))
  }

  @Test func poolingByName() {
    let x = Tensor<Double>(shape: [1, 2, 4, 1], [1, 2, 3, 4, 5, 6, 7, 9])
    #expect(Pooling.maximum(ImageExtents(2, 2))(x) == Tensor(shape: [1, 1, 2, 1], [6, 9]))
    #expect(Pooling.average(ImageExtents(2, 2))(x) == Tensor(shape: [1, 1, 2, 1], [3.5, 5.75]))
    #expect(Pooling.globalAverage(x) == Tensor(shape: [1, 1], [4.625]))
  }

  static let initializers: [(Initializer, Double)] = [
    (.glorot(), 0.004), (.glorot(.normal), 0.004), (.he(), 0.01), (.leCun(.truncatedNormal), 0.005),
    (.normal(standardDeviation: 0.3), 0.09), (.truncatedNormal(standardDeviation: 0.3), 0.09), (.orthogonal(gain: 2), 4 / 300.0),
  ]

  @Test(arguments: initializers) func initializersHaveTheirVariance(initializer: Initializer, variance: Double) {
    let w: Tensor<Double> = initializer.tensor([200, 300], key: key)
    // The variance of 60000 numbers is known to sqrt(2 / 60000) = 0.6 % (normal); three of these.
    #expect(abs(w.squaredNorm().scalar / 60000 / variance - 1) < 0.018)
    #expect(abs(w.mean().scalar) < 4 * (variance / 60000).squareRoot())
  }

  @Test func filtersCountTheirPlaces() {
    let filter: Tensor<Double> = Initializer.he().tensor([3, 3, 32, 64], key: key)
    #expect(abs(filter.squaredNorm().scalar / 18432 / (2.0 / 288) - 1) < 0.035)
    let square: Tensor<Double> = Initializer.orthogonal(gain: 1).tensor([20, 20], key: key)
    #expect(norm(matmul(square, square, transposeA: true) - .identity(20)) < 1e-13)
    let constant: Tensor<Double> = Initializer.constant(2).tensor([3], key: key)
    #expect(constant == Tensor([2, 2, 2]))
  }

  /// The table of Yang and Hu, and what it is for: how the change of the features and of the output depends on the width.
  @Test func parametrizationsMoveFeaturesAsTheySay() {
    for (parametrization, expected) in [(Parametrization.muP, 0.0), (.ntk, -0.5)] {
      let slope = log2(featureChange(parametrization, 1024) / featureChange(parametrization, 256)) / 2
      #expect(abs(slope - expected) < 0.15)
    }
    let scales = Parametrization.muP.scales(fanIn: 64, fanOut: 10, role: .output)
    #expect(scales.multiplier == 0.125 && scales.standardDeviation == 0.125 && scales.learningRate == 1)
    let input = Parametrization.muP.scales(fanIn: 4, fanOut: 64, role: .input)
    #expect(input.multiplier == 8 && input.standardDeviation == 0.0625 && input.adamLearningRate == 0.125)
    #expect(Parametrization.meanField.scales(fanIn: 64, fanOut: 1, role: .output).learningRate == 64)
  }

  /// Root mean square change of the last hidden layer's values in one step of gradient descent.
  private func featureChange(_ parametrization: Parametrization, _ width: Int) -> Double {
    let x = Tensor<Double>.normal([8, 10], key: key.named("x"))
    let y = Tensor<Double>.normal([8, 1], key: key.named("y"))
    let model = MLP<Double>([10, width, width, 1], activation: .tanh, parametrization: parametrization, key: key)
    // A linear loss: a squared one would depend on the random output at first.
    let gradient = grad { (m: MLP<Double>) in (m(x) * y).mean() }(model)
    let rates = model.learningRates()
    var moved = model
    moved = moved.replacingTensors(
      zip(zip(model.tensors, gradient.tensors), rates.tensors).map { pair, rate in pair.0 - pair.1 * rate * 0.1 })
    let change = moved.preactivations(x)[1] - model.preactivations(x)[1]
    return (change.squaredNorm().scalar / Double(change.count)).squareRoot()
  }

  @Test func lossesMatchTheirFormulas() {
    let z = Tensor<Double>(shape: [2, 3], [1, -2, 0.5, 300, 0, -300])
    let labels = Tensor<Int32>([2, 1])
    let losses = crossEntropy(z, labels: labels, reduction: .none)
    let first = log(exp(1) + exp(-2) + exp(0.5)) - 0.5
    #expect(abs(losses[0] - first) < 1e-15 && abs(losses[1] - 300) < 1e-12)
    #expect(abs(crossEntropy(z, labels: labels).scalar - (first + 300) / 2) < 1e-12)
    #expect(abs(crossEntropy(z, labels: labels, reduction: .sum).scalar - (first + 300)) < 1e-12)
    let oneHot = Tensor<Double>(shape: [2, 3], [0, 0, 1, 0, 1, 0])
    for smoothing in [0, 0.1] {
      let soft = crossEntropy(z, probabilities: oneHot, smoothing: smoothing, reduction: .none)
      #expect(norm(soft - crossEntropy(z, labels: labels, smoothing: smoothing, reduction: .none)) < 1e-12)
    }
    let gradient = grad { (z: Tensor<Double>) in crossEntropy(z, labels: labels, reduction: .sum) }(z)
    #expect(norm(gradient - (z.softmax() - oneHot)) < 1e-15)
    let each = vmap { (z: Tensor<Double>, label: Tensor<Int32>) in crossEntropy(z, labels: label) }(z, labels)
    #expect(norm(each - losses) < 1e-12)
    #expect(accuracy(z, labels: Tensor<Int32>([0, 1])).scalar == 0.5)

    let (a, b) = (Tensor<Double>([0.5, -3, 800]), Tensor<Double>([1, 0, 1]))
    #expect(norm(logisticLoss(a, b, reduction: .none) - Tensor([log1p(exp(-0.5)), log1p(exp(-3)), 0])) < 1e-15)
    #expect(hingeLoss(a, signs: Tensor([1, 1, -1]), reduction: .none) == Tensor([0.5, 4, 801]))
    #expect(huberLoss(a, b, delta: 2, reduction: .none) == Tensor([0.125, 4, 1596]))
    let slopes = grad { (a: Tensor<Double>) in huberLoss(a, b, delta: 2, reduction: .sum) }(a)
    #expect(slopes == Tensor([-0.5, -2, 2]))
    #expect(abs(meanSquaredError(a, b).scalar - 638_410.25 / 3) < 1e-9)
  }

  @Test func mlpsTakeAnyLeadingAxes() {
    let model = MLP<Double>([3, 5, 2], activation: .gelu, key: key)
    let x = Tensor<Double>.normal([2, 4, 3], key: key)
    let y = model(x)
    #expect(y.shape == [2, 4, 2] && norm(model(x.row(1).row(2)) - y.row(1).row(2)) < 1e-14)
    let single = vmap { (m: MLP<Double>, x: Tensor<Double>) in m(x) }
    let models = vmap { (s: Tensor<Double>) in model.mapTensors { $0 * AnyTensor(s) } }(Tensor([1.0, 2.0]))
    #expect(norm(single(models, x).row(0) - y.row(0)) < 1e-14)
  }

  @Test func wrongShapesStop() async {
    await #expect(processExitsWith: .failure) { _ = Dense<Double>(3, 2, key: Key(seed: 0))(.zeros(4, 5)) }
    await #expect(processExitsWith: .failure) { _ = crossEntropy(Tensor<Double>.zeros(4, 3), labels: .zeros(3)) }
    await #expect(processExitsWith: .failure) {
      _ = Parametrization.meanField.scales(fanIn: 3, fanOut: 3, role: .hidden)
    }
  }
}
