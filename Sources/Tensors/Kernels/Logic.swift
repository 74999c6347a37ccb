// Logic on truth values, which are bytes of 0 or 1.

extension Kernels {
  /// y = a and b.
  package static func and(
    _ a: UnsafePointer<Bool>, _ aStep: Int, _ b: UnsafePointer<Bool>, _ bStep: Int, _ y: UnsafeMutablePointer<Bool>, _ count: Int
  ) {
    @inline(always) func function(_ a: SIMD32<UInt8>, _ b: SIMD32<UInt8>) -> SIMD32<UInt8> { a & b }
    SIMD32<UInt8>.map(bytes(a), aStep, bytes(b), bStep, bytes(y), count, function)
  }

  /// y = a or b.
  package static func or(
    _ a: UnsafePointer<Bool>, _ aStep: Int, _ b: UnsafePointer<Bool>, _ bStep: Int, _ y: UnsafeMutablePointer<Bool>, _ count: Int
  ) {
    @inline(always) func function(_ a: SIMD32<UInt8>, _ b: SIMD32<UInt8>) -> SIMD32<UInt8> { a | b }
    SIMD32<UInt8>.map(bytes(a), aStep, bytes(b), bStep, bytes(y), count, function)
  }

  /// y = a or b, not both.
  package static func xor(
    _ a: UnsafePointer<Bool>, _ aStep: Int, _ b: UnsafePointer<Bool>, _ bStep: Int, _ y: UnsafeMutablePointer<Bool>, _ count: Int
  ) {
    @inline(always) func function(_ a: SIMD32<UInt8>, _ b: SIMD32<UInt8>) -> SIMD32<UInt8> { a ^ b }
    SIMD32<UInt8>.map(bytes(a), aStep, bytes(b), bStep, bytes(y), count, function)
  }

  /// y = not x.
  package static func not(_ x: UnsafePointer<Bool>, _ y: UnsafeMutablePointer<Bool>, _ count: Int) {
    @inline(always) func function(_ x: SIMD32<UInt8>) -> SIMD32<UInt8> { x ^ 1 }
    SIMD32<UInt8>.map(bytes(x), bytes(y), count, function)
  }

  private static func bytes(_ x: UnsafePointer<Bool>) -> UnsafePointer<UInt8> {
    UnsafeRawPointer(x).assumingMemoryBound(to: UInt8.self)
  }

  private static func bytes(_ x: UnsafeMutablePointer<Bool>) -> UnsafeMutablePointer<UInt8> {
    UnsafeMutableRawPointer(x).assumingMemoryBound(to: UInt8.self)
  }
}
