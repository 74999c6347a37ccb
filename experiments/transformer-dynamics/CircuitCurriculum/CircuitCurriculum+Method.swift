import Datasets
import Networks
import Problems
import Tensors
import Transforms

extension CircuitCurriculum {
  /// A transformer whose every vector lies in the plane (E = 2), with one learned query q:
  ///
  ///     h_l = norm(tok[s_l] + pos[l]),  norm(x) = x / (rms(x) + 1e-5),  a = softmax(h q / sqrt(E)),  o = sum_l a_l W_v h_l
  ///     o <- o + W_2 gelu(W_1 norm(o) + b_1) + b_2,  scores = o tok^T
  package struct PlanarTransformer: TensorTree, Codable {
    /// tok, [tokens, E]; the rows score the answers too.
    package var tokens: Tensor<Float>
    /// pos, [L, E].
    package var positions: Tensor<Float>
    /// q, [E].
    package var query: Tensor<Float>
    /// W_v, without a bias.
    package var value: Dense<Float>
    /// W_1 and b_1, W_2 and b_2.
    package var expand, contract: Dense<Float>

    /// Normal embeddings; weights and biases of the layers uniform within 1 / sqrt(inputs), as in PyTorch.
    package init(tokens count: Int, length: Int, width: Int, hidden: Int, key: Key) {
      tokens = .normal([count, width], key: key.named("tokens"))
      positions = .normal([length, width], key: key.named("positions"))
      // Variance 1 / (3 inputs) is that of the uniform law within 1 / sqrt(inputs).
      let initializer = Initializer.scaled(factor: 1.0 / 3, fan: .inputs, .uniform)
      let layer = { (inputs: Int, outputs: Int, name: String) in
        var layer = Dense<Float>(inputs, outputs, initializer: initializer, hasBias: false, key: key.named(name))
        let bound = 1 / Float(inputs).squareRoot()
        layer.bias = .uniform([outputs], in: -bound..<bound, key: key.named(name).named("bias"))
        return layer
      }
      query = initializer.tensor([width, 1], key: key.named("query")).reshaped(width)
      value = Dense(width, width, initializer: initializer, hasBias: false, key: key.named("value"))
      (expand, contract) = (layer(width, hidden, "expand"), layer(hidden, width, "contract"))
    }

    private static func norm(_ x: Tensor<Float>) -> Tensor<Float> {
      x / (x.square().mean(-1, keepingAxes: true).sqrt() + 1e-5)
    }

    /// a, [sequences, L], and o before the feed-forward layers, [sequences, E], of tokens [sequences, L]. There are only as many
    /// different h as tokens times positions: they are made once and picked by one-hot vectors.
    package func read(_ sequences: Tensor<Int32>) -> (attention: Tensor<Float>, output: Tensor<Float>) {
      let (count, width) = (tokens.shape[0], tokens.shape[1])
      let states = Self.norm(tokens.expandingDimensions(0) + positions.expandingDimensions(1))
      let scores = (states * query).sum(2) / Float(width).squareRoot()
      let picked = Tensor<Float>.oneHot(sequences, classes: count)
      let attention = (picked * scores).sum(2).softmax()
      let weights = (picked * attention.expandingDimensions(2)).reshaped(-1, count * positions.shape[0])
      // The places of the sequence come first, as in `picked`.
      return (attention, value(matmul(weights, states.reshaped(-1, width))))
    }

    /// Scores of the tokens, [..., tokens], for o before the feed-forward layers, [..., E].
    package func answers(_ output: Tensor<Float>) -> Tensor<Float> {
      matmul(output + contract(expand(Self.norm(output)).gelu()), tokens, transposeB: true)
    }

    /// The model that fine-tuning starts from: this one, but for a token that it never saw.
    func withToken(_ token: Int, of other: PlanarTransformer) -> PlanarTransformer {
      var result = self
      result.tokens = tokens.updating(token..<token + 1, with: other.tokens.slice(token..<token + 1))
      return result
    }

    /// This model with the attention of another: its positions, query and values.
    func withAttention(of other: PlanarTransformer) -> PlanarTransformer {
      var result = self
      (result.positions, result.query, result.value) = (other.positions, other.query, other.value)
      return result
    }
  }

  /// Sequences of tokens, and the sum of the first k modulo p.
  package struct SparseSums: TensorTree {
    /// [sequences, L].
    package var sequences: Tensor<Int32>
    /// [sequences].
    package var labels: Tensor<Int32>

    package init(_ count: Int, length: Int, summands: Int, modulus: Int, key: Key) {
      sequences = .integers([count, length], in: 0..<Int32(modulus), key: key)
      labels = sequences.slice(All(), 0..<summands).sum(1) % Int32(modulus)
    }
  }

  /// Sparse modular addition of one seed, with data of its own: what is minimized is the cross-entropy over the p tokens in use.
  package struct SparseAddition: Problem, TensorTree {
    /// Where training begins.
    var start: PlanarTransformer
    var training, test: SparseSums
    /// p.
    var modulus: Int
    var batchSize: Int

    package func initialParameters(key: Key) -> PlanarTransformer { start }

    package func batches(key: Key) -> (Int) -> Tensor<Int32> {
      let batches = Minibatches(count: training.labels.count, size: batchSize, key: key)
      return { Tensor(batches[$0].map { Int32($0) }) }
    }

    package func loss(_ model: PlanarTransformer, on batch: Tensor<Int32>) -> Tensor<Float> {
      crossEntropy(scores(model, training.sequences.gather(batch)), labels: training.labels.gather(batch))
    }

    private func scores(_ model: PlanarTransformer, _ sequences: Tensor<Int32>) -> Tensor<Float> {
      model.answers(model.read(sequences).output).slice(All(), 0..<modulus)
    }

    /// What is looked at during training.
    func observation(_ model: PlanarTransformer) -> Observation {
      Observation(
        accuracy: accuracy(scores(model, test.sequences), labels: test.labels),
        profile: model.read(test.sequences).attention.mean(0))
    }
  }

  /// Of one model, or of several along a first axis.
  struct Observation: TensorTree {
    /// The share of right answers on the test set.
    var accuracy: Tensor<Float>
    /// Attention on each position, averaged over the test set, [L].
    var profile: Tensor<Float>
  }
}
