import Tensors
import Transforms

/// A random linear map S from n rows to fewer m that keeps lengths on average: E[S^T S] = I.
///
/// Least squares with a and b is made small by it: the x that minimizes |S a x - S b|.
public protocol Sketch<Scalar>: TensorTree {
  associatedtype Scalar: RealScalar
  /// Rows that remain, m.
  var rows: Int { get }
  /// S a for a of [n, d]: [m, d].
  func callAsFunction(_ a: Tensor<Scalar>) -> Tensor<Scalar>
}

extension CountSketch: Sketch {}

/// Independent normal numbers of variance 1 / m: the sketch that everything is compared with, and the slowest.
public struct GaussianSketch<Scalar: RealScalar>: Sketch {
  /// S, [m, n].
  public var matrix: Tensor<Scalar>
  /// Rows that remain, m.
  public var rows: Int { matrix.shape[0] }

  /// A random sketch of `count` rows into `rows`; the key may be traced.
  public init(of count: Int, into rows: Int, key: Key) {
    matrix = .normal([rows, count], key: key) / Scalar(rows).squareRoot()
  }

  /// S a for a of [n, d].
  public func callAsFunction(_ a: Tensor<Scalar>) -> Tensor<Scalar> { matmul(matrix, a) }
}

/// The subsampled randomized Hadamard transform S = sqrt(n / m) P H D (Ailon and Chazelle 2006; Tropp 2011, arXiv 1011.1595): random
/// signs D, the orthonormal Walsh-Hadamard transform H, and m rows P of the n, without replacement. Dense, and applied in n log n
/// operations a column.
///
/// A count that is no power of 2 is filled up with zeros.
public struct SubsampledHadamard<Scalar: RealScalar>: Sketch {
  /// 1 or -1, [n].
  public var signs: Tensor<Scalar>
  /// The rows of the transform that are kept, [m].
  public var chosen: Tensor<Int32>
  /// Rows that remain, m.
  public var rows: Int { chosen.shape[0] }

  /// A random sketch of `count` rows into `rows`; the key may be traced.
  public init(of count: Int, into rows: Int, key: Key) {
    let padded = Self.padded(count)
    guard rows <= padded else { fatalError("SubsampledHadamard: \(rows) rows of a transform of \(padded)") }
    signs = .rademacher([count], key: key.named("signs"))
    chosen = .permutation(padded, key: key.named("rows")).slice(0..<rows)
  }

  /// S a for a of [n, d].
  public func callAsFunction(_ a: Tensor<Scalar>) -> Tensor<Scalar> {
    let count = signs.shape[0]
    let signed = (a * signs.expandingDimensions(1)).padded([(0, Self.padded(count) - count), (0, 0)])
    return walshHadamard(signed, axis: 0).gather(chosen) / Scalar(rows).squareRoot()
  }

  /// The least power of 2 that is not below `count`.
  private static func padded(_ count: Int) -> Int { 1 << (Int.bitWidth - max(0, count - 1).leadingZeroBitCount) }
}

/// A sparse embedding with s nonzero numbers ±1 / sqrt(s) in each column (OSNAP: Nelson and Nguyen 2013, arXiv 1211.1002, block
/// construction): s CountSketches, one above the other, of m / s rows each. Between a ``CountSketch``, s = 1, and a dense sketch.
public struct SparseEmbedding<Scalar: RealScalar>: Sketch {
  /// The sketches that stand one above the other, s of them.
  public var blocks: [CountSketch<Scalar>]
  /// Rows that remain, m.
  public var rows: Int { blocks.map(\.rows).reduce(0, +) }

  /// A random sketch of `count` rows into `rows`, which `nonzeros` must divide; the key may be traced.
  public init(of count: Int, into rows: Int, nonzeros: Int, key: Key) {
    guard nonzeros > 0, rows % nonzeros == 0 else {
      fatalError("SparseEmbedding: \(rows) rows are not \(nonzeros) equal blocks")
    }
    blocks = (0..<nonzeros).map { CountSketch(of: count, into: rows / nonzeros, key: key[$0]) }
  }

  /// S a for a of [n, d].
  public func callAsFunction(_ a: Tensor<Scalar>) -> Tensor<Scalar> {
    .concatenate(blocks.map { $0(a) }) / Scalar(blocks.count).squareRoot()
  }
}
