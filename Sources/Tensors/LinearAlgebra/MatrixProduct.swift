/// Matrix products on OpenBLAS.
///
/// Promise: the same bits for any number of threads. A large product is cut into tiles that its shape alone determines, and each
/// tile is one single-threaded BLAS call. `gemm` and `gemv` do not allocate.

/// The product of two matrices, of a matrix and a vector, or of a vector and a matrix; `transposeA` and `transposeB` use the
/// transpose of a matrix without forming it. [m, k] x [k, n] -> [m, n], [m, k] x [k] -> [m], [k] x [k, n] -> [n]. Leading axes of
/// matrices are a batch and broadcast: [b, m, k] x [k, n] -> [b, m, n]. Complex matrices are transposed, not conjugated.
public func matmul<Scalar: FieldScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, transposeA: Bool = false, transposeB: Bool = false
) -> Tensor<Scalar> {
  let (x, y) = (AnyTensor(a), AnyTensor(b))
  switch (a.rank, b.rank) {
  case (1, 2):
    let product = MatrixMultiply(transposeB: transposeB)(x.reshaped([1, a.count]), y)
    return Tensor(product.reshaped([product.shape[1]]))
  case (2, 1):
    let product = MatrixMultiply(transposeA: transposeA)(x, y.reshaped([b.count, 1]))
    return Tensor(product.reshaped([product.shape[0]]))
  case (2..., 2...):
    let leading = broadcastShape(a.shape.dropLast(2), b.shape.dropLast(2), operation: "matmul")
    return Tensor(
      MatrixMultiply(transposeA: transposeA, transposeB: transposeB)(
        x.broadcast(to: leading + a.shape.suffix(2)), y.broadcast(to: leading + b.shape.suffix(2))))
  default: fatalError("matmul: shapes \(a.shape) and \(b.shape); at least one must be a matrix")
  }
}

/// c = alpha op(a) op(b) + beta c for matrices, in place; with beta = 0 the old c is not read.
public func gemm<Scalar: RealScalar>(
  alpha: Scalar, _ a: Tensor<Scalar>, transposeA: Bool = false, _ b: Tensor<Scalar>, transposeB: Bool = false, beta: Scalar,
  into c: inout Tensor<Scalar>
) {
  guard a.rank == 2, b.rank == 2, c.rank == 2 else {
    fatalError("gemm: shapes \(a.shape) and \(b.shape) into \(c.shape); all three must be matrices")
  }
  let (m, k) = transposeA ? (a.shape[1], a.shape[0]) : (a.shape[0], a.shape[1])
  let (inner, n) = transposeB ? (b.shape[1], b.shape[0]) : (b.shape[0], b.shape[1])
  guard k == inner, c.shape[0] == m, c.shape[1] == n else {
    fatalError(
      "gemm: shapes \(a.shape)\(transposeA ? " transposed" : "") and \(b.shape)\(transposeB ? " transposed" : "")"
        + " into \(c.shape) do not fit")
  }
  guard m > 0, n > 0 else { return }
  MatrixProduct<Scalar>(m, n, k, transposeA: transposeA, transposeB: transposeB)
    .run(alpha: alpha, a.pointer, b.pointer, beta: beta, c.mutablePointer)
  withExtendedLifetime((a, b)) {}
}

/// y = alpha op(a) x + beta y for a matrix and vectors, in place; with beta = 0 the old y is not read.
public func gemv<Scalar: RealScalar>(
  alpha: Scalar, _ a: Tensor<Scalar>, transpose: Bool = false, _ x: Tensor<Scalar>, beta: Scalar, into y: inout Tensor<Scalar>
) {
  guard a.rank == 2, x.rank == 1, y.rank == 1, x.count == a.shape[transpose ? 0 : 1], y.count == a.shape[transpose ? 1 : 0] else {
    fatalError("gemv: shapes \(a.shape)\(transpose ? " transposed" : "") and \(x.shape) into \(y.shape) do not fit")
  }
  guard y.count > 0 else { return }
  guard x.count > 0 else {
    // BLAS would return at once and leave y as it is.
    if beta == 0 { y = .zeros(y.shape) } else { y *= beta }
    return
  }
  defer { withExtendedLifetime((a, x)) {} }
  let (m, n) = (a.shape[0], a.shape[1])
  // A large matrix streams from memory: blocks of y, whatever the orientation, so that no sum is shared between threads.
  let tile = m * n < 1 << 17 ? y.count : max(64, (y.count / 8 + 63) & -64)
  let (pa, px, py) = (Shared(a.pointer), Shared(x.pointer), Shared(y.mutablePointer))
  Threads.forEachBlock(of: y.count, size: tile) { range in
    let i = range.lowerBound
    if transpose {
      Scalar._gemv(true, m, range.count, alpha, pa.value + i, n, px.value, beta, py.value + i)
    } else {
      Scalar._gemv(false, range.count, n, alpha, pa.value + i * n, n, px.value, beta, py.value + i)
    }
  }
}
