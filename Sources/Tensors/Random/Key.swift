/// The root of a stream of random numbers: a value, not a generator with a state.
///
///     let key = Key(seed: 0)
///     let weights = Tensor<Float>.normal([64, 10], key: key.named("weights"))
///     for (step, key) in key.named("noise").split(100).enumerated() { ... }
///
/// A stream depends on the seed and the names and numbers on the way to its key alone: not on threads, order, or what else was
/// drawn. Element i of a stream is a pure function of (key, i). Draw once from a key, and derive further keys for further draws:
/// the same key gives the same numbers again, and `Float` and `Double` streams of one key are the same numbers, rounded.
///
/// A key is 128 bits: a Philox key and the upper half of its counter. The lower half counts draws from 0 up; its values from 2^63 on
/// are kept for derived keys, each of which is the 128 bits Philox gives there. So streams neither overlap nor collide in practice
/// (2^64 keys before a collision is likely).
///
/// A key is a tree of tensors, of one leaf of four words: given to a compiled function as an argument it gives other numbers at every
/// call, and `vmap` over ``batch(_:)`` draws with another key for each element; the same numbers as outside of them, bit for bit. A key
/// that such a function captures is a constant, and so are its draws. A key whose bits are not known can be named and numbered, and
/// draws uniform, normal, exponential, Laplace, Gumbel and Bernoulli numbers, signs, integers, classes and permutations.
public struct Key: Sendable {
  private let knownKey: UInt64
  private let knownStream: UInt64
  /// The four words where they are not known, or a batch of keys.
  let unknown: KeyWords?

  var key: UInt64 { known(knownKey) }
  var stream: UInt64 { known(knownStream) }

  /// The key of a run: every seed gives an unrelated family of streams.
  public init(seed: UInt64) {
    self.init(key: seed, stream: 0)
  }

  init(key: UInt64, stream: UInt64, unknown: KeyWords? = nil) {
    knownKey = key
    knownStream = stream
    self.unknown = unknown
  }

  /// The key of four words, the least significant first, or a batch of such.
  package init(words: AnyTensor) {
    if !words.isTraced, words.shape == [4] {
      let word = words.memory.assumingMemoryBound(to: UInt64.self)
      self.init(key: word[0], stream: word[1])
      withExtendedLifetime(words) {}
    } else {
      self.init(key: 0, stream: 0, unknown: KeyWords(words))
    }
  }

  /// The four words.
  package var words: AnyTensor {
    if let unknown { return unknown.tensor }
    let words = [knownKey, knownKey >> 32, knownStream, knownStream >> 32].map { UInt32(truncatingIfNeeded: $0) }
    return AnyTensor(Tensor<UInt32>(words))
  }

  /// Keys as one tree with a batch axis, for `vmap`.
  public static func batch(_ keys: [Key]) -> Key { Key(words: .stack(keys.map(\.words))) }

  @inline(__always)
  private func known(_ value: UInt64) -> UInt64 {
    if unknown != nil { Self.isUnknown() }
    return value
  }

  @inline(never)
  private static func isUnknown() -> Never {
    fatalError("Key: these draws need a key that is known: not a batch of keys, and no argument of a function that is traced")
  }

  /// The key with a name, say "init" or "data". The name counts as its UTF-8 bytes.
  public func named(_ name: String) -> Key {
    // Seven bytes a step beside their number; a last step of less than seven ends it, so no name is the start of another.
    var result = self
    var bytes = Array(name.utf8)[...]
    while true {
      let piece = bytes.prefix(7)
      bytes = bytes.dropFirst(7)
      var word = UInt64(piece.count) << 56
      for (i, byte) in piece.enumerated() { word |= UInt64(byte) << UInt64(8 * i) }
      result = result.derived(1 << 62 | word)
      if piece.count < 7 { return result }
    }
  }

  /// The key number `index` (not negative): of a step, a client, a layer.
  public subscript(index: Int) -> Key {
    guard index >= 0 else { fatalError("Key[\(index)]: an index of a key is not negative") }
    return derived(UInt64(index) & (1 << 62 - 1))
  }

  /// The keys with the numbers `0..<count`.
  public func split(_ count: Int) -> [Key] { (0..<count).map { self[$0] } }

  /// The key number `index`, a tensor of one integer: in a compiled loop, that of a step.
  public subscript(index: Tensor<Int32>) -> Key {
    Key(words: DeriveKeyAt()(words, AnyTensor(index.reshaped([]))))
  }

  private func derived(_ word: UInt64) -> Key {
    if let unknown { return Key(words: DeriveKey(word: word)(unknown.tensor)) }
    return knownDerived(word)
  }

  func knownDerived(_ word: UInt64) -> Key {
    let bits = words(1 << 63 | word)
    return Key(key: bits.0, stream: bits.1)
  }

  /// The 128 bits at one count, as two words.
  @inline(__always)
  func words(_ count: UInt64) -> (UInt64, UInt64) {
    let block = Philox.block(
      counter: .init(
        UInt32(truncatingIfNeeded: count), UInt32(truncatingIfNeeded: count >> 32), UInt32(truncatingIfNeeded: stream),
        UInt32(truncatingIfNeeded: stream >> 32)),
      key: .init(UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32)))
    return (UInt64(block[0]) | UInt64(block[1]) << 32, UInt64(block[2]) | UInt64(block[3]) << 32)
  }

  /// Calls `body(i, bits)` with the 64 random bits of every element in `range`, whose start must be even.
  @inline(always)
  func forEachDraw(_ range: Range<Int>, _ body: (Int, UInt64) -> Void) {
    for start in stride(from: range.lowerBound, to: range.upperBound, by: 16) {
      let (even, odd) = Philox.eightBlocks(count: UInt64(start) >> 1, upper: stream, key: key)
      for i in 0..<min(16, range.upperBound - start) { body(start + i, i & 1 == 0 ? even[i >> 1] : odd[i >> 1]) }
    }
  }
}
