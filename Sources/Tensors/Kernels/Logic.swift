// Logic on truth values: bytes of 0 or 1, 64 at a time. As vectors of words, since logic on vectors of bytes goes byte by byte.

extension Kernels {
  /// y = a and b.
  package static func and(
    _ a: UnsafePointer<Bool>, _ aStep: Int, _ b: UnsafePointer<Bool>, _ bStep: Int, _ y: UnsafeMutablePointer<Bool>, _ count: Int
  ) {
    @inline(always) func function(_ a: SIMD64<UInt8>, _ b: SIMD64<UInt8>) -> SIMD64<UInt8> { bytes(words(a) & words(b)) }
    SIMD64<UInt8>.map(bytes(a), aStep, bytes(b), bStep, bytes(y), count, function)
  }

  /// y = a or b.
  package static func or(
    _ a: UnsafePointer<Bool>, _ aStep: Int, _ b: UnsafePointer<Bool>, _ bStep: Int, _ y: UnsafeMutablePointer<Bool>, _ count: Int
  ) {
    @inline(always) func function(_ a: SIMD64<UInt8>, _ b: SIMD64<UInt8>) -> SIMD64<UInt8> { bytes(words(a) | words(b)) }
    SIMD64<UInt8>.map(bytes(a), aStep, bytes(b), bStep, bytes(y), count, function)
  }

  /// y = a or b, not both.
  package static func xor(
    _ a: UnsafePointer<Bool>, _ aStep: Int, _ b: UnsafePointer<Bool>, _ bStep: Int, _ y: UnsafeMutablePointer<Bool>, _ count: Int
  ) {
    @inline(always) func function(_ a: SIMD64<UInt8>, _ b: SIMD64<UInt8>) -> SIMD64<UInt8> { bytes(words(a) ^ words(b)) }
    SIMD64<UInt8>.map(bytes(a), aStep, bytes(b), bStep, bytes(y), count, function)
  }

  /// y = not x.
  package static func not(_ x: UnsafePointer<Bool>, _ y: UnsafeMutablePointer<Bool>, _ count: Int) {
    @inline(always) func function(_ x: SIMD64<UInt8>) -> SIMD64<UInt8> { bytes(words(x) ^ 0x0101_0101) }
    SIMD64<UInt8>.map(bytes(x), bytes(y), count, function)
  }

  @inline(always)
  private static func words(_ x: SIMD64<UInt8>) -> SIMD16<UInt32> { unsafeBitCast(x, to: SIMD16<UInt32>.self) }

  @inline(always)
  private static func bytes(_ x: SIMD16<UInt32>) -> SIMD64<UInt8> { unsafeBitCast(x, to: SIMD64<UInt8>.self) }

  private static func bytes(_ x: UnsafePointer<Bool>) -> UnsafePointer<UInt8> {
    UnsafeRawPointer(x).assumingMemoryBound(to: UInt8.self)
  }

  private static func bytes(_ x: UnsafeMutablePointer<Bool>) -> UnsafeMutablePointer<UInt8> {
    UnsafeMutableRawPointer(x).assumingMemoryBound(to: UInt8.self)
  }
}
