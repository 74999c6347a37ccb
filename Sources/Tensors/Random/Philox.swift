/// Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3"
/// (SC 2011), checked against the known answers of the authors' Random123 library.
///
/// A pure function: 128 bits of counter and 64 bits of key to 128 random bits.
package enum Philox {
  /// Four 32-bit words, the least significant first.
  package typealias Block = SIMD4<UInt32>

  /// Ten rounds.
  @inline(__always)
  package static func block(counter: Block, key: SIMD2<UInt32>) -> Block {
    var (c0, c1, c2, c3) = (counter[0], counter[1], counter[2], counter[3])
    var (k0, k1) = (key[0], key[1])
    for _ in 0..<10 {
      let p0 = UInt64(c0) &* 0xD251_1F53
      let p1 = UInt64(c2) &* 0xCD9E_8D57
      (c0, c1, c2, c3) = (
        UInt32(truncatingIfNeeded: p1 >> 32) ^ c1 ^ k0, UInt32(truncatingIfNeeded: p1),
        UInt32(truncatingIfNeeded: p0 >> 32) ^ c3 ^ k1, UInt32(truncatingIfNeeded: p0)
      )
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return Block(c0, c1, c2, c3)
  }

  /// The blocks of eight counters with the lower halves `count`, `count` + 1, ... and one upper half.
  package static func eightBlocks(count: UInt64, upper: UInt64, key: UInt64) -> (SIMD8<UInt64>, SIMD8<UInt64>) {
    eightBlocks(counts: SIMD8(0, 1, 2, 3, 4, 5, 6, 7) &+ SIMD8(repeating: count), upper: upper, key: key)
  }

  /// The blocks of eight counters with the lower halves `counts` and one upper half: their first two words each as one number, and
  /// their last two. Words are kept in 64-bit lanes, where their products fit.
  @inline(always)
  static func eightBlocks(counts: SIMD8<UInt64>, upper: UInt64, key: UInt64) -> (SIMD8<UInt64>, SIMD8<UInt64>) {
    typealias Words = SIMD8<UInt64>
    let mask = Words(repeating: 0xFFFF_FFFF)
    var (c0, c1) = (counts & mask, counts &>> 32)
    var (c2, c3) = (Words(repeating: upper) & mask, Words(repeating: upper) &>> 32)
    var (k0, k1) = (UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32))
    for _ in 0..<10 {
      let (p0, p1) = (c0 &* 0xD251_1F53, c2 &* 0xCD9E_8D57)
      c0 = (p1 &>> 32) ^ c1 ^ Words(repeating: UInt64(k0))
      c2 = (p0 &>> 32) ^ c3 ^ Words(repeating: UInt64(k1))
      (c1, c3) = (p1 & mask, p0 & mask)
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return (c0 | c1 &<< 32, c2 | c3 &<< 32)
  }
}
