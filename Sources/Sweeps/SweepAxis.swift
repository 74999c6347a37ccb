import Foundation

/// One setting of a sweep and what it is set to.
public struct SweepAxis: Sendable, Equatable {
  /// Where its values come from.
  public enum Candidates: Sendable, Equatable {
    /// These, each as `--set` takes it.
    case values([String])
    /// Drawn between the two ends; in a random sweep only.
    case range(Double, Double)
  }

  /// The setting's dotted name.
  public var key: String
  /// What it is set to.
  public var candidates: Candidates

  /// An axis made elsewhere, from a plan's file say.
  public init(key: String, candidates: Candidates) {
    self.key = key
    self.candidates = candidates
  }

  /// Reads "rate=0.01,0.03", "sizes=[1,2],[3]" or "rate=0.001..0.1".
  ///
  /// Commas within brackets or double quotes separate nothing; the quotes themselves are no part of a value.
  /// - Throws: ``SweepError`` for what is no assignment, and for a value that is empty.
  public init(_ argument: String) throws {
    guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else {
      throw SweepError("--set takes key=value,value, got '\(argument)'")
    }
    key = String(argument[..<equals])
    let text = String(argument[argument.index(after: equals)...])
    if let range = Self.range(text) {
      candidates = range
    } else {
      let values = try Self.split(text, of: key)
      candidates = .values(values)
    }
  }

  /// "0.001..0.1" as a range; nil for anything else.
  static func range(_ text: String) -> Candidates? {
    let ends = text.split(separator: "..", omittingEmptySubsequences: false)
    guard ends.count == 2, let low = Double(ends[0]), let high = Double(ends[1]), low.isFinite, high.isFinite else { return nil }
    return .range(low, high)
  }

  private static func split(_ text: String, of key: String) throws -> [String] {
    var values: [String] = [""]
    var (depth, isQuoted) = (0, false)
    for character in text {
      switch character {
      case "\"" where depth == 0: isQuoted.toggle()
      case "," where depth == 0 && !isQuoted: values.append("")
      default:
        if !isQuoted { depth += "[{".contains(character) ? 1 : "]}".contains(character) ? -1 : 0 }
        values[values.count - 1].append(character)
      }
    }
    guard depth == 0, !isQuoted else { throw SweepError("the brackets or quotes of '\(key)=\(text)' do not close") }
    guard !values.contains("") else {
      throw SweepError("'\(key)=\(text)' has an empty value; values are separated by single commas")
    }
    return values
  }
}
