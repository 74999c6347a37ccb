import Foundation
import Tensors

/// The angles between the column spaces of two matrices, [dimension, a] and [dimension, b], of full column rank: min(a, b) angles from 0 to
/// pi/2, rising.
///
/// Cosines are the singular values of Qa^T Qb. A small angle's cosine has lost its digits, so angles below pi/4 come from sines, the
/// singular values of what is left of Qb outside the other space (Björck and Golub, "Numerical methods for computing angles between
/// linear subspaces", 1973).
/// - Throws: when a matrix is not finite.
public func principalAngles<Scalar: RealScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>
) throws(LinearAlgebraError) -> [Double] {
  guard a.rank == 2, b.rank == 2, a.shape[0] == b.shape[0], max(a.shape[1], b.shape[1]) <= a.shape[0] else {
    fatalError("principalAngles: shapes \(a.shape) and \(b.shape), expected [dimension, a] and [dimension, b]")
  }
  // The smaller space is the one whose sines are taken: as many as there are angles.
  let (wide, narrow) = a.shape[1] >= b.shape[1] ? (a, b) : (b, a)
  let (qa, qb) = (qr(wide).q, qr(narrow).q)
  let product = matmul(qa, qb, transposeA: true)
  let cosines = try thinSVD(product).s.scalars
  let sines = try thinSVD(qb - matmul(qa, product)).s.scalars.reversed()
  return zip(cosines, sines).map { cosine, sine in
    sine * sine < 0.5 ? asin(Double(sine)) : acos(Double(min(1, cosine)))
  }
}

/// How much two column spaces share: the mean squared cosine of the principal angles, ||Qa^T Qb||² / min(a, b); 1 when the smaller one
/// lies in the other, 0 when they are orthogonal.
/// - Throws: when a matrix is not finite.
public func subspaceOverlap<Scalar: RealScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>
) throws(LinearAlgebraError) -> Double {
  let cosines = try principalAngles(a, b).map { cos($0) }
  return cosines.reduce(0) { $0 + $1 * $1 } / Double(cosines.count)
}
