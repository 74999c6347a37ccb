import Optimizers
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
    let (adam, model) = (Adam<Float>(), MLP([784, 256, 256, 10], Key(seed: 0)))
    var state = Trained<Adam<Float>>(model: model, memory: adam.initialState(for: model))
    let (x, y) = classification(128, 784, 10)
    let step = compile { (state: Trained<Adam<Float>>, x: Tensor<Float>, y: Tensor<Float>) in
      var state = state
      state.model = adam.updated(state.model, gradient: grad(reluLoss)(state.model, x, y), &state.memory)
      return state
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

/// A model with the optimizer's memory.
struct Trained<Rule: GradientOptimizer>: TensorTree where Rule.Scalar == Float {
  var model: MLP
  var memory: Rule.State
}

/// Gaussian inputs [count, width] and one-hot labels [count, classes].
func classification(_ count: Int, _ width: Int, _ classes: Int) -> (x: Tensor<Float>, y: Tensor<Float>) {
  var y = Tensor<Float>.zeros(count, classes)
  for i in 0..<count { y[i, i * 7 % classes] = 1 }
  return (.normal([count, width], key: Key(seed: 3)), y)
}
