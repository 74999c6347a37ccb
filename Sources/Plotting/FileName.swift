/// Names of files as gnuplot's strings and the shell's words, whatever they hold: quotes, blanks, ampersands, other scripts.
package enum FileName {
  /// - Throws: PlottingError for a name that no script can hold: an empty one, or one with control characters, a line's end say.
  static func check(_ name: String) throws {
    let hasControl = name.unicodeScalars.contains { $0.properties.generalCategory == .control }
    guard !name.isEmpty, !hasControl else {
      throw PlottingError(
        "the file name '\(name)' will not do in a script: it is empty or holds control characters; rename the file")
    }
  }

  /// The name of a figure, which is part of several files' names.
  static func checkPlain(_ name: String) throws {
    let isPlain = name.unicodeScalars.allSatisfy {
      $0.properties.isAlphabetic || ("0"..."9").contains($0) || "._-+=,@%".unicodeScalars.contains($0)
    }
    guard isPlain, !name.isEmpty, !name.hasPrefix("-") else {
      throw PlottingError("the figure's name '\(name)' will not do as a file's: use letters, digits and . _ - + = , @ % only")
    }
  }

  /// The path such that nothing takes it for anything else: gnuplot reads `plot '<x'` and `set output '|x'` as commands to run,
  /// `'-'` and `'+'` as data of its own, and a `~` as somebody's home; programs take a hyphen for the begin of an option.
  static func path(_ name: String) -> String {
    guard let first = name.unicodeScalars.first else { return name }
    let isPlain = first.properties.isAlphabetic || ("0"..."9").contains(first) || first == "/" || first == "." || first == "_"
    return isPlain ? name : "./" + name
  }

  /// An expression of gnuplot's with this value. In single quotes nothing is expanded but `@name`, after an `if`; gnuplot 5.4 misreads
  /// doubled quotes at the beginning of a string and beside each other. So each of these stands in a string of its own.
  static func gnuplotString(_ text: String) -> String {
    let others = [UInt8(ascii: "'"): "\"'\"", UInt8(ascii: "@"): "\"\\100\""]
    var (parts, rest) = ([String](), text.utf8[...])
    while let place = rest.firstIndex(where: { others[$0] != nil }) {
      parts += ["'\(Substring(rest[..<place]))'", others[rest[place], default: ""]]
      rest = rest[rest.index(after: place)...]
    }
    return (parts + ["'\(Substring(rest))'"]).joined(separator: " . ")
  }

  /// A word of the shell's with this value; as it is where that means itself.
  package static func shellWord(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 32) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || "/._-+=,@%".utf8.contains(byte)
    }
    return isPlain && !text.isEmpty ? text : shellQuoted(text)
  }

  /// The same, always in quotes.
  static func shellQuoted(_ text: String) -> String {
    "'"
      + text.utf8.split(separator: UInt8(ascii: "'"), omittingEmptySubsequences: false).map { String(Substring($0)) }
      .joined(separator: "'\\''") + "'"
  }
}
