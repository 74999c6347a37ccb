import Foundation

/// The seeds of a sweep, as written and as numbers: "0..<32", "0...31", "0,3,5", "7".
public struct SeedList: Sendable, Equatable {
  /// In the order in which they were given.
  public let values: [UInt64]
  /// As it was written: what the plan's file says.
  public let text: String

  /// More seeds than any machine runs are a slip of the keyboard.
  static let most: UInt64 = 10_000_000

  /// - Throws: ``SweepError`` for what is no seed, for an empty range, and for a seed that is named twice.
  public init(_ text: String) throws {
    self.text = text
    var values: [UInt64] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) { values += try Self.range(part, in: text) }
    guard Set(values).count == values.count else { throw SweepError("the seeds '\(text)' name a seed twice") }
    self.values = values
  }

  private static func range(_ part: Substring, in text: String) throws -> [UInt64] {
    let wrong = SweepError("seeds are given as 0..<32, 0...31, 0,3,5 or 7, got '\(text)'")
    func number(_ word: some StringProtocol) throws -> UInt64 {
      guard let number = UInt64(String(word).trimmingCharacters(in: .whitespaces)) else { throw wrong }
      return number
    }
    for (mark, isClosed) in [("..<", false), ("...", true)] {
      let ends = part.split(separator: mark, omittingEmptySubsequences: false)
      guard ends.count == 2 else { continue }
      let (first, last) = (try number(ends[0]), try number(ends[1]))
      guard isClosed ? first <= last : first < last else { throw SweepError("the range of seeds '\(part)' is empty") }
      guard last - first < most else { throw SweepError("'\(part)' is more than \(most) seeds") }
      return isClosed ? Array(first...last) : Array(first..<last)
    }
    return [try number(part)]
  }
}
