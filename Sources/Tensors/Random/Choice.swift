extension Key {
  /// A uniformly random order of `0..<count`: the indices sorted by their draws (by the index if two draws are equal).
  public func permutation(_ count: Int) -> [Int] {
    var draws: [(bits: UInt64, index: Int)] = []
    draws.reserveCapacity(count)
    forEachDraw(0..<count) { draws.append(($1, $0)) }
    draws.sort { $0 < $1 }
    return draws.map(\.index)
  }

  /// `count` different numbers of `0..<total` in random order, every such list equally likely up to a share of total / 2^64.
  ///
  /// The first places of a shuffle (Fisher and Yates), of which only the entries that moved are kept: time and memory of `count`,
  /// whatever `total`. A smaller `count` gives a prefix. Not the prefix of ``permutation(_:)``, which is another shuffle.
  public func choice(_ count: Int, from total: Int) -> [Int] {
    guard 0 <= count, count <= total else { fatalError("Key.choice: \(count) different numbers of \(total)") }
    var moved: [Int: Int] = [:]
    var chosen: [Int] = []
    chosen.reserveCapacity(count)
    forEachDraw(0..<count) { i, bits in
      let j = i + Int(bits.multipliedFullWidth(by: UInt64(total - i)).high)
      chosen.append(moved[j] ?? j)
      moved[j] = moved[i] ?? i
    }
    return chosen
  }
}
