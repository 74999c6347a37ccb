// Products of small matrices, where a call of BLAS costs more than its arithmetic.
//
// Promise: every element is alpha times one sum over k in order, by fused multiply-adds, plus beta times the old element; the same
// bits at every position and for every shape around it. One thread, no allocation. With beta = 0 the old c is not read.
//
// Accumulators are 8 or 4 rows by 2 vectors or 8 rows by 1: at least eight independent sums hide the latency of a multiply-add. Edges
// need no masks: the last vector of a row ends with the row and overlaps the one before, and rows beyond the last are the last
// again. What overlaps is computed twice to the same bits, and both are read before either is written.

package enum SmallGemm {
  /// c = alpha op(a) op(b) + beta c, row-major, with the arguments of cblas_?gemm.
  package static func multiply<Scalar: RealScalar>(
    _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Scalar, _ a: UnsafePointer<Scalar>,
    _ lda: Int, _ b: UnsafePointer<Scalar>, _ ldb: Int, _ beta: Scalar, _ c: UnsafeMutablePointer<Scalar>, _ ldc: Int
  ) {
    if m <= 0 || n <= 0 { return }
    if n == 1, m > 1, ldc == 1, transposeA || lda >= k {
      // A column is a row of the transposed product. (Rows of a may overlap, as in convolutions, but not those of a b for BLAS.)
      return multiply(!transposeB, !transposeA, 1, m, k, alpha, b, ldb, a, lda, beta, c, m)
    }
    // Vectors are loaded from any address only as concrete types. What is not Float is Double.
    let (rowStep, innerStep) = transposeA ? (1, lda) : (lda, 1)
    if Scalar.self == Float.self {
      Product<Float>(
        m: m, n: n, k: k, alpha: unsafeBitCast(alpha, to: Float.self), a: UnsafeRawPointer(a).assumingMemoryBound(to: Float.self),
        rowStep: rowStep, innerStep: innerStep, b: UnsafeRawPointer(b).assumingMemoryBound(to: Float.self), ldb: ldb,
        beta: unsafeBitCast(beta, to: Float.self), c: UnsafeMutableRawPointer(c).assumingMemoryBound(to: Float.self), ldc: ldc
      ).run(transposeB)
    } else {
      Product<Double>(
        m: m, n: n, k: k, alpha: unsafeBitCast(alpha, to: Double.self),
        a: UnsafeRawPointer(a).assumingMemoryBound(to: Double.self),
        rowStep: rowStep, innerStep: innerStep, b: UnsafeRawPointer(b).assumingMemoryBound(to: Double.self), ldb: ldb,
        beta: unsafeBitCast(beta, to: Double.self), c: UnsafeMutableRawPointer(c).assumingMemoryBound(to: Double.self), ldc: ldc
      ).run(transposeB)
    }
  }
}

extension Product<Float> {
  func run(_ transposeB: Bool) {
    switch n {
    case 16...: run(SIMD16<Float>.self, transposeB)
    case 8...: run(SIMD8<Float>.self, transposeB)
    case 4...: run(SIMD4<Float>.self, transposeB)
    case 2...: run(SIMD2<Float>.self, transposeB)
    default: runColumn(transposeB)
    }
  }
}

extension Product<Double> {
  func run(_ transposeB: Bool) {
    switch n {
    case 8...: run(SIMD8<Double>.self, transposeB)
    case 4...: run(SIMD4<Double>.self, transposeB)
    case 2...: run(SIMD2<Double>.self, transposeB)
    default: runColumn(transposeB)
    }
  }
}

/// One product; element (i, l) of op(a) is a[i * rowStep + l * innerStep].
private struct Product<Scalar: RealScalar> {
  let m: Int
  let n: Int
  let k: Int
  let alpha: Scalar
  let a: UnsafePointer<Scalar>
  let rowStep: Int
  let innerStep: Int
  let b: UnsafePointer<Scalar>
  let ldb: Int
  let beta: Scalar
  let c: UnsafeMutablePointer<Scalar>
  let ldc: Int

  /// All columns, in panels of two vectors; the first is of one if the number of vectors is odd.
  @inline(always)
  func run<V: SIMD & BitwiseCopyable>(_: V.Type, _ transposeB: Bool) where V.Scalar == Scalar {
    if transposeB { return runTransposed(V.self) }
    let width = V.scalarCount
    var j = 0
    if ((n + width - 1) / width) & 1 == 1 {
      singlePanel(V.self, b, ldb, 0)
      j = width
    }
    while j < n {
      let second = min(j + width, n - width)
      doublePanel(V.self, b + j, b + second, ldb, j, second)
      j += 2 * width
    }
  }

  /// Panels of the transposed b are laid out on the stack first: two vectors for each of k rows.
  @inline(always)
  func runTransposed<V: SIMD & BitwiseCopyable>(_: V.Type) where V.Scalar == Scalar {
    // Temporary allocations beyond one KiB are on the heap, arrays like these are not, but they are cleared first: hence two.
    switch k {
    case ...16: runTransposed(V.self, InlineArray<32, SIMD16<Float>>(repeating: .zero))
    case ...PanelPacking.depth: runTransposed(V.self, InlineArray<128, SIMD16<Float>>(repeating: .zero))
    default:
      // Not a small product: `prefersSmall` would have said so.
      Scalar._gemm(rowStep == 1, true, m, n, k, alpha, a, max(rowStep, innerStep), b, ldb, beta, c, ldc)
    }
  }

  @inline(always)
  func runTransposed<let size: Int, V: SIMD & BitwiseCopyable>(_: V.Type, _ memory: InlineArray<size, SIMD16<Float>>)
  where V.Scalar == Scalar {
    let width = V.scalarCount
    var memory = memory
    withUnsafeMutablePointer(to: &memory) { memory in
      let packed = UnsafeMutableRawPointer(memory).assumingMemoryBound(to: Scalar.self)
      var j = 0
      if ((n + width - 1) / width) & 1 == 1 {
        PanelPacking.transpose(V.self, b, ldb, k, packed, width)
        singlePanel(V.self, packed, width, 0)
        j = width
      }
      while j < n {
        let second = min(j + width, n - width)
        PanelPacking.transpose(V.self, b + j * ldb, ldb, k, packed, 2 * width)
        PanelPacking.transpose(V.self, b + second * ldb, ldb, k, packed + width, 2 * width)
        doublePanel(V.self, packed, packed + width, 2 * width, j, second)
        j += 2 * width
      }
    }
  }

  @inline(always)
  func doublePanel<V: SIMD & BitwiseCopyable>(
    _: V.Type, _ b0: UnsafePointer<Scalar>, _ b1: UnsafePointer<Scalar>, _ ldb: Int, _ j0: Int, _ j1: Int
  ) where V.Scalar == Scalar {
    var i = 0
    while i + 4 < m {
      block(InlineArray<8, V>(repeating: .zero), i, b0, b1 - b0, ldb, j0, j1)
      i += 8
    }
    if i < m { block(InlineArray<4, V>(repeating: .zero), i, b0, b1 - b0, ldb, j0, j1) }
  }

  /// `rows` rows from i on by two vectors, at columns j0 and j1.
  // A function of its own: inlined, it would make one function too large for the optimiser. The loop ends by address, so that it
  // is not unrolled into more addresses than there are registers.
  @inline(never)
  func block<let rows: Int, V: SIMD & BitwiseCopyable>(
    _ zero: InlineArray<rows, V>, _ i: Int, _ b: UnsafePointer<Scalar>, _ gap: Int, _ ldb: Int, _ j0: Int, _ j1: Int
  ) where V.Scalar == Scalar {
    var (s0, s1) = (zero, zero)
    var offsets = InlineArray<rows, Int>(repeating: 0)
    for r in 0..<rows { offsets[r] = (min(i + r, m - 1) - i) * rowStep }
    var p = a + i * rowStep
    var q = b
    let end = b + k * ldb
    while q != end {
      let (x0, x1) = (load(V.self, q), load(V.self, q + gap))
      for r in 0..<rows {
        let y = V(repeating: p[offsets[r]])
        s0[r] = s0[r].addingProduct(y, x0)
        s1[r] = s1[r].addingProduct(y, x1)
      }
      p += innerStep
      q += ldb
    }
    for r in 0..<rows {
      s0[r] *= alpha
      s1[r] *= alpha
    }
    if beta != 0 {
      for r in 0..<rows {
        let row = c + min(i + r, m - 1) * ldc
        s0[r] = s0[r].addingProduct(V(repeating: beta), load(V.self, row + j0))
        s1[r] = s1[r].addingProduct(V(repeating: beta), load(V.self, row + j1))
      }
    }
    for r in 0..<rows {
      let row = c + min(i + r, m - 1) * ldc
      store(s0[r], row + j0)
      store(s1[r], row + j1)
    }
  }

  @inline(always)
  func singlePanel<V: SIMD & BitwiseCopyable>(_: V.Type, _ b: UnsafePointer<Scalar>, _ ldb: Int, _ j: Int)
  where V.Scalar == Scalar {
    var i = 0
    while i < m {
      column(InlineArray<8, V>(repeating: .zero), i, b, ldb, j)
      i += 8
    }
  }

  /// `rows` rows from i on by one vector, at column j.
  @inline(never)
  func column<let rows: Int, V: SIMD & BitwiseCopyable>(
    _ zero: InlineArray<rows, V>, _ i: Int, _ b: UnsafePointer<Scalar>, _ ldb: Int, _ j: Int
  ) where V.Scalar == Scalar {
    var s = zero
    var offsets = InlineArray<rows, Int>(repeating: 0)
    for r in 0..<rows { offsets[r] = (min(i + r, m - 1) - i) * rowStep }
    var p = a + i * rowStep
    var q = b
    let end = b + k * ldb
    while q != end {
      let x = load(V.self, q)
      for r in 0..<rows { s[r] = s[r].addingProduct(V(repeating: p[offsets[r]]), x) }
      p += innerStep
      q += ldb
    }
    for r in 0..<rows { s[r] *= alpha }
    if beta != 0 {
      for r in 0..<rows {
        s[r] = s[r].addingProduct(V(repeating: beta), load(V.self, c + min(i + r, m - 1) * ldc + j))
      }
    }
    for r in 0..<rows { store(s[r], c + min(i + r, m - 1) * ldc + j) }
  }

  /// The only column of a product whose c has gaps.
  @inline(always)
  func runColumn(_ transposeB: Bool) {
    for i in 0..<m {
      var sum: Scalar = 0
      for l in 0..<k { sum = sum.addingProduct(a[i * rowStep + l * innerStep], b[transposeB ? l : l * ldb]) }
      sum *= alpha
      c[i * ldc] = beta == 0 ? sum : sum.addingProduct(beta, c[i * ldc])
    }
  }

  @inline(always)
  func load<V: SIMD & BitwiseCopyable>(_: V.Type, _ pointer: UnsafePointer<Scalar>) -> V where V.Scalar == Scalar {
    UnsafeRawPointer(pointer).loadUnaligned(as: V.self)
  }

  @inline(always)
  func store<V: SIMD & BitwiseCopyable>(_ value: V, _ pointer: UnsafeMutablePointer<Scalar>) where V.Scalar == Scalar {
    UnsafeMutableRawPointer(pointer).storeBytes(of: value, as: V.self)
  }
}

/// Lays out columns of a transposed factor as rows of vectors.
private enum PanelPacking {
  /// Rows of the longest panel.
  static let depth = 64

  /// target[l, i] = source[i, l] for the rows i of one vector and l in 0..<k.
  @inline(never)
  static func transpose<V: SIMD & BitwiseCopyable>(
    _: V.Type, _ source: UnsafePointer<V.Scalar>, _ stride: Int, _ k: Int, _ target: UnsafeMutablePointer<V.Scalar>, _ step: Int
  ) where V.Scalar: BitwiseCopyable {
    if V.scalarCount == TransposeTile.side(ofSize: MemoryLayout<V.Scalar>.size), k >= V.scalarCount {
      for l in Swift.stride(from: 0, to: k, by: V.scalarCount) {
        let l = min(l, k - V.scalarCount)
        TransposeTile.run(source + l, stride, target + l * step, step)
      }
      return
    }
    for l in 0..<k {
      var row = V()
      for i in 0..<V.scalarCount { row[i] = source[i * stride + l] }
      UnsafeMutableRawPointer(target + l * step).storeBytes(of: row, as: V.self)
    }
  }
}
