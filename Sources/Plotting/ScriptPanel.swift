/// Writes one panel: axes, annotations, legend and the plot command.
struct ScriptPanel {
  let panel: Panel
  let letter: String?
  let figure: Figure
  let extent: Extent

  init(_ panel: Panel, letter: String?, figure: Figure) {
    var panel = panel
    panel.series = panel.series.map { $0.thinned() }
    self.panel = panel
    self.letter = letter
    self.figure = figure
    extent = Extent(of: panel)
  }

  /// Forgets the panel before.
  static let fresh = """
    unset label; unset arrow; unset logscale; unset y2tics; unset y2label; unset cblabel
    set format '%h'; set xtics autofreq; set ytics autofreq; set mxtics default; set mytics default
    set title; set rmargin -1; set tmargin -1; set bmargin -1; set key default
    set key spacing 1.1 samplen 2.6 width -1 noautotitle Left reverse noopaque
    """

  /// The size of the frame around the data in centimetres, about: labels take the rest.
  var frame: (width: Double, height: Double) {
    (figure.panelWidth - (panel.y2 == nil ? 1.8 : 3.2), figure.panelHeight - (heading.isEmpty ? 1.3 : 1.8))
  }

  var heading: String { panel.title.isEmpty && letter == nil && figure.panels.count == 1 ? figure.title : panel.title }

  func text(reading data: inout ScriptData) throws -> String {
    var curves: [String] = []
    for (series, look) in looks() { curves += try plot(series, look: look, reading: &data) }
    if curves.allSatisfy({ $0.hasPrefix("keyentry") }) { curves.insert("NaN notitle", at: 0) }
    let parts = [title, axes, annotations, legend, "plot \\\n  " + curves.joined(separator: ", \\\n  ")]
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

  private var title: String {
    let text = heading
    guard !text.isEmpty || letter != nil else { return "" }
    let quoted = letter.map { Markup($0 + " ").quoted(bold: true) + (text.isEmpty ? "" : " . ") } ?? ""
    // Labels above the frame need the title to make way.
    let room = labelLevels > 0 ? " offset 0,\(Number.short(0.85 * Double(labelLevels)))" : ""
    return "set title " + quoted + (text.isEmpty ? "" : Markup(text).quoted()) + room
  }

  private var legend: String {
    let labels = panel.series.flatMap { series in
      if case .bars(_, let groups) = series.kind { return groups.map(\.label) }
      return [series.label]
    }.filter { !$0.isEmpty }
    guard !labels.isEmpty, panel.legend != .none else { return "unset key" }
    let place =
      panel.legend == .automatic
      ? LegendPlacement.best(for: panel, extent: extent, labels: labels, frame: frame) : panel.legend
    let words =
      switch place {
      case .topLeft: "top left"
      case .top: "top center"
      case .bottomLeft: "bottom left"
      case .bottom: "bottom center"
      case .bottomRight: "bottom right"
      case .outside: "bmargin center horizontal"
      case .topRight, .automatic, .none: "top right"
      }
    return "set key \(words)"
  }
}
