import Foundation

extension ScriptPanel {
  var axes: String {
    var lines = axis("x", panel.x, extent.x) + axis("y", panel.y, extent.y)
    if let y2 = panel.y2, let range = extent.y2 { lines += axis("y2", y2, range) + ["set ytics nomirror"] }
    for case .bars(let categories, _) in panel.series.map(\.kind) {
      let ticks = categories.enumerated().map { "\(Markup($1).quoted(isTick: true)) \($0 + 1)" }
      lines += ["set xtics scale 0 (\(ticks.joined(separator: ", ")))", "set grid noxtics"]
    }
    for case .heatMap(let grid, let color) in panel.series.map(\.kind) {
      lines += axis("cb", color.axis, Extent.range(color.axis, grid.values.values, room: 0)) + ["unset grid"]
    }
    if panel.series.contains(where: { if case .bars = $0.kind { false } else if case .heatMap = $0.kind { false } else { true } }
    ),
      !panel.series.contains(where: { if case .heatMap = $0.kind { true } else if case .bars = $0.kind { true } else { false } })
    {
      lines.append("set grid xtics ytics")
    } else if panel.series.contains(where: { if case .bars = $0.kind { true } else { false } }) {
      lines.append("set grid ytics")
    }
    return lines.joined(separator: "\n")
  }

  private func axis(_ name: String, _ axis: Axis, _ range: ClosedRange<Double>) -> [String] {
    var lines: [String] = []
    if !axis.caption.isEmpty { lines.append("set \(name)label \(Markup(axis.caption).quoted())") }
    if case .log(let base) = axis.scale { lines.append("set logscale \(name) \(base)") }
    lines.append("set \(name)range [\(Self.end(range.lowerBound)):\(Self.end(range.upperBound))]")
    if !axis.ticks.isEmpty {
      let ticks = axis.ticks.map { "\(Markup($0.label).quoted(isTick: true)) \(Number.text($0.value))" }
      lines.append("set \(name)tics (\(ticks.joined(separator: ", ")))")
    } else if case .log(let base) = axis.scale {
      lines += logTicks(name, base: base, range, atMost: mostTicks(name))
    } else {
      lines.append("set \(name)tics \(Number.short(Self.linearStep(range, atMost: mostTicks(name))))")
    }
    return lines
  }

  /// As many labels as stand apart: a label is wider than it is high.
  private func mostTicks(_ name: String) -> Int { max(3, Int(name == "x" ? frame.width / 0.95 : frame.height / 0.75)) }

  /// The least of 1, 2 and 5 times a power of ten that makes at most so many ticks.
  private static func linearStep(_ range: ClosedRange<Double>, atMost: Int) -> Double {
    let least = (range.upperBound - range.lowerBound) / Double(atMost)
    let power = pow(10, log10(least).rounded(.down))
    return ([1, 2, 5].first { $0 * power >= least } ?? 10) * power
  }

  private static func end(_ value: Double) -> String { Number.text(Double(String(format: "%.6g", value)) ?? value) }

  /// Labels at powers of the base, few enough to be read; over less than two powers at 1, 2 and 5 times a power.
  private func logTicks(_ name: String, base: Int, _ range: ClosedRange<Double>, atMost: Int) -> [String] {
    let powers = log(range.upperBound / range.lowerBound) / log(Double(base))
    if base == 10, powers < 2 {
      let first = Int(log10(range.lowerBound).rounded(.down))
      let steps: [Double] = powers < 0.7 ? [1, 1.5, 2, 3, 4, 5, 6, 8] : [1, 2, 5]
      let values = (first...first + 3).flatMap { power in steps.map { $0 * pow(10, Double(power)) } }
        .filter { range.contains($0) }
      if values.count >= 2 {
        let ticks = values.map { "\(String(format: "%.12g", $0))" }
        return ["set format \(name) '%g'", "set \(name)tics (\(ticks.joined(separator: ", ")))"]
      }
    }
    let step = max(1, Int((powers / Double(atMost)).rounded(.up)))
    // gnuplot counts the steps from the end of the range unless it is told a power to begin with.
    let low = Int((log(range.lowerBound) / log(Double(base)) + 1e-9).rounded(.down))
    let first = pow(Double(base), Double(Int((Double(low) / Double(step)).rounded(.down)) * step))
    let exponent = base == 10 ? "10^{%T}" : "\(base)^{%L}"
    return [
      "set format \(name) (latex ? '$\(exponent)$' : '\(exponent)')",
      "set \(name)tics \(Number.text(first)),\(Number.text(pow(Double(base), Double(step))))",
      // Minor ticks between decades only where there is room for nine.
      base == 10 && step == 1 ? "set m\(name)tics 10" : "unset m\(name)tics",
    ]
  }
}
