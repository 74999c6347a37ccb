// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

// The protocol's requirements carry the documentation.
import COpenBLAS
import RealModule

// The two conformances differ in the letter before each routine's name; nothing else may differ.

extension Float: RealScalar {
  public static var scalarType: ScalarType { .float }

  public static func _gemm(
    _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Self, _ a: UnsafePointer<Self>, _ lda: Int,
    _ b: UnsafePointer<Self>, _ ldb: Int, _ beta: Self, _ c: UnsafeMutablePointer<Self>, _ ldc: Int
  ) {
    if SmallGemm.prefersSmall(m, n, k, transposeA: transposeA, transposeB: transposeB) {
      return SmallGemm.multiply(transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
    }
    BLAS.prepare()
    // One column or one row is a matrix times a vector, which gemm does at a fraction of the speed of memory.
    if n == 1 {
      return cblas_sgemv(
        CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, Int32(transposeA ? k : m), Int32(transposeA ? m : k), alpha, a,
        Int32(lda), b, Int32(transposeB ? 1 : ldb), beta, c, Int32(ldc))
    }
    if m == 1 {
      return cblas_sgemv(
        CblasRowMajor, transposeB ? CblasNoTrans : CblasTrans, Int32(transposeB ? n : k), Int32(transposeB ? k : n), alpha, b,
        Int32(ldb), a, Int32(transposeA ? lda : 1), beta, c, 1)
    }
    cblas_sgemm(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans, Int32(m), Int32(n), Int32(k),
      alpha, a, Int32(lda), b, Int32(ldb), beta, c, Int32(ldc))
  }

  public static func _gemv(
    _ transpose: Bool, _ m: Int, _ n: Int, _ alpha: Self, _ a: UnsafePointer<Self>, _ lda: Int, _ x: UnsafePointer<Self>,
    _ beta: Self, _ y: UnsafeMutablePointer<Self>
  ) {
    BLAS.prepare()
    cblas_sgemv(
      CblasRowMajor, transpose ? CblasTrans : CblasNoTrans, Int32(m), Int32(n), alpha, a, Int32(lda), x, 1, beta, y, 1)
  }

  public static func _svd(
    divideAndConquer: Bool, _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ s: UnsafeMutablePointer<Self>,
    _ u: UnsafeMutablePointer<Self>, _ vT: UnsafeMutablePointer<Self>
  ) -> Int {
    BLAS.prepare()
    let (rows, columns, k) = (Int32(m), Int32(n), Int32(min(m, n)))
    let job = CChar(UInt8(ascii: "S"))
    if divideAndConquer { return Int(LAPACKE_sgesdd(LAPACK_COL_MAJOR, job, rows, columns, a, rows, s, u, rows, vT, k)) }
    return withUnsafeTemporaryAllocation(of: Self.self, capacity: max(1, Int(k))) { superdiagonal in
      Int(LAPACKE_sgesvd(LAPACK_COL_MAJOR, job, job, rows, columns, a, rows, s, u, rows, vT, k, superdiagonal.baseAddress))
    }
  }

  public static func _geqrf(_ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ tau: UnsafeMutablePointer<Self>) -> Int {
    BLAS.prepare()
    return Int(LAPACKE_sgeqrf(LAPACK_ROW_MAJOR, Int32(m), Int32(n), a, Int32(n), tau))
  }

  public static func _orgqr(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int, _ tau: UnsafeMutablePointer<Self>
  ) -> Int {
    BLAS.prepare()
    return Int(LAPACKE_sorgqr(LAPACK_ROW_MAJOR, Int32(m), Int32(n), Int32(k), a, Int32(lda), tau))
  }
}

extension Double: RealScalar {
  public static var scalarType: ScalarType { .double }

  public static func _gemm(
    _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Self, _ a: UnsafePointer<Self>, _ lda: Int,
    _ b: UnsafePointer<Self>, _ ldb: Int, _ beta: Self, _ c: UnsafeMutablePointer<Self>, _ ldc: Int
  ) {
    if SmallGemm.prefersSmall(m, n, k, transposeA: transposeA, transposeB: transposeB) {
      return SmallGemm.multiply(transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
    }
    BLAS.prepare()
    // One column or one row is a matrix times a vector, which gemm does at a fraction of the speed of memory.
    if n == 1 {
      return cblas_dgemv(
        CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, Int32(transposeA ? k : m), Int32(transposeA ? m : k), alpha, a,
        Int32(lda), b, Int32(transposeB ? 1 : ldb), beta, c, Int32(ldc))
    }
    if m == 1 {
      return cblas_dgemv(
        CblasRowMajor, transposeB ? CblasNoTrans : CblasTrans, Int32(transposeB ? n : k), Int32(transposeB ? k : n), alpha, b,
        Int32(ldb), a, Int32(transposeA ? lda : 1), beta, c, 1)
    }
    cblas_dgemm(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans, Int32(m), Int32(n), Int32(k),
      alpha, a, Int32(lda), b, Int32(ldb), beta, c, Int32(ldc))
  }

  public static func _gemv(
    _ transpose: Bool, _ m: Int, _ n: Int, _ alpha: Self, _ a: UnsafePointer<Self>, _ lda: Int, _ x: UnsafePointer<Self>,
    _ beta: Self, _ y: UnsafeMutablePointer<Self>
  ) {
    BLAS.prepare()
    cblas_dgemv(
      CblasRowMajor, transpose ? CblasTrans : CblasNoTrans, Int32(m), Int32(n), alpha, a, Int32(lda), x, 1, beta, y, 1)
  }

  public static func _svd(
    divideAndConquer: Bool, _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ s: UnsafeMutablePointer<Self>,
    _ u: UnsafeMutablePointer<Self>, _ vT: UnsafeMutablePointer<Self>
  ) -> Int {
    BLAS.prepare()
    let (rows, columns, k) = (Int32(m), Int32(n), Int32(min(m, n)))
    let job = CChar(UInt8(ascii: "S"))
    if divideAndConquer { return Int(LAPACKE_dgesdd(LAPACK_COL_MAJOR, job, rows, columns, a, rows, s, u, rows, vT, k)) }
    return withUnsafeTemporaryAllocation(of: Self.self, capacity: max(1, Int(k))) { superdiagonal in
      Int(LAPACKE_dgesvd(LAPACK_COL_MAJOR, job, job, rows, columns, a, rows, s, u, rows, vT, k, superdiagonal.baseAddress))
    }
  }

  public static func _geqrf(_ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ tau: UnsafeMutablePointer<Self>) -> Int {
    BLAS.prepare()
    return Int(LAPACKE_dgeqrf(LAPACK_ROW_MAJOR, Int32(m), Int32(n), a, Int32(n), tau))
  }

  public static func _orgqr(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int, _ tau: UnsafeMutablePointer<Self>
  ) -> Int {
    BLAS.prepare()
    return Int(LAPACKE_dorgqr(LAPACK_ROW_MAJOR, Int32(m), Int32(n), Int32(k), a, Int32(lda), tau))
  }
}
