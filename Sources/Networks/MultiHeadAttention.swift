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
  ///   - isCausal: whether query i sees the keys 0...i only.
  ///   - keyMask: [..., keys], false for keys that nobody may see. A query that sees no key gets the mean of all values.
  ///   - queryMask: [..., queries], false for queries whose result is 0.
  ///   - editing: changes keys and values, [..., heads, keys, width / heads], before they are used.
  public func callAsFunction(
    _ x: Tensor<Scalar>, context: Tensor<Scalar>? = nil, isCausal: Bool = false, keyMask: Tensor<Bool>? = nil,
    queryMask: Tensor<Bool>? = nil, editing: ((Tensor<Scalar>, Tensor<Scalar>) -> (Tensor<Scalar>, Tensor<Scalar>))? = nil
  ) -> Tensor<Scalar> {
    let source = context ?? x
    let q = split(query(x))
    var (k, v) = (split(key(source)), split(value(source)))
    if let editing { (k, v) = editing(k, v) }
    let weights = Self.weights(q, k, isCausal: isCausal, keyMask: keyMask)
    var result = output(join(matmul(weights, v)))
    if let queryMask {
      let mask = AnyTensor(queryMask).insertingAxis(queryMask.rank)
      result = Tensor(mask.select(AnyTensor(result), .constant(0, Scalar.scalarType)))
    }
    return result
  }

  /// The softmax of the scores, [..., heads, queries, keys], of queries and keys with their heads in front.
  public static func weights(
    _ q: Tensor<Scalar>, _ k: Tensor<Scalar>, isCausal: Bool = false, keyMask: Tensor<Bool>? = nil
  ) -> Tensor<Scalar> {
    let scale = 1 / Scalar(q.shape[q.rank - 1]).squareRoot()
    var scores = matmul(q, k, transposeB: true) * scale
    if isCausal { scores = scores + causalBias(q.shape[q.rank - 2], k.shape[k.rank - 2]) }
    if let keyMask {
      let mask = AnyTensor(keyMask).reshaped(keyMask.shape.dropLast() + [1, 1] + keyMask.shape.suffix(1))
      scores = Tensor(mask.select(AnyTensor(scores), .constant(hidden, Scalar.scalarType)))
    }
    return scores.softmax()
  }

  /// A score that no other reaches, finite so that a row of nothing else is no NaN.
  private static var hidden: Double { -1e30 }

  /// 0 where a query sees a key, else `hidden`. With fewer queries than keys, the last query sees all.
  private static func causalBias(_ queries: Int, _ keys: Int) -> Tensor<Scalar> {
    let past = keys - queries
    return Tensor(
      shape: [queries, keys], (0..<queries * keys).map { $0 % keys > $0 / keys + past ? Scalar(hidden) : 0 })
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
