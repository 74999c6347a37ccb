import Foundation
import Notebook

/// Text of papers, claims and doc comments as HTML: escaped, with its formulas set.
///
/// A part between dollars is MathML, by the rules of the figures' labels: `^` and `_` raise and lower the character or braces that
/// follow. Elsewhere names of Greek letters, `<=`, `>=`, `+-` and indices such as `x_{k+1}` or `lambda_max` are set as a person
/// would write them; text between backquotes stays as it is, and `**text**` is strong.
package enum Typesetting {
  /// One paragraph.
  package static func html(_ text: String) -> String {
    text.split(separator: "`", omittingEmptySubsequences: false).enumerated().map { index, part in
      index.isMultiple(of: 2) ? withMaths(String(part)) : "<code>\(escaped(part))</code>"
    }.joined()
  }

  /// Paragraphs, and lists of lines that begin with a hyphen, of a doc comment.
  package static func blocks(_ text: String) -> String {
    var html = ""
    // A strong word at the beginning of a line begins a paragraph.
    for block in text.replacing("\n**", with: "\n\n**").split(separator: /\n[ \t]*\n/) {
      let lines = block.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
      if lines.first?.hasPrefix("- ") == true {
        var items: [String] = []
        for line in lines {
          if line.hasPrefix("- ") { items.append(String(line.dropFirst(2))) } else { items[items.count - 1] += " " + line }
        }
        html += "<ul>" + items.map { "<li>\(Self.html($0))</li>" }.joined() + "</ul>\n"
      } else {
        html += "<p>\(Self.html(lines.joined(separator: " ")))</p>\n"
      }
    }
    return html
  }

  /// By code points: to Swift a `<` with an accent on it is another character, to a browser it begins a tag. Control characters
  /// and what turns the direction of the text around it have no business in a page.
  static func escaped(_ text: some StringProtocol) -> String {
    var html = ""
    for scalar in PlainText.lines(String(text)).unicodeScalars {
      switch scalar {
      case "&": html += "&amp;"
      case "<": html += "&lt;"
      case ">": html += "&gt;"
      case "\"": html += "&quot;"
      case "'": html += "&#39;"
      default: html.unicodeScalars.append(scalar)
      }
    }
    return html
  }

  private static func withMaths(_ text: String) -> String {
    var parts = text.split(separator: "$", omittingEmptySubsequences: false).map(String.init)
    if parts.count.isMultiple(of: 2), let last = parts.popLast() { parts[parts.count - 1] += "$" + last }
    return parts.enumerated().map { $0.isMultiple(of: 2) ? prose($1) : MathML.formula($1) }.joined()
  }

  private static let greek = [
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eps": "ε", "zeta": "ζ", "eta": "η", "theta": "θ",
    "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ",
    "chi": "χ", "psi": "ψ", "omega": "ω", "Delta": "Δ", "Sigma": "Σ", "Omega": "Ω", "Lambda": "Λ",
  ]

  private static func prose(_ text: String) -> String {
    escaped(text.replacing("<=", with: "≤").replacing(">=", with: "≥").replacing("+-", with: "±"))
      // A name alone, or with an index: "eta", "lambda_max", "x_{k+1}", "w_1^2".
      .replacing(
        /(^|[^A-Za-z0-9_.\-])([A-Za-z]+)(?:_(\{[^{}]*\}|[A-Za-z0-9*]+))?(?:\^(\{[^{}]*\}|-?[A-Za-z0-9*]+))?(?![A-Za-z0-9_(])/
      ) {
        let name = String($0.2)
        let letter = greek[name] ?? (name.count == 1 ? name : nil)
        guard let letter, greek[name] != nil || $0.3 != nil || $0.4 != nil else { return String($0.0) }
        return "\($0.1)<i>\(letter)</i>" + script($0.3, "sub") + script($0.4, "sup")
      }
      .replacing(/\*\*([^*]+)\*\*/) { "<strong>\($0.1)</strong>" }
  }

  private static func script(_ text: Substring?, _ tag: String) -> String {
    guard let text else { return "" }
    let inner = text.hasPrefix("{") ? text.dropFirst().dropLast() : text
    return "<\(tag)>\(greek[String(inner)] ?? String(inner))</\(tag)>"
  }
}

/// A formula between dollars as MathML, which browsers set without help.
enum MathML {
  static func formula(_ text: String) -> String {
    var rest = text[...]
    return "<math>\(row(&rest, inBraces: false))</math>"
  }

  private static func row(_ rest: inout Substring, inBraces: Bool) -> String {
    var atoms: [String] = []
    while let character = rest.popFirst() {
      if inBraces, character == "}" { break }
      if character == "^" || character == "_" {
        let script = atom(&rest)
        let base = atoms.popLast() ?? "<mrow></mrow>"
        let tag = character == "^" ? "msup" : "msub"
        atoms.append("<\(tag)>\(base)\(script)</\(tag)>")
      } else {
        atoms.append(token(character, &rest))
      }
    }
    return "<mrow>\(atoms.joined())</mrow>"
  }

  private static func atom(_ rest: inout Substring) -> String {
    guard let character = rest.popFirst() else { return "<mrow></mrow>" }
    return character == "{" ? row(&rest, inBraces: true) : token(character, &rest)
  }

  /// A number whole, a letter, or an operator.
  private static func token(_ character: Character, _ rest: inout Substring) -> String {
    if character.isNumber, character.isASCII {
      var number = String(character)
      while let next = rest.first, next.isASCII, next.isNumber || next == "." { number.append(rest.removeFirst()) }
      return "<mn>\(number)</mn>"
    }
    if character.isLetter { return "<mi>\(Typesetting.escaped(String(character)))</mi>" }
    if character.isWhitespace { return "" }
    return "<mo>\(Typesetting.escaped(String(character)))</mo>"
  }
}
