import Foundation

extension ScriptPanel {
  /// Scales, ranges, ticks and grid.
  var axes: String {
    var lines = axis("x", panel.x, extent.x, xTicks) + axis("y", panel.y, extent.y, yTicks)
    if let y2 = panel.y2, let range = extent.y2, let ticks = y2Ticks {
      lines += axis("y2", y2, range, ticks) + ["set ytics nomirror"]
    }
    for case .heatMap(let grid, let color) in panel.series.map(\.kind) {
      let range = Self.colorRange(grid, color)
      lines += axis("cb", color.axis, range, Ticks(color.axis, "cb", range, length: frame.height))
    }
    // No lines between bars, nor over colours.
    lines.append(isHeatMap ? "unset grid" : isBarChart ? "set grid noxtics ytics" : "set grid xtics ytics")
    return lines.joined(separator: "\n")
  }

  var isHeatMap: Bool { panel.series.contains { if case .heatMap = $0.kind { true } else { false } } }
  var isBarChart: Bool { categories != nil }

  private var categories: [String]? {
    for case .bars(let categories, _) in panel.series.map(\.kind) { return categories }
    return nil
  }

  var xTicks: Ticks {
    guard let categories else { return Ticks(panel.x, "x", extent.x, length: frame.width) }
    return Ticks(categories: categories, room: frame.width / (extent.x.upperBound - extent.x.lowerBound))
  }
  var yTicks: Ticks { Ticks(panel.y, "y", extent.y, length: frame.height) }
  var y2Ticks: Ticks? {
    guard let axis = panel.y2, let range = extent.y2 else { return nil }
    return Ticks(axis, "y2", range, length: frame.height)
  }

  private static func colorRange(_ grid: Grid, _ color: ColorAxis) -> ClosedRange<Double> {
    Extent.range(color.axis, grid.values.values, room: 0)
  }

  private func axis(_ name: String, _ axis: Axis, _ range: ClosedRange<Double>, _ ticks: Ticks) -> [String] {
    var lines: [String] = []
    if !axis.caption.isEmpty, name != "x", name != "y" {
      let text = caption(of: axis, named: name)
      lines.append("set \(name)label \(text.markup)\(text.font)")
    }
    if case .log(let base) = axis.scale { lines.append("set logscale \(name) \(base)") }
    lines.append("set \(name)range [\(Self.end(range.lowerBound)):\(Self.end(range.upperBound))]")
    return lines + ticks.commands
  }

  private static func end(_ value: Double) -> String { Number.text(Double(String(format: "%.6g", value)) ?? value) }
}
