import Foundation
import Tensors

/// A table of numbers as text: a line a row, fields with a separator between them, names in the first line or not.
public struct CSV: Sendable {
  /// The names of the columns; empty when the file has none.
  public var names: [String]
  /// [rows, columns].
  public var values: Tensor<Double>
  /// The file: its name without folders, its rows, its sum.
  public var source: DataSource

  /// Reads a file, plain or gzipped.
  /// - Parameters:
  ///   - hasHeader: whether the first line holds names; nil looks whether a field of it is no number.
  ///   - separator: one ASCII character; a blank stands for any number of blanks and tabs.
  ///   - skipping: lines before the header or the first row that are not looked at.
  ///   - missing: what an empty field counts as; nil makes it an error.
  /// - Throws: ``DataError`` with line and column when the file is missing or something in it is no number.
  public init(
    file: String, hasHeader: Bool? = nil, separator: Character = ",", skipping: Int = 0, missing: Double? = nil
  ) throws {
    guard let separator = separator.asciiValue else { fatalError("CSV: separator '\(separator)' is not ASCII") }
    let data = try DataFolder.contents(of: file)
    var table = try data.withUnsafeBytes { raw in
      var parser = Parser(file: file, reader: NumberReader(raw.assumingMemoryBound(to: UInt8.self)), separator: separator)
      parser.missing = missing
      try parser.parse(hasHeader: hasHeader, skipping: skipping)
      return (names: parser.names, values: parser.values, columns: parser.columns)
    }
    guard table.columns > 0 else { throw DataError(file: file, problem: "has no rows of numbers") }
    let rows = table.values.count / table.columns
    names = table.names
    values = Tensor(shape: [rows, table.columns], table.values)
    table.values = []
    source = DataSource(name: URL(filePath: file).lastPathComponent, count: rows, sha256: sha256(of: data))
  }

  /// The column with this name, [rows]; nil when there is none.
  public subscript(name: String) -> Tensor<Double>? {
    names.firstIndex(of: name).map { column in Tensor((0..<values.shape[0]).map { values[$0, column] }) }
  }

  /// One column as targets, [rows], the others as inputs, [rows, columns - 1].
  /// - Parameter column: counted from the end when it is negative: -1 is the last one.
  public func split<Scalar: RealScalar>(
    target column: Int = -1, as type: Scalar.Type = Scalar.self
  ) -> (inputs: Tensor<Scalar>, targets: Tensor<Scalar>) {
    let (rows, columns) = (values.shape[0], values.shape[1])
    let target = column < 0 ? columns + column : column
    guard (0..<columns).contains(target) else { fatalError("CSV.split: no column \(column) of \(columns)") }
    let all = values.scalars
    let inputs = all.indices.filter { $0 % columns != target }.map { all[$0] }
    let targets = stride(from: target, to: all.count, by: columns).map { all[$0] }
    return (Tensor(rounding: Tensor(shape: [rows, columns - 1], inputs)), Tensor(rounding: Tensor(targets)))
  }
}

extension CSV {
  private struct Parser {
    let file: String
    var reader: NumberReader
    let separator: UInt8
    var missing: Double?
    var names: [String] = []
    var values: [Double] = []
    var columns = 0
    private var line = 1

    init(file: String, reader: NumberReader, separator: UInt8) {
      (self.file, self.reader, self.separator) = (file, reader, separator)
    }

    mutating func parse(hasHeader: Bool?, skipping: Int) throws {
      if reader.bytes.starts(with: [0xEF, 0xBB, 0xBF]) { reader.position = 3 }  // The byte order mark of UTF-8.
      for _ in 0..<skipping { endLine() }
      if hasHeader ?? looksLikeHeader() { readHeader() }
      while reader.next != nil {
        if !isBlankLine() { try readRow() }
        endLine()
      }
    }

    private mutating func endLine() {
      reader.skipLine()
      line += 1
    }

    private func isBlankLine() -> Bool {
      var ahead = reader
      ahead.skipBlanks()
      return ahead.isAtLineEnd
    }

    private func fieldsOfLine() -> [String] {
      var end = reader
      while !end.isAtLineEnd { end.position += 1 }
      let text = String(decoding: reader.bytes[reader.position..<end.position], as: UTF8.self)
      let isBlank = separator == UInt8(ascii: " ")
      let fields = text.split(omittingEmptySubsequences: isBlank) {
        isBlank ? $0 == " " || $0 == "\t" : $0.asciiValue == separator
      }
      return fields.map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " \t\"")) }
    }

    private func looksLikeHeader() -> Bool {
      fieldsOfLine().contains { !$0.isEmpty && Double($0) == nil }
    }

    private mutating func readHeader() {
      names = fieldsOfLine()
      columns = names.count
      endLine()
    }

    private mutating func readRow() throws {
      var column = 0
      while true {
        reader.skipBlanks()
        if column > 0, separator == UInt8(ascii: " "), reader.isAtLineEnd { break }
        if let value = reader.number() {
          values.append(value)
        } else if let missing, reader.isAtLineEnd || reader.next == separator {
          values.append(missing)
        } else {
          throw problem(column)
        }
        column += 1
        let end = reader.position
        reader.skipBlanks()
        if reader.isAtLineEnd { break }
        if separator == UInt8(ascii: " ") || separator == UInt8(ascii: "\t"), reader.position > end { continue }
        guard reader.next == separator else { throw problem(column - 1) }
        reader.position += 1
      }
      if columns == 0 { columns = column }
      guard column == columns else {
        let first = names.isEmpty ? "the first row" : "the header"
        let fields = column == 1 ? "1 column" : "\(column) columns"
        throw DataError(file: file, problem: "line \(line) has \(fields), \(first) has \(columns)")
      }
    }

    /// The field as it stands, for the message.
    private func problem(_ column: Int) -> DataError {
      var ahead = reader
      var start = ahead.position
      let stops: Set<UInt8> = [separator, UInt8(ascii: "\n")]
      while start > 0, !stops.contains(reader.bytes[start - 1]) { start -= 1 }
      while let next = ahead.next, !stops.contains(next), !ahead.isAtLineEnd { ahead.position += 1 }
      let field = String(decoding: reader.bytes[start..<ahead.position].prefix(30), as: UTF8.self)
      let name = column < names.count ? " ('\(names[column].prefix(30))')" : ""
      let what = field.isEmpty ? "is empty" : "is '\(field)'"
      return DataError(file: file, problem: "line \(line), column \(column + 1)\(name) \(what), expected a number")
    }
  }
}
