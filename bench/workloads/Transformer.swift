import Networks
import Tensors
import Transforms

/// A training step of a small language model: 2 pre-norm blocks, width 128, 4 heads, 16 sequences of 64 tokens out of 256.
let transformerWorkloads: [Workload] = [
  Workload("transformer") {
    var sizes = Transformer<Float>.Configuration(vocabulary: 256, contextLength: 64, width: 128, heads: 4, depth: 2)
    sizes.shape.activation = .geluTanh
    var model = Transformer<Float>(sizes, key: Key(seed: 0))
    let tokens = Tensor<Int32>.integers([16, 64], in: 0..<256, key: Key(seed: 1))
    let labels = Tensor<Int32>.integers([16, 64], in: 0..<256, key: Key(seed: 2))
    let loss = { (model: Transformer<Float>, tokens: Tensor<Int32>, labels: Tensor<Int32>) in
      crossEntropy(model(tokens), labels: labels)
    }
    let step = compile { (model: Transformer<Float>, tokens: Tensor<Int32>, labels: Tensor<Int32>) in
      sgd(model, grad(loss)(model, tokens, labels), 0.1)
    }
    return { model = step(model, tokens, labels) }
  }
]
