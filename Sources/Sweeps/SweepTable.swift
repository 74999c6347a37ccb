import Foundation
import Notebook

/// All points of a sweep as rows: settings, seed, state, seconds, what each claim measured, file.
public struct SweepTable {
  /// One cell.
  public enum Cell: Equatable, Comparable {
    case number(Double)
    case text(String)

    /// Numbers by size, then those that are missing, then texts.
    public static func < (a: Cell, b: Cell) -> Bool {
      switch (a, b) {
      case (.number(let a), .number(let b)): a < b || b.isNaN && !a.isNaN
      case (.text(let a), .text(let b)): a < b
      case (.number, .text): true
      case (.text, .number): false
      }
    }

    /// As CSV has it: all digits, nothing for what is missing.
    public var text: String {
      switch self {
      case .number(let value): value.isNaN ? "" : value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
      case .text(let text): text
      }
    }
  }

  /// The names of the columns.
  public let header: [String]
  /// One for each point.
  public private(set) var rows: [[Cell]]

  /// The table of a survey, in the order of the points.
  public init(_ survey: SweepSurvey) {
    let axes = survey.points.sweep.axes
    header = axes.map(\.key) + ["seed", "state", "seconds"] + survey.claims.map(\.name) + ["file"]
    rows = survey.rows.map { row in
      let settings = survey.points.combinations[row.point.combination].values.map { value in
        switch value {
        case .integer(let number): Cell.number(Double(number))
        case .number(let number): Cell.number(number)
        default: Cell.text(value.argument)
        }
      }
      let claims = survey.claims.map { Cell.number(row.measured[$0.name] ?? .nan) }
      return settings + [.number(Double(row.point.seed)), .text("\(row.state)"), .number(row.seconds)] + claims
        + [.text(survey.files.folders.resultsFile(row.point.identity))]
    }
  }

  /// Orders the rows by a column, rows that are equal there as before; "-" in front of its name reverses.
  /// - Throws: ``SweepError`` when there is no such column.
  public mutating func sort(by name: String) throws {
    let isReversed = name.hasPrefix("-")
    guard let column = header.firstIndex(of: isReversed ? String(name.dropFirst()) : name) else {
      throw SweepError("there is no column '\(name)'; there are: \(header.joined(separator: ", "))")
    }
    let places = rows.indices.sorted { a, b in
      let (x, y) = (rows[a][column], rows[b][column])
      return x == y || !(x < y) && !(y < x) ? a < b : isReversed ? y < x : x < y
    }
    rows = places.map { rows[$0] }
  }

  /// Comma-separated values, the header first.
  public var csv: String {
    func quoted(_ text: String) -> String {
      text.contains { ",\"\n".contains($0) } ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
    }
    return ([header] + rows.map { $0.map(\.text) }).map { $0.map(quoted).joined(separator: ",") + "\n" }.joined()
  }

  /// A list of objects; null for what is missing.
  public var json: String {
    get throws {
      let objects = rows.map { row in
        JSONValue.object(
          Dictionary(
            uniqueKeysWithValues: zip(header, row).map { name, cell in
              switch cell {
              case .number(let value): (name, value.isFinite ? .number(value) : .null)
              case .text(let text): (name, .string(text))
              }
            }))
      }
      return try JSONValue.array(objects).text(pretty: true)
    }
  }
}
