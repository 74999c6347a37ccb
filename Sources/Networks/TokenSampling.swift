import Tensors
import Transforms

/// How the next token is chosen from its scores.
public struct TokenSampling: Sendable, Hashable, Codable {
  /// Scores are divided by it: below 1 likely tokens become likelier, and at 0 the best is always taken.
  public var temperature = 1.0
  /// Only so many of the best tokens are drawn from; nil for all.
  public var top: Int?

  /// Drawn from the softmax of the scores.
  public init() {}

  /// The best token, always.
  public static var greedy: TokenSampling {
    var sampling = TokenSampling()
    sampling.temperature = 0
    return sampling
  }

  /// Tokens [...] for scores [..., vocabulary]. The key may be traced.
  public func callAsFunction<Scalar: RealScalar>(_ scores: Tensor<Scalar>, key: Key) -> Tensor<Int32> {
    if temperature <= 0 { return scores.argmax() }
    guard let top else { return .categorical(logits: scores / Scalar(temperature), key: key) }
    let best = scores.topK(top)
    let place = Tensor<Int32>.categorical(logits: best.values / Scalar(temperature), key: key)
    return best.indices.takeAlongAxis(place.expandingDimensions(-1), axis: -1).squeezed(-1)
  }
}

extension Transformer {
  /// Prompts [sequences, places] and what follows them, [sequences, places + count], token after token. Of more places than the context
  /// holds, the last are seen.
  public func continuing(
    _ prompt: Tensor<Int32>, by count: Int, _ sampling: TokenSampling = TokenSampling(), key: Key
  ) -> Tensor<Int32> {
    (0..<count).reduce(prompt) { text, i in
      let places = text.shape[1]
      let seen = text.slice(All(), max(0, places - positions.shape[0])..<places)
      let scores = self(seen).slice(All(), seen.shape[1] - 1)
      return .concatenate([text, sampling(scores, key: key[i]).expandingDimensions(1)], axis: 1)
    }
  }
}
