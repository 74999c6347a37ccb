import Tensors
import Testing

/// Known answers of the authors' Random123 library (kat_vectors, philox 4x32 10).
@Suite struct PhiloxTests {
  struct KnownAnswer: Sendable {
    let counter: SIMD4<UInt32>
    let key: SIMD2<UInt32>
    let answer: SIMD4<UInt32>
  }

  static let knownAnswers = [
    KnownAnswer(counter: .zero, key: .zero, answer: [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
    KnownAnswer(
      counter: .init(repeating: .max), key: .init(repeating: .max),
      answer: [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
    KnownAnswer(
      counter: [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], key: [0xa409_3822, 0x299f_31d0],
      answer: [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]),
  ]

  @Test(arguments: knownAnswers) func knownAnswer(_ known: KnownAnswer) {
    #expect(Philox.block(counter: known.counter, key: known.key) == known.answer)
  }

  /// Eight at a time are the single blocks, also where the count carries into its second word.
  @Test(arguments: [0, 5, 0xFFFF_FFFB, 1 << 62] as [UInt64]) func eightBlocks(count: UInt64) {
    let (upper, key): (UInt64, UInt64) = (0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210)
    let (first, second) = Philox.eightBlocks(count: count, upper: upper, key: key)
    func words(_ x: UInt64) -> (UInt32, UInt32) { (UInt32(truncatingIfNeeded: x), UInt32(truncatingIfNeeded: x >> 32)) }
    for i in 0..<8 {
      let (c, u, k) = (words(count + UInt64(i)), words(upper), words(key))
      let block = Philox.block(counter: [c.0, c.1, u.0, u.1], key: [k.0, k.1])
      #expect(words(first[i]) == (block[0], block[1]) && words(second[i]) == (block[2], block[3]), "block \(i)")
    }
  }
}
