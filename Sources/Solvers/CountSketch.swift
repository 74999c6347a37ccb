import Tensors
import Transforms

/// A random linear map from n rows to fewer: row i is added, with a sign, to the row that it is hashed to (Charikar, Chen and
/// Farach-Colton 2002). S has one nonzero number in a column, so S a costs as much as reading a.
///
/// With a number of rows that is quadratic in d and independent of n it preserves the lengths in a space of dimension d up to a small
/// factor with high probability (Clarkson and Woodruff 2013, arXiv 1207.6365): then the R of the QR decomposition of S a is a good
/// preconditioner of least squares with a. In practice 4 d rows do.
public struct CountSketch<Scalar: RealScalar>: TensorTree {
  /// The row that each of the n rows is added to, [n].
  public var buckets: Tensor<Int32>
  /// 1 or -1, [n].
  public var signs: Tensor<Scalar>
  /// How many rows remain.
  public var rows: Int

  /// A sketch with given buckets and signs.
  public init(buckets: Tensor<Int32>, signs: Tensor<Scalar>, rows: Int) {
    guard buckets.rank == 1, buckets.shape == signs.shape else {
      fatalError("CountSketch: buckets of shape \(buckets.shape) and signs of shape \(signs.shape), expected [n] both")
    }
    (self.buckets, self.signs, self.rows) = (buckets, signs, rows)
  }

  /// A random sketch of `count` rows into `rows`; the key may be traced.
  public init(of count: Int, into rows: Int, key: Key) {
    self.init(
      buckets: .integers([count], in: 0..<Int32(rows), key: key.named("buckets")),
      signs: .rademacher([count], key: key.named("signs")), rows: rows)
  }

  /// S^T, [n, rows].
  public var transposedMatrix: Tensor<Scalar> { .oneHot(buckets, classes: rows) * signs.expandingDimensions(1) }

  /// S a for a of [n, d]: [rows, d].
  public func callAsFunction(_ a: Tensor<Scalar>) -> Tensor<Scalar> {
    (a * signs.expandingDimensions(1)).scatterAdd(buckets, rows: rows)
  }
}
