import Tensors
import Transforms

/// softmax(q k^T / sqrt(width)) v for every head, in blocks: the weights are never stored (Dao et al. 2022, arXiv 2205.14135), so memory
/// is linear in the number of places, forwards and backwards. Second derivatives do store them.
///
/// - Parameters:
///   - q: [batch, queries, heads, width].
///   - k: [batch, keys, heads, width].
///   - v: [batch, keys, heads, value width].
///   - mask: which keys a query sees; but for `full`, there must be at least as many keys as queries.
/// - Returns: [batch, queries, heads, value width].
public func softmaxAttention<Scalar: RealScalar>(
  _ q: Tensor<Scalar>, _ k: Tensor<Scalar>, _ v: Tensor<Scalar>, mask: AttentionMask = .full
) -> Tensor<Scalar> {
  let attention = BlockedAttention(prefix: mask.prefix)
  let forward = customVJP(
    { (x: AttentionOperands<Scalar>) in
      let results = attention.apply(x.tensors)
      return AttentionResult<Scalar>(output: Tensor(results[0]), logSums: Tensor(results[1]))
    },
    // Of `logSums` only the way back knows, so they have no cotangent.
    vjp: { x, result, cotangent in gradient(mask)(GradientOperands(x: x, result: result, cotangent: cotangent.output)) })
  return forward(AttentionOperands(q: q, k: k, v: v)).output
}

/// The cotangents of the operands in blocks; its own derivative by way of the stored weights.
private func gradient<Scalar: RealScalar>(
  _ mask: AttentionMask
) -> (GradientOperands<Scalar>) -> AttentionOperands<Scalar> {
  customVJP(
    { (x: GradientOperands<Scalar>) in
      let results = BlockedAttentionGradient(prefix: mask.prefix).apply(x.tensors)
      return AttentionOperands(q: Tensor(results[0]), k: Tensor(results[1]), v: Tensor(results[2]))
    },
    vjp: { x, _, cotangent in
      // As a function of the operands and g alone, with what forwards computed computed again.
      let whole = { (at: Directed<Scalar>) in vjp({ $0.stored(mask) }, at: at.x).pullback(at.cotangent) }
      let at = vjp(whole, at: Directed(x: x.x, cotangent: x.cotangent)).pullback(cotangent)
      return GradientOperands(x: at.x, result: x.result.mapTensors { .zeros($0.signature) }, cotangent: at.cotangent)
    })
}

private struct AttentionOperands<Scalar: RealScalar>: TensorTree {
  var q, k, v: Tensor<Scalar>

  /// The same with all weights in memory.
  func stored(_ mask: AttentionMask) -> Tensor<Scalar> {
    func headsFirst(_ x: Tensor<Scalar>) -> Tensor<Scalar> { Tensor(AnyTensor(x).movingAxis(2, to: 1)) }
    let weights = MultiHeadAttention.scores(headsFirst(q), headsFirst(k), mask: mask).softmax()
    return headsFirst(matmul(weights, headsFirst(v)))
  }
}

private struct AttentionResult<Scalar: RealScalar>: TensorTree {
  var output, logSums: Tensor<Scalar>
}

private struct Directed<Scalar: RealScalar>: TensorTree {
  var x: AttentionOperands<Scalar>
  var cotangent: Tensor<Scalar>
}

private struct GradientOperands<Scalar: RealScalar>: TensorTree {
  var x: AttentionOperands<Scalar>
  var result: AttentionResult<Scalar>
  var cotangent: Tensor<Scalar>
}

extension AttentionMask {
  /// As `AttentionGeometry` says it.
  fileprivate var prefix: Int? {
    switch self {
    case .full: nil
    case .causal: 0
    case .prefix(let count): count
    }
  }
}
