import Networks
import Tensors
import TestSupport
import Testing
import Transforms

/// Attention in blocks against its definition in plain loops, and its derivatives against those of the stored weights.
@Suite struct SoftmaxAttentionTests {
  private struct Operands: TensorTree {
    var q, k, v: Tensor<Double>
  }

  private func operands(batch: Int, queries: Int, keys: Int, heads: Int, width: Int, valueWidth: Int) -> Operands {
    let key = Key(seed: 3)
    return Operands(
      q: 2 * .normal([batch, queries, heads, width], key: key[0]), k: 2 * .normal([batch, keys, heads, width], key: key[1]),
      v: .normal([batch, keys, heads, valueWidth], key: key[2]))
  }

  /// By the definition, number by number.
  private func expected(_ x: Operands, sees: (Int, Int) -> Bool) -> [Double] {
    let (shape, m, e) = (x.q.shape, x.k.shape[1], x.v.shape[3])
    let (q, k, v) = (x.q.scalars, x.k.scalars, x.v.scalars)
    let (n, heads, d) = (shape[1], shape[2], shape[3])
    var result: [Double] = []
    for b in 0..<shape[0] {
      for i in 0..<n {
        for h in 0..<heads {
          let weights = (0..<m).map { j -> Double in
            guard sees(i, j) else { return 0 }
            let score = (0..<d).reduce(0) { $0 + q[((b * n + i) * heads + h) * d + $1] * k[((b * m + j) * heads + h) * d + $1] }
            return Double.exp(score / Double(d).squareRoot())
          }
          let sum = weights.reduce(0, +)
          for c in 0..<e {
            result.append((0..<m).reduce(0) { $0 + weights[$1] / sum * v[((b * m + $1) * heads + h) * e + c] })
          }
        }
      }
    }
    return result
  }

  /// Within one block, a block that ends with the sequence, and several with a rest.
  @Test(arguments: [(5, 7), (128, 128), (150, 300), (300, 300)]) func equalsItsDefinition(queries: Int, keys: Int) {
    let x = operands(batch: 2, queries: queries, keys: keys, heads: 2, width: 5, valueWidth: 3)
    let past = keys - queries
    let masks: [(AttentionMask, (Int, Int) -> Bool)] = [
      (.full, { _, _ in true }), (.causal, { i, j in j <= i + past }), (.prefix(140), { i, j in j <= i + past || j < 140 }),
    ]
    for (mask, sees) in masks {
      let result = softmaxAttention(x.q, x.k, x.v, mask: mask)
      #expect(norm(result.reshaped([-1]) - Tensor(expected(x, sees: sees))) < 1e-11, "\(mask)")
    }
  }

  private func stored(_ x: Operands, _ mask: AttentionMask) -> Tensor<Double> {
    func turned(_ x: Tensor<Double>) -> Tensor<Double> { x.movingAxis(2, to: 1) }
    return turned(matmul(MultiHeadAttention.scores(turned(x.q), turned(x.k), mask: mask).softmax(), turned(x.v)))
  }

  @Test(arguments: [AttentionMask.full, .causal, .prefix(140)]) func derivativesAreThoseOfTheStoredWeights(mask: AttentionMask) {
    let x = operands(batch: 1, queries: 150, keys: 270, heads: 2, width: 4, valueWidth: 3)
    let g = Tensor<Double>.normal([1, 150, 2, 3], key: Key(seed: 4))
    let blocked = { (x: Operands) in (softmaxAttention(x.q, x.k, x.v, mask: mask) * g).sum() }
    let whole = { (x: Operands) in (self.stored(x, mask) * g).sum() }
    let (a, b) = (grad(blocked)(x), grad(whole)(x))
    for (a, b) in zip(a.tensors, b.tensors) { #expect(norm(Tensor<Double>(a) - Tensor<Double>(b)) < 1e-11) }
    let compiled = compile { (x: Operands) in grad(blocked)(x) }(x)
    for (a, b) in zip(a.tensors, compiled.tensors) { #expect(norm(Tensor<Double>(a) - Tensor<Double>(b)) < 1e-13) }
  }

  /// Forwards, and second derivatives.
  @Test func derivativesOfDerivatives() {
    let x = operands(batch: 1, queries: 4, keys: 6, heads: 2, width: 3, valueWidth: 2)
    let direction = Operands(q: x.q.sin(), k: x.k.cos(), v: x.v.exp())
    let blocked = { (x: Operands) in softmaxAttention(x.q, x.k, x.v, mask: .causal).sin().sum() }
    let whole = { (x: Operands) in self.stored(x, .causal).sin().sum() }
    #expect(abs((jvp(blocked, at: x, along: direction).tangent - jvp(whole, at: x, along: direction).tangent).scalar) < 1e-12)
    let (a, b) = (hvp(blocked)(x, direction), hvp(whole)(x, direction))
    for (a, b) in zip(a.tensors, b.tensors) { #expect(norm(Tensor<Double>(a) - Tensor<Double>(b)) < 1e-11) }
  }

  /// A layer takes blocks where there are many weights and nobody wants to see them.
  @Test(arguments: [AttentionMask.full, .causal]) func layersTakeBlocks(mask: AttentionMask) {
    let layer = MultiHeadAttention<Double>(6, heads: 2, key: Key(seed: 6))
    let x = Tensor<Double>.normal([2, 300, 6], key: Key(seed: 7))
    var seen = 0
    var hooks = AttentionHooks<Double>()
    hooks.observing = { seen += $0.weights.shape[2] }
    #expect(norm(layer(x, mask: mask) - layer(x, mask: mask, hooks: hooks)) < 1e-12)
    #expect(seen == 300)
  }

  @Test func aBatchIsALoop() {
    let x = operands(batch: 1, queries: 4, keys: 6, heads: 2, width: 3, valueWidth: 2)
    let queries = Tensor<Double>.normal([3, 1, 4, 2, 3], key: Key(seed: 5))
    let slope = { (q: Tensor<Double>) in grad { (q: Tensor<Double>) in softmaxAttention(q, x.k, x.v).sin().sum() }(q) }
    let each = vmap(slope)(queries)
    for i in 0..<3 { #expect(norm(each.row(i) - slope(queries.row(i))) < 1e-14) }
  }

  /// Scores beyond what an exponential holds.
  @Test func largeScoresDoNotOverflow() {
    let q = Tensor<Float>.full([1, 2, 1, 1], 1000)
    let k = Tensor<Float>(shape: [1, 3, 1, 1], [-1, 0, 1])
    let v = Tensor<Float>(shape: [1, 3, 1, 1], [1, 2, 3])
    #expect(softmaxAttention(q, k, v).scalars == [3, 3])
  }
}
