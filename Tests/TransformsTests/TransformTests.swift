import Tensors
import Testing
import Transforms

struct MLP: TensorTree {
  var w1, b1, w2, b2: Tensor<Double>
  var width = 5

  init(_ key: Key) {
    w1 = .normal([3, 5], key: key.named("w1"))
    b1 = .normal([5], key: key.named("b1"))
    w2 = .normal([5, 4], key: key.named("w2"))
    b2 = .normal([4], key: key.named("b2"))
  }

  func callAsFunction(_ x: Tensor<Double>) -> Tensor<Double> { matmul((matmul(x, w1) + b1).tanh(), w2) + b2 }
}

func crossEntropy(_ model: MLP, _ x: Tensor<Double>, _ y: Tensor<Double>) -> Tensor<Double> {
  let logits = model(x)
  return -(y * logits.logSoftmax()).sum() * (1 / 8)
}

@Suite struct TransformTests {
  let key = Key(seed: 3)
  var model: MLP { MLP(key) }
  var x: Tensor<Double> { .normal([8, 3], key: key.named("x")) }
  var y: Tensor<Double> { Tensor<Double>.uniform([8, 4], key: key.named("y")) }

  @Test func gradientMatchesDifferences() {
    let result = valueAndGrad(crossEntropy)(model, x, y)
    let (loss, gradient) = (result.value, result.gradient)
    #expect(loss.scalar == crossEntropy(model, x, y).scalar)
    let direction = MLP(key.named("direction"))
    let forward = jvp({ crossEntropy($0, x, y) }, at: model, along: direction)
    let product = zip(gradient.tensors, direction.tensors).map { (Tensor<Double>($0) * Tensor<Double>($1)).sum().scalar }.reduce(
      0, +)
    #expect(abs(forward.tangent.scalar - product) < 1e-12 * abs(product))
    let h = 1e-5
    func at(_ h: Double) -> Double { crossEntropy(model.unraveled(model.raveled() + direction.raveled() * h), x, y).scalar }
    #expect(abs((at(h) - at(-h)) / (2 * h) - product) < 1e-8)
  }

  @Test func perExampleGradientsMatchALoop() {
    func one(_ model: MLP, _ x: Tensor<Double>, _ y: Tensor<Double>) -> Tensor<Double> {
      crossEntropy(model, x.reshaped(1, 3), y.reshaped(1, 4))
    }
    let batched = vmap(grad(one), axes: [nil, 0, 0])(model, x, y)
    for i in 0..<8 {
      let single = grad(one)(model, x.row(i), y.row(i))
      for (a, b) in zip(batched.tensors, single.tensors) {
        #expect((Tensor<Double>(a.element(i)) - Tensor<Double>(b)).norm().scalar < 1e-12)
      }
    }
  }

  @Test func hessianIsSymmetricAndMatchesProducts() {
    let h = hessian { (v: Tensor<Double>) in crossEntropy(model.unraveled(v), x, y) }(model.raveled())
    #expect((h - h.transposed()).norm().scalar < 1e-12)
    let direction = MLP(key.named("direction"))
    let product = hvp(crossEntropy)(model, direction, x, y).raveled(as: Double.self)
    #expect((matmul(h, direction.raveled()) - product).norm().scalar < 1e-12)
  }
}
