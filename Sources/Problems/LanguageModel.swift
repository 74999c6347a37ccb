import Datasets
import Networks
import Tensors
import Transforms

/// A small transformer that learns to foretell the next token of generated text, with mean cross-entropy over all places.
public struct LanguageModel<Scalar: RealScalar>: Problem {
  /// Where batches come from.
  public enum Source: Sendable {
    /// New text at every step.
    case fresh
    /// This many batches, one after the other, again and again, the same for every seed.
    case cycled(Int)
  }

  /// What the text is drawn from.
  public let text: MarkovText
  /// Of the transformer; its context length is that of the text.
  public let configuration: Transformer<Scalar>.Configuration
  /// Sequences a step.
  public let batchSize: Int
  /// Held-out text, [sequences, context length + 1].
  public let test: Tensor<Int32>
  /// The batches that are cycled, each [sequences, context length + 1]; empty when all are fresh.
  public let training: [Tensor<Int32>]

  /// The task that many papers share: a vocabulary of 64 Zipf-Markov tokens, 16 of which are seen, and one pre-norm block of width 32
  /// with one head, ReLU, no biases and norms without parameters; weights normal with variance 1 / fan in, token embeddings with
  /// deviation 0.5, positions with 0.1.
  /// - Parameter key: of the text.
  public init(
    vocabulary: Int = 64, contextLength: Int = 16, width: Int = 32, heads: Int = 1, depth: Int = 1, batchSize: Int = 64,
    batches: Source = .fresh, test: Int = 256, key: Key
  ) {
    var configuration = Transformer<Scalar>.Configuration(
      vocabulary: vocabulary, contextLength: contextLength, width: width, heads: heads, depth: depth)
    configuration.shape.activation = .relu
    configuration.shape.initializer = .leCun()
    configuration.tokenDeviation = 0.5
    configuration.positionDeviation = 0.1
    configuration.shape.hasBias = false
    configuration.shape.normHasParameters = false
    let text = MarkovText.zipf(vocabulary: vocabulary, key: key.named("text"))
    (self.text, self.configuration, self.batchSize) = (text, configuration, batchSize)
    self.test = text.sample(test, length: contextLength + 1, key: key.named("test"))
    training =
      switch batches {
      case .fresh: []
      case .cycled(let count):
        (0..<count).map { text.sample(batchSize, length: contextLength + 1, key: key.named("training")[$0]) }
      }
  }

  /// The transformer with fresh weights.
  public func initialParameters(key: Key) -> Transformer<Scalar> { Transformer(configuration, key: key) }

  /// Tokens [sequences, context length + 1].
  public func batches(key: Key) -> (Int) -> Tensor<Int32> {
    { i in
      training.isEmpty
        ? text.sample(batchSize, length: configuration.contextLength + 1, key: key[i]) : training[i % training.count]
    }
  }

  /// The mean cross-entropy of every token but the first, given those before it.
  public func loss(_ model: Transformer<Scalar>, on batch: Tensor<Int32>) -> Tensor<Scalar> {
    let length = batch.shape[1]
    return crossEntropy(model(batch.slice(All(), 0..<length - 1)), labels: batch.slice(All(), 1..<length))
  }

  /// The loss on held-out text.
  public func measures(of model: Transformer<Scalar>) -> [String: Tensor<Scalar>] { ["test loss": loss(model, on: test)] }
}
