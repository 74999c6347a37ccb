import Foundation

/// A function of x in gnuplot's notation: numbers (nan and inf among them), x, pi, + - * / **, parentheses, and the functions of ``functions``.
///
/// It is parsed before it reaches a script, so that nothing but arithmetic can stand there, and evaluated where the legend needs to
/// know what is behind it. A whole number is written as a fraction, since gnuplot's 1/2 is 0: "1/2" here is 0.5 in the script too.
package struct Expression: Sendable {
  /// The functions that a guide may call, each of one argument.
  package static let functions: [String: @Sendable (Double) -> Double] = [
    "abs": { abs($0) }, "acos": { acos($0) }, "asin": { asin($0) }, "atan": { atan($0) }, "ceil": { $0.rounded(.up) },
    "cos": { cos($0) }, "cosh": { cosh($0) }, "erf": { erf($0) }, "erfc": { erfc($0) }, "exp": { exp($0) },
    "floor": { $0.rounded(.down) }, "lgamma": { lgamma($0) }, "log": { log($0) }, "log10": { log10($0) },
    "sin": { sin($0) }, "sinh": { sinh($0) }, "sqrt": { $0.squareRoot() }, "tan": { tan($0) }, "tanh": { tanh($0) },
  ]

  /// What the author wrote.
  package let text: String

  package init(_ text: String) { self.text = text }

  /// The expression as gnuplot reads it, every number with a decimal point, of what `variable` stands for.
  package func checked(of variable: String = "x") throws -> String {
    var parser = Parser(text, variable: variable)
    return try parser.parse().script
  }

  /// The value at `x`; NaN when the text is no expression.
  package func callAsFunction(_ x: Double) -> Double {
    var parser = Parser(text, variable: "x")
    return (try? parser.parse().value(x)) ?? .nan
  }

  private struct Node {
    var script: String
    var value: (Double) -> Double
  }

  /// Recursive descent over sum, product, sign, power, atom: gnuplot's own precedence.
  private struct Parser {
    let text: String
    let variable: String
    var rest: Substring

    init(_ text: String, variable: String) {
      self.text = text
      self.variable = variable
      rest = text[...]
    }

    mutating func parse() throws -> Node {
      let node = try sum()
      guard rest.drop(while: { $0 == " " }).isEmpty else { throw unexpected() }
      return node
    }

    mutating func take(_ token: String) -> Bool {
      rest = rest.drop { $0 == " " }
      // A lone * must not eat half of **.
      guard rest.hasPrefix(token), token != "*" || !rest.hasPrefix("**") else { return false }
      rest.removeFirst(token.count)
      return true
    }

    mutating func sum() throws -> Node {
      var left = try product()
      while true {
        let l = left
        if take("+") {
          let r = try product()
          left = Node(script: "\(l.script) + \(r.script)") { l.value($0) + r.value($0) }
        } else if take("-") {
          let r = try product()
          left = Node(script: "\(l.script) - \(r.script)") { l.value($0) - r.value($0) }
        } else {
          return left
        }
      }
    }

    mutating func product() throws -> Node {
      var left = try signed()
      while true {
        let l = left
        if take("*") {
          let r = try signed()
          left = Node(script: "\(l.script)*\(r.script)") { l.value($0) * r.value($0) }
        } else if take("/") {
          let r = try signed()
          left = Node(script: "\(l.script)/\(r.script)") { l.value($0) / r.value($0) }
        } else {
          return left
        }
      }
    }

    mutating func signed() throws -> Node {
      guard take("-") else { return try power() }
      let operand = try signed()
      return Node(script: "-\(operand.script)") { -operand.value($0) }
    }

    mutating func power() throws -> Node {
      let base = try atom()
      guard take("**") else { return base }
      let exponent = try signed()
      return Node(script: "\(base.script)**\(exponent.script)") { pow(base.value($0), exponent.value($0)) }
    }

    mutating func atom() throws -> Node {
      if take("(") {
        let inner = try sum()
        guard take(")") else { throw unexpected() }
        return Node(script: "(\(inner.script))", value: inner.value)
      }
      let name = String(rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber) })
      if name == "x" || name == "pi" {
        rest.removeFirst(name.count)
        return name == "x" ? Node(script: variable) { $0 } : Node(script: name) { _ in .pi }
      }
      if name == "nan" || name == "inf" {
        // A fit that failed: its guide is nowhere, and its figure still drawn.
        rest.removeFirst(name.count)
        return Node(script: "NaN") { _ in .nan }
      }
      if let function = Expression.functions[name] {
        rest.removeFirst(name.count)
        guard take("(") else { throw unexpected() }
        let argument = try sum()
        guard take(")") else { throw unexpected() }
        return Node(script: "\(name)(\(argument.script))") { function(argument.value($0)) }
      }
      return try number()
    }

    mutating func number() throws -> Node {
      guard let match = rest.prefixMatch(of: /[0-9]*\.?[0-9]*(?:[eE][+-]?[0-9]+)?/), let value = Double(match.output)
      else { throw unexpected() }
      rest.removeFirst(match.output.count)
      return Node(script: Number.text(value)) { _ in value }
    }

    func unexpected() -> PlottingError {
      PlottingError(
        "the guide '\(text)' cannot be read at '\(rest.prefix(12))': it may hold numbers, x, pi, + - * / **, parentheses and "
          + Expression.functions.keys.sorted().joined(separator: ", "))
    }
  }
}
