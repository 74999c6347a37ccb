extension AxisReduction {
  /// Sums of all elements up to each one along the axis of [outer, extent, inner], or from each one on if `reverse`; x and the
  /// result may be the same memory. In order; along contiguous rows in Double, so a Float sum there is rounded once.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func cumulativeSum<Scalar: RealScalar>(
    _ x: UnsafePointer<Scalar>, outer: Int, extent: Int, inner: Int, reverse: Bool = false,
    _ result: UnsafeMutablePointer<Scalar>
  ) {
    if outer * inner * extent == 0 { return }
    let (x, result) = (Shared(x), Shared(result))
    let isLarge = outer * extent * inner >= 1 << 17
    let step = reverse ? -inner : inner
    Threads.forEachBlock(of: outer, size: isLarge ? (outer + 31) / 32 : outer) { range in
      for o in range {
        let begin = o * extent * inner + (reverse ? (extent - 1) * inner : 0)
        var (p, q) = (x.value + begin, result.value + begin)
        if inner == 1 {
          var sum = 0.0
          for _ in 0..<extent {
            sum += Double(p[0])
            q[0] = Scalar(sum)
            (p, q) = (p + step, q + step)
          }
        } else {
          q.update(from: p, count: inner)
          for _ in 1..<extent {
            let previous = q
            (p, q) = (p + step, q + step)
            for j in 0..<inner { q[j] = previous[j] + p[j] }
          }
        }
      }
    }
  }
}
