import Tensors
import Transforms

/// A pre-norm transformer block: x + attention(norm(x)), then x + mlp(norm(x)) (Xiong et al. 2020, arXiv 2002.04745).
public struct TransformerBlock<Scalar: RealScalar>: TensorTree, Codable {
  /// Before the attention.
  public var attentionNorm: LayerNorm<Scalar>
  /// Causal unless a call says otherwise.
  public var attention: MultiHeadAttention<Scalar>
  /// Before the feed-forward layers.
  public var feedForwardNorm: LayerNorm<Scalar>
  /// To the feed-forward width.
  public var expand: Dense<Scalar>
  /// And back.
  public var contract: Dense<Scalar>
  /// Between the feed-forward layers.
  public var activation: Activation

  /// - Parameters:
  ///   - width: of the residual stream.
  ///   - heads: of the attention.
  ///   - feedForwardWidth: by default 4 times the width.
  ///   - activation: between the feed-forward layers.
  ///   - initializer: of all weights.
  ///   - hasBias: whether the dense layers have one.
  ///   - normHasParameters: whether the norms learn a scale and a shift.
  ///   - key: the root of the weights' randomness.
  public init(
    _ width: Int, heads: Int, feedForwardWidth: Int? = nil, activation: Activation = .geluTanh,
    initializer: Initializer = .glorot(), hasBias: Bool = true, normHasParameters: Bool = true, key: Key
  ) {
    let inner = feedForwardWidth ?? 4 * width
    attentionNorm = LayerNorm(width, hasParameters: normHasParameters)
    attention = MultiHeadAttention(
      width, heads: heads, hasBias: hasBias, initializer: initializer, key: key.named("attention"))
    feedForwardNorm = LayerNorm(width, hasParameters: normHasParameters)
    expand = Dense(width, inner, initializer: initializer, hasBias: hasBias, key: key.named("expand"))
    contract = Dense(inner, width, initializer: initializer, hasBias: hasBias, key: key.named("contract"))
    self.activation = activation
  }

  /// [..., places, width] to the same shape.
  /// - Parameters:
  ///   - x: the residual stream.
  ///   - isCausal: whether a place sees earlier ones and itself only.
  ///   - keyMask: [..., places], false for places that nobody may see.
  ///   - dropout: after attention and feed-forward layers, with its key, when training.
  ///   - editing: changes keys and values of the attention; see `MultiHeadAttention`.
  public func callAsFunction(
    _ x: Tensor<Scalar>, isCausal: Bool = true, keyMask: Tensor<Bool>? = nil, dropout: (Dropout, Key)? = nil,
    editing: ((Tensor<Scalar>, Tensor<Scalar>) -> (Tensor<Scalar>, Tensor<Scalar>))? = nil
  ) -> Tensor<Scalar> {
    func dropped(_ x: Tensor<Scalar>, _ name: String) -> Tensor<Scalar> { dropout.map { $0.0(x, key: $0.1.named(name)) } ?? x }
    let attended = attention(attentionNorm(x), isCausal: isCausal, keyMask: keyMask, editing: editing)
    let middle = x + dropped(attended, "attention")
    return middle + dropped(contract(activation(expand(feedForwardNorm(middle)))), "feed-forward")
  }
}

/// A decoder-only transformer: token and position embeddings, pre-norm blocks, a last norm, and scores of the next token.
public struct Transformer<Scalar: RealScalar>: TensorTree, Codable {
  /// [vocabulary, width].
  public var tokens: Embedding<Scalar>
  /// [context length, width].
  public var positions: Tensor<Scalar>
  /// In the order in which they run.
  public var blocks: [TransformerBlock<Scalar>]
  /// Before the scores.
  public var lastNorm: LayerNorm<Scalar>
  /// To the scores; nil when they are products with the token embeddings.
  public var head: Dense<Scalar>?

  /// Sizes of a transformer.
  public struct Configuration: Sendable, Hashable, Codable {
    public var vocabulary, contextLength, width, heads, depth: Int
    /// By default 4 times the width.
    public var feedForwardWidth: Int?
    /// Between the feed-forward layers.
    public var activation = Activation.geluTanh
    /// Whether the scores are products with the token embeddings.
    public var isTied = false
    /// Of the weights of the blocks.
    public var initializer = Initializer.glorot()
    /// Of the token embeddings; GPT-2's by default.
    public var tokenDeviation = 0.02
    /// Of the position embeddings; GPT-2's by default.
    public var positionDeviation = 0.02
    /// Whether the dense layers of the blocks have a bias.
    public var hasBias = true
    /// Whether the norms learn a scale and a shift.
    public var normHasParameters = true

    /// The sizes.
    public init(vocabulary: Int, contextLength: Int, width: Int, heads: Int, depth: Int) {
      self.vocabulary = vocabulary
      self.contextLength = contextLength
      self.width = width
      self.heads = heads
      self.depth = depth
    }
  }

  /// Normal embeddings, the scores' weights normal with deviation 1 / sqrt(width), the blocks' as the configuration says.
  public init(_ sizes: Configuration, key: Key) {
    tokens = Embedding(
      sizes.vocabulary, sizes.width, initializer: .normal(standardDeviation: sizes.tokenDeviation), key: key.named("tokens"))
    positions = Initializer.normal(standardDeviation: sizes.positionDeviation)
      .tensor([sizes.contextLength, sizes.width], key: key.named("positions"))
    blocks = (0..<sizes.depth).map { i in
      TransformerBlock(
        sizes.width, heads: sizes.heads, feedForwardWidth: sizes.feedForwardWidth, activation: sizes.activation,
        initializer: sizes.initializer, hasBias: sizes.hasBias, normHasParameters: sizes.normHasParameters,
        key: key.named("blocks")[i])
    }
    lastNorm = LayerNorm(sizes.width, hasParameters: sizes.normHasParameters)
    head = sizes.isTied ? nil : Dense(sizes.width, sizes.vocabulary, hasBias: false, key: key.named("head"))
  }

  /// Scores of the next token at every place, [..., places, vocabulary], for tokens [..., places].
  /// - Parameters:
  ///   - indices: tokens; no more places than the context length.
  ///   - keyMask: [..., places], false for padding.
  ///   - depth: how many blocks to run, by default all (early exit).
  ///   - dropout: in every block, with its key, when training.
  ///   - layerHook: sees the residual stream before block i, and after the last with i = depth, and returns what takes its place.
  public func callAsFunction(
    _ indices: Tensor<Int32>, keyMask: Tensor<Bool>? = nil, depth: Int? = nil, dropout: (Dropout, Key)? = nil,
    layerHook: ((Int, Tensor<Scalar>) -> Tensor<Scalar>)? = nil
  ) -> Tensor<Scalar> {
    guard let places = indices.shape.last, places <= positions.shape[0] else {
      fatalError("Transformer: tokens of shape \(indices.shape) for a context of \(positions.shape[0]) places")
    }
    var x = tokens(indices) + Tensor(AnyTensor(positions).slice(axis: 0, 0..<places))
    let depth = depth ?? blocks.count
    for (i, block) in blocks.prefix(depth).enumerated() {
      if let layerHook { x = layerHook(i, x) }
      x = block(x, keyMask: keyMask, dropout: dropout.map { ($0.0, $0.1[i]) })
    }
    if let layerHook { x = layerHook(depth, x) }
    let last = lastNorm(x)
    return head.map { $0(last) } ?? tokens.logits(last)
  }
}
