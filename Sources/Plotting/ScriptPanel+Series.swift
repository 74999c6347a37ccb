extension ScriptPanel {
  /// The entries of a series in the plot command.
  func plot(_ series: Series, look: Int, reading data: inout ScriptData) throws -> [String] {
    let type = "linetype \(look % Theme.looks.count + 1)"
    let line =
      "\(type) linewidth \(Number.short(Theme.lineWidth * series.style.width))" + (series.style.isSolid ? " dashtype solid" : "")
    let title = Self.title(series.label)
    let axes = series.usesRightAxis && panel.y2 != nil ? "axes x1y2 " : ""
    if series.isEmpty(in: panel) {
      // The legend still says that it was measured.
      return series.label.isEmpty ? [] : ["keyentry with lines \(line) \(Self.title(series.label + " (no data)"))"]
    }
    switch series.kind {
    case .curve(let x, let y, let marks):
      let from = data.read([x, y], named: series.label)
      return [
        "\(from.using(from.terms[0], from.terms[1])) \(axes)with \(style(marks, line: line, count: y.values.count)) \(title)"
      ]
    case .band(let x, let lower, let upper):
      let from = data.read([x, lower, upper], named: series.label + " band")
      let low = shown(from.terms[1], lower, series)
      return [
        "\(from.using(from.terms[0], low, from.terms[2])) \(axes)with filledcurves \(type) fillstyle transparent solid 0.25 noborder \(title)"
      ]
    case .errorBars(let x, let y, let lower, let upper):
      let from = data.read([x, y, lower, upper], named: series.label)
      let low = shown(from.terms[2], lower, series)
      return [
        "\(from.using(from.terms[0], from.terms[1], low, from.terms[3])) \(axes)with yerrorbars \(line) dashtype solid pointsize dot \(title)"
      ]
    case .bars(_, let groups): return bars(groups, firstLook: look, axes: axes, reading: &data)
    case .histogram(let edges, let counts):
      let middles = zip(edges, edges.dropFirst()).map { ($0 + $1) / 2 }
      let from = data.read([Column(middles), Column(counts)], named: series.label + " histogram")
      let width = edges[1] - edges[0]
      return ["\(from.using("$1", "$2", Number.text(width))) \(axes)with boxes \(type) fillstyle solid 0.6 border \(title)"]
    case .heatMap(let grid, _): return [heatMap(grid, reading: &data)]
    case .contours(let grid, let levels): return contours(grid, levels: levels, series, reading: &data)
    case .guide(let expression, let from, let to):
      guard let range = extent.clipped(from, to) else { return [] }
      // Points of '+', not a function of x: of such a function on the logarithmic axis of a second panel gnuplot 5.4 complains.
      let samples =
        "[\(Number.text(range.lowerBound)):\(Number.text(range.upperBound))] '+' using 1:(\(try expression.checked(of: "$1")))"
      return [
        "\(samples) \(axes)with lines linecolor rgb guide dashtype (4,3) linewidth 1 \(title)"
      ]
    }
  }

  private static func title(_ label: String) -> String {
    label.isEmpty ? "notitle" : "title \(Markup(label).quoted())"
  }

  private func style(_ marks: Series.Marks, line: String, count: Int) -> String {
    switch marks {
    case .line: "lines \(line)"
    case .points: "points \(line) pointsize dot"
    case .steps: "steps \(line)"
    case .linesPoints:
      // Many points would hide their line.
      "linespoints \(line) pointsize dot" + (count > 24 ? " pointinterval \(count / 10)" : "")
    }
  }

  /// A lower end that a log axis cannot show is drawn at the foot of the panel: the band goes on below.
  private func shown(_ term: String, _ column: Column, _ series: Series) -> String {
    guard panel.yAxis(of: series).isLog, column.values.contains(where: { $0 <= 0 }) else { return term }
    let foot = (series.usesRightAxis ? extent.y2 ?? extent.y : extent.y).lowerBound
    return "\(term) > 0 ? \(term) : \(Number.short(foot))"
  }

  private func bars(_ groups: [BarGroup], firstLook: Int, axes: String, reading data: inout ScriptData) -> [String] {
    // Groups that never meet in a category stand in its middle: colours, not neighbours.
    let meet = (groups.first?.values.values ?? []).indices.contains { category in
      groups.count { $0.values.values[category].isFinite } > 1
    }
    let slots = meet ? groups.count : 1
    let width = 0.8 / Double(max(slots, 1))
    return groups.enumerated().flatMap { index, group -> [String] in
      let look = "linetype \((firstLook + index) % Theme.looks.count + 1)"
      let place = meet ? (Double(index) - Double(slots - 1) / 2) * width : 0
      let errors = group.errors.map { [$0.lower, $0.upper] } ?? []
      let from = data.read([group.values] + errors, named: group.label, indexed: true)
      let x = "$1 + \(Number.short(place))"
      var lines = [
        "\(from.using(x, from.terms[1], Number.short(width * 0.92))) \(axes)with boxes \(look) fillstyle solid 0.85 noborder \(Self.title(group.label))"
      ]
      if !errors.isEmpty {
        lines.append(
          "\(from.using(x, from.terms[2], "0", "\(from.terms[3]) - \(from.terms[2])")) \(axes)with vectors nohead "
            + "linecolor rgb frame dashtype solid linewidth 1 notitle")
      }
      return lines
    }
  }
}
