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
}
