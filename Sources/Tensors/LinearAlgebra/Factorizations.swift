/// Matrix factorizations by LAPACK. Signs of singular vectors and of R's diagonal are LAPACK's.

/// A failure of a factorization that depends on the numbers, not on the shapes.
public enum LinearAlgebraError: Error, Sendable, CustomStringConvertible {
  /// An entry of the input is NaN (or LAPACK refused the input for another reason).
  case invalidInput(operation: String, shape: [Int])
  /// The iteration gave up.
  case notConverged(operation: String, shape: [Int])

  /// One line: what failed, on which shape, and why.
  public var description: String {
    switch self {
    case .invalidInput(let operation, let shape): "\(operation) of shape \(shape): the matrix contains NaN or infinity"
    case .notConverged(let operation, let shape): "\(operation) of shape \(shape): LAPACK did not converge"
    }
  }
}

/// The thin singular value decomposition a = u diag(s) vT of an [m, n] matrix: u [m, k], s [k] descending, vT [k, n], k = min(m, n).
/// Throws if `a` is not finite, or if neither divide and conquer nor, after it, QR iteration converges.
public func thinSVD<Scalar: RealScalar>(
  _ a: Tensor<Scalar>
) throws(LinearAlgebraError) -> (u: Tensor<Scalar>, s: Tensor<Scalar>, vT: Tensor<Scalar>) {
  guard a.rank == 2 else { fatalError("thinSVD: shape \(a.shape) is no matrix") }
  let (m, n) = (a.shape[0], a.shape[1])
  let k = min(m, n)
  var u = Tensor<Scalar>.zeros(m, k)
  var s = Tensor<Scalar>.zeros(k)
  var vT = Tensor<Scalar>.zeros(k, n)
  guard k > 0 else { return (u, s, vT) }
  guard (a.withUnsafeBufferPointer { $0.allSatisfy(\.isFinite) }) else {
    throw .invalidInput(operation: "thinSVD", shape: a.shape)
  }
  // LAPACK reads columns: our rows are the columns of the transpose, whose left vectors are our right ones. So nothing is moved.
  for divideAndConquer in [true, false] {
    var work = a
    let info = Scalar._svd(
      divideAndConquer: divideAndConquer, n, m, work.mutablePointer, s.mutablePointer, vT.mutablePointer, u.mutablePointer)
    if info == 0 { return (u, s, vT) }
  }
  throw .notConverged(operation: "thinSVD", shape: a.shape)
}

/// The reduced QR decomposition a = q r of an [m, n] matrix: q [m, k] with orthonormal columns, r [k, n] upper triangular,
/// k = min(m, n).
public func qr<Scalar: RealScalar>(_ a: Tensor<Scalar>) -> (q: Tensor<Scalar>, r: Tensor<Scalar>) {
  guard a.rank == 2 else { fatalError("qr: shape \(a.shape) is no matrix") }
  let (m, n) = (a.shape[0], a.shape[1])
  let k = min(m, n)
  var q = Tensor<Scalar>.zeros(m, k)
  var r = Tensor<Scalar>.zeros(k, n)
  guard k > 0 else { return (q, r) }
  var work = a
  var tau = Tensor<Scalar>.zeros(k)
  let info = Scalar._geqrf(m, n, work.mutablePointer, tau.mutablePointer)
  guard info == 0 else { return (.full([m, k], .nan), .full([k, n], .nan)) }  // LAPACKE refuses NaN: pass it on.
  for i in 0..<k {
    for j in i..<n { r[i, j] = work[i, j] }
  }
  for i in 0..<m {
    for j in 0..<k { q[i, j] = work[i, j] }
  }
  _ = Scalar._orgqr(m, k, k, q.mutablePointer, k, tau.mutablePointer)
  return (q, r)
}
