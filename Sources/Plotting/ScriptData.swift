/// The data section of a script: arrays loaded out of the results file, and blocks of numbers for what is not in it.
struct ScriptData {
  /// What a plot command reads: the name after `plot`, and for each column how `using` says it.
  struct Reference {
    var name: String
    var terms: [String]
    func using(_ terms: String...) -> String { "\(name) using " + terms.map { "(\($0))" }.joined(separator: ":") }
  }

  let results: ResultsFile?
  private(set) var blocks: [String] = []
  private var arrays: [FileSlice: String] = [:]
  private var names = ScriptData.reserved

  init(results: ResultsFile?) { self.results = results }

  var text: String { blocks.joined(separator: "\n") }

  /// Variables of ours and of gnuplot: an array named like a dummy variable stops the script.
  private static let reserved = Set([
    "x", "y", "z", "t", "u", "v", "r", "pi", "NaN", "I", "i", "j", "row", "col", "results", "size", "terminal", "output", "width",
    "height", "driver", "latex", "small", "dot", "points", "panel_width", "panel_height",
    "left", "right", "bottom", "top", "sample", "pad", "lift",
  ]).union(Expression.functions.keys)

  /// The columns as one reference: arrays when all of them lie in the results file, otherwise a block with a column for each.
  /// A block begins with `index`, the position from 1, when the series is drawn over categories.
  mutating func read(_ columns: [Column], named label: String, indexed: Bool = false) -> Reference {
    if columns.allSatisfy(isInFile) {
      let names = columns.map { array($0, named: label) }
      return Reference(name: names[names.count - 1], terms: (indexed ? ["$1"] : []) + names.map { "\($0)[$1]" })
    }
    let name = "$" + fresh(label.isEmpty ? "series" : label)
    let count = columns.first?.values.count ?? 0
    let rows = (0..<count).map { row in
      ((indexed ? ["\(row + 1)"] : []) + columns.map { Number.data($0.values[row]) }).joined(separator: " ")
    }
    blocks.append("\(name) << EOD\n" + rows.joined(separator: "\n") + "\nEOD")
    return Reference(name: name, terms: (0..<columns.count + (indexed ? 1 : 0)).map { "$\($0 + 1)" })
  }

  /// The column as an array, loaded from the file or written out.
  mutating func array(_ column: Column, named label: String) -> String {
    guard let slice = column.source, isInFile(column) else { return literal(column.values, named: label) }
    if let known = arrays[slice] { return known }
    let name = fresh(slice.dataset.split(separator: "/").last.map(String.init) ?? label)
    arrays[slice] = name
    let size = slice.scalar.size
    // Leading scalars are skipped by the offset, so the last record ends with ours, within the file.
    let before = slice.component > 0 ? "%*\(slice.component)\(slice.scalar.rawValue)" : ""
    let rest = slice.stride - slice.component - 1
    let after = rest > 0 ? "%*\(rest)\(slice.scalar.rawValue)" : ""
    let which = slice.stride > 1 ? ", number \(slice.component) of each \(slice.stride)" : ""
    blocks.append(
      """
      # \(Markup.plain(slice.dataset).replacing("\\", with: " "))\(which): \(slice.count) x \(slice.scalar.rawValue), \(slice.stride * size) bytes apart
      array \(name)[\(slice.count)]
      set table '/dev/null'
      plot results binary skip=\(slice.byteOffset) record=\(slice.count) endian=little \
      format='\(before)%\(slice.scalar.rawValue)\(after)' using (\(name)[int($0)+1]=$1)
      unset table
      """)
    return name
  }

  /// An array with its numbers written out, six to a line.
  mutating func literal(_ values: [Double], named label: String) -> String {
    let name = fresh(label)
    let lines = stride(from: 0, to: values.count, by: 6).map { start in
      values[start..<min(start + 6, values.count)].map(Number.data).joined(separator: ", ")
    }
    blocks.append("array \(name)[\(values.count)] = [ \\\n  " + lines.joined(separator: ", \\\n  ") + "]")
    return name
  }

  mutating func append(_ block: String) { blocks.append(block) }

  /// A name for gnuplot that no other array has, made from `label`.
  mutating func fresh(_ label: String) -> String {
    var stem = String(label.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    while stem.contains("__") { stem = stem.replacing("__", with: "_") }
    stem = String(stem.drop { $0 == "_" }.prefix(32))
    while stem.hasSuffix("_") { stem.removeLast() }
    if stem.first?.isLetter != true || stem.hasPrefix("GPVAL") { stem = "data" + (stem.isEmpty ? "" : "_" + stem) }
    var name = stem
    var number = 2
    while names.contains(name) {
      name = "\(stem)_\(number)"
      number += 1
    }
    names.insert(name)
    return name
  }

  private func isInFile(_ column: Column) -> Bool {
    guard let source = column.source, let results else { return false }
    return source.file == results.path
  }
}
