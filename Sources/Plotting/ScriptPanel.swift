/// Writes one panel: axes, annotations, legend and the plot command.
struct ScriptPanel {
  let panel: Panel
  let letter: String?
  let figure: Figure
  let extent: Extent

  /// The room around the frame; ``aligned(_:columns:)`` fits it to the neighbours.
  var margins = Margins()
  /// Where the legend stands: no longer `.automatic`.
  private var legendPlace: Legend
  /// The legend below the margins, if there is one.
  var below = LegendBelow()
  /// The column from the left and the row from the bottom.
  var place = (column: 0, row: 0)

  init(_ panel: Panel, letter: String?, figure: Figure) {
    var panel = panel
    panel.series = panel.series.map { $0.thinned() }
    self.panel = panel
    self.letter = letter
    self.figure = figure
    extent = Extent(of: panel)
    legendPlace = panel.legend
    // Which ticks have room depends on the margins, and these on the ticks: the second look settles it.
    margins = measuredMargins()
    margins = measuredMargins()
    if panel.legend == .automatic {
      legendPlace = LegendPlacement.best(for: panel, extent: extent, labels: labels, frame: frame)
    }
  }

  /// Forgets the panel before.
  static let fresh = """
    unset label; unset arrow; unset logscale; unset y2tics; unset y2label; unset cblabel
    set format '%h'; set xtics norotate autofreq \(Theme.ticScale); set ytics autofreq; set mxtics default; set mytics default
    set key default
    \(Theme.key)
    """

  var heading: String { panel.title.isEmpty && letter == nil && figure.panels.count == 1 ? figure.title : panel.title }

  func text(reading data: inout ScriptData) throws -> String {
    var curves: [String] = []
    for (series, look) in looks() { curves += try plot(series, look: look, reading: &data) }
    if curves.allSatisfy({ $0.hasPrefix("keyentry") }) { curves.insert("NaN notitle", at: 0) }
    let parts = [frameCommands, captions, axes, annotations, legend, "plot \\\n  " + curves.joined(separator: ", \\\n  ")]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  /// Each series with its look. A band without a label shares the look of the series after it; a bar chart takes one for each group.
  func looks() -> [(Series, Int)] {
    var next = 0
    return panel.series.map { series in
      let look = series.style.look ?? next
      switch series.kind {
      case .guide, .heatMap, .contours: break
      case .band where series.label.isEmpty: break
      case .bars(_, let groups): next = look + groups.count
      default: next = max(next, series.style.look == nil ? look + 1 : next)
      }
      return (series, look)
    }
  }

  private var fittedTitle: FittedText {
    FittedText(heading, width: figure.panelWidth - 0.3 - (letter == nil ? 0 : Theme.width("(a) ")))
  }

  /// How many lines the title has.
  var titleLines: Int { heading.isEmpty && letter == nil ? 0 : max(1, fittedTitle.lineCount) }

  /// The title as an expression of the script, and its font.
  var title: (text: String, font: String)? {
    guard titleLines > 0 else { return nil }
    let fitted = fittedTitle
    let bold = letter.map { Markup($0).quoted(bold: true) }
    let text = heading.isEmpty ? nil : fitted.markup
    // A space that survives: readers of svg drop one at either end of a run, even a no-break space that begins it.
    return ([bold, text].compactMap(\.self).joined(separator: " . (latex ? '~' : '\u{200B}\u{00A0}') . "), fitted.font)
  }

  /// What the legend says, from the first series to the last.
  var labels: [String] {
    guard panel.legend != .none else { return [] }
    return panel.series.flatMap { series in
      if case .bars(_, let groups) = series.kind { return groups.map(\.label) }
      return [series.label]
    }.filter { !$0.isEmpty }
  }

  var hasLegendBelow: Bool { !labels.isEmpty && legendPlace == .outside }

  private var legend: String {
    guard !labels.isEmpty, !(hasLegendBelow && below.isElsewhere) else { return "unset key" }
    switch legendPlace {
    case .topLeft: return "set key top left"
    case .top: return "set key top center"
    case .bottomLeft: return "set key bottom left"
    case .bottom: return "set key bottom center"
    case .bottomRight: return "set key bottom right"
    case .outside: return keyBelow
    case .topRight, .automatic, .none: return "set key top right"
    }
  }
}
