/// The numbers of a figure's series as comma-separated values: one row a point, for other programs to plot.
///
/// The columns are panel (from 1), series, kind, x, y, lower, upper. A heat map has its values in y's place and its second axis in
/// lower's, and says so by its kind. Guides, which are formulas, are left out.
public struct SeriesTable: Sendable {
  /// The table, its header first; ends with a line's end.
  public let csv: String

  /// The table of `figure`.
  public init(_ figure: Figure) {
    var lines = ["panel,series,kind,x,y,lower,upper"]
    for (panel, content) in figure.panels.enumerated() {
      for series in content.series {
        for row in Self.rows(of: series) {
          let numbers = [row.x, row.y, row.lower, row.upper].map { $0 ?? "" }
          lines.append((["\(panel + 1)", Self.quoted(row.label ?? series.label), row.kind] + numbers).joined(separator: ","))
        }
      }
    }
    csv = lines.joined(separator: "\n") + "\n"
  }

  private struct Row {
    var kind: String
    /// Where it is not the series' own.
    var label: String?
    var x, y, lower, upper: String?
  }

  private static func rows(of series: Series) -> [Row] {
    func number(_ value: Double) -> String { "\(value)" }
    switch series.kind {
    case .curve(let x, let y, _):
      return zip(x.values, y.values).map { Row(kind: "curve", x: number($0), y: number($1)) }
    case .band(let x, let lower, let upper):
      return x.values.indices.map {
        Row(kind: "band", x: number(x.values[$0]), lower: number(lower.values[$0]), upper: number(upper.values[$0]))
      }
    case .errorBars(let x, let y, let lower, let upper):
      return x.values.indices.map {
        Row(
          kind: "error bars", x: number(x.values[$0]), y: number(y.values[$0]), lower: number(lower.values[$0]),
          upper: number(upper.values[$0]))
      }
    case .bars(let categories, let groups):
      return groups.flatMap { group in
        zip(categories.indices, group.values.values).map { place, value in
          Row(
            kind: "bar", label: group.label, x: quoted(categories[place]), y: number(value),
            lower: group.errors.map { number($0.lower.values[place]) }, upper: group.errors.map { number($0.upper.values[place]) }
          )
        }
      }
    case .histogram(let edges, let counts):
      return counts.indices.map { place in
        Row(
          kind: "histogram", x: number((edges[place] + edges[place + 1]) / 2), y: number(counts[place]),
          lower: number(edges[place]),
          upper: number(edges[place + 1]))
      }
    case .heatMap(let grid, _): return rows(of: grid, kind: "heat map")
    case .contours(let grid, _): return rows(of: grid, kind: "contours")
    case .guide: return []
    }
  }

  private static func rows(of grid: Grid, kind: String) -> [Row] {
    grid.y.values.indices.flatMap { row in
      grid.x.values.indices.map { column in
        Row(
          kind: kind, x: "\(grid.x.values[column])", y: "\(grid.values.values[row * grid.x.values.count + column])",
          lower: "\(grid.y.values[row])")
      }
    }
  }

  private static func quoted(_ text: String) -> String {
    let plain = text.split(whereSeparator: \.isNewline).joined(separator: " ")
    // By bytes: with an accent on it a quote is another character to Swift, and the same to whoever reads the file.
    guard plain.utf8.contains(where: { ",\"".utf8.contains($0) }) else { return plain }
    let parts = plain.utf8.split(separator: UInt8(ascii: "\""), omittingEmptySubsequences: false).map { String(Substring($0)) }
    return "\"" + parts.joined(separator: "\"\"") + "\""
  }
}
