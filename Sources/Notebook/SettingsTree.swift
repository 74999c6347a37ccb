import Foundation

/// Settings addressed by dotted names: the bridge between a `Settings` struct and `--set key=value`.
package enum SettingsTree {
  /// `settings` with each "key=value" applied, in order.
  ///
  /// Values are JSON; a bare word is a string and, for a list, "0.1,0.01" is the list of both.
  /// - Throws: ``SettingsError`` for a key that does not exist, a value of the wrong type, or an argument without "=".
  package static func applying<Settings: Codable>(_ assignments: [String], to settings: Settings) throws -> Settings {
    var settings = settings
    for assignment in assignments {
      guard let equals = assignment.firstIndex(of: "=") else { throw SettingsError.notAnAssignment(assignment) }
      let key = String(assignment[..<equals])
      let text = String(assignment[assignment.index(after: equals)...])
      let tree = try JSONValue(settings)
      guard let current = tree.leaves[key] else { throw SettingsError.unknownKey(key, known: tree.leaves.keys.sorted()) }
      let changed = tree.replacing(key.split(separator: ".").map(String.init)[...], with: value(of: text, like: current))
      do {
        settings = try JSONDecoder().decode(Settings.self, from: JSONEncoder().encode(changed))
      } catch let error as DecodingError {
        let expected = expectedType(in: error, isList: current.isList)
        throw SettingsError.wrongType(key, value: text, expected: expected, current: try current.text())
      }
    }
    return settings
  }

  /// The leaves of `settings` that differ from `defaults`, by dotted name.
  package static func changes(in settings: some Encodable, from defaults: some Encodable) throws -> [String: JSONValue] {
    let defaults = try JSONValue(defaults).leaves
    return try JSONValue(settings).leaves.filter { key, value in defaults[key] != value }
  }

  /// The settings' text in the results file: JSON, sorted keys, one a line.
  package static func text(of settings: some Encodable) throws -> String { try JSONValue(settings).text(pretty: true) }

  /// Help text by dotted name, for each knob that is marked with ``Setting``.
  package static func help(of settings: Any) -> [String: String] {
    var found: [String: String] = [:]
    for child in Mirror(reflecting: settings).children {
      guard let label = child.label, let setting = child.value as? any DocumentedSetting else { continue }
      let key = String(label.drop { $0 == "_" })
      found[key] = setting.help
      for (path, help) in help(of: setting.value) { found["\(key).\(path)"] = help }
    }
    return found
  }

  private static func value(of text: String, like current: JSONValue) -> JSONValue {
    if case .array = current, !text.hasPrefix("[") {
      if let list = try? JSONValue(parsing: "[\(text)]") { return list }
      return .array(text.split(separator: ",").map { .string(String($0)) })
    }
    if case .string = current { return .string(text) }
    return (try? JSONValue(parsing: text)) ?? .string(text)
  }

  private static func expectedType(in error: DecodingError, isList: Bool) -> String {
    let type: Any.Type? =
      switch error {
      case .typeMismatch(let type, _), .valueNotFound(let type, _): type
      // A number that is fractional or too large where a whole one is needed.
      case .dataCorrupted: Int.self
      default: nil
      }
    return switch type {
    case is any BinaryInteger.Type: isList ? "a list of whole numbers" : "a whole number"
    case is any BinaryFloatingPoint.Type: isList ? "a list of numbers" : "a number"
    case is Bool.Type: isList ? "a list of true and false" : "true or false"
    case is String.Type: isList ? "a list of texts" : "a text"
    case is any Collection.Type: "a list"
    case .some(let other): "a value of type \(other)"
    case nil: "a value of another kind"
    }
  }
}

extension JSONValue {
  fileprivate var isList: Bool { if case .array = self { true } else { false } }
}

/// What can be wrong with a `--set` argument.
public enum SettingsError: Error, CustomStringConvertible {
  case notAnAssignment(String)
  case unknownKey(String, known: [String])
  case wrongType(String, value: String, expected: String, current: String)

  /// One line: what is wrong with the argument, and what would be right.
  public var description: String {
    switch self {
    case .notAnAssignment(let text):
      return "--set takes key=value, got '\(text)'"
    case .unknownKey(let key, let known):
      let near = nearest(to: key, among: known)
      return "no setting named '\(key)'; " + (near.isEmpty ? "there are: " : "did you mean: ")
        + (near.isEmpty ? known : near).joined(separator: ", ")
    case .wrongType(let key, let value, let expected, let current):
      return "setting '\(key)' takes \(expected) (as now: \(current)), got '\(value)'"
    }
  }
}
