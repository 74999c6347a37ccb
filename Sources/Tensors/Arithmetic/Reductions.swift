/// The loops under sums and extrema.
///
/// Promise: sums run in Double in a fixed order: 64-byte vectors within a block of 4096 scalars, then the blocks' sums pairwise.
/// So the error of a Float sum is that of one rounding at the end, the error of a Double sum grows with log(count), and the bits
/// depend on neither the number of threads nor the machine's. Extrema are NaN when any scalar is.
enum Reductions {
  static let block = 4096
  private static let parallelThreshold = 1 << 17
  private static let lanes = 16

  /// Sum of `term(i)` over `0..<count`.
  @inline(__always)
  static func sum(_ count: Int, _ term: @escaping @Sendable (Int) -> Double) -> Double {
    if count <= block { return sum(0..<count, term) }
    let blocks = (count + block - 1) / block
    var partial = [Double](repeating: 0, count: blocks)
    partial.withUnsafeMutableBufferPointer { buffer in
      let target = Shared(buffer.baseAddress!)
      let one: @Sendable (Int) -> Void = { b in
        target.value[b] = sum(b * block..<Swift.min(count, (b + 1) * block), term)
      }
      if count < parallelThreshold {
        for b in 0..<blocks { one(b) }
      } else {
        Threads.forEachBlock(of: blocks, size: 16) { range in
          for b in range { one(b) }
        }
      }
    }
    return pairwise(partial[...])
  }

  @inline(__always)
  private static func sum(_ range: Range<Int>, _ term: (Int) -> Double) -> Double {
    // Independent accumulators: the order is written down, not left to the optimiser.
    var accumulators = SIMD16<Double>.zero
    var i = range.lowerBound
    while i + lanes <= range.upperBound {
      var terms = SIMD16<Double>.zero
      for lane in 0..<lanes { terms[lane] = term(i + lane) }
      accumulators += terms
      i += lanes
    }
    var rest = 0.0
    while i < range.upperBound {
      rest += term(i)
      i += 1
    }
    let eight = accumulators.lowHalf + accumulators.highHalf
    let four = eight.lowHalf + eight.highHalf
    let two = four.lowHalf + four.highHalf
    return (two[0] + two[1]) + rest
  }

  private static func pairwise(_ values: ArraySlice<Double>) -> Double {
    if values.count <= 2 { return values.reduce(0, +) }
    let half = values.startIndex + values.count / 2
    return pairwise(values[..<half]) + pairwise(values[half...])
  }

  /// The extremum for which `precedes(x, best)`; NaN if there is one. `count` must not be 0.
  @inline(__always)
  static func extremum<S: RealScalar>(_ x: UnsafePointer<S>, _ count: Int, _ better: (S, S) -> S) -> S {
    // Accumulators of one step each, so that the loop is not one long chain of dependent compares.
    var best = (x[0], x[0], x[0], x[0])
    var hasNaN = false
    var i = 0
    while i + 4 <= count {
      best = (better(x[i], best.0), better(x[i + 1], best.1), better(x[i + 2], best.2), better(x[i + 3], best.3))
      hasNaN = hasNaN || (x[i] != x[i]) || (x[i + 1] != x[i + 1]) || (x[i + 2] != x[i + 2]) || (x[i + 3] != x[i + 3])
      i += 4
    }
    while i < count {
      best.0 = better(x[i], best.0)
      hasNaN = hasNaN || x[i] != x[i]
      i += 1
    }
    return hasNaN ? .nan : better(better(best.0, best.1), better(best.2, best.3))
  }
}
