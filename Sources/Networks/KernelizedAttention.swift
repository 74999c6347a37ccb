import Tensors
import Transforms

/// Positive random features of the exponential kernel (Choromanski et al. 2021, arXiv 2009.14794):
/// phi(x) = exp(-|x|²/2) (exp(w_1 x), ..., exp(w_m x)) / sqrt(m), and E phi(q) phi(k) = exp(q k).
///
/// The w are rows of independent Haar-orthogonal blocks times independent chi(d) numbers: normal each, and orthogonal within a block.
public struct PositiveRandomFeatures<Scalar: RealScalar>: TensorTree, Codable {
  /// w, [m, d].
  public var directions: Tensor<Scalar>

  /// `count` features of vectors in `dimension` dimensions.
  public init(_ count: Int, of dimension: Int, key: Key) {
    let blocks = (count + dimension - 1) / dimension
    let rows = Tensor<Scalar>.orthogonal([blocks, dimension, dimension], key: key.named("blocks"))
    let lengths = Tensor<Scalar>.normal([count, dimension], key: key.named("lengths")).norm(-1, keepingAxes: true)
    directions = rows.reshaped(blocks * dimension, dimension).slice(0..<count) * lengths
  }

  /// [..., d] to [..., m].
  public func callAsFunction(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    let (m, d) = (directions.shape[0], directions.shape[1])
    let products = matmul(x.reshaped([x.count / max(1, d), d]), directions, transposeB: true)
    let exponents = products.reshaped(x.shape.dropLast() + [m]) - 0.5 * x.squaredNorm(-1, keepingAxes: true)
    return exponents.exp() * (1 / Scalar(m).squareRoot())
  }
}

/// Attention whose weights are products of features, phi(q_i) phi(k_j) c[j - i] over their sum, with relative positional weights c
/// (Luo et al. 2021, arXiv 2106.12566). With random features of the exponential, c = exp(b) is a positional bias b.
///
/// Features are [..., n, m], values [..., n, d], results [..., n, d].
public enum KernelizedAttention {
  /// Without positions, c = 1 (Katharopoulos et al. 2020, arXiv 2006.16236): O(n m d).
  public static func linear<Scalar: RealScalar>(
    _ q: Tensor<Scalar>, _ k: Tensor<Scalar>, _ v: Tensor<Scalar>
  ) -> Tensor<Scalar> {
    let sums = matmul(k, v, transposeA: true)
    return matmul(q, sums) / (q * k.sum(-2, keepingAxes: true)).sum(-1, keepingAxes: true)
  }

  /// With positions in O(n m d log n): every product of a key's feature and a value is a sequence, which the Toeplitz matrix of c multiplies.
  /// - Parameters:
  ///   - c: c[-(n - 1)], ..., c[n - 1], [..., 2 n - 1] with the leading axes of the features; 0 for positive offsets makes it causal.
  ///   - sequencesTogether: about how many of the m (d + 1) sequences are transformed at once, so that long ones stay in the cache. By
  ///     default all.
  public static func relative<Scalar: RealScalar>(
    _ q: Tensor<Scalar>, _ k: Tensor<Scalar>, _ v: Tensor<Scalar>, weights c: Tensor<Scalar>, sequencesTogether: Int? = nil
  ) -> Tensor<Scalar> {
    let (m, d) = (q.shape[q.rank - 1], v.shape[v.rank - 1])
    let together = max(1, sequencesTogether ?? m * (d + 1))
    let matrix = ToeplitzMatrix(diagonals: c.expandingDimensions(-2).expandingDimensions(-2))
    // Sequences along the last axis; a value of 1 beside the others gives the denominator.
    let ones = Tensor<Scalar>.ones(v.shape.dropLast() + [1])
    let columns = Tensor.concatenate([v, ones], axis: -1).transposed().expandingDimensions(-3)  // [..., 1, d + 1, n]
    let queries = blocks(q.transposed().expandingDimensions(-2), axis: -3, of: together / (d + 1))  // each [..., features, 1, n]
    let keys = blocks(k.transposed().expandingDimensions(-2), axis: -3, of: together / (d + 1))
    let sums = blocks(columns, axis: -2, of: together).map { columns in
      let parts = zip(queries, keys).map { q, k in (q * matrix(k * columns)).sum(-3) }
      return parts.dropFirst().reduce(parts[0], +)
    }
    let parts = Tensor.concatenate(sums, axis: -2).split(axis: -2, sizes: [d, 1])
    return (parts[0] / parts[1]).transposed()
  }

  /// Cut along an axis into nearly equal parts of at most `size`, and of 1 at least.
  private static func blocks<Scalar: RealScalar>(_ x: Tensor<Scalar>, axis: Int, of size: Int) -> [Tensor<Scalar>] {
    let extent = x.shape[x.rank + axis]
    let count = (extent + max(1, size) - 1) / max(1, size)
    return x.split(axis: axis, sizes: (0..<count).map { extent * ($0 + 1) / count - extent * $0 / count })
  }

  /// The same by the definition, in O(n² (m + d)).
  /// - Parameter rowsTogether: how many queries are looked at together; fewer take less memory. By default all.
  public static func quadratic<Scalar: RealScalar>(
    _ q: Tensor<Scalar>, _ k: Tensor<Scalar>, _ v: Tensor<Scalar>, weights c: Tensor<Scalar>, rowsTogether: Int? = nil
  ) -> Tensor<Scalar> {
    let n = q.shape[q.rank - 2]
    let together = rowsTogether ?? n
    let rows = stride(from: 0, to: n, by: together).map { start in
      let count = min(together, n - start)
      let queries = q.split(axis: -2, sizes: [start, count, n - start - count])[1]
      // Row i needs c[-i], ..., c[n - 1 - i].
      let first = n - start - count
      let diagonals = c.split(axis: -1, sizes: [first, n + count - 1, n - first - count])[1]
      let weights = matmul(queries, k, transposeB: true) * diagonals.toeplitzRows(count)
      return matmul(weights, v) / weights.sum(-1, keepingAxes: true)
    }
    return .concatenate(rows, axis: -2)
  }
}
