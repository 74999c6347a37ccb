import Tensors
import Transforms

/// Training steps of networks, as `bench.md` defines them.
let networkWorkloads: [Workload] = [
  Workload("mlp-tiny") {
    var model = MLP([16, 32, 4], Key(seed: 0))
    let (x, y) = classification(16, 16, 4)
    let step = compile { (model: MLP, x: Tensor<Float>, y: Tensor<Float>) in sgd(model, grad(tanhLoss)(model, x, y), 0.1) }
    return { model = step(model, x, y) }
  },
  Workload("mlp-small") {
    var model = MLP([64, 128, 10], Key(seed: 0))
    let (x, y) = classification(64, 64, 10)
    let step = compile { (model: MLP, x: Tensor<Float>, y: Tensor<Float>) in sgd(model, grad(tanhLoss)(model, x, y), 0.1) }
    return { model = step(model, x, y) }
  },
  Workload("mlp-mnist") {
    var state = AdamState(MLP([784, 256, 256, 10], Key(seed: 0)))
    let (x, y) = classification(128, 784, 10)
    let step = compile { (state: AdamState, x: Tensor<Float>, y: Tensor<Float>) in
      state.updated(by: grad(reluLoss)(state.model, x, y))
    }
    return { state = step(state, x, y) }
  },
  Workload("mlp-tiny-vmap-1024") {
    let copies = 1024
    var models = vmap { (key: Tensor<Float>) in MLP([16, 32, 4], Key(seed: 0)).mapTensors { $0 + AnyTensor(key) } }(
      Tensor<Float>.normal([copies], key: Key(seed: 1)) * 0.01)
    let rates = Tensor<Float>.uniform([copies], key: Key(seed: 2))
    let (x, y) = classification(16, 16, 4)
    let one = { (model: MLP, rate: Tensor<Float>, x: Tensor<Float>, y: Tensor<Float>) in
      sgd(model, grad(tanhLoss)(model, x, y), rate)
    }
    let step = compile { (models: MLP, x: Tensor<Float>, y: Tensor<Float>) in
      vmap(one, axes: [0, 0, nil, nil])(models, rates, x, y)
    }
    return { models = step(models, x, y) }
  },
  Workload("per-example-gradients") {
    let model = MLP([64, 128, 10], Key(seed: 0))
    let (x, y) = classification(64, 64, 10)
    let one = { (model: MLP, x: Tensor<Float>, y: Tensor<Float>) in tanhLoss(model, x.reshaped(1, 64), y.reshaped(1, 10)) }
    let gradients = compile { (model: MLP, x: Tensor<Float>, y: Tensor<Float>) in
      vmap(grad(one), axes: [nil, 0, 0])(model, x, y)
    }
    return { _ = gradients(model, x, y) }
  },
  Workload("hvp") {
    let model = MLP([64, 128, 10], Key(seed: 0))
    let direction = MLP([64, 128, 10], Key(seed: 1))
    let (x, y) = classification(64, 64, 10)
    let product = compile { (model: MLP, direction: MLP, x: Tensor<Float>, y: Tensor<Float>) in
      hvp(tanhLoss)(model, direction, x, y)
    }
    return { _ = product(model, direction, x, y) }
  },
]

/// Dense layers with He's scale.
struct MLP: TensorTree {
  var weights: [Tensor<Float>] = []
  var biases: [Tensor<Float>] = []

  init(_ widths: [Int], _ key: Key) {
    for i in 0..<widths.count - 1 {
      let scale = (2 / Float(widths[i])).squareRoot()
      weights.append(.normal([widths[i], widths[i + 1]], key: key[i]) * scale)
      biases.append(.zeros(widths[i + 1]))
    }
  }

  func callAsFunction(_ x: Tensor<Float>, _ activation: (Tensor<Float>) -> Tensor<Float>) -> Tensor<Float> {
    var x = x
    for i in weights.indices {
      x = matmul(x, weights[i]) + biases[i]
      if i < weights.count - 1 { x = activation(x) }
    }
    return x
  }
}

func crossEntropy(_ logits: Tensor<Float>, _ y: Tensor<Float>) -> Tensor<Float> {
  (y * logits.logSoftmax()).sum() * (-1 / Float(logits.shape[0]))
}

func tanhLoss(_ model: MLP, _ x: Tensor<Float>, _ y: Tensor<Float>) -> Tensor<Float> {
  crossEntropy(model(x) { $0.tanh() }, y)
}

func reluLoss(_ model: MLP, _ x: Tensor<Float>, _ y: Tensor<Float>) -> Tensor<Float> {
  crossEntropy(model(x) { $0.relu() }, y)
}

func sgd<Model: TensorTree>(_ model: Model, _ gradient: Model, _ rate: Float) -> Model {
  model.replacingTensors(zip(model.tensors, gradient.tensors).map { AnyTensor(Tensor<Float>($0) - Tensor<Float>($1) * rate) })
}

func sgd<Model: TensorTree>(_ model: Model, _ gradient: Model, _ rate: Tensor<Float>) -> Model {
  model.replacingTensors(zip(model.tensors, gradient.tensors).map { AnyTensor(Tensor<Float>($0) - Tensor<Float>($1) * rate) })
}

/// Adam with its usual constants, rate 1e-3.
struct AdamState: TensorTree {
  var model: MLP
  var first: MLP
  var second: MLP
  var step: Tensor<Float>

  init(_ model: MLP) {
    self.model = model
    first = model.mapTensors { AnyTensor(Tensor<Float>($0) * 0) }
    second = first
    step = Tensor(0)
  }

  func updated(by gradient: MLP) -> AdamState {
    var result = self
    result.step = step + 1
    let (rest1, rest2) = (1 - (result.step * Float.log(0.9)).exp(), 1 - (result.step * Float.log(0.999)).exp())
    var (models, firsts, seconds): ([AnyTensor], [AnyTensor], [AnyTensor]) = ([], [], [])
    for (i, g) in gradient.tensors.enumerated() {
      let g = Tensor<Float>(g)
      let m = Tensor<Float>(first.tensors[i]) * 0.9 + g * 0.1
      let v = Tensor<Float>(second.tensors[i]) * 0.999 + g * g * 0.001
      let update = (m / rest1) / ((v / rest2).sqrt() + 1e-8)
      models.append(AnyTensor(Tensor<Float>(model.tensors[i]) - update * 1e-3))
      firsts.append(AnyTensor(m))
      seconds.append(AnyTensor(v))
    }
    result.model = model.replacingTensors(models)
    result.first = first.replacingTensors(firsts)
    result.second = second.replacingTensors(seconds)
    return result
  }
}

/// Gaussian inputs [count, width] and one-hot labels [count, classes].
func classification(_ count: Int, _ width: Int, _ classes: Int) -> (x: Tensor<Float>, y: Tensor<Float>) {
  var y = Tensor<Float>.zeros(count, classes)
  for i in 0..<count { y[i, i * 7 % classes] = 1 }
  return (.normal([count, width], key: Key(seed: 3)), y)
}
