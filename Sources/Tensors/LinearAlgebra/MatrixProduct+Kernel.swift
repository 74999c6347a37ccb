import ComplexModule

extension Kernel {
  /// Matrix products, one for each place along the leading axes.
  static func matrixMultiply(_ primitive: MatrixMultiply, _ a: Signature, _ b: Signature, _ c: Signature) -> Kernel {
    switch a.scalarType {
    case .float: matrixMultiply(Float.self, primitive, a, b, c)
    case .double: matrixMultiply(Double.self, primitive, a, b, c)
    case .complexFloat: matrixMultiply(Complex<Float>.self, primitive, a, b, c)
    case .complexDouble: matrixMultiply(Complex<Double>.self, primitive, a, b, c)
    default: fatalError("matmul: not defined for tensors of \(a.scalarType)")
    }
  }

  private static func matrixMultiply<S: FieldScalar>(
    _ type: S.Type, _ primitive: MatrixMultiply, _ a: Signature, _ b: Signature, _ c: Signature
  ) -> Kernel {
    let (m, n) = (c.shape[c.rank - 2], c.shape[c.rank - 1])
    let k = a.shape[a.rank - (primitive.transposeA ? 2 : 1)]
    let product = MatrixProduct<S>(
      m, n, k, transposeA: primitive.transposeA, transposeB: primitive.transposeB, batch: elementCount(c.shape.dropLast(2)),
      sharesA: a.rank < c.rank, sharesB: b.rank < c.rank)
    return Kernel { inputs, outputs, _ in
      product.run(
        UnsafePointer(inputs[0].assumingMemoryBound(to: S.self)),
        UnsafePointer(inputs[1].assumingMemoryBound(to: S.self)), outputs[0].assumingMemoryBound(to: S.self))
    }
  }
}

/// A product of contiguous matrices, or a batch of them, whose sizes are known, prepared once: c = alpha op(a) op(b) + beta c.
struct MatrixProduct<S: FieldScalar>: Sendable {
  private let m, n, k: Int
  private let transposeA, transposeB: Bool
  private let batch: Int
  /// Distance of neighbouring matrices of a batch; 0 for one that all share.
  private let strideA, strideB: Int
  private let lda, ldb: Int
  /// Rows or columns of c in one BLAS call, by size alone.
  private let tile: Int
  private let byRows: Bool

  init(
    _ m: Int, _ n: Int, _ k: Int, transposeA: Bool, transposeB: Bool, batch: Int = 1, sharesA: Bool = false, sharesB: Bool = false
  ) {
    (self.m, self.n, self.k) = (m, n, k)
    (self.transposeA, self.transposeB) = (transposeA, transposeB)
    self.batch = batch
    (strideA, strideB) = (sharesA ? 0 : m * k, sharesB ? 0 : k * n)
    lda = Swift.max(1, transposeA ? m : k)
    ldb = Swift.max(1, transposeB ? k : n)
    byRows = m >= n
    let extent = byRows ? m : n
    // Eight tiles, if each has five microseconds of arithmetic and 64 rows or columns; half as many where every tile packs megabytes of
    // the other operand anew. A matrix times a vector is as slow as memory, and worth threads much earlier.
    let isVector = Swift.min(m, n) == 1
    let most = isVector ? (m * n * k) >> 14 : (m * n * k) >> 19
    let tiles = Swift.max(1, Swift.min(!isVector && k * Swift.min(m, n) > 1 << 19 ? 4 : 8, most, extent / 64))
    tile = Swift.max(1, ((extent + tiles - 1) / tiles + 15) & -16)
  }

  func run(alpha: S = 1, _ a: UnsafePointer<S>, _ b: UnsafePointer<S>, beta: S = 0, _ c: UnsafeMutablePointer<S>) {
    if batch != 1 {
      return batchedGemm(
        batch, transposeA, transposeB, m, n, k, alpha, a, lda, strideA: strideA, b, ldb, strideB: strideB, beta, c, n,
        strideC: m * n)
    }
    let extent = byRows ? m : n
    if tile >= extent { return S._gemm(transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, beta, c, n) }
    let (a, b, c) = (Shared(a), Shared(b), Shared(c))
    Threads.forEachBlock(of: extent, size: tile) { range in
      let i = range.lowerBound
      if byRows {
        S._gemm(
          transposeA, transposeB, range.count, n, k, alpha, a.value + i * (transposeA ? 1 : lda), lda, b.value, ldb, beta,
          c.value + i * n, n)
      } else {
        S._gemm(
          transposeA, transposeB, m, range.count, k, alpha, a.value, lda, b.value + i * (transposeB ? ldb : 1), ldb, beta,
          c.value + i,
          n)
      }
    }
  }
}
