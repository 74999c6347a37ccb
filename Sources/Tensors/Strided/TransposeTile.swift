// Squares of 16 x 16 scalars of four bytes and of 8 x 8 of eight, transposed in registers.
//
// log2(n) times, vector i and vector i + n/2 are interleaved into vectors 2i and 2i + 1: each time the lane's number and the
// vector's number, written one after the other in bits, rotate by one bit, until they have changed places.

protocol TileVector: SIMD, BitwiseCopyable {
  /// The low halves of both, lane by lane in turn.
  func interleavedLow(_ other: Self) -> Self
  /// The high halves of both, lane by lane in turn.
  func interleavedHigh(_ other: Self) -> Self
}

extension SIMD16: TileVector where Scalar == UInt32 {
  @inline(always)
  func interleavedLow(_ other: Self) -> Self {
    var result = Self()
    result.evenHalf = lowHalf
    result.oddHalf = other.lowHalf
    return result
  }
  @inline(always)
  func interleavedHigh(_ other: Self) -> Self {
    var result = Self()
    result.evenHalf = highHalf
    result.oddHalf = other.highHalf
    return result
  }
}

extension SIMD8: TileVector where Scalar == UInt64 {
  @inline(always)
  func interleavedLow(_ other: Self) -> Self {
    var result = Self()
    result.evenHalf = lowHalf
    result.oddHalf = other.lowHalf
    return result
  }
  @inline(always)
  func interleavedHigh(_ other: Self) -> Self {
    var result = Self()
    result.evenHalf = highHalf
    result.oddHalf = other.highHalf
    return result
  }
}

enum TransposeTile {
  /// Scalars in a row of the square of scalars of `size` bytes; nil if there is none.
  @inline(always)
  static func side(ofSize size: Int) -> Int? { size == 4 ? 16 : size == 8 ? 8 : nil }

  /// target[j, i] = source[i, j] over one square; strides in scalars.
  @inline(always)
  static func run<Scalar: BitwiseCopyable>(
    _ source: UnsafePointer<Scalar>, _ sourceStride: Int, _ target: UnsafeMutablePointer<Scalar>, _ targetStride: Int
  ) {
    if MemoryLayout<Scalar>.size == 4 {
      square(InlineArray<16, _>(repeating: SIMD16<UInt32>.zero), source, sourceStride * 4, target, targetStride * 4)
    } else {
      square(InlineArray<8, _>(repeating: SIMD8<UInt64>.zero), source, sourceStride * 8, target, targetStride * 8)
    }
  }

  @inline(never)
  private static func square<let side: Int, V: TileVector>(
    _ zero: InlineArray<side, V>, _ source: UnsafeRawPointer, _ sourceStride: Int, _ target: UnsafeMutableRawPointer,
    _ targetStride: Int
  ) {
    var rows = zero
    for i in 0..<side { rows[i] = source.loadUnaligned(fromByteOffset: i * sourceStride, as: V.self) }
    @inline(always) func step(_ old: InlineArray<side, V>) -> InlineArray<side, V> {
      var new = zero
      for i in 0..<side / 2 {
        new[2 * i] = old[i].interleavedLow(old[i + side / 2])
        new[2 * i + 1] = old[i].interleavedHigh(old[i + side / 2])
      }
      return new
    }
    rows = step(step(step(rows)))
    if side == 16 { rows = step(rows) }
    for i in 0..<side { target.storeBytes(of: rows[i], toByteOffset: i * targetStride, as: V.self) }
  }
}
