import Foundation

/// A JSON document as a value: what settings are while keys are looked up and replaced by name.
package enum JSONValue: Codable, Sendable, Equatable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int.self) {
      self = .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }

  package init(_ value: some Encodable) throws {
    self = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(value))
  }

  package init(parsing text: String) throws { self = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)) }

  /// The same text for the same value: sorted keys.
  package func text(pretty: Bool = false) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting =
      pretty ? [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes] : [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  /// The value as `--set` takes it: JSON, but a text without its quotes.
  package var argument: String {
    // Encoding a JSON value cannot fail.
    if case .string(let text) = self { text } else { (try? text()) ?? "" }
  }

  /// Every value that is not an object, under its dotted path: "problem.rows".
  package var leaves: [String: JSONValue] {
    guard case .object(let members) = self else { return ["": self] }
    var found: [String: JSONValue] = [:]
    for (key, value) in members {
      for (path, leaf) in value.leaves { found[path.isEmpty ? key : "\(key).\(path)"] = leaf }
    }
    return found
  }

  /// This value with the leaf at `path` replaced; unchanged where there is no such path.
  package func replacing(_ path: ArraySlice<String>, with leaf: JSONValue) -> JSONValue {
    guard let key = path.first else { return leaf }
    guard case .object(var members) = self, let member = members[key] else { return self }
    members[key] = member.replacing(path.dropFirst(), with: leaf)
    return .object(members)
  }
}
