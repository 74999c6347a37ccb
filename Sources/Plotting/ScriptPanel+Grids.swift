extension ScriptPanel {
  /// Cells of one size on linear axes are an image; others are boxes between the midpoints of their neighbours.
  func heatMap(_ grid: Grid, reading data: inout ScriptData) -> String {
    let values = data.array(grid.values, named: "values")
    let column = "(int($1) - 1) % \(grid.columns)"
    let row = "(int($1) - 1) / \(grid.columns)"
    if isEven(grid.x.values, panel.x), isEven(grid.y.values, panel.y) {
      let x = data.array(grid.x, named: "columns")
      let y = data.array(grid.y, named: "rows")
      return "\(values) using (\(x)[1 + \(column)]):(\(y)[1 + \(row)]):2 with image notitle"
    }
    let x = data.literal(Series.edges(grid.x.values, log: panel.x.isLog), named: "column_edges")
    let y = data.literal(Series.edges(grid.y.values, log: panel.y.isLog), named: "row_edges")
    let center = "(\(x)[1 + \(column)]):(\(y)[1 + \(row)])"
    let ends = "(\(x)[1 + \(column)]):(\(x)[2 + \(column)]):(\(y)[1 + \(row)]):(\(y)[2 + \(row)])"
    return "\(values) using \(center):\(ends):2 with boxxyerror fillstyle solid noborder fillcolor palette notitle"
  }

  private func isEven(_ positions: [Double], _ axis: Axis) -> Bool {
    guard !axis.isLog, positions.count > 1 else { return false }
    let step = (positions[positions.count - 1] - positions[0]) / Double(positions.count - 1)
    return zip(positions, positions.dropFirst()).allSatisfy { abs($1 - $0 - step) <= 1e-6 * step }
  }

  /// Level lines are traced into a block before the panel is drawn, since gnuplot finds them only in surfaces.
  func contours(_ grid: Grid, levels: [Double], _ series: Series, reading data: inout ScriptData) -> [String] {
    let finite = grid.values.values.filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max(), grid.rows > 1, grid.columns > 1 else { return [] }
    let crossed = levels.filter { low < $0 && $0 < high }
    guard !crossed.isEmpty else { return [] }
    let values = data.array(grid.values, named: "values")
    let x = data.array(grid.x, named: "columns")
    let y = data.array(grid.y, named: "rows")
    let cells = "$" + data.fresh(values + "_cells")
    let traced = "$" + data.fresh(values + "_contours")
    data.append(
      """
      # Level lines of \(values)
      set print \(cells)
      do for [row=1:\(grid.rows)] {
        do for [col=1:\(grid.columns)] {
          print sprintf('%.17g %.17g %.17g', \(x)[col], \(y)[row], \(values)[\(grid.columns)*(row-1)+col])
        }
        print ''
      }
      unset print
      set contour base; unset surface
      set cntrparam linear levels discrete \(crossed.map(Number.text).joined(separator: ","))
      set table \(traced)
      splot [*:*] [*:*] \(cells) using 1:2:3
      unset table
      unset contour; set surface
      """)
    let isOverMap = panel.series.contains { if case .heatMap = $0.kind { true } else { false } }
    let color = isOverMap ? "'#ffffff'" : "frame"
    let title = series.label.isEmpty ? "notitle" : "title \(Markup(series.label).quoted())"
    // One label to a line, a third of the grid in from its start.
    let at = max(grid.rows, grid.columns) / 3
    return [
      "\(traced) using 1:2 with lines linecolor rgb \(color) linewidth 0.8 dashtype solid \(title)",
      "\(traced) using 1:2:(sprintf('%g', $3)) every 100000::\(at) with labels textcolor rgb \(color) font small notitle",
    ]
  }
}
