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

/// Softmax attention of 8 heads over 2048 places of width 64, [1, 2048, 8, 64]: the output, and the gradients of its sum of squares.
let attentionWorkloads: [Workload] = [
  Workload("attention-2048") {
    let (q, k, v) = attentionOperands()
    let attend = compile { (q: Tensor<Float>, k: Tensor<Float>, v: Tensor<Float>) in softmaxAttention(q, k, v) }
    return { _ = attend(q, k, v) }
  },
  Workload("attention-2048-gradient") {
    let (q, k, v) = attentionOperands()
    let slopes = compile { (q: Tensor<Float>, k: Tensor<Float>, v: Tensor<Float>) in
      let (_, pullback) = vjp({ (x: [Tensor<Float>]) in softmaxAttention(x[0], x[1], x[2]).squaredNorm() }, at: [q, k, v])
      return pullback(Tensor(1))
    }
    return { _ = slopes(q, k, v) }
  },
]

private func attentionOperands() -> (Tensor<Float>, Tensor<Float>, Tensor<Float>) {
  let parts = (0..<3).map { Tensor<Float>.normal([1, 2048, 8, 64], key: Key(seed: UInt64($0))) }
  return (parts[0], parts[1], parts[2])
}
