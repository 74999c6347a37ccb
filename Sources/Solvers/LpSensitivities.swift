import RealModule
import Tensors
import Transforms

/// The leverage scores of the rows of a, [n, d] of full rank: the largest share |a_i x|² / |a x|² of each row over all x, by the QR
/// decomposition. Their sum is d.
public func leverageScores<Scalar: RealScalar>(_ a: Tensor<Scalar>) -> Tensor<Scalar> { qr(a).q.square().sum(-1) }

/// The l_p sensitivities of the rows of a, [n, d] of full rank: the largest share |a_i x|^p / sum_j |a_j x|^p of each row over all x.
///
/// For each row the convex problem of the least sum with a_i x = 1, by iteratively reweighted least squares from the solution for p = 2:
/// with a floor under the residuals that falls geometrically for p < 2, and for p > 2 with the step 1 / (p - 1), which makes it Newton's
/// method. So each is approached from below: to some ten digits for p from 1.5 on; for p = 1 to five for most rows, and to two or three for some.
/// Time n² d² for an iteration.
/// - Parameters:
///   - a: the rows.
///   - p: at least 1. The sum of the sensitivities is d for p = 2, at most d below, and at most d^(p/2) above.
///   - iterations: reweighted solutions, by default 40 for p < 1.5 and 20 above.
public func lpSensitivities(_ a: Tensor<Double>, p: Double, iterations: Int? = nil) -> Tensor<Double> {
  guard p >= 1 else { fatalError("lpSensitivities: p = \(p), expected at least 1") }
  // They depend on the space of the columns alone: an orthonormal basis of it has the better condition.
  let q = qr(a).q
  let (n, d) = (q.shape[0], q.shape[1])
  let products = q.outer(q).reshaped(n, d * d)
  let step = p > 2 ? 1 / (p - 1) : 1
  let improve = compile { (x: Tensor<Double>, rows: Tensor<Double>, floor: Tensor<Double>) -> Tensor<Double> in
    let sizes = matmul(x, q, transposeB: true).abs()
    let weights = raised(maximum(sizes, sizes.mean(-1).expandingDimensions(1) * floor), to: p - 2)
    let gram = matmul(weights, products).reshaped(rows.shape[0], d, d)
    let y = gram.solve(rows.expandingDimensions(2)).squeezed(2)
    return x + step * (y / (y * rows).sum(-1).expandingDimensions(1) - x)
  }
  let shares = compile { (x: Tensor<Double>) in 1 / raised(matmul(x, q, transposeB: true).abs(), to: p).sum(-1) }
  let block = max(1, (1 << 18) / n)
  let parts = stride(from: 0, to: n, by: block).map { start -> Tensor<Double> in
    let rows = q.slice(start..<min(n, start + block))
    let scores = rows.square().sum(-1)
    var x = rows / scores.expandingDimensions(1)
    let least = shares(x)
    for iteration in 0..<(iterations ?? (p < 1.5 ? 40 : 20)) {
      x = improve(x, rows, Tensor(0.1 * .pow(0.7, Double(iteration))))
    }
    return .where(scores .> 0, maximum(least, shares(x)), 0)
  }
  return .concatenate(parts)
}

/// The largest shares |a_i x|^p / sum_j |a_j x|^p over the directions x = R^-1 u with a = Q R and u the given `directions`, [k, d]: lower
/// bounds of the sensitivities by other means, good where d is small enough for a dense net.
public func lpSensitivities(_ a: Tensor<Double>, p: Double, over directions: Tensor<Double>) -> Tensor<Double> {
  let q = qr(a).q
  let larger = compile { (largest: Tensor<Double>, u: Tensor<Double>) -> Tensor<Double> in
    let powers = raised(matmul(u, q, transposeB: true).abs(), to: p)
    return maximum(largest, (powers / powers.sum(-1).expandingDimensions(1)).max(0))
  }
  let (count, block) = (directions.shape[0], max(1, (1 << 18) / q.shape[0]))
  return stride(from: 0, to: count, by: block).reduce(.zeros([q.shape[0]])) { largest, start in
    larger(largest, directions.slice(start..<min(count, start + block)))
  }
}

/// x^p of numbers that are not negative, with vectors of exponentials and logarithms: ten times as fast as the library's power.
private func raised(_ x: Tensor<Double>, to p: Double) -> Tensor<Double> { p == 0 ? .ones(x.shape) : (p * x.log()).exp() }
