import Tensors
import Transforms

/// What the blocks of a transformer look like.
public struct TransformerShape: Sendable, Hashable, Codable {
  /// Of the residual stream.
  public var width: Int
  /// Of the attention, a divisor of the width.
  public var heads: Int
  /// How many blocks.
  public var depth: Int
  /// By default 4 times the width.
  public var feedForwardWidth: Int
  /// Between the feed-forward layers.
  public var activation = Activation.geluTanh
  /// Of the weights.
  public var initializer = Initializer.glorot()
  /// Whether the dense layers have a bias.
  public var hasBias = true
  /// Whether the norms learn a scale and a shift.
  public var normHasParameters = true

  /// The sizes.
  public init(width: Int, heads: Int, depth: Int) {
    (self.width, self.heads, self.depth, feedForwardWidth) = (width, heads, depth, 4 * width)
  }
}

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

  /// A block of fresh weights.
  public init(_ shape: TransformerShape, key: Key) {
    func dense(_ inputs: Int, _ outputs: Int, _ name: String) -> Dense<Scalar> {
      Dense(inputs, outputs, initializer: shape.initializer, hasBias: shape.hasBias, key: key.named(name))
    }
    attentionNorm = LayerNorm(shape.width, hasParameters: shape.normHasParameters)
    attention = MultiHeadAttention(
      shape.width, heads: shape.heads, hasBias: shape.hasBias, initializer: shape.initializer, key: key.named("attention"))
    feedForwardNorm = LayerNorm(shape.width, hasParameters: shape.normHasParameters)
    expand = dense(shape.width, shape.feedForwardWidth, "expand")
    contract = dense(shape.feedForwardWidth, shape.width, "contract")
    activation = shape.activation
  }

  /// [..., places, width] to the same shape.
  /// - Parameters:
  ///   - x: the residual stream.
  ///   - mask: which places a place sees, by default itself and earlier ones.
  ///   - keyMask: [..., places], false for places that nobody may see.
  ///   - lastPlaces: how many places at the end are computed and returned, by default all; the others are seen only.
  ///   - dropout: after attention and feed-forward layers, with its key, when training.
  ///   - hooks: what else happens on the way.
  public func callAsFunction(
    _ x: Tensor<Scalar>, mask: AttentionMask = .causal, keyMask: Tensor<Bool>? = nil, lastPlaces: Int? = nil,
    dropout: (Dropout, Key)? = nil, hooks: AttentionHooks<Scalar> = .init()
  ) -> Tensor<Scalar> {
    func dropped(_ x: Tensor<Scalar>, _ name: String) -> Tensor<Scalar> { dropout.map { $0.0(x, key: $0.1.named(name)) } ?? x }
    func last(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
      guard let lastPlaces else { return x }
      let (axis, places) = (x.rank - 2, x.shape[x.rank - 2])
      return Tensor(AnyTensor(x).slice(axis: axis, places - lastPlaces..<places))
    }
    let seen = attentionNorm(x)
    let attended = attention(last(seen), context: seen, mask: mask, keyMask: keyMask, hooks: hooks)
    let middle = last(x) + dropped(attended, "attention")
    let inner = activation(hooks.dense(expand, feedForwardNorm(middle)))
    return middle + dropped(hooks.dense(contract, inner), "feed-forward")
  }
}
