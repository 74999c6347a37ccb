import Foundation

/// How numbers are written in scripts.
package enum Number {
  /// The shortest text that reads back as the same number, always a fraction, since gnuplot divides whole numbers without a rest.
  package static func text(_ value: Double) -> String {
    guard value.isFinite else { return "NaN" }
    return value.description
  }

  /// 17 significant digits for data. An infinity is drawn as a gap, like NaN.
  package static func data(_ value: Double) -> String {
    value.isFinite ? String(format: "%.17g", value) : "NaN"
  }

  /// Few digits, for positions that only the eye needs.
  package static func short(_ value: Double) -> String { String(format: "%.4g", value) }
}
