import Foundation
import Notebook

/// Lines up columns of text for a terminal.
struct TextTable {
  var header: [String]
  var rows: [[String]]

  /// Every cell is one line, whatever a file says.
  init(header: [String], rows: [[String]]) {
    self.header = header
    self.rows = rows.map { $0.map(PlainText.line) }
  }

  /// - Parameter width: lines end here; the widest column gives way.
  func text(width: Int? = nil) -> String {
    let all = [header] + rows
    var widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    if let width {
      let excess = widths.reduce(0, +) + 2 * (widths.count - 1) - width
      if excess > 0, let widest = widths.indices.max(by: { widths[$0] < widths[$1] }) {
        widths[widest] = max(12, widths[widest] - excess)
      }
    }
    return all.map { row in
      row.indices.map { column in
        let cell = row[column].count > widths[column] ? row[column].prefix(widths[column] - 3) + "..." : row[column][...]
        let isLast = column == row.count - 1
        return isLast ? String(cell) : cell.padding(toLength: widths[column], withPad: " ", startingAt: 0)
      }
      .joined(separator: "  ")
    }
    .joined(separator: "\n")
  }
}

enum Console {
  /// Columns of the terminal on standard output; nil when it is not one.
  static var width: Int? {
    var size = winsize()
    guard isatty(STDOUT_FILENO) == 1, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// Prints text that may hold what a file says: what a terminal would obey comes out as text.
  static func print(_ text: String) { StandardStream.output.write(PlainText.lines(text) + "\n") }

  static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return PlainText.json(String(decoding: try encoder.encode(value), as: UTF8.self))
  }
}
