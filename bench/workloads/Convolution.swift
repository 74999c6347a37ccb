import Tensors
import Transforms

/// A small convolutional network, as `bench.md` defines it.
let convolutionWorkloads: [Workload] = [
  Workload("convnet") {
    var model = ConvolutionalNetwork(Key(seed: 0))
    let x = Tensor<Float>.normal([64, 28, 28, 1], key: Key(seed: 1))
    let y = classification(64, 1, 10).y
    let step = compile { (model: ConvolutionalNetwork, x: Tensor<Float>, y: Tensor<Float>) in
      sgd(model, grad { (model: ConvolutionalNetwork) in crossEntropy(model(x), y) }(model), 0.1)
    }
    return { model = step(model, x, y) }
  }
]

/// Two convolutions of 3 x 3, each with ReLU and 2 x 2 pooling, and a dense layer.
struct ConvolutionalNetwork: TensorTree {
  var filter1, bias1, filter2, bias2, weight, bias: Tensor<Float>

  init(_ key: Key) {
    filter1 = .normal([3, 3, 1, 16], standardDeviation: (2 / Float(9)).squareRoot(), key: key[0])
    bias1 = .zeros(16)
    filter2 = .normal([3, 3, 16, 32], standardDeviation: (2 / Float(144)).squareRoot(), key: key[1])
    bias2 = .zeros(32)
    weight = .normal([1568, 10], standardDeviation: (1 / Float(1568)).squareRoot(), key: key[2])
    bias = .zeros(10)
  }

  func callAsFunction(_ x: Tensor<Float>) -> Tensor<Float> {
    let pool = ImageExtents(2, 2)
    let first = (conv2d(x, filter1, padding: .same) + bias1).relu().maxPool2D(pool)
    let second = (conv2d(first, filter2, padding: .same) + bias2).relu().maxPool2D(pool)
    return matmul(second.reshaped(x.shape[0], 1568), weight) + bias
  }
}
