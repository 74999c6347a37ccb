import Tensors
import Transforms

/// Attention with several heads (Vaswani et al. 2017, arXiv 1706.03762): softmax(Q K^T / sqrt(d)) V for every head, joined and
/// projected.
public struct MultiHeadAttention<Scalar: RealScalar>: TensorTree, Codable {
  /// Projections [width, width]; the columns of a head lie together.
  public var query, key, value, output: Dense<Scalar>
  /// Number of heads, a divisor of the width.
  public var heads: Int

  /// - Parameters:
  ///   - width: of queries, results and, unless `contextWidth` is given, of keys and values.
  ///   - heads: a divisor of the width.
  ///   - contextWidth: of what cross attention attends to.
  ///   - hasBias: of the four projections.
  ///   - initializer: of the four projections.
  ///   - rng: the root of the weights' randomness.
  public init(
    _ width: Int, heads: Int, contextWidth: Int? = nil, hasBias: Bool = true, initializer: Initializer = .glorot(), key rng: Key
  ) {
    guard heads > 0, width % heads == 0 else { fatalError("MultiHeadAttention: width \(width) in \(heads) heads") }
    let context = contextWidth ?? width
    query = Dense(width, width, initializer: initializer, hasBias: hasBias, key: rng.named("query"))
    key = Dense(context, width, initializer: initializer, hasBias: hasBias, key: rng.named("key"))
    value = Dense(context, width, initializer: initializer, hasBias: hasBias, key: rng.named("value"))
    output = Dense(width, width, initializer: initializer, hasBias: hasBias, key: rng.named("output"))
    self.heads = heads
  }

  /// Results [..., queries, width] for queries from `x`, [..., queries, width].
  /// - Parameters:
  ///   - x: where queries come from, and keys and values unless there is a context.
  ///   - context: for cross attention, [..., keys, context width].
  ///   - mask: which keys a query sees, by default all.
  ///   - keyMask: [..., keys], false for keys that nobody may see. A query that sees no key gets the mean of all values.
  ///   - queryMask: [..., queries], false for queries whose result is 0.
  ///   - hooks: what else happens on the way.
  public func callAsFunction(
    _ x: Tensor<Scalar>, context: Tensor<Scalar>? = nil, mask: AttentionMask = .full, keyMask: Tensor<Bool>? = nil,
    queryMask: Tensor<Bool>? = nil, hooks: AttentionHooks<Scalar> = .init()
  ) -> Tensor<Scalar> {
    let source = context ?? x
    let (q, k, v) = (hooks.dense(query, x), hooks.dense(key, source), hooks.dense(value, source))
    var result: Tensor<Scalar>
    let (queries, keys) = (q.shape[q.rank - 2], k.shape[k.rank - 2])
    if queries * keys >= Self.manyWeights, keyMask == nil, hooks.leavesAttentionAlone, mask == .full || keys >= queries {
      result = hooks.dense(output, inBlocks(q, k, v, mask))
    } else {
      result = withWeights(split(q), split(k), split(v), mask, keyMask, hooks)
    }
    if let queryMask {
      let mask = AnyTensor(queryMask).insertingAxis(queryMask.rank)
      result = Tensor(mask.select(AnyTensor(result), .constant(0, Scalar.scalarType)))
    }
    return result
  }

  /// From so many weights of a head on, they are not stored; below, storing them is as fast.
  private static var manyWeights: Int { 1 << 16 }

  /// What the heads gather, without their weights in memory.
  private func inBlocks(_ q: Tensor<Scalar>, _ k: Tensor<Scalar>, _ v: Tensor<Scalar>, _ mask: AttentionMask) -> Tensor<Scalar> {
    let width = q.shape[q.rank - 1]
    func apart(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
      x.reshaped([x.shape.dropLast(2).reduce(1, *), x.shape[x.rank - 2], heads, width / heads])
    }
    return softmaxAttention(apart(q), apart(k), apart(v), mask: mask).reshaped(q.shape.dropLast() + [width])
  }

  /// The result with everything in between for hooks to see and to change; heads are in front.
  private func withWeights(
    _ q: Tensor<Scalar>, _ keys: Tensor<Scalar>, _ values: Tensor<Scalar>, _ mask: AttentionMask, _ keyMask: Tensor<Bool>?,
    _ hooks: AttentionHooks<Scalar>
  ) -> Tensor<Scalar> {
    let (k, v) = hooks.editing?(keys, values) ?? (keys, values)
    let scores = Self.scores(q, k, mask: mask, keyMask: keyMask)
    let weights = scores.softmax()
    var gathered = matmul(weights, v)
    if let gathering = hooks.gathering { gathered = gathering(gathered, v) }
    let result = hooks.dense(output, join(gathered))
    hooks.observing?(AttentionRecord(scores: scores, weights: weights, output: result))
    return result
  }

  /// The scores before the softmax, [..., heads, queries, keys], of queries and keys with their heads in front.
  public static func scores(
    _ q: Tensor<Scalar>, _ k: Tensor<Scalar>, mask: AttentionMask = .full, keyMask: Tensor<Bool>? = nil
  ) -> Tensor<Scalar> {
    let scale = 1 / Scalar(q.shape[q.rank - 1]).squareRoot()
    var scores = matmul(q, k, transposeB: true) * scale
    if let bias: Tensor<Scalar> = mask.bias(q.shape[q.rank - 2], k.shape[k.rank - 2]) { scores = scores + bias }
    if let keyMask {
      let mask = AnyTensor(keyMask).reshaped(keyMask.shape.dropLast() + [1, 1] + keyMask.shape.suffix(1))
      scores = Tensor(mask.select(AnyTensor(scores), .constant(AttentionMask.hidden, Scalar.scalarType)))
    }
    return scores
  }

  /// [..., places, width] to [..., heads, places, width / heads]: then all heads are one batched product.
  private func split(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    let (rank, width) = (x.rank, x.shape[x.rank - 1])
    let parts = AnyTensor(x).reshaped(x.shape.dropLast() + [heads, width / heads])
    return Tensor(parts.movingAxis(rank - 1, to: rank - 2))
  }

  private func join(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    let joined = AnyTensor(x).movingAxis(x.rank - 3, to: x.rank - 2)
    return Tensor(joined.reshaped(joined.shape.dropLast(2) + [heads * x.shape[x.rank - 1]]))
  }
}

/// What an attention layer did with its input.
public struct AttentionRecord<Scalar: RealScalar> {
  /// Before the softmax, [..., heads, queries, keys]; about -1e30 where a query does not see a key.
  public var scores: Tensor<Scalar>
  /// The softmax of the scores.
  public var weights: Tensor<Scalar>
  /// After the last projection, [..., queries, width]: what a block adds to its input.
  public var output: Tensor<Scalar>
}

/// What a caller looks at and changes while attention, and the transformer around it, runs.
public struct AttentionHooks<Scalar: RealScalar> {
  /// Changes keys and values, [..., heads, keys, width / heads], before they are used.
  public var editing: ((Tensor<Scalar>, Tensor<Scalar>) -> (Tensor<Scalar>, Tensor<Scalar>))?
  /// Changes what the heads gathered, [..., heads, queries, width / heads], before the last projection; it is handed the values too.
  public var gathering: ((Tensor<Scalar>, Tensor<Scalar>) -> Tensor<Scalar>)?
  /// Sees what attention did.
  public var observing: ((AttentionRecord<Scalar>) -> Void)?
  /// How dense layers are applied, those of the feed-forward part too; by default as they are.
  public var dense: (Dense<Scalar>, Tensor<Scalar>) -> Tensor<Scalar> = { layer, x in layer(x) }

  /// Nothing is looked at or changed.
  public init() {}

  /// Whether keys, values, weights and what heads gather are nobody's business.
  var leavesAttentionAlone: Bool { editing == nil && gathering == nil && observing == nil }
}
