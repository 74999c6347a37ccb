// Reductions along one axis of a tensor seen as [outer, extent, inner], to [outer, inner].
//
// Promise: vectors within blocks of 128 vectors or rows, blocks pairwise, so that the error of a sum grows with the logarithm of
// the extent; NaN anywhere makes an extremum NaN; an empty axis gives the identity. The order is fixed by the shape alone: the bits
// are the same for any number of threads, which share the work above 2^17 elements. No allocation.

package enum AxisReduction {
  /// Sums.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Int32)
  package static func sum<Scalar: Reducible>(
    _ x: UnsafePointer<Scalar>, outer: Int, extent: Int, inner: Int, _ result: UnsafeMutablePointer<Scalar>
  ) { AxisReducer<SumCombiner<Scalar.Lanes>>(x: x, outer: outer, extent: extent, inner: inner, result: result).run() }

  /// Products.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Int32)
  package static func product<Scalar: Reducible>(
    _ x: UnsafePointer<Scalar>, outer: Int, extent: Int, inner: Int, _ result: UnsafeMutablePointer<Scalar>
  ) { AxisReducer<ProductCombiner<Scalar.Lanes>>(x: x, outer: outer, extent: extent, inner: inner, result: result).run() }

  /// Maxima.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Int32)
  @specialized(where Scalar == UInt8)
  package static func maximum<Scalar: Reducible>(
    _ x: UnsafePointer<Scalar>, outer: Int, extent: Int, inner: Int, _ result: UnsafeMutablePointer<Scalar>
  ) { AxisReducer<MaximumCombiner<Scalar.Lanes>>(x: x, outer: outer, extent: extent, inner: inner, result: result).run() }

  /// Minima.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Int32)
  @specialized(where Scalar == UInt8)
  package static func minimum<Scalar: Reducible>(
    _ x: UnsafePointer<Scalar>, outer: Int, extent: Int, inner: Int, _ result: UnsafeMutablePointer<Scalar>
  ) { AxisReducer<MinimumCombiner<Scalar.Lanes>>(x: x, outer: outer, extent: extent, inner: inner, result: result).run() }

  /// Whether any is true; false for an empty axis.
  package static func any(
    _ x: UnsafePointer<Bool>, outer: Int, extent: Int, inner: Int, _ result: UnsafeMutablePointer<Bool>
  ) {
    // A Bool is a byte, 0 or 1; the identity of an empty axis is then 0.
    maximum(bytes(x), outer: outer, extent: extent, inner: inner, bytes(result))
  }

  /// Whether all are true; true for an empty axis.
  package static func all(
    _ x: UnsafePointer<Bool>, outer: Int, extent: Int, inner: Int, _ result: UnsafeMutablePointer<Bool>
  ) {
    // The identity would be 255.
    if extent == 0 { return result.update(repeating: true, count: outer * inner) }
    minimum(bytes(x), outer: outer, extent: extent, inner: inner, bytes(result))
  }

  private static func bytes(_ x: UnsafePointer<Bool>) -> UnsafePointer<UInt8> {
    UnsafeRawPointer(x).assumingMemoryBound(to: UInt8.self)
  }

  private static func bytes(_ x: UnsafeMutablePointer<Bool>) -> UnsafeMutablePointer<UInt8> {
    UnsafeMutableRawPointer(x).assumingMemoryBound(to: UInt8.self)
  }
}

/// One reduction of one tensor.
struct AxisReducer<C: Combiner>: @unchecked Sendable {
  typealias Lanes = C.Lanes
  let x: UnsafePointer<Lanes.Scalar>
  let outer: Int
  let extent: Int
  let inner: Int
  let result: UnsafeMutablePointer<Lanes.Scalar>

  @inline(always)
  func run() {
    if outer * inner == 0 { return }
    let isLarge = outer * extent * inner >= 1 << 17
    if inner == 1, (1...ShortRows.longest).contains(extent) {
      let width = Lanes.scalarCount
      ShortRows.forEachGroup(x, Lanes.self, rows: outer, extent: extent, isLarge: isLarge) { columns, row, count in
        var total = Lanes(repeating: C.identity)
        for e in 0..<extent { total = C.combine(total, Lanes.load(columns + e * width)) }
        total.store(result + row, count)
      }
    } else if inner == 1 {
      Threads.forEachBlock(of: outer, size: isLarge ? (outer + 31) / 32 : outer) { range in
        for o in range { result[o] = Self.row(x + o * extent, extent) }
      }
    } else {
      let tiles = (inner + 4 * Lanes.scalarCount - 1) / (4 * Lanes.scalarCount)
      Threads.forEachBlock(of: outer * tiles, size: isLarge ? (outer * tiles + 31) / 32 : outer * tiles) { range in
        for i in range { tile(i / tiles, 4 * Lanes.scalarCount * (i % tiles)) }
      }
    }
  }

  // MARK: rows

  @inline(always)
  static func row(_ x: UnsafePointer<Lanes.Scalar>, _ count: Int) -> Lanes.Scalar {
    C.fold(count < 1 << 17 ? sweep(x, count) : longRow(x, count))[0]
  }

  /// A row in 32 parts.
  @inline(never)
  private static func longRow(_ x: UnsafePointer<Lanes.Scalar>, _ count: Int) -> Lanes {
    var parts = InlineArray<32, Lanes>(repeating: Lanes(repeating: C.identity))
    withUnsafeMutablePointer(to: &parts) { parts in
      let (parts, x) = (Shared(UnsafeMutableRawPointer(parts).assumingMemoryBound(to: Lanes.self)), Shared(x))
      let size = ((count + 31) / 32 + 63) & -64
      Threads.forEachBlock(of: count, size: size) { range in
        parts.value[range.lowerBound / size] = sweep(x.value + range.lowerBound, range.count)
      }
    }
    var step = 16
    while step > 0 {
      for i in 0..<step { parts[i] = C.combine(parts[i], parts[i + step]) }
      step /= 2
    }
    return parts[0]
  }

  private static func sweep(_ x: UnsafePointer<Lanes.Scalar>, _ count: Int) -> Lanes {
    let width = Lanes.scalarCount
    if count > 128 * width {
      let half = (count / 2 + width - 1) & -width
      return C.combine(sweep(x, half), sweep(x + half, count - half))
    }
    let empty = Lanes(repeating: C.identity)
    var (a, b, c, d) = (empty, empty, empty, empty)
    var i = 0
    while i + 4 * width <= count {
      a = C.combine(a, Lanes.load(x + i))
      b = C.combine(b, Lanes.load(x + i + width))
      c = C.combine(c, Lanes.load(x + i + 2 * width))
      d = C.combine(d, Lanes.load(x + i + 3 * width))
      i += 4 * width
    }
    while i + width <= count {
      a = C.combine(a, Lanes.load(x + i))
      i += width
    }
    if i < count { b = C.combine(b, Lanes.load(x + i, count - i, padding: C.identity)) }
    return C.combine(C.combine(a, b), C.combine(c, d))
  }

  // MARK: columns

  /// Up to four vectors of columns from column j on.
  private func tile(_ o: Int, _ j: Int) {
    let width = Lanes.scalarCount
    let (first, target) = (x + o * extent * inner + j, result + o * inner + j)
    if j + 4 * width <= inner {
      let sums = columns(InlineArray<4, Lanes>(repeating: Lanes(repeating: C.identity)), first, extent)
      for v in 0..<4 { sums[v].store(target + v * width, width) }
      return
    }
    for v in stride(from: 0, to: inner - j, by: width) {
      columns(InlineArray<1, Lanes>(repeating: Lanes(repeating: C.identity)), first + v, extent)[0]
        .store(target + v, inner - j - v)
    }
  }

  private func columns<let vectors: Int>(
    _ empty: InlineArray<vectors, Lanes>, _ first: UnsafePointer<Lanes.Scalar>, _ rows: Int
  ) -> InlineArray<vectors, Lanes> {
    let width = Lanes.scalarCount
    var sums = empty
    if rows > 128 {
      let half = rows / 2
      let (a, b) = (columns(empty, first, half), columns(empty, first + half * inner, rows - half))
      for v in 0..<vectors { sums[v] = C.combine(a[v], b[v]) }
      return sums
    }
    // A vector may reach into the next row, where its lanes are not used, but not beyond the tensor.
    let end = x + outer * extent * inner
    var p = first
    for _ in 0..<rows {
      for v in 0..<vectors {
        let q = p + v * width
        sums[v] = C.combine(sums[v], q + width <= end ? Lanes.load(q) : Lanes.load(q, end - q, padding: C.identity))
      }
      p += inner
    }
    return sums
  }
}
