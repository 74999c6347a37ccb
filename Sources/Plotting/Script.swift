/// The gnuplot script of a figure: a document for its reader, who may edit it, and a pure function of what it is made from.
///
/// Run from the project's root, `gnuplot figures/<slug>/fig1.gp` draws `figures/<slug>/fig1.svg`. The variables terminal, theme,
/// font, output, width and height, set before the script is loaded, choose otherwise.
public struct Script: Sendable {
  /// What is drawn.
  public var figure: Figure
  /// The folder of the script and its pictures, "figures/<slug>", as seen from the project's root.
  public var folder: String
  /// The file that columns are read from in place; nil writes every number into the script, which then stands alone.
  public var results: ResultsFile?

  /// The script of `figure`. A standalone one needs no results file.
  public init(_ figure: Figure, folder: String, results: ResultsFile? = nil, standalone: Bool = false) {
    self.figure = figure
    self.folder = folder
    self.results = standalone ? nil : results
  }

  /// Where the script belongs, "figures/<slug>/fig1.gp".
  public var path: String { "\(folder)/\(figure.id).gp" }

  /// The text of the script.
  ///
  /// - Throws: PlottingError when a file's name, a guide or the lengths of columns are not fit for a script.
  public func text() throws -> String {
    try check()
    var data = ScriptData(results: results)
    let placed = ScriptPanel.aligned(
      figure.panels.enumerated().map { ScriptPanel($1, letter: letter(of: $0), figure: figure) }, columns: figure.columns)
    let panels = try placed.map { try $0.text(reading: &data) }
    var sections = [header, terminalSection(legend: placed[0].below.room), "# ---- Theme ----\n" + Theme.settings]
    if let results { sections.insert(guardSection(results), at: 1) }
    // With ranges of its own: of one that follows the data gnuplot complains where a column is constant or has one number.
    if !data.text.isEmpty { sections.append("# ---- Data ----\nset xrange [-1:*]; set yrange [0:1]\n" + data.text) }
    sections += layout(panels)
    return sections.joined(separator: "\n\n") + "\n"
  }

  private func letter(of index: Int) -> String? {
    figure.panels.count > 1 ? "(\(UnicodeScalar(UInt8(97 + index % 26))))" : nil
  }

  private func check() throws {
    try FileName.check(folder)
    try FileName.checkPlain(figure.id)
    if let results { try FileName.check(results.path) }
    guard !figure.panels.isEmpty, figure.columns > 0 else { throw PlottingError("figure \(figure.id) has no panels") }
    for panel in figure.panels {
      for series in panel.series { try series.check(in: figure) }
    }
  }

  private var header: String {
    // A backslash at the end would join the next line to the comment.
    func comment(_ text: String) -> String { Markup.plain(text).replacing("\\", with: " ") }
    let word = FileName.shellWord(FileName.path(path))
    var lines = ["# \(figure.id)" + (figure.title.isEmpty ? "" : ": \(comment(figure.title))")]
    if !figure.mirrors.isEmpty { lines.append("# Mirrors \(comment(figure.mirrors)) of the paper.") }
    lines += [
      "# Redraw it from the project's root:  gnuplot \(word)",
      "# Other kinds of picture:             gnuplot -e \"terminal='pdf'\" \(word)    (svg, png, pdf, cairolatex)",
      "# theme (light, dark, grey), font, output, width and height (in centimetres) can be set in the same way.",
    ]
    return lines.joined(separator: "\n")
  }

  /// Offsets into a file of another size would draw other bytes, and gnuplot would report success.
  private func guardSection(_ results: ResultsFile) -> String {
    let path = FileName.path(results.path)
    // The shell's quotes around the name; one within needs more of them.
    let word = path.utf8.contains(UInt8(ascii: "'")) ? FileName.gnuplotString(FileName.shellQuoted(path)) : nil
    let remedy = FileName.gnuplotString(": write this script anew with `\(results.remedy)`, from the project’s root")
    return """
      # ---- The results file, read in place ----
      results = \(FileName.gnuplotString(path))
      size = system("wc -c 2>/dev/null < \(word.map { "\" . \($0) . \"" } ?? "'\" . results . \"'") | tr -d ' '")
      if (size ne '\(results.size)') {
        print (size eq '' ? 'there is no ' . results : results . ' has ' . size . ' bytes, not the \(results.size) this script reads'), \\
          \(remedy)
        exit status 1
      }
      """
  }

  /// The room above several panels for their title.
  private var titleHeight: Double { figure.panels.count > 1 && !figure.title.isEmpty ? 0.6 : 0 }

  private func terminalSection(legend: Double) -> String {
    let height = (figure.panelHeight + legend) * Double(figure.rows) + titleHeight
    let above = titleHeight > 0 ? "(height - \(Number.text(titleHeight)))" : "height"
    return """
      # ---- Picture ----
      if (!exists('terminal')) terminal = 'svg'
      \(PictureTheme.commands)
      if (!exists('output')) output = \(FileName.gnuplotString(FileName.path("\(folder)/\(figure.id)"))) . (theme eq 'light' ? '' : '-' . theme) . \\
        (terminal eq 'cairolatex' ? '-latex.tex' : '.' . terminal)
      if (!exists('width')) width = \(Number.text(figure.panelWidth * Double(figure.columns)))
      if (!exists('height')) height = \(Number.short(height))*width/\(Number.text(figure.panelWidth * Double(figure.columns)))
      panel_width = width/\(Number.text(Double(figure.columns)))
      panel_height = \(above)/\(Number.text(Double(figure.rows)))
      driver = terminal eq 'png' || terminal eq 'pdf' ? terminal . 'cairo' : terminal
      if (strstrt(' svg png pdf cairolatex ', ' ' . terminal . ' ') == 0 || strstrt(GPVAL_TERMINALS, ' ' . driver . ' ') == 0) {
        print 'this gnuplot cannot draw terminal ''', terminal, ''': choose among svg, png, pdf, cairolatex'
        exit status 1
      }
      latex = terminal eq 'cairolatex'
      reset
      \(Theme.terminals)
      set output output
      """
  }

  private func layout(_ panels: [String]) -> [String] {
    guard panels.count > 1 else { return ["# ---- Axes and curves ----\n" + panels[0] + "\nset output"] }
    let fitted = FittedText(figure.title, width: figure.panelWidth * Double(figure.columns) - 0.4, lines: 1)
    var sections = ["set multiplot" + (figure.title.isEmpty ? "" : " title \(fitted.markup)\(fitted.font) textcolor rgb ink")]
    for (index, panel) in panels.enumerated() {
      sections.append("# ---- Panel \(letter(of: index) ?? "") ----\n" + (index > 0 ? ScriptPanel.fresh + "\n" : "") + panel)
    }
    sections.append("unset multiplot\nset output")
    return sections
  }
}

extension Series {
  /// Lengths that differ would be drawn as a shorter curve without a word.
  fileprivate func check(in figure: Figure) throws {
    func fail(_ what: String) -> PlottingError { PlottingError("figure \(figure.id), series '\(label)': \(what)") }
    if case .guide(let expression, _, _) = kind { _ = try expression.checked() }
    if case .heatMap(let grid, _) = kind { try grid.check(fail) }
    if case .contours(let grid, _) = kind { try grid.check(fail) }
    for (name, column) in columns {
      if let source = column.source, source.count != column.values.count {
        throw fail("\(name) has \(column.values.count) values, its place in the file \(source.count)")
      }
    }
    if case .bars(let categories, _) = kind, let odd = columns.first(where: { $0.column.values.count != categories.count }) {
      throw fail("\(odd.name) has \(odd.column.values.count) values for \(categories.count) categories")
    } else if let first = columns.first, let odd = columns.first(where: { $0.column.values.count != first.column.values.count }) {
      throw fail("\(first.name) has \(first.column.values.count) values, \(odd.name) \(odd.column.values.count)")
    }
  }
}

extension Grid {
  fileprivate func check(_ fail: (String) -> PlottingError) throws {
    guard values.values.count == rows * columns else {
      throw fail("the grid has \(values.values.count) values, x and y make \(rows) rows of \(columns)")
    }
    for (name, axis) in [("x", x), ("y", y)] where zip(axis.values, axis.values.dropFirst()).contains(where: { !($0 < $1) }) {
      throw fail("\(name) of the grid does not ascend")
    }
  }
}
