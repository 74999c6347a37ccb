extension AxisReduction {
  /// The index of the first maximum along the axis of [outer, extent, inner]; of the first NaN if there is one, as in NumPy.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Int32)
  package static func argmax<Scalar: Reducible>(
    _ x: UnsafePointer<Scalar>, outer: Int, extent: Int, inner: Int, _ result: UnsafeMutablePointer<Int32>
  ) { ArgumentReducer<MaximumCombiner<Scalar.Lanes>>.run(x, outer, extent, inner, result) { $0 > $1 } }

  /// The index of the first minimum along the axis; of the first NaN if there is one, as in NumPy.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Int32)
  package static func argmin<Scalar: Reducible>(
    _ x: UnsafePointer<Scalar>, outer: Int, extent: Int, inner: Int, _ result: UnsafeMutablePointer<Int32>
  ) { ArgumentReducer<MinimumCombiner<Scalar.Lanes>>.run(x, outer, extent, inner, result) { $0 < $1 } }
}

private enum ArgumentReducer<C: Combiner> where C.Lanes.Scalar: Reducible {
  typealias Scalar = C.Lanes.Scalar

  @inline(always)
  static func run(
    _ x: UnsafePointer<Scalar>, _ outer: Int, _ extent: Int, _ inner: Int, _ result: UnsafeMutablePointer<Int32>,
    _ precedes: @Sendable (Scalar, Scalar) -> Bool
  ) {
    if outer * inner == 0 { return }
    guard extent > 0 else { fatalError("argmax, argmin: an axis of extent 0 in [\(outer), 0, \(inner)]") }
    let (x, result) = (Shared(x), Shared(result))
    Threads.forEachBlock(of: outer, size: outer * extent * inner >= 1 << 17 ? (outer + 31) / 32 : outer) { range in
      for o in range {
        let (x, result) = (x.value + o * extent * inner, result.value + o * inner)
        if inner == 1 {
          result[0] = Int32(truncatingIfNeeded: row(x, extent))
        } else {
          columns(x, extent, inner, result, precedes)
        }
      }
    }
  }

  /// The extremum by vectors, then its first place.
  @inline(always)
  private static func row(_ x: UnsafePointer<Scalar>, _ count: Int) -> Int {
    let best = AxisReducer<C>.row(x, count)
    var i = 0
    if best == best { while x[i] != best { i += 1 } } else { while x[i] == x[i] { i += 1 } }
    return i
  }

  @inline(always)
  private static func columns(
    _ x: UnsafePointer<Scalar>, _ extent: Int, _ inner: Int, _ result: UnsafeMutablePointer<Int32>,
    _ precedes: (Scalar, Scalar) -> Bool
  ) {
    // The best of 64 columns so far, beside their rows.
    for j in stride(from: 0, to: inner, by: 64) {
      let width = min(64, inner - j)
      var best = InlineArray<64, Scalar>(repeating: 0)
      var rows = InlineArray<64, Int32>(repeating: 0)
      for c in 0..<width { best[c] = x[j + c] }
      for e in 1..<max(1, extent) {
        for c in 0..<width {
          let value = x[e * inner + j + c]
          let isBetter = (precedes(value, best[c]) || value != value) && best[c] == best[c]
          best[c] = isBetter ? value : best[c]
          rows[c] = isBetter ? Int32(truncatingIfNeeded: e) : rows[c]
        }
      }
      for c in 0..<width { result[j + c] = rows[c] }
    }
  }
}
