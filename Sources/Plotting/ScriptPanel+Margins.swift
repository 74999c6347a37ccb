import Foundation

/// The room around a frame for what stands outside it, in centimetres.
struct Margins {
  var left = 1.6
  var right = 0.3
  var bottom = 1.2
  var top = 0.7
}

/// The margins are settled here, not left to gnuplot: it counts characters where it should measure, differently in each terminal.
extension ScriptPanel {
  /// The size of the frame around the data in centimetres.
  var frame: (width: Double, height: Double) {
    (figure.panelWidth - margins.left - margins.right, figure.panelHeight - margins.bottom - margins.top)
  }

  /// The panels with their frames in line: one foot and top for each row, one left and right for each column.
  static func aligned(_ panels: [ScriptPanel], columns: Int) -> [ScriptPanel] {
    panels.indices.map { index in
      var panel = panels[index]
      let row = panels.indices.filter { $0 / columns == index / columns }.map { panels[$0].margins }
      let column = panels.indices.filter { $0 % columns == index % columns }.map { panels[$0].margins }
      panel.margins = Margins(
        left: column.map(\.left).max() ?? 0, right: column.map(\.right).max() ?? 0, bottom: row.map(\.bottom).max() ?? 0,
        top: row.map(\.top).max() ?? 0)
      panel.below = legend(below: panels, index, columns: columns)
      panel.place = (index % columns, figureRows(panels.count, columns) - 1 - index / columns)
      return panel
    }
  }

  /// Panels of one row with the same series need their names once.
  private static func legend(below panels: [ScriptPanel], _ index: Int, columns: Int) -> LegendBelow {
    let owners = panels.indices.filter { panels[$0].hasLegendBelow }
    guard let first = owners.first else { return LegendBelow() }
    func entries(_ panel: ScriptPanel) -> [String] { panel.looks().map { "\($1) \($0.label)" } + panel.labels }
    let isShared =
      owners.count > 1 && panels.count <= columns && owners.allSatisfy { entries(panels[$0]) == entries(panels[first]) }
    let height = owners.map { panels[$0].sizeBelow(isShared: isShared).height }.max() ?? 0
    return LegendBelow(room: height, isShared: isShared, isElsewhere: isShared && index != first)
  }

  private func sizeBelow(isShared: Bool) -> LegendSize {
    LegendSize(labels, width: figure.panelWidth * (isShared ? Double(figure.columns) : 1) - 0.2)
  }

  private static func figureRows(_ panels: Int, _ columns: Int) -> Int { (panels + columns - 1) / columns }

  /// What the texts of this panel need around a frame of the present size.
  func measuredMargins() -> Margins {
    func beside(_ axis: Axis, _ name: String, _ ticks: Double) -> Double {
      axis.caption.isEmpty ? ticks + 0.4 : distance(ofCaption: caption(of: axis, named: name), named: name, ticks: ticks) + 0.3
    }
    let x = xTicks
    var result = Margins()
    result.left = max(beside(panel.y, "y", yTicks.width), 0.8)
    if let y2 = panel.y2 { result.right = beside(y2, "y2", y2Ticks?.width ?? 0) }
    let beyond =
      panel.annotations.map { annotation -> Double in
        guard case .horizontalLine(_, let text) = annotation, !text.isEmpty else { return 0 }
        return Theme.width(text) * 0.88 + 0.3
      }.max() ?? 0
    result.right = max(result.right, beyond, x.areAskew || isBarChart ? 0.3 : x.width / 2 + 0.1, isHeatMap ? 2.4 : 0)
    if x.areAskew {
      let reach = x.width * cos(Ticks.angle / 180 * .pi)
      result.left = max(result.left, reach - frame.width / (extent.x.upperBound - extent.x.lowerBound) / 2)
    }
    result.bottom = beside(panel.x, "x", x.height)
    result.top = 0.25 + 0.36 * Double(labelLevels) + (titleLines > 0 ? 0.05 + 0.38 * Double(titleLines) : 0)
    return result
  }

  /// Where the frame stands.
  var frameCommands: String {
    let (column, row) = place
    return """
      # The frame, in centimetres.
      left = \(column)*panel_width + \(Self.cm(margins.left)); right = \(column + 1)*panel_width - \(Self.cm(margins.right))
      bottom = \(row)*panel_height + \(Self.cm(margins.bottom + below.room)); top = \(row + 1)*panel_height - \(Self.cm(margins.top))
      set lmargin at screen left/width; set rmargin at screen right/width
      set bmargin at screen bottom/height; set tmargin at screen top/height
      """
  }

  private static func cm(_ value: Double) -> String { Number.text((value * 100).rounded() / 100) }

  private static let captionLine = 0.36

  /// From the frame to the middle of the outermost line of an axis' label: ticks and a gap lie between.
  private func distance(ofCaption caption: FittedText, named name: String, ticks: Double) -> Double {
    (name == "x" ? 0.13 : 0.35) + ticks + Self.captionLine * Double(caption.lineCount)
  }

  /// The title and the labels of the axes. gnuplot's own stand elsewhere in every terminal, and outside the picture in some.
  var captions: String {
    var lines: [String] = []
    func label(_ text: String, _ x: String, _ y: String, _ style: String) {
      lines.append("set label \(text) at screen (\(x))/width,(\(y))/height center\(style) textcolor rgb ink")
    }
    let middle = (x: "(left + right)/2", y: "(bottom + top)/2")
    if let title {
      let above = 0.3 + 0.36 * Double(labelLevels) + 0.38 * Double(titleLines - 1)
      label(title.text, middle.x, "top + \(Self.cm(above))", title.font)
    }
    if !panel.x.caption.isEmpty {
      let text = caption(of: panel.x, named: "x")
      let below = distance(ofCaption: text, named: "x", ticks: xTicks.height) - Self.captionLine * Double(text.lineCount - 1)
      label(text.markup, middle.x, "bottom - \(Self.cm(below))", text.font)
    }
    if !panel.y.caption.isEmpty {
      let text = caption(of: panel.y, named: "y")
      label(
        text.markup, "left - \(Self.cm(distance(ofCaption: text, named: "y", ticks: yTicks.width)))", middle.y,
        " rotate" + text.font)
    }
    return lines.joined(separator: "\n")
  }

  /// The legend below the panel, in as many rows as it needs.
  var keyBelow: String {
    let (column, row) = place
    let height = Number.text(((below.room - 0.1) * 100).rounded() / 100)
    let middle = below.isShared ? "0.5" : "(\(column) + 0.5)*panel_width/width"
    return "set key at screen \(middle), (\(row)*panel_height + \(height))/height center top vertical "
      + "maxrows \(sizeBelow(isShared: below.isShared).rows) width pad + 1"
  }

  /// A label that fits beside or below its axis.
  func caption(of axis: Axis, named name: String) -> FittedText {
    FittedText(axis.caption, width: name == "x" ? figure.panelWidth - 0.3 : figure.panelHeight - 0.3)
  }
}
