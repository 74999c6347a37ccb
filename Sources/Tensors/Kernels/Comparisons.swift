// Comparisons, choices by them, and logic; a truth value is a byte.
//
// Comparisons and choices are plain loops: the compiler vectorises them for every type. An operand with step 0 is spread over a
// block that stays in L1, so that one loop serves every combination of steps.

extension Kernels {
  /// y = a < b; false if either is NaN.
  @specialized(where T == Float)
  @specialized(where T == Double)
  @specialized(where T == Int32)
  package static func less<T: Comparable & BitwiseCopyable>(
    _ a: UnsafePointer<T>, _ aStep: Int, _ b: UnsafePointer<T>, _ bStep: Int, _ y: UnsafeMutablePointer<Bool>, _ count: Int
  ) {
    compare(a, aStep, b, bStep, y, count) { $0 < $1 }
  }

  /// y = a <= b; false if either is NaN.
  @specialized(where T == Float)
  @specialized(where T == Double)
  @specialized(where T == Int32)
  package static func lessOrEqual<T: Comparable & BitwiseCopyable>(
    _ a: UnsafePointer<T>, _ aStep: Int, _ b: UnsafePointer<T>, _ bStep: Int, _ y: UnsafeMutablePointer<Bool>, _ count: Int
  ) {
    compare(a, aStep, b, bStep, y, count) { $0 <= $1 }
  }

  /// y = (a = b); false if either is NaN.
  @specialized(where T == Float)
  @specialized(where T == Double)
  @specialized(where T == Int32)
  package static func equal<T: Comparable & BitwiseCopyable>(
    _ a: UnsafePointer<T>, _ aStep: Int, _ b: UnsafePointer<T>, _ bStep: Int, _ y: UnsafeMutablePointer<Bool>, _ count: Int
  ) {
    compare(a, aStep, b, bStep, y, count) { $0 == $1 }
  }

  /// y = not (a = b); true if either is NaN.
  @specialized(where T == Float)
  @specialized(where T == Double)
  @specialized(where T == Int32)
  package static func notEqual<T: Comparable & BitwiseCopyable>(
    _ a: UnsafePointer<T>, _ aStep: Int, _ b: UnsafePointer<T>, _ bStep: Int, _ y: UnsafeMutablePointer<Bool>, _ count: Int
  ) {
    compare(a, aStep, b, bStep, y, count) { $0 != $1 }
  }

  /// y = a where the condition holds, else b.
  @specialized(where T == Float)
  @specialized(where T == Double)
  @specialized(where T == Int32)
  package static func select<T: BitwiseCopyable>(
    condition: UnsafePointer<Bool>, _ conditionStep: Int, _ a: UnsafePointer<T>, _ aStep: Int, _ b: UnsafePointer<T>,
    _ bStep: Int, _ y: UnsafeMutablePointer<T>, _ count: Int
  ) {
    if conditionStep == 0 {
      let (source, step) = count > 0 && condition.pointee ? (a, aStep) : (b, bStep)
      for i in 0..<count { y[i] = source[i * step] }
      return
    }
    withSpread(a, aStep, count) { a in
      withSpread(b, bStep, count) { b in
        // By way of a block, for y may be a or b, and then the compiler's loop would go element by element.
        withUnsafeTemporaryAllocation(of: T.self, capacity: blockCount) { buffer in
          let bytes = UnsafeRawPointer(condition).assumingMemoryBound(to: UInt8.self)  // Choices by Bool are not vectorised.
          let block = buffer.baseAddress!
          for start in stride(from: 0, to: count, by: blockCount) {
            let (c, a, b) = (bytes + start, a + start * aStep, b + start * bStep)
            let blockEnd = Swift.min(blockCount, count - start)
            for i in 0..<blockEnd {
              let (whenTrue, whenFalse) = (a[i], b[i])
              block[i] = c[i] != 0 ? whenTrue : whenFalse
            }
            (y + start).update(from: block, count: blockEnd)
          }
        }
      }
    }
  }

  /// Elements an operand with step 0 is spread over.
  private static var blockCount: Int { 256 }

  @inline(always)
  private static func compare<T: BitwiseCopyable>(
    _ a: UnsafePointer<T>, _ aStep: Int, _ b: UnsafePointer<T>, _ bStep: Int, _ y: UnsafeMutablePointer<Bool>, _ count: Int,
    _ relation: (T, T) -> Bool
  ) {
    withSpread(a, aStep, count) { a in
      withSpread(b, bStep, count) { b in
        for start in stride(from: 0, to: count, by: blockCount) {
          let (a, b, y) = (a + start * aStep, b + start * bStep, y + start)
          for i in 0..<Swift.min(blockCount, count - start) { y[i] = relation(a[i], b[i]) }
        }
      }
    }
  }

  /// Calls `body` with x, or with a block of copies of it if its step is 0.
  @inline(always)
  private static func withSpread<T: BitwiseCopyable>(
    _ x: UnsafePointer<T>, _ step: Int, _ count: Int, _ body: (UnsafePointer<T>) -> Void
  ) {
    withUnsafeTemporaryAllocation(of: T.self, capacity: blockCount) { buffer in
      var x = x
      if step == 0 && count > 0 {
        buffer.baseAddress!.initialize(repeating: x.pointee, count: Swift.min(blockCount, count))
        x = UnsafePointer(buffer.baseAddress!)
      }
      body(x)
    }
  }
}
