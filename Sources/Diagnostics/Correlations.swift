import Foundation
import Tensors

/// Pearson's correlations of the columns of `a`, [n, p], with those of `b`, [n, q], over the same n rows: [p, q]. NaN where all values of a
/// column are equal.
public func correlationMatrix<Scalar: RealScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Tensor<Scalar> {
  guard a.rank == 2, b.rank == 2, a.shape[0] == b.shape[0] else {
    fatalError("correlationMatrix: shapes \(a.shape) and \(b.shape), expected [n, p] and [n, q]")
  }
  let unit = { (x: Tensor<Scalar>) in
    let centred = x - x.mean(0)
    return centred / centred.norm(0)
  }
  return matmul(unit(a), unit(b), transposeA: true)
}

/// The correlations of canonical correlation analysis (Hotelling 1936) of the columns of `a`, [n, p], and of `b`, [n, q]: min(p, q) numbers
/// from 1 down to 0, whatever invertible linear maps are applied to the columns of each.
///
/// They are the cosines of the ``principalAngles(_:_:)`` of the centred columns, which must be linearly independent.
/// - Throws: when a matrix is not finite.
public func canonicalCorrelations<Scalar: RealScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>
) throws(LinearAlgebraError) -> [Double] {
  try principalAngles(a - a.mean(0), b - b.mean(0)).map { cos($0) }
}
