import Tensors
import Transforms

/// Pre-norm blocks and the norm behind the last one: what every transformer has between its embedding and its scores.
public struct TransformerStack<Scalar: RealScalar>: TensorTree, Codable {
  /// In the order in which they run.
  public var blocks: [TransformerBlock<Scalar>]
  /// Behind the last block.
  public var lastNorm: LayerNorm<Scalar>

  /// Blocks of fresh weights.
  public init(_ shape: TransformerShape, key: Key) {
    blocks = (0..<shape.depth).map { TransformerBlock(shape, key: key.named("blocks")[$0]) }
    lastNorm = LayerNorm(shape.width, hasParameters: shape.normHasParameters)
  }

  /// [..., places, width] to the same shape.
  /// - Parameters:
  ///   - x: embedded tokens.
  ///   - mask: which places a place sees, by default itself and earlier ones.
  ///   - keyMask: [..., places], false for padding.
  ///   - lastPlaces: how many places at the end are wanted, by default all: the last block computes no others.
  ///   - depth: how many blocks to run, by default all, at least one where `lastPlaces` says what is wanted; the last norm follows at
  ///     once (early exit).
  ///   - dropout: in every block, with its key, when training.
  ///   - hooks: of block i.
  ///   - layerHook: sees the residual stream before block i, and after the last with i = depth, and returns what takes its place.
  public func callAsFunction(
    _ x: Tensor<Scalar>, mask: AttentionMask = .causal, keyMask: Tensor<Bool>? = nil, lastPlaces: Int? = nil, depth: Int? = nil,
    dropout: (Dropout, Key)? = nil, hooks: (Int) -> AttentionHooks<Scalar> = { _ in .init() },
    layerHook: (Int, Tensor<Scalar>) -> Tensor<Scalar> = { $1 }
  ) -> Tensor<Scalar> {
    var x = x
    let depth = depth ?? blocks.count
    for (i, block) in blocks.prefix(depth).enumerated() {
      x = block(
        layerHook(i, x), mask: mask, keyMask: keyMask, lastPlaces: i == depth - 1 ? lastPlaces : nil,
        dropout: dropout.map { ($0.0, $0.1[i]) }, hooks: hooks(i))
    }
    return lastNorm(layerHook(depth, x))
  }
}

/// A decoder-only transformer: token and position embeddings, a stack of blocks, and scores of the next token.
public struct Transformer<Scalar: RealScalar>: TensorTree, Codable {
  /// [vocabulary, width].
  public var tokens: Embedding<Scalar>
  /// [context length, width].
  public var positions: Tensor<Scalar>
  /// The blocks.
  public var stack: TransformerStack<Scalar>
  /// To the scores; nil when they are products with the token embeddings.
  public var head: Dense<Scalar>?

  /// Sizes of a transformer.
  public struct Configuration: Sendable, Hashable, Codable {
    public var vocabulary, contextLength: Int
    /// Of the blocks.
    public var shape: TransformerShape
    /// Whether the scores are products with the token embeddings.
    public var isTied = false
    /// Of the token embeddings; GPT-2's by default.
    public var tokenDeviation = 0.02
    /// Of the position embeddings; GPT-2's by default.
    public var positionDeviation = 0.02

    /// The sizes.
    public init(vocabulary: Int, contextLength: Int, width: Int, heads: Int, depth: Int) {
      (self.vocabulary, self.contextLength) = (vocabulary, contextLength)
      shape = TransformerShape(width: width, heads: heads, depth: depth)
    }
  }

  /// Normal embeddings, the scores' weights normal with deviation 1 / sqrt(width), the blocks' as the configuration says.
  public init(_ sizes: Configuration, key: Key) {
    let width = sizes.shape.width
    tokens = Embedding(
      sizes.vocabulary, width, initializer: .normal(standardDeviation: sizes.tokenDeviation), key: key.named("tokens"))
    positions = Initializer.normal(standardDeviation: sizes.positionDeviation)
      .tensor([sizes.contextLength, width], key: key.named("positions"))
    stack = TransformerStack(sizes.shape, key: key)
    head = sizes.isTied ? nil : Dense(width, sizes.vocabulary, hasBias: false, key: key.named("head"))
  }

  /// Scores of the next token at every place, [..., places, vocabulary], for tokens [..., places].
  /// - Parameters:
  ///   - indices: tokens; no more places than the context length.
  ///   - mask: which places a place sees, by default itself and earlier ones; `full` for masked objectives.
  ///   - keyMask: [..., places], false for padding.
  ///   - depth: how many blocks to run, by default all; the last norm and the scores follow at once (early exit).
  ///   - dropout: in every block, with its key, when training.
  ///   - hooks: of block i.
  ///   - layerHook: sees the residual stream before block i, and after the last with i = depth, and returns what takes its place.
  public func callAsFunction(
    _ indices: Tensor<Int32>, mask: AttentionMask = .causal, keyMask: Tensor<Bool>? = nil, depth: Int? = nil,
    dropout: (Dropout, Key)? = nil, hooks: (Int) -> AttentionHooks<Scalar> = { _ in .init() },
    layerHook: (Int, Tensor<Scalar>) -> Tensor<Scalar> = { $1 }
  ) -> Tensor<Scalar> {
    let x = stack(
      tokens(indices) + positions.leading(indices.shape), mask: mask, keyMask: keyMask, depth: depth, dropout: dropout,
      hooks: hooks, layerHook: layerHook)
    return head.map { $0(x) } ?? tokens.logits(x)
  }
}

/// A transformer whose tokens are vectors: a linear embedding, learned positions if wanted, a stack of blocks, and a linear head at
/// every place.
public struct VectorTransformer<Scalar: RealScalar>: TensorTree, Codable {
  /// [inputs, width].
  public var embedding: Dense<Scalar>
  /// [context length, width]; nil where the order is known from the mask alone.
  public var positions: Tensor<Scalar>?
  /// The blocks.
  public var stack: TransformerStack<Scalar>
  /// [width, outputs].
  public var head: Dense<Scalar>

  /// - Parameters:
  ///   - inputs: numbers in a token.
  ///   - outputs: numbers that come out at every place.
  ///   - contextLength: of the learned positions, which start normal with deviation 0.02; nil for none.
  ///   - shape: of the blocks.
  ///   - key: the root of the weights' randomness.
  public init(inputs: Int, outputs: Int, contextLength: Int? = nil, _ shape: TransformerShape, key: Key) {
    embedding = Dense(inputs, shape.width, key: key.named("embedding"))
    positions = contextLength.map {
      Initializer.normal(standardDeviation: 0.02).tensor([$0, shape.width], key: key.named("positions"))
    }
    stack = TransformerStack(shape, key: key)
    head = Dense(shape.width, outputs, key: key.named("head"))
  }

  /// [..., places, inputs] to [..., places, outputs].
  /// - Parameters:
  ///   - x: tokens; no more places than there are positions.
  ///   - mask: which places a place sees, by default itself and earlier ones.
  ///   - depth: how many blocks to run, by default all; the last norm and the head follow at once (early exit).
  ///   - hooks: of block i.
  ///   - layerHook: sees the residual stream before block i, and after the last with i = depth, and returns what takes its place.
  public func callAsFunction(
    _ x: Tensor<Scalar>, mask: AttentionMask = .causal, depth: Int? = nil,
    hooks: (Int) -> AttentionHooks<Scalar> = { _ in .init() }, layerHook: (Int, Tensor<Scalar>) -> Tensor<Scalar> = { $1 }
  ) -> Tensor<Scalar> {
    var embedded = embedding(x)
    if let positions { embedded = embedded + positions.leading(x.shape.dropLast()) }
    return head(stack(embedded, mask: mask, depth: depth, hooks: hooks, layerHook: layerHook))
  }
}

extension Tensor where Scalar: RealScalar {
  /// The positions of as many places as the last axis of a shape of tokens has.
  fileprivate func leading(_ tokens: [Int]) -> Tensor {
    guard let places = tokens.last, places <= shape[0] else {
      fatalError("Transformer: tokens of shape \(tokens) for a context of \(shape[0]) places")
    }
    return slice(0..<places)
  }
}
