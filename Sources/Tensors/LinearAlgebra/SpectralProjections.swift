/// Nearest matrices of a kind, by the thin singular value decomposition u diag(s) vT: its singular values replaced, its vectors kept.
/// They batch over leading axes, are traced, and give NaN for a matrix that is not finite.
extension Tensor where Scalar: RealScalar {
  /// The orthogonal polar factors u vT of matrices [..., m, n]: every singular value becomes 1.
  ///
  /// It has orthonormal columns (m >= n) or rows (m < n), is the nearest such matrix (Fan and Hoffman 1955), and maximizes <p, a> over
  /// all p with singular values of at most 1: the linear oracle of the spectral norm's unit ball, <p, a> being the sum of the singular
  /// values of a. Where a singular value is zero it is not unique: any such maximizer, that of LAPACK's vectors.
  public func polarFactor() -> Tensor {
    let (u, _, vT) = thinSVD()
    return matmul(u, vT)
  }

  /// The nearest matrices of at most this rank, in every unitarily invariant norm (Eckart and Young 1936, Mirsky 1960): of [..., m, n]
  /// the largest `rank` singular values stay, the others become 0. Of equal values at the cut, LAPACK's order decides which stay.
  public func truncated(toRank rank: Int) -> Tensor {
    let (u, s, vT) = thinSVD()
    let count = s.shape[s.rank - 1]
    guard rank >= 0 else { fatalError("Tensor.truncated: rank \(rank) is negative") }
    guard rank < count else { return self }
    let sizes = [rank, count - rank]
    let values = s.split(axis: -1, sizes: sizes)[0]
    return matmul(
      u.split(axis: -1, sizes: sizes)[0] * values.expandingDimensions(-2), vT.split(axis: -2, sizes: sizes)[0])
  }
}
