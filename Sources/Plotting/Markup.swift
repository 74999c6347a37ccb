/// The text of titles, labels and legends.
///
/// Text is plain: braces, underscores, quotes and backslashes appear as written, and Unicode gives Greek and symbols ("γ", "≤",
/// "‖θ‖"). Between dollars `^` and `_` raise and lower the character or braces that follow: "loss $T^{-2}$", "$x_i$"; cairolatex
/// sets that part as maths. A dollar without a partner is a dollar. Titles, labels of axes and ticks, and annotations may have
/// several lines; elsewhere a line's end is a space.
package struct Markup {
  private indirect enum Piece {
    case text(String)
    case raised([Piece])
    case lowered([Piece])
  }
  private typealias Run = (isMath: Bool, pieces: [Piece])
  private let lines: [[Run]]

  package init(_ text: String, keepsLines: Bool = false) {
    let lines = keepsLines ? text.split(whereSeparator: \.isNewline).prefix(12).map(String.init) : [text]
    self.lines = lines.isEmpty ? [[]] : lines.map(Self.runs)
  }

  private static func runs(_ text: String) -> [Run] {
    var parts = plain(text).split(separator: "$", omittingEmptySubsequences: false).map(String.init)
    if parts.count.isMultiple(of: 2), let last = parts.popLast() { parts[parts.count - 1] += "$" + last }
    return parts.enumerated().map { index, part in
      var characters = part[...]
      return index.isMultiple(of: 2) ? (false, [.text(part)]) : (true, Markup.pieces(&characters))
    }
  }

  /// Text without what would end its line or its string in a script, or means more than itself to whoever reads it letter by letter.
  ///
  /// A control character would end the line. gnuplot 5.4 reads a doubled quote at the beginning of a string as an empty string, and
  /// what follows as commands; so an apostrophe becomes the typographic one, and no quote is left to double. And to Swift a quote
  /// with an accent on it is one character, and no quote, while gnuplot and LaTeX read bytes: ASCII signs lose what clings to them.
  package static func plain(_ text: String) -> String {
    var clean = ""
    // Beyond a few lines of a picture nobody can read it, and setting it takes gnuplot minutes.
    for character in text.utf8.count > 1000 ? text.prefix(300) + "…" : text[...] {
      let scalars = character.unicodeScalars
      if scalars.contains(where: isActive) {
        // A blank in its place: what stood on both sides must not become one character.
        clean.append(" ")
      } else if let sign = scalars.first(where: { $0.isASCII && !$0.properties.isAlphabetic && !("0"..."9").contains($0) }) {
        clean.append(sign == "'" ? "’" : Character(sign))
      } else {
        clean.append(character)
      }
    }
    return clean
  }

  /// Control characters, line and paragraph ends, and what turns the direction of the text beside it.
  private static func isActive(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .control || (0x2028...0x202E).contains(scalar.value)
      || (0x2066...0x2069).contains(scalar.value)
  }

  private static func pieces(_ rest: inout Substring, inBraces: Bool = false) -> [Piece] {
    var result: [Piece] = []
    while let character = rest.popFirst() {
      if inBraces, character == "}" { break }
      if character == "^" || character == "_", let next = rest.popFirst() {
        let inner = next == "{" ? pieces(&rest, inBraces: true) : [.text(String(next))]
        result.append(character == "^" ? .raised(inner) : .lowered(inner))
      } else {
        result.append(.text(String(character)))
      }
    }
    return result
  }

  /// Each line in gnuplot's enhanced text.
  private var enhanced: [String] { lines.map { $0.map { Self.enhanced($0.pieces) }.joined() } }

  /// Each line in LaTeX.
  private var latex: [String] {
    lines.map {
      $0.map { $0.isMath ? "$" + Self.latex($0.pieces, inMath: true) + "$" : Self.latex($0.pieces, inMath: false) }.joined()
    }
  }

  /// About how many characters wide the longest line is.
  package var width: Double { lines.map { $0.reduce(0) { $0 + Self.width($1.pieces) } }.max() ?? 0 }

  /// How many lines it has.
  package var lineCount: Int { lines.count }

  /// The text as an expression of the script: in single quotes, where nothing is expanded, a line's end in double quotes by itself;
  /// twice where LaTeX writes it otherwise.
  ///
  /// - Parameter isTick: the labels of ticks pass through a number format, in which a percent sign must be doubled.
  package func quoted(bold: Bool = false, isTick: Bool = false) -> String {
    func quote(_ text: String) -> String {
      let formatted = isTick ? text.replacing("%", with: "%%") : text
      return "'\(formatted)'"
    }
    let screen = bold ? enhanced.map { "{/:Bold \($0)}" } : enhanced
    let print = bold ? latex.map { "\\textbf{\($0)}" } : latex
    if lines.count > 1 {
      // Lines of one height stand on one level beside others.
      let stacked = "\\shortstack{" + print.map { "\\vphantom{bp}" + $0 }.joined(separator: "\\\\") + "}"
      return "(latex ? \(quote(stacked)) : \(screen.map(quote).joined(separator: " . \"\\n\" . ")))"
    }
    return screen == print ? quote(screen[0]) : "(latex ? \(quote(print[0])) : \(quote(screen[0])))"
  }

  private static func enhanced(_ pieces: [Piece]) -> String {
    pieces.map { piece in
      switch piece {
      case .text(let text): text.map { "{}_^@&~\\".contains($0) ? "\\\($0)" : String($0) }.joined()
      case .raised(let inner): "^{\(enhanced(inner))}"
      case .lowered(let inner): "_{\(enhanced(inner))}"
      }
    }.joined()
  }

  private static func latex(_ pieces: [Piece], inMath: Bool) -> String {
    pieces.map { piece in
      switch piece {
      case .text(let text): text.map { LaTeX.text($0, inMath: inMath) }.joined()
      case .raised(let inner): "^{\(latex(inner, inMath: inMath))}"
      case .lowered(let inner): "_{\(latex(inner, inMath: inMath))}"
      }
    }.joined()
  }

  private static func width(_ pieces: [Piece]) -> Double {
    pieces.reduce(0) { sum, piece in
      switch piece {
      case .text(let text): sum + text.reduce(0) { $0 + width($1) }
      case .raised(let inner), .lowered(let inner): sum + 0.8 * width(inner)
      }
    }
  }

  /// The widths of DejaVu Sans, roughly, in units of its mean.
  private static func width(_ character: Character) -> Double {
    if "ijlI.,:;!|’ ".contains(character) { return 0.55 }
    if "ftr()[]/-\"⁰¹²³⁴⁵⁶⁷⁸⁹⁻ᵀₜ".contains(character) { return 0.7 }
    if "mwMW@%—∞".contains(character) { return 1.5 }
    return character.isUppercase || character.isNumber ? 1.12 : 1.04
  }
}
