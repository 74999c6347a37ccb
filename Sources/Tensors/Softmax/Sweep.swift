/// One walk over memory, four vectors at a time: the loops under every softmax pass and under the memory streams they are compared
/// with. Every pass is single-threaded and allocates nothing; what is left after the last whole four is padded in a buffer on the
/// stack and goes through the same instructions.
///
/// How they are written matters to the compiler. Swift stops inlining into a function of 400 basic blocks, and each generic SIMD
/// operation is a loop over lanes, some blocks, until LLVM sees it. So the step is inlined at four places, not at four and again for
/// the rest, and it is a local function marked `@inline(always)` (closures and operators passed as functions are called).
enum Sweep {
  /// Folds the vectors into four independent accumulators (their additions overlap), then those into one, in a fixed order.
  @inline(always)
  static func reduce<V: FloatLanes, A>(
    _ x: UnsafePointer<Float>, _ count: Int, padding: Float, _ identity: A, _ combine: (A, A) -> A, _ step: (A, V) -> A
  ) -> A {
    var (a0, a1, a2, a3) = (identity, identity, identity, identity)
    forEachFour(x, count, padding: padding, V.self) { source, _ in
      a0 = step(a0, V.load(source))
      a1 = step(a1, V.load(source + V.laneCount))
      a2 = step(a2, V.load(source + 2 * V.laneCount))
      a3 = step(a3, V.load(source + 3 * V.laneCount))
    }
    return combine(combine(a0, a1), combine(a2, a3))
  }

  /// y[i] = transform(x[i]); x and y may be the same memory.
  @inline(always)
  static func map<V: FloatLanes>(
    _ x: UnsafePointer<Float>, _ count: Int, into y: UnsafeMutablePointer<Float>, _ transform: (V) -> V
  ) {
    forEachFour(x, count, into: y, padding: 0, V.self) { source, target in
      let (v0, v1) = (transform(V.load(source)), transform(V.load(source + V.laneCount)))
      let (v2, v3) = (transform(V.load(source + 2 * V.laneCount)), transform(V.load(source + 3 * V.laneCount)))
      v0.store(target)
      v1.store(target + V.laneCount)
      v2.store(target + 2 * V.laneCount)
      v3.store(target + 3 * V.laneCount)
    }
  }

  /// y[i] = transform(x[i]), and the sum of y, where transform of -infinity is 0.
  @inline(always)
  static func mapAndSum<V: FloatLanes>(
    _ x: UnsafePointer<Float>, _ count: Int, into y: UnsafeMutablePointer<Float>, _ transform: (V) -> V
  ) -> Float {
    let zero = V(repeating: 0)
    var (a0, a1, a2, a3) = (zero, zero, zero, zero)
    forEachFour(x, count, into: y, padding: -.infinity, V.self) { source, target in
      let (v0, v1) = (transform(V.load(source)), transform(V.load(source + V.laneCount)))
      let (v2, v3) = (transform(V.load(source + 2 * V.laneCount)), transform(V.load(source + 3 * V.laneCount)))
      v0.store(target)
      v1.store(target + V.laneCount)
      v2.store(target + 2 * V.laneCount)
      v3.store(target + 3 * V.laneCount)
      (a0, a1, a2, a3) = (a0 + v0, a1 + v1, a2 + v2, a3 + v3)
    }
    return ((a0 + a1) + (a2 + a3)).lanesReduced(+)
  }

  /// The first `count` floats at `source`, and `padding` after them. A call, to keep its blocks out of the loops.
  @inline(never)
  private static func fill(
    _ buffer: UnsafeMutableBufferPointer<Float>, _ source: UnsafePointer<Float>, _ count: Int, _ padding: Float
  ) {
    buffer.initialize(repeating: padding)
    buffer.baseAddress!.update(from: source, count: count)
  }

  /// Calls `body(source, target)` for every four vectors, the last of them padded; without `y` the target is of no use.
  @inline(always)
  private static func forEachFour<V: FloatLanes>(
    _ x: UnsafePointer<Float>, _ count: Int, into y: UnsafeMutablePointer<Float>? = nil, padding: Float, _: V.Type,
    _ body: (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) {
    let four = 4 * V.laneCount
    withUnsafeTemporaryAllocation(of: Float.self, capacity: four) { buffer in
      let rest = buffer.baseAddress!
      var i = 0
      while i < count {
        var (source, target) = (x + i, y.map { $0 + i } ?? rest)
        let left = count - i
        if left < four {
          fill(buffer, source, left, padding)
          (source, target) = (UnsafePointer(rest), rest)
        }
        body(source, target)
        if left < four, let y { (y + i).update(from: rest, count: left) }
        i += four
      }
    }
  }
}

extension FloatLanes {
  /// The lanes combined in halves: a fixed tree.
  @inline(always)
  func lanesReduced(_ combine: (Float, Float) -> Float) -> Float {
    var values = self
    var width = Self.laneCount
    while width > 1 {
      width /= 2
      for lane in 0..<width { values[lane] = combine(values[lane], values[lane + width]) }
    }
    return values[0]
  }
}
