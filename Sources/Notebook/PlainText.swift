/// Text of unknown origin, such as a title in a stranger's file, made fit to be shown: nothing in it moves the cursor, colours the
/// terminal, sets its title or turns the direction of what follows.
package enum PlainText {
  /// On as many lines as it has. What is neutralised becomes a replacement character or a blank.
  package static func lines(_ text: String) -> String { replaced(text) { $0 == "\n" } }

  /// On one line.
  package static func line(_ text: String) -> String { replaced(text) { _ in false } }

  /// A JSON document, whose strings may hold what its encoder leaves as it is.
  package static func json(_ document: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in document.unicodeScalars {
      if scalar != "\n" && isActive(scalar) {
        let digits = String(scalar.value, radix: 16)
        result.append(contentsOf: "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".unicodeScalars)
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }

  private static func replaced(_ text: String, keeping isKept: (Unicode.Scalar) -> Bool) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if !isActive(scalar) || isKept(scalar) {
        result.append(scalar)
      } else {
        result.append(scalar == "\n" || scalar == "\t" || scalar == "\r" ? " " : "\u{FFFD}")
      }
    }
    return String(result)
  }

  /// Control characters of ASCII and of Latin-1, line and paragraph ends, and what embeds, overrides or isolates a direction. All
  /// below U+10000.
  private static func isActive(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0x061C: true
    default: false
    }
  }
}
