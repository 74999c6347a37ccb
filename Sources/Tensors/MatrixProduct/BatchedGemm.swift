extension SmallGemm {
  /// Whether `multiply` is faster than BLAS, up to 64 x 64 x 64.
  ///
  /// Measured with OpenBLAS 0.3.21 on an EPYC 9005. Its core SkylakeX has small kernels of its own, which win by a tenth, and by
  /// more where b is transposed or has few columns; except for tiny products, where the call counts, and for a bT, which has none.
  /// Every other core packs first and takes twice as long as `multiply`.
  package static func prefersSmall(_ m: Int, _ n: Int, _ k: Int, transposeA: Bool, transposeB: Bool) -> Bool {
    let work = m * n * k
    if work > 1 << 18 || (transposeB && k > 64) { return false }
    if !blasHasSmallKernels || work <= 8 { return true }
    return transposeB ? !transposeA && n >= 16 && k >= 16 : work <= 1 << 9
  }

  private static let blasHasSmallKernels = ["SkylakeX", "Cooperlake", "SapphireRapids"].contains(BLAS.core)
}

/// c[i] = alpha op(a[i]) op(b[i]) + beta c[i] for `count` products of one shape; matrix i of a begins at a + i * strideA, and so on.
/// A stride of 0 uses one matrix for all.
///
/// Promise: each product is whole on one thread, by `SmallGemm` or by BLAS as the shape alone says, so the bits are those of one
/// product after the other.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
package func batchedGemm<Scalar: FieldScalar>(
  _ count: Int, _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Scalar,
  _ a: UnsafePointer<Scalar>, _ lda: Int, strideA: Int, _ b: UnsafePointer<Scalar>, _ ldb: Int, strideB: Int, _ beta: Scalar,
  _ c: UnsafeMutablePointer<Scalar>, _ ldc: Int, strideC: Int
) {
  let (a, b, c) = (Shared(a), Shared(b), Shared(c))
  // Blocks of some 20 microseconds of arithmetic: below that, another thread costs more than it brings.
  let block = max(1, (1 << 19) / max(1, m * n * k))
  Threads.forEachBlock(of: count, size: block) { range in
    for i in range {
      let (a, b, c) = (a.value + i * strideA, b.value + i * strideB, c.value + i * strideC)
      Scalar._gemm(transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
    }
  }
}
