extension SIMD where Self: BitwiseCopyable {
  /// y[i] = function(x[i]), a vector at a time; x and y may be the same memory, at any alignment.
  ///
  /// What is left after the last whole vector is padded with ones and goes through the same instructions, so an element's result
  /// does not depend on its position. `function` must be a local function marked `@inline(always)` (see `Sweep`).
  @inline(always)
  static func map(_ x: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>, _ count: Int, _ function: (Self) -> Self)
  where Scalar: ExpressibleByIntegerLiteral {
    withUnsafeTemporaryAllocation(of: Scalar.self, capacity: scalarCount) { buffer in
      let rest = buffer.baseAddress!
      var i = 0
      while i < count {
        var (source, target) = (x + i, y + i)
        let left = count - i
        if left < scalarCount {
          buffer.initialize(repeating: 1)
          rest.update(from: source, count: left)
          (source, target) = (UnsafePointer(rest), rest)
        }
        let value = function(UnsafeRawPointer(source).loadUnaligned(as: Self.self))
        UnsafeMutableRawPointer(target).storeBytes(of: value, as: Self.self)
        if left < scalarCount { (y + i).update(from: rest, count: left) }
        i += scalarCount
      }
    }
  }

  /// y[i] = function(a[i aStep], b[i bStep]), the steps 0 or 1; otherwise like `map` of one operand.
  ///
  /// An operand with step 0 is a vector of copies that is read again and again, so that one loop serves every combination.
  @inline(always)
  static func map(
    _ a: UnsafePointer<Scalar>, _ aStep: Int, _ b: UnsafePointer<Scalar>, _ bStep: Int, _ y: UnsafeMutablePointer<Scalar>,
    _ count: Int, _ function: (Self, Self) -> Self
  ) where Scalar: ExpressibleByIntegerLiteral {
    if count == 0 { return }
    withUnsafeTemporaryAllocation(of: Self.self, capacity: 3) { buffer in
      let vectors = UnsafeMutableRawPointer(buffer.baseAddress!).assumingMemoryBound(to: Scalar.self)
      let (aRest, bRest, yRest) = (vectors, vectors + scalarCount, vectors + 2 * scalarCount)
      var (p, q) = (a, b)
      if aStep == 0 { p = repeated(a, in: aRest) }
      if bStep == 0 { q = repeated(b, in: bRest) }
      let (aStride, bStride) = (aStep * scalarCount, bStep * scalarCount)
      var i = 0
      while i + scalarCount <= count {
        store(function(load(p), load(q)), y + i)
        (p, q) = (p + aStride, q + bStride)
        i += scalarCount
      }
      let left = count - i
      if left == 0 { return }
      if aStep != 0 { p = padded(p, left, in: aRest) }
      if bStep != 0 { q = padded(q, left, in: bRest) }
      store(function(load(p), load(q)), yRest)
      (y + i).update(from: yRest, count: left)
    }
  }

  @inline(always)
  private static func load(_ x: UnsafePointer<Scalar>) -> Self { UnsafeRawPointer(x).loadUnaligned(as: Self.self) }

  @inline(always)
  private static func store(_ x: Self, _ y: UnsafeMutablePointer<Scalar>) {
    UnsafeMutableRawPointer(y).storeBytes(of: x, as: Self.self)
  }

  @inline(always)
  private static func repeated(_ x: UnsafePointer<Scalar>, in buffer: UnsafeMutablePointer<Scalar>) -> UnsafePointer<Scalar> {
    buffer.update(repeating: x.pointee, count: scalarCount)
    return UnsafePointer(buffer)
  }

  @inline(always)
  private static func padded(
    _ x: UnsafePointer<Scalar>, _ left: Int, in buffer: UnsafeMutablePointer<Scalar>
  ) -> UnsafePointer<Scalar> where Scalar: ExpressibleByIntegerLiteral {
    buffer.update(repeating: 1, count: scalarCount)
    buffer.update(from: x, count: left)
    return UnsafePointer(buffer)
  }
}
