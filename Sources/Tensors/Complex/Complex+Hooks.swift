// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

// The protocol's requirements carry the documentation.
import ComplexModule

extension Complex: ComplexScalar, FieldScalar where RealType: RealScalar {
  public static func _gemm(
    _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Self, _ a: UnsafePointer<Self>, _ lda: Int,
    _ b: UnsafePointer<Self>, _ ldb: Int, _ beta: Self, _ c: UnsafeMutablePointer<Self>, _ ldc: Int
  ) {
    RealType._complexGemm(transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
  }

  public static func _trsm(
    right: Bool, lower: Bool, transposed: Bool, unitDiagonal: Bool, _ m: Int, _ n: Int, _ a: UnsafePointer<Self>,
    _ lda: Int, _ b: UnsafeMutablePointer<Self>, _ ldb: Int
  ) {
    RealType._complexTrsm(right: right, lower: lower, transposed: transposed, unitDiagonal: unitDiagonal, m, n, a, lda, b, ldb)
  }

  public static func _getrf(_ n: Int, _ a: UnsafeMutablePointer<Self>, _ pivots: UnsafeMutablePointer<Int32>) -> Int {
    RealType._complexGetrf(n, a, pivots)
  }
}
