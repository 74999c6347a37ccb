import Foundation
import Plotting

/// Curves drawn with characters, by gnuplot's dumb terminal.
struct TerminalPlot {
  var title: String
  var xLabel: String
  var x: [Double]
  /// One curve each, as long as `x`.
  var series: [[Double]]

  /// - Parameters:
  ///   - width: characters of a line.
  ///   - height: lines.
  /// - Throws: PlottingError when gnuplot cannot be started or draws nothing.
  func text(width: Int, height: Int = 20) throws -> String {
    let positive = series.joined().filter { $0.isFinite && $0 > 0 }
    let isLogarithmic =
      positive.count == series.joined().count { $0.isFinite } && (positive.max() ?? 1) / (positive.min() ?? 1) > 1000
    var lines = [
      "set terminal dumb size \(max(40, width)),\(height) noenhanced", "set title '\(Markup.plain(title))'",
      "set xlabel '\(Markup.plain(xLabel))'", "unset key", "set datafile missing 'nan'", "set tics nomirror",
    ]
    if isLogarithmic { lines += ["set logscale y", "set format y '1e%T'"] }
    // Of a column of equal numbers gnuplot complains that its range is empty.
    let finite = series.joined().filter(\.isFinite)
    if let low = finite.min(), low == finite.max() {
      lines.append("set yrange [\(low - max(1, abs(low)) / 2):\(low + max(1, abs(low)) / 2)]")
    }
    if let low = x.min(), low == x.max() { lines.append("set xrange [\(low - 1):\(low + 1)]") }
    lines.append("plot " + series.indices.map { _ in "'-' using 1:2 with lines" }.joined(separator: ", "))
    for values in series {
      lines += zip(x, values).map { "\($0) \($1.isFinite ? "\($1)" : "nan")" } + ["e"]
    }
    return try Renderer().characters(of: lines.joined(separator: "\n") + "\n")
  }
}
