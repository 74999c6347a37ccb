import Datasets
import Diagnostics
import Networks
import Tensors
import Transforms

extension AttentionDualForm {
  /// sum_i v_i (k_i . q) for rows of queries, keys and values: linear attention as the paper writes it, without a mean.
  private static func attention(_ q: Tensor<Double>, _ k: Tensor<Double>, _ v: Tensor<Double>) -> Tensor<Double> {
    matmul(matmul(q, k, transposeB: true), v)
  }

  private static func relativeDistance(_ a: Tensor<Double>, _ b: Tensor<Double>) -> Double { ((a - b).norm() / b.norm()).scalar }

  /// Relative distance of (W_ZSL + dW_ICL) q from W_V [X; X'] (W_K [X; X'])^T q, with W_ZSL = W_V X (W_K X)^T of the query's own tokens X
  /// and dW_ICL = sum_i (W_V x'_i) (W_K x'_i)^T of the demonstrations X'.
  package static func splitError(demonstrations: Int, tokens: Int, width: Int, key: Key) -> Double {
    let normal = { (rows: Int, name: String) in Tensor<Double>.normal([rows, width], key: key.named(name)) }
    let (own, shown, q) = (normal(tokens, "X"), normal(demonstrations, "X'"), normal(1, "q"))
    let (wk, wv) = (normal(width, "W_K"), normal(width, "W_V"))
    func map(_ x: Tensor<Double>, _ w: Tensor<Double>) -> Tensor<Double> { matmul(x, w, transposeB: true) }
    let zeroShot = matmul(map(own, wv), map(own, wk), transposeA: true)
    let (keys, values) = (map(shown, wk), map(shown, wv))
    let update = (0..<demonstrations).reduce(Tensor<Double>.zeros(width, width)) { $0 + values.row($1).outer(keys.row($1)) }
    let all = Tensor.concatenate([own, shown])
    return relativeDistance(map(q, zeroShot + update), attention(q, map(all, wk), map(all, wv)))
  }

  /// Relative distance, after each of `steps`, of W_k x from its attention form, for gradient descent on 1/2 sum_i |W x'_i - y_i|².
  ///
  /// The weights come from automatic differentiation. The attention form never has them: its errors e_i = -eta (prediction - y_i), taken
  /// where they occurred, come from W_0 and from linear attention to the earlier errors.
  package static func descentErrors(steps: Int, demonstrations: Int, width: Int, rate: Double, key: Key) -> [Double] {
    let normal = { (rows: Int, name: String) in Tensor<Double>.normal([rows, width], key: key.named(name)) }
    let (x, y, q) = (normal(demonstrations, "x'"), normal(demonstrations, "y"), normal(1, "x"))
    let start = normal(width, "W_0")
    var weights = start
    var errors: [Tensor<Double>] = []
    func answer(_ q: Tensor<Double>) -> Tensor<Double> {
      errors.reduce(matmul(q, start, transposeB: true)) { $0 + attention(q, x, $1) }
    }
    return (0..<steps).map { _ in
      weights = weights - grad { (w: Tensor<Double>) in (matmul(x, w, transposeB: true) - y).squaredNorm() / 2 }(weights) * rate
      errors.append((y - answer(x)) * rate)
      return relativeDistance(answer(q), matmul(q, weights, transposeB: true))
    }
  }

  // MARK: Momentum

  /// F_ti = eta^(t - i) for i < t, else 0, [places, places]: what turns the values into their exponential averages
  /// sum_(i < t) eta^(t - i) v_i. Zeros for eta = 0.
  package static func momentumFilter<Scalar: RealScalar>(_ eta: Double, places: Int) -> Tensor<Scalar> {
    Tensor(
      shape: [places, places],
      (0..<places * places).map { place in
        let distance = place / places - place % places
        return distance > 0 ? Scalar((0..<distance).reduce(1.0) { power, _ in power * eta }) : 0
      })
  }

  /// MoAttn: attention plus the filtered values, head by head.
  package static func momentumHooks<Scalar: RealScalar>(_ filter: Tensor<Scalar>) -> AttentionHooks<Scalar> {
    var hooks = AttentionHooks<Scalar>()
    hooks.gathering = { gathered, values in gathered + matmul(filter, values) }
    return hooks
  }

  /// The largest distance of MoAttn from attention plus m_t = eta (m_(t-1) + v_(t-1)), m_0 = 0; and the largest derivative of an output
  /// with respect to a later value.
  package static func momentumErrors(
    eta: Double, places: Int, width: Int, heads: Int, key: Key
  ) -> (identity: Double, future: Double) {
    let layer = MultiHeadAttention<Double>(width, heads: heads, key: key.named("layer"))
    let x = Tensor<Double>.normal([places, width], key: key.named("x"))
    let momentum = momentumHooks(momentumFilter(eta, places: places) as Tensor<Double>)
    var recursive = AttentionHooks<Double>()
    recursive.gathering = { gathered, values in
      var m = Tensor<Double>.zeros(heads, width / heads)
      let averages = (0..<places).map { t in
        if t > 0 { m = (m + values.slice(All(), t - 1)) * eta }
        return m
      }
      return gathered + .stack(averages, axis: 1)
    }
    let identity = (layer(x, mask: .causal, hooks: momentum) - layer(x, mask: .causal, hooks: recursive)).abs().max().scalar

    // Of the sum of output t over its entries, with random signs so that nothing cancels, with respect to all values.
    let signs = Tensor<Double>.normal([width], key: key.named("signs"))
    let future = (0..<places - 1).map { t in
      let derivative = grad { (offsets: Tensor<Double>) in
        var hooks = momentum
        hooks.editing = { keys, values in (keys, values + offsets) }
        return (layer(x, mask: .causal, hooks: hooks).slice(t) * signs).sum()
      }(Tensor<Double>.zeros(heads, places, width / heads))
      return derivative.slice(All(), t + 1..<places).abs().max().scalar
    }
    return (identity, quantile(future, 1))
  }
}
