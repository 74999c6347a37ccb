import Foundation

extension ScriptPanel {
  var axes: String {
    var lines = axis("x", panel.x, extent.x) + axis("y", panel.y, extent.y)
    if let y2 = panel.y2, let range = extent.y2 { lines += axis("y2", y2, range) + ["set ytics nomirror", "set y2tics"] }
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
      lines += logTicks(name, base: base, range, atMost: name == "x" ? 8 : 7)
    }
    return lines
  }

  /// A list, since gnuplot 5.4 never ends when it is to step by 1e10 over a range of 90 decades.
  private func powerTicks(of base: Int, every step: Int, in range: ClosedRange<Double>) -> String {
    let (low, high) = (log(range.lowerBound) / log(Double(base)), log(range.upperBound) / log(Double(base)))
    let exponents = stride(from: Int((low / Double(step)).rounded(.up)) * step, through: Int(high.rounded(.down)), by: step)
    return exponents.map { Number.short(pow(Double(base), Double($0))) }.joined(separator: ", ")
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
    let exponent = base == 10 ? "10^{%T}" : "\(base)^{%L}"
    return [
      "set format \(name) (latex ? '$\(exponent)$' : '\(exponent)')",
      "set \(name)tics \(step == 1 ? "\(base)" : "(\(powerTicks(of: base, every: step, in: range)))")",
      // Minor ticks between decades only where there is room for nine.
      base == 10 && step == 1 ? "set m\(name)tics 10" : "unset m\(name)tics",
    ]
  }
}
