import Tensors

/// f(x) = x^T A x / 2 - b^T x for a symmetric positive semidefinite A.
public struct QuadraticForm<Scalar: RealScalar>: SmoothFunction {
  /// A, [d, d].
  public let matrix: Tensor<Scalar>
  /// b, [d].
  public let linear: Tensor<Scalar>
  /// The largest eigenvalue of A.
  public let smoothness: Double
  /// The least eigenvalue of A.
  public let strongConvexity: Double

  /// The form of a matrix; without `linear`, its minimum is at 0.
  public init(matrix: Tensor<Scalar>, linear: Tensor<Scalar>? = nil) {
    guard matrix.rank == 2, matrix.shape[0] == matrix.shape[1], linear.map({ $0.shape == [matrix.shape[0]] }) ?? true else {
      fatalError("QuadraticForm: matrix of shape \(matrix.shape), linear term of \(linear?.shape ?? []), expected [d, d] and [d]")
    }
    self.matrix = matrix
    self.linear = linear ?? .zeros(matrix.shape[0])
    let curvatures = matrix.eigh().values.scalars.map { Double($0) }
    (smoothness, strongConvexity) = (curvatures.last ?? 0, max(curvatures.first ?? 0, 0))
  }

  /// A form with a chosen spectrum and random axes: A = Q diag(curvatures) Q^T, Q uniform among the orthogonal matrices.
  public init(curvatures: [Double], linear: Tensor<Scalar>? = nil, key: Key) {
    let q = Tensor<Scalar>.orthogonal([curvatures.count, curvatures.count], key: key)
    let matrix = matmul(q * Tensor(curvatures.map { Scalar($0) }), q, transposeB: true)
    self.init(matrix: (matrix + matrix.transposed()) * 0.5, linear: linear)
  }

  /// d.
  public var dimension: Int { linear.count }
  /// x^T A x / 2 - b^T x.
  public func value(at x: Tensor<Scalar>) -> Tensor<Scalar> { (matmul(matrix, x) * 0.5 - linear).dot(x) }
  /// A x - b.
  public func gradient(at x: Tensor<Scalar>) -> Tensor<Scalar> { matmul(matrix, x) - linear }
  /// A v.
  public func hessianProduct(at x: Tensor<Scalar>, _ v: Tensor<Scalar>) -> Tensor<Scalar> { matmul(matrix, v) }
  /// A.
  public func hessian(at x: Tensor<Scalar>) -> Tensor<Scalar> { matrix }

  /// A^{-1} b, the shortest where there are many.
  public func minimum() -> KnownMinimum<Scalar> {
    let point = matmul(matrix.pseudoInverse(), linear)
    return KnownMinimum(point: point, value: Double(value(at: point).scalar))
  }
}
