extension Series {
  /// A line through the points (x, y).
  public static func line(x: Column, y: Column, label: String = "", style: Style = .automatic) -> Series {
    Series(.curve(x: x, y: y, .line), label: label, style: style)
  }

  /// The points (x, y).
  public static func points(x: Column, y: Column, label: String = "", style: Style = .automatic) -> Series {
    Series(.curve(x: x, y: y, .points), label: label, style: style)
  }

  /// A line with points on it, thinned to about ten when there are many.
  public static func linesPoints(x: Column, y: Column, label: String = "", style: Style = .automatic) -> Series {
    Series(.curve(x: x, y: y, .linesPoints), label: label, style: style)
  }

  /// A staircase: y[i] holds from x[i] until x[i + 1].
  public static func steps(x: Column, y: Column, label: String = "", style: Style = .automatic) -> Series {
    Series(.curve(x: x, y: y, .steps), label: label, style: style)
  }

  /// A shaded band, over seeds for example. Without a label it takes the look of the series that follows it.
  public static func band(
    x: Column, lower: Column, upper: Column, label: String = "", style: Style = .automatic
  ) -> Series {
    Series(.band(x: x, lower: lower, upper: upper), label: label, style: style)
  }

  /// Points with bars from `lower` to `upper`: ends, not lengths.
  public static func errorBars(
    x: Column, y: Column, lower: Column, upper: Column, label: String = "", style: Style = .automatic
  ) -> Series {
    Series(.errorBars(x: x, y: y, lower: lower, upper: upper), label: label, style: style)
  }

  /// Bars side by side over each category, or in its middle when no category has bars of two groups. A category's name may have two
  /// lines, and is set askew when it does not fit. Only `style.look` matters: the look of the first group.
  public static func bars(categories: [String], groups: [BarGroup], style: Style = .automatic) -> Series {
    Series(.bars(categories: categories, groups: groups), label: "", style: style)
  }

  /// How many of the values fall into each of `bins` equal bins between the least and the greatest.
  public static func histogram(values: Column, bins: Int, label: String = "", style: Style = .automatic) -> Series {
    let finite = values.values.filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max(), bins > 0 else {
      return Series(.histogram(edges: [], counts: []), label: label, style: style)
    }
    // Equal values still get a bin with a width.
    let width = (high > low ? high - low : 1) / Double(bins)
    let start = high > low ? low : low - 0.5
    var counts = [Double](repeating: 0, count: bins)
    for value in finite { counts[min(bins - 1, Int((value - start) / width))] += 1 }
    return Series(
      .histogram(edges: (0...bins).map { start + Double($0) * width }, counts: counts), label: label, style: style)
  }

  /// A heat map of the grid, each value a cell around its position. One colour axis to a panel.
  public static func heatMap(_ grid: Grid, color: ColorAxis = ColorAxis()) -> Series {
    Series(.heatMap(grid, color), label: "", style: .automatic)
  }

  /// The level lines of the grid, each with its level written on it.
  public static func contours(_ grid: Grid, levels: [Double], label: String = "", style: Style = .automatic) -> Series {
    Series(.contours(grid, levels: levels), label: label, style: style)
  }

  /// An analytic function of x, drawn dashed and grey, in front of the series before it: a rate, a bound, a threshold.
  ///
  /// - Parameter expression: in gnuplot's notation, for example "3*x**(-2)". See ``Expression`` for what is allowed.
  /// - Parameters:
  ///   - from: where it begins; nil for the lower end of the axis.
  ///   - to: where it ends; nil for the upper end. Nothing is drawn when that is not above `from`.
  public static func guide(_ expression: String, label: String = "", from: Double? = nil, to: Double? = nil) -> Series {
    Series(.guide(Expression(expression), from: from ?? -.infinity, to: to ?? .infinity), label: label, style: .automatic)
  }
}
