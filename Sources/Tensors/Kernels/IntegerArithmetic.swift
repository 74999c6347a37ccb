// Arithmetic of Int32: sums and products wrap; what cannot be divided is 0 (as in NumPy), and -2^31 / -1 wraps.

extension Kernels {
  /// y = a + b.
  package static func add(
    _ a: UnsafePointer<Int32>, _ aStep: Int, _ b: UnsafePointer<Int32>, _ bStep: Int, _ y: UnsafeMutablePointer<Int32>,
    _ count: Int
  ) {
    @inline(always) func function(_ a: SIMD16<Int32>, _ b: SIMD16<Int32>) -> SIMD16<Int32> { a &+ b }
    SIMD16<Int32>.map(a, aStep, b, bStep, y, count, function)
  }

  /// y = a - b.
  package static func subtract(
    _ a: UnsafePointer<Int32>, _ aStep: Int, _ b: UnsafePointer<Int32>, _ bStep: Int, _ y: UnsafeMutablePointer<Int32>,
    _ count: Int
  ) {
    @inline(always) func function(_ a: SIMD16<Int32>, _ b: SIMD16<Int32>) -> SIMD16<Int32> { a &- b }
    SIMD16<Int32>.map(a, aStep, b, bStep, y, count, function)
  }

  /// y = a b.
  package static func multiply(
    _ a: UnsafePointer<Int32>, _ aStep: Int, _ b: UnsafePointer<Int32>, _ bStep: Int, _ y: UnsafeMutablePointer<Int32>,
    _ count: Int
  ) {
    @inline(always) func function(_ a: SIMD16<Int32>, _ b: SIMD16<Int32>) -> SIMD16<Int32> { a &* b }
    SIMD16<Int32>.map(a, aStep, b, bStep, y, count, function)
  }

  /// y = the larger.
  package static func maximum(
    _ a: UnsafePointer<Int32>, _ aStep: Int, _ b: UnsafePointer<Int32>, _ bStep: Int, _ y: UnsafeMutablePointer<Int32>,
    _ count: Int
  ) {
    @inline(always) func function(_ a: SIMD16<Int32>, _ b: SIMD16<Int32>) -> SIMD16<Int32> { a.replacing(with: b, where: a .< b) }
    SIMD16<Int32>.map(a, aStep, b, bStep, y, count, function)
  }

  /// y = the smaller.
  package static func minimum(
    _ a: UnsafePointer<Int32>, _ aStep: Int, _ b: UnsafePointer<Int32>, _ bStep: Int, _ y: UnsafeMutablePointer<Int32>,
    _ count: Int
  ) {
    @inline(always) func function(_ a: SIMD16<Int32>, _ b: SIMD16<Int32>) -> SIMD16<Int32> { a.replacing(with: b, where: b .< a) }
    SIMD16<Int32>.map(a, aStep, b, bStep, y, count, function)
  }

  /// y = a / b, truncated toward 0.
  package static func divide(
    _ a: UnsafePointer<Int32>, _ aStep: Int, _ b: UnsafePointer<Int32>, _ bStep: Int, _ y: UnsafeMutablePointer<Int32>,
    _ count: Int
  ) {
    for i in 0..<count { y[i] = quotient(a[i * aStep], b[i * bStep]) }
  }

  /// y = a / b, rounded down.
  package static func floorDivide(
    _ a: UnsafePointer<Int32>, _ aStep: Int, _ b: UnsafePointer<Int32>, _ bStep: Int, _ y: UnsafeMutablePointer<Int32>,
    _ count: Int
  ) {
    for i in 0..<count {
      let (a, b) = (a[i * aStep], b[i * bStep])
      let q = quotient(a, b)
      let rest = a &- q &* b
      y[i] = b != 0 && rest != 0 && (rest < 0) != (b < 0) ? q &- 1 : q
    }
  }

  /// y = a - b trunc(a / b), with the sign of a.
  package static func remainder(
    _ a: UnsafePointer<Int32>, _ aStep: Int, _ b: UnsafePointer<Int32>, _ bStep: Int, _ y: UnsafeMutablePointer<Int32>,
    _ count: Int
  ) {
    for i in 0..<count {
      let (a, b) = (a[i * aStep], b[i * bStep])
      y[i] = b == 0 ? 0 : a &- quotient(a, b) &* b
    }
  }

  /// In Double, which separates any two quotients of 32-bit integers, the division neither traps nor is slow.
  @inline(always)
  private static func quotient(_ a: Int32, _ b: Int32) -> Int32 {
    b == 0 ? 0 : Int32(truncatingIfNeeded: Int64(Double(a) / Double(b)))
  }
}
