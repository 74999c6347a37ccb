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
    let product = MatrixProduct<S>(m, n, k, transposeA: primitive.transposeA, transposeB: primitive.transposeB)
    let batch = elementCount(c.shape.dropLast(2))
    return Kernel { inputs, outputs, _ in
      product.run(
        batch: batch, UnsafePointer(inputs[0].assumingMemoryBound(to: S.self)),
        UnsafePointer(inputs[1].assumingMemoryBound(to: S.self)), outputs[0].assumingMemoryBound(to: S.self))
    }
  }
}

/// A product of contiguous matrices whose sizes are known, prepared once: c = op(a) op(b).
struct MatrixProduct<S: FieldScalar>: Sendable {
  let m, n, k: Int
  let transposeA, transposeB: Bool
  private let lda, ldb: Int
  /// Rows or columns of c in one BLAS call, by size alone.
  private let tile: Int
  private let byRows: Bool

  init(_ m: Int, _ n: Int, _ k: Int, transposeA: Bool, transposeB: Bool) {
    (self.m, self.n, self.k) = (m, n, k)
    (self.transposeA, self.transposeB) = (transposeA, transposeB)
    lda = Swift.max(1, transposeA ? m : k)
    ldb = Swift.max(1, transposeB ? k : n)
    byRows = m >= n
    let extent = byRows ? m : n
    tile = m * n * k < 1 << 21 ? Swift.max(1, extent) : Swift.max(128, (extent / 8 + 63) & -64)
  }

  func run(batch: Int, _ a: UnsafePointer<S>, _ b: UnsafePointer<S>, _ c: UnsafeMutablePointer<S>) {
    if batch == 1 { return run(a, b, c) }
    let (a, b, c) = (Shared(a), Shared(b), Shared(c))
    // Some 100 microseconds of work in a block.
    let size = Swift.max(1, (1 << 20) / Swift.max(1, m * n * k))
    Threads.forEachBlock(of: batch, size: size) { range in
      for i in range { run(a.value + i * m * k, b.value + i * k * n, c.value + i * m * n) }
    }
  }

  private func run(_ a: UnsafePointer<S>, _ b: UnsafePointer<S>, _ c: UnsafeMutablePointer<S>) {
    let extent = byRows ? m : n
    if tile >= extent { return S._gemm(transposeA, transposeB, m, n, k, 1, a, lda, b, ldb, 0, c, n) }
    let (a, b, c) = (Shared(a), Shared(b), Shared(c))
    Threads.forEachBlock(of: extent, size: tile) { range in
      let i = range.lowerBound
      if byRows {
        S._gemm(
          transposeA, transposeB, range.count, n, k, 1, a.value + i * (transposeA ? 1 : lda), lda, b.value, ldb, 0, c.value + i * n, n)
      } else {
        S._gemm(
          transposeA, transposeB, m, range.count, k, 1, a.value, lda, b.value + i * (transposeB ? ldb : 1), ldb, 0, c.value + i, n)
      }
    }
  }
}
