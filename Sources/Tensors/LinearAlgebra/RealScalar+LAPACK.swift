// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

// The protocol's requirements carry the documentation.
import COpenBLAS
import ComplexModule
import RealModule

// The two conformances differ in the letters before each routine's name; nothing else may differ.

extension Float {
  public static func _trsm(
    right: Bool, lower: Bool, transposed: Bool, unitDiagonal: Bool, _ m: Int, _ n: Int, _ a: UnsafePointer<Self>,
    _ lda: Int, _ b: UnsafeMutablePointer<Self>, _ ldb: Int
  ) {
    BLAS.prepare()
    cblas_strsm(
      CblasRowMajor, right ? CblasRight : CblasLeft, lower ? CblasLower : CblasUpper, transposed ? CblasTrans : CblasNoTrans,
      unitDiagonal ? CblasUnit : CblasNonUnit, Int32(m), Int32(n), 1, a, Int32(lda), b, Int32(ldb))
  }

  public static func _getrf(_ n: Int, _ a: UnsafeMutablePointer<Self>, _ pivots: UnsafeMutablePointer<Int32>) -> Int {
    BLAS.prepare()
    return Int(LAPACKE_sgetrf(LAPACK_COL_MAJOR, Int32(n), Int32(n), a, Int32(n), pivots))
  }

  public static func _potrf(_ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int) -> Int {
    BLAS.prepare()
    return Int(LAPACKE_spotrf(LAPACK_COL_MAJOR, CChar(UInt8(ascii: "U")), Int32(n), a, Int32(lda)))
  }

  public static func _syevd(_ n: Int, _ a: UnsafeMutablePointer<Self>, _ values: UnsafeMutablePointer<Self>) -> Int {
    BLAS.prepare()
    let (vectors, lower) = (CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "L")))
    return Int(LAPACKE_ssyevd(LAPACK_COL_MAJOR, vectors, lower, Int32(n), a, Int32(n), values))
  }

  public static func _geev(
    _ n: Int, _ a: UnsafeMutablePointer<Self>, _ real: UnsafeMutablePointer<Self>, _ imaginary: UnsafeMutablePointer<Self>,
    _ vectors: UnsafeMutablePointer<Self>?
  ) -> Int {
    BLAS.prepare()
    let (none, right) = (CChar(UInt8(ascii: "N")), CChar(UInt8(ascii: vectors == nil ? "N" : "V")))
    return Int(
      LAPACKE_sgeev(LAPACK_COL_MAJOR, none, right, Int32(n), a, Int32(n), real, imaginary, nil, 1, vectors, Int32(n)))
  }

  public static func _complexGeev(
    _ n: Int, _ a: UnsafeMutablePointer<Complex<Self>>, _ values: UnsafeMutablePointer<Complex<Self>>,
    _ vectors: UnsafeMutablePointer<Complex<Self>>?
  ) -> Int {
    BLAS.prepare()
    let (none, right) = (CChar(UInt8(ascii: "N")), CChar(UInt8(ascii: vectors == nil ? "N" : "V")))
    return Int(
      LAPACKE_cgeev(
        LAPACK_COL_MAJOR, none, right, Int32(n), plain(a), Int32(n), plain(values), nil, 1, vectors.map(plain), Int32(n)))
  }

  public static func _complexGemm(
    _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Complex<Self>,
    _ a: UnsafePointer<Complex<Self>>, _ lda: Int, _ b: UnsafePointer<Complex<Self>>, _ ldb: Int, _ beta: Complex<Self>,
    _ c: UnsafeMutablePointer<Complex<Self>>,
    _ ldc: Int
  ) {
    BLAS.prepare()
    withUnsafePointer(to: alpha) { alpha in
      withUnsafePointer(to: beta) { beta in
        cblas_cgemm(
          CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans, Int32(m), Int32(n),
          Int32(k), alpha, a, Int32(lda), b, Int32(ldb), beta, c, Int32(ldc))
      }
    }
  }

  public static func _complexTrsm(
    right: Bool, lower: Bool, transposed: Bool, unitDiagonal: Bool, _ m: Int, _ n: Int, _ a: UnsafePointer<Complex<Self>>,
    _ lda: Int, _ b: UnsafeMutablePointer<Complex<Self>>, _ ldb: Int
  ) {
    BLAS.prepare()
    withUnsafePointer(to: Complex<Self>(1)) { one in
      cblas_ctrsm(
        CblasRowMajor, right ? CblasRight : CblasLeft, lower ? CblasLower : CblasUpper, transposed ? CblasTrans : CblasNoTrans,
        unitDiagonal ? CblasUnit : CblasNonUnit, Int32(m), Int32(n), one, a, Int32(lda), b, Int32(ldb))
    }
  }

  public static func _complexGetrf(
    _ n: Int, _ a: UnsafeMutablePointer<Complex<Self>>, _ pivots: UnsafeMutablePointer<Int32>
  ) -> Int {
    BLAS.prepare()
    return Int(LAPACKE_cgetrf(LAPACK_COL_MAJOR, Int32(n), Int32(n), plain(a), Int32(n), pivots))
  }

  /// LAPACKE's own type of the same two numbers.
  private static func plain(_ z: UnsafeMutablePointer<Complex<Self>>) -> UnsafeMutablePointer<lapack_complex_float_> {
    UnsafeMutableRawPointer(z).assumingMemoryBound(to: lapack_complex_float_.self)
  }
}

extension Double {
  public static func _trsm(
    right: Bool, lower: Bool, transposed: Bool, unitDiagonal: Bool, _ m: Int, _ n: Int, _ a: UnsafePointer<Self>,
    _ lda: Int, _ b: UnsafeMutablePointer<Self>, _ ldb: Int
  ) {
    BLAS.prepare()
    cblas_dtrsm(
      CblasRowMajor, right ? CblasRight : CblasLeft, lower ? CblasLower : CblasUpper, transposed ? CblasTrans : CblasNoTrans,
      unitDiagonal ? CblasUnit : CblasNonUnit, Int32(m), Int32(n), 1, a, Int32(lda), b, Int32(ldb))
  }

  public static func _getrf(_ n: Int, _ a: UnsafeMutablePointer<Self>, _ pivots: UnsafeMutablePointer<Int32>) -> Int {
    BLAS.prepare()
    return Int(LAPACKE_dgetrf(LAPACK_COL_MAJOR, Int32(n), Int32(n), a, Int32(n), pivots))
  }

  public static func _potrf(_ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int) -> Int {
    BLAS.prepare()
    return Int(LAPACKE_dpotrf(LAPACK_COL_MAJOR, CChar(UInt8(ascii: "U")), Int32(n), a, Int32(lda)))
  }

  public static func _syevd(_ n: Int, _ a: UnsafeMutablePointer<Self>, _ values: UnsafeMutablePointer<Self>) -> Int {
    BLAS.prepare()
    let (vectors, lower) = (CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "L")))
    return Int(LAPACKE_dsyevd(LAPACK_COL_MAJOR, vectors, lower, Int32(n), a, Int32(n), values))
  }

  public static func _geev(
    _ n: Int, _ a: UnsafeMutablePointer<Self>, _ real: UnsafeMutablePointer<Self>, _ imaginary: UnsafeMutablePointer<Self>,
    _ vectors: UnsafeMutablePointer<Self>?
  ) -> Int {
    BLAS.prepare()
    let (none, right) = (CChar(UInt8(ascii: "N")), CChar(UInt8(ascii: vectors == nil ? "N" : "V")))
    return Int(
      LAPACKE_dgeev(LAPACK_COL_MAJOR, none, right, Int32(n), a, Int32(n), real, imaginary, nil, 1, vectors, Int32(n)))
  }

  public static func _complexGeev(
    _ n: Int, _ a: UnsafeMutablePointer<Complex<Self>>, _ values: UnsafeMutablePointer<Complex<Self>>,
    _ vectors: UnsafeMutablePointer<Complex<Self>>?
  ) -> Int {
    BLAS.prepare()
    let (none, right) = (CChar(UInt8(ascii: "N")), CChar(UInt8(ascii: vectors == nil ? "N" : "V")))
    return Int(
      LAPACKE_zgeev(
        LAPACK_COL_MAJOR, none, right, Int32(n), plain(a), Int32(n), plain(values), nil, 1, vectors.map(plain), Int32(n)))
  }

  public static func _complexGemm(
    _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Complex<Self>,
    _ a: UnsafePointer<Complex<Self>>, _ lda: Int, _ b: UnsafePointer<Complex<Self>>, _ ldb: Int, _ beta: Complex<Self>,
    _ c: UnsafeMutablePointer<Complex<Self>>,
    _ ldc: Int
  ) {
    BLAS.prepare()
    withUnsafePointer(to: alpha) { alpha in
      withUnsafePointer(to: beta) { beta in
        cblas_zgemm(
          CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans, Int32(m), Int32(n),
          Int32(k), alpha, a, Int32(lda), b, Int32(ldb), beta, c, Int32(ldc))
      }
    }
  }

  public static func _complexTrsm(
    right: Bool, lower: Bool, transposed: Bool, unitDiagonal: Bool, _ m: Int, _ n: Int, _ a: UnsafePointer<Complex<Self>>,
    _ lda: Int, _ b: UnsafeMutablePointer<Complex<Self>>, _ ldb: Int
  ) {
    BLAS.prepare()
    withUnsafePointer(to: Complex<Self>(1)) { one in
      cblas_ztrsm(
        CblasRowMajor, right ? CblasRight : CblasLeft, lower ? CblasLower : CblasUpper, transposed ? CblasTrans : CblasNoTrans,
        unitDiagonal ? CblasUnit : CblasNonUnit, Int32(m), Int32(n), one, a, Int32(lda), b, Int32(ldb))
    }
  }

  public static func _complexGetrf(
    _ n: Int, _ a: UnsafeMutablePointer<Complex<Self>>, _ pivots: UnsafeMutablePointer<Int32>
  ) -> Int {
    BLAS.prepare()
    return Int(LAPACKE_zgetrf(LAPACK_COL_MAJOR, Int32(n), Int32(n), plain(a), Int32(n), pivots))
  }

  /// LAPACKE's own type of the same two numbers.
  private static func plain(_ z: UnsafeMutablePointer<Complex<Self>>) -> UnsafeMutablePointer<lapack_complex_double_> {
    UnsafeMutableRawPointer(z).assumingMemoryBound(to: lapack_complex_double_.self)
  }
}
