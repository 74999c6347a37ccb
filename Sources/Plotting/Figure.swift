/// A figure of a paper: panels side by side, drawn by one gnuplot script.
///
///     Figure(
///       "fig1", title: "Loss of the symmetric factorization", mirrors: "Figure 1, left",
///       Panel(
///         x: Axis("step T", scale: .log()), y: Axis("loss", scale: .log()),
///         series: [.line(x: steps, y: loss, label: "k = 3"), .guide("3*x**(-2)", label: "$T^{-2}$")]))
public struct Figure: Sendable {
  /// The name of the figure's files, "fig1" for example.
  public var id: String
  /// What it shows; may be empty. Stands above the panels, and in the script's first line. A single panel with a title of its own
  /// is not given a second.
  public var title: String
  /// Which figure of the paper it corresponds to.
  public var mirrors: String
  /// The panels, row after row.
  public var panels: [Panel]
  /// How many panels stand side by side.
  public var columns: Int
  /// The width of a panel in centimetres: 8.6 is one column of a journal.
  public var panelWidth: Double
  /// The height of a panel in centimetres; a legend below it, and the title above several, come on top of it.
  public var panelHeight: Double

  /// A figure named `id`.
  public init(
    _ id: String, title: String = "", mirrors: String = "", _ panels: Panel..., columns: Int? = nil,
    panelWidth: Double = 8.6, panelHeight: Double = 6
  ) {
    self.init(
      id, title: title, mirrors: mirrors, panels: panels, columns: columns, panelWidth: panelWidth, panelHeight: panelHeight)
  }

  /// A figure named `id` of panels made elsewhere. At most two stand side by side unless `columns` says otherwise.
  public init(
    _ id: String, title: String = "", mirrors: String = "", panels: [Panel], columns: Int? = nil,
    panelWidth: Double = 8.6, panelHeight: Double = 6
  ) {
    self.id = id
    self.title = title
    self.mirrors = mirrors
    self.panels = panels
    self.columns = columns ?? min(2, max(1, panels.count))
    self.panelWidth = panelWidth
    self.panelHeight = panelHeight
  }

  var rows: Int { (panels.count + columns - 1) / max(columns, 1) }
}

/// One pair of axes with the series drawn in it.
public struct Panel: Sendable {
  /// Stands above the panel, after its letter when there are several.
  public var title: String
  /// The horizontal axis.
  public var x: Axis
  /// The vertical axis on the left.
  public var y: Axis
  /// The vertical axis on the right, for series marked ``Series/onRightAxis``.
  public var y2: Axis?
  /// Where the labels of the series stand.
  public var legend: Legend
  /// What is drawn, from back to front.
  public var series: [Series]
  /// Text, lines and arrows beside the data.
  public var annotations: [Annotation]

  /// A panel.
  public init(
    title: String = "", x: Axis, y: Axis, y2: Axis? = nil, legend: Legend = .automatic, series: [Series],
    annotations: [Annotation] = []
  ) {
    self.title = title
    self.x = x
    self.y = y
    self.y2 = y2
    self.legend = legend
    self.series = series
    self.annotations = annotations
  }

  func yAxis(of series: Series) -> Axis { series.usesRightAxis ? y2 ?? y : y }
}

/// Where the labels of the series stand.
public enum Legend: String, Sendable {
  /// In the corner that is free of data, else below the panel.
  case automatic
  /// Nowhere.
  case none
  /// Below the panel.
  case outside
  /// In a corner or at the middle of an edge, data or not.
  case topLeft, top, topRight, bottomLeft, bottom, bottomRight
}
