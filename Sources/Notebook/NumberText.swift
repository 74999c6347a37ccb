import Foundation

extension Double {
  /// At most four significant digits, as a person would write them: "0.85", "1e-24", "2000".
  public var brief: String { isNaN ? "nan" : String(format: "%.4g", self) }  // A NaN has a sign, which says nothing.

  /// As labels in figures have it: "10⁴", "−10³", "10⁻²" for powers of ten from the second on, and ``brief`` for other numbers.
  public var powerOfTen: String {
    let exponent = Foundation.log10(abs(self))
    guard exponent.isFinite, exponent == exponent.rounded(), abs(exponent) >= 2 else { return brief }
    let digits = String(Int(abs(exponent))).compactMap(\.wholeNumberValue).map { Array("⁰¹²³⁴⁵⁶⁷⁸⁹")[$0] }
    return (self < 0 ? "−10" : "10") + (exponent < 0 ? "⁻" : "") + String(digits)
  }

  /// Of seconds: "0.4 s", "38 s", "12 min", "3.5 h".
  public var asDuration: String {
    switch self {
    case ..<9.95: String(format: "%.1f s", self)
    case ..<120: "\(Int(rounded())) s"
    case ..<7200: "\(Int((self / 60).rounded())) min"
    default: String(format: "%.1f h", self / 3600)
    }
  }
}
