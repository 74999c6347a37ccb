import Networks
import Optimizers
import Tensors
import Transforms

/// What the trained models' attention is.
package enum RelativeAttention: String, CaseIterable, Codable, Sendable {
  /// softmax(q k / sqrt(d) + b).
  case softmax = "softmax + RPE"
  /// Normalized kernelized attention: random features of q / |q| and k / |k|, no positions.
  case normalized = "NKA"
  /// The method: the same with weights exp(b), by Fourier transforms.
  case normalizedRelative = "NKA + RPE"
  /// Without the normalization: random features of q / d^(1/4) and k / d^(1/4).
  case unnormalizedRelative = "PRF + RPE"

  /// Of queries, keys and values [..., n, d] with the bias b, [heads, 2 n - 1].
  package func callAsFunction(
    _ q: Tensor<Float>, _ k: Tensor<Float>, _ v: Tensor<Float>, bias: Tensor<Float>, features: PositiveRandomFeatures<Float>
  ) -> Tensor<Float> {
    let (n, d) = (q.shape[q.rank - 2], Float(q.shape[q.rank - 1]))
    let unit = { (x: Tensor<Float>) in features(x / x.norm(-1, keepingAxes: true)) }
    let scaled = { (x: Tensor<Float>) in features(x * (1 / d.squareRoot().squareRoot())) }
    switch self {
    case .softmax:
      return matmul((matmul(q, k, transposeB: true) * (1 / d.squareRoot()) + bias.toeplitzRows(n)).softmax(), v)
    case .normalized: return KernelizedAttention.linear(unit(q), unit(k), v)
    case .normalizedRelative: return KernelizedAttention.relative(unit(q), unit(k), v, weights: bias.exp())
    case .unnormalizedRelative: return KernelizedAttention.relative(scaled(q), scaled(k), v, weights: bias.exp())
    }
  }
}

/// One layer of attention over embedded tokens, without absolute positions: scores of the classes are a linear map of h + attention(h).
package struct CopyingModel: TensorTree, Codable {
  /// What Adam trains at its usual rate.
  package struct Weights: TensorTree, Codable {
    var embedding: Embedding<Float>
    var query, key, value, output, head: Dense<Float>
  }

  package var weights: Weights
  /// b, [heads, 2 n - 1], from 0.
  package var bias: Tensor<Float>

  package init(_ settings: ToeplitzKernelAttention.Training, key rng: Key) {
    let width = settings.width
    func dense(_ name: String, _ outputs: Int) -> Dense<Float> { Dense(width, outputs, key: rng.named(name)) }
    weights = Weights(
      embedding: Embedding(
        settings.vocabulary, width, initializer: .normal(standardDeviation: 1), key: rng.named("embedding")),
      query: dense("query", width), key: dense("key", width), value: dense("value", width), output: dense("output", width),
      head: dense("head", settings.vocabulary))
    bias = .zeros(settings.heads, 2 * settings.length - 1)
  }

  /// Scores of the classes, [batch, n, vocabulary] for tokens [batch, n].
  package func scores(
    _ tokens: Tensor<Int32>, _ attention: RelativeAttention, features: PositiveRandomFeatures<Float>
  ) -> Tensor<Float> {
    let h = weights.embedding(tokens)
    let (batch, n, width, heads) = (h.shape[0], h.shape[1], h.shape[2], bias.shape[0])
    let split = { (x: Tensor<Float>) in x.reshaped(batch, n, heads, width / heads).permuted(0, 2, 1, 3) }
    let joined = attention(
      split(weights.query(h)), split(weights.key(h)), split(weights.value(h)), bias: bias, features: features
    ).permuted(0, 2, 1, 3).reshaped(batch, n, width)
    return weights.head(h + weights.output(joined))
  }
}

/// The label at i is the token at i - offset; the first places have none.
package struct CopyingTask {
  private let settings: ToeplitzKernelAttention.Training

  package init(settings: ToeplitzKernelAttention.Training) { self.settings = settings }

  package func tokens(_ batch: Int, key: Key) -> Tensor<Int32> {
    .integers([batch, settings.length], in: 0..<Int32(settings.vocabulary), key: key)
  }

  /// Scores and labels of the places that have one.
  package func labelled(_ scores: Tensor<Float>, _ tokens: Tensor<Int32>) -> (scores: Tensor<Float>, labels: Tensor<Int32>) {
    (scores.slice(All(), settings.offset...), tokens.slice(All(), 0..<settings.length - settings.offset))
  }
}

/// A run of training: both parts have an Adam of their own.
package struct CopyingRun: TensorTree, Codable {
  package var model: CopyingModel
  package var weightsMemory, biasMemory: Adam<Float>.State
  /// Of the last batch, before its step.
  package var loss: Tensor<Float>
}

/// The l1 distances of attention rows from their random-feature estimates, averaged over queries: rows proportional to
/// exp(q_i k_j + b[j - i]), and with phi(q_i) phi(k_j) for the exponential of the product.
package func attentionRowError(
  _ q: Tensor<Double>, _ k: Tensor<Double>, bias: Tensor<Double>, features: PositiveRandomFeatures<Double>
) -> Double {
  let positions = bias.toeplitzRows(q.shape[0])
  let exact = (matmul(q, k, transposeB: true) + positions).softmax()
  let weights = matmul(features(q), features(k), transposeB: true) * positions.exp()
  let estimate = weights / weights.sum(-1, keepingAxes: true)
  return (estimate - exact).abs().sum(-1).mean().scalar
}
