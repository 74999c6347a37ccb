import Tensors
import Transforms

/// Attention without softmax: (1 / N) sum_i v_i (k_i . q) for every query q.
/// - Parameters:
///   - queries: [..., queries, width].
///   - keys: [..., N, width].
///   - values: [..., N, value width].
/// - Returns: [..., queries, value width].
public func linearAttention<Scalar: RealScalar>(
  _ queries: Tensor<Scalar>, _ keys: Tensor<Scalar>, _ values: Tensor<Scalar>
) -> Tensor<Scalar> {
  matmul(matmul(queries, keys, transposeB: true), values) * (1 / Scalar(keys.shape[keys.rank - 2]))
}

/// A layer of one head of linear attention and a skip connection: e <- e + (1 / N) P sum_i W_V e_i (W_K e_i . W_Q e), the sum over the N
/// tokens of a context (von Oswald et al. 2023, arXiv 2212.07677, section 2).
///
/// Where a prompt ends with a query token, the query is no key: sums over the examples are those of gradient descent on the examples.
public struct LinearSelfAttention<Scalar: RealScalar>: TensorTree, Codable {
  /// W_Q, W_K, W_V and P, each [width, width], to be multiplied by tokens as columns.
  public var query, key, value, output: Tensor<Scalar>

  /// A layer of known weights.
  public init(query: Tensor<Scalar>, key: Tensor<Scalar>, value: Tensor<Scalar>, output: Tensor<Scalar>) {
    (self.query, self.key, self.value, self.output) = (query, key, value, output)
  }

  /// A layer of random weights.
  public init(_ width: Int, initializer: Initializer, key rng: Key) {
    let weights = ["query", "key", "value", "output"].map {
      initializer.tensor([width, width], key: rng.named($0), as: Scalar.self)
    }
    self.init(query: weights[0], key: weights[1], value: weights[2], output: weights[3])
  }

  /// [..., tokens, width] to the same shape.
  /// - Parameter context: where keys and values come from, [..., N, width]; the tokens themselves for self-attention among them.
  public func callAsFunction(_ tokens: Tensor<Scalar>, context: Tensor<Scalar>) -> Tensor<Scalar> {
    let attended = linearAttention(query.applied(to: tokens), key.applied(to: context), value.applied(to: context))
    return tokens + output.applied(to: attended)
  }

  /// W_K^T W_Q: queries and keys meet in nothing else.
  public var keyQuery: Tensor<Scalar> { matmul(key, query, transposeA: true) }
  /// P W_V: values and the output meet in nothing else.
  public var outputValue: Tensor<Scalar> { matmul(output, value) }
}

/// Layers of linear attention that carry a query token along with the examples in front of it.
public struct LinearTransformer<Scalar: RealScalar>: TensorTree, Codable {
  /// In the order in which they run.
  public var layers: [LinearSelfAttention<Scalar>]
  /// How often all of them run, one round after the other: more than once makes the network recurrent.
  public var repeats: Int

  /// A transformer of known layers.
  public init(_ layers: [LinearSelfAttention<Scalar>], repeats: Int = 1) {
    (self.layers, self.repeats) = (layers, repeats)
  }

  /// The query tokens after the last layer, [..., queries, width].
  /// - Parameters:
  ///   - queries: of the same shape. They see the context, and neither each other nor themselves.
  ///   - context: [..., N, width].
  public func callAsFunction(_ queries: Tensor<Scalar>, context: Tensor<Scalar>) -> Tensor<Scalar> {
    var (queries, context) = (queries, context)
    let depth = layers.count * repeats
    for i in 0..<depth {
      let layer = layers[i % layers.count]
      queries = layer(queries, context: context)
      // Nobody reads the context behind the last layer.
      if i < depth - 1 { context = layer(context, context: context) }
    }
    return queries
  }

  /// What the transformer foretells for queries (x, 0) behind examples (x_i, y_i), [..., queries]: minus the last entry, in which the
  /// layers of `LinearSelfAttention.gradientStep` gather 0 - w . x.
  public func predictions(_ queries: Tensor<Scalar>, context: Tensor<Scalar>) -> Tensor<Scalar> {
    let last = self(queries, context: context)
    let width = last.shape[last.rank - 1]
    return -Tensor(AnyTensor(last).slice(axis: last.rank - 1, width - 1..<width)).squeezed(-1)
  }
}

extension Tensor where Scalar: RealScalar {
  /// The matrix times every token of [..., tokens, width], as one large product.
  fileprivate func applied(to tokens: Tensor) -> Tensor {
    matmul(tokens.reshaped(-1, shape[1]), self, transposeB: true).reshaped(tokens.shape.dropLast() + [shape[0]])
  }
}
