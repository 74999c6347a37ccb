/// One thing drawn in a panel. Made by the factories in `Series+Factories.swift`.
public struct Series: Sendable {
  package enum Marks: Sendable { case line, points, linesPoints, steps }

  package enum Kind: Sendable {
    case curve(x: Column, y: Column, Marks)
    case band(x: Column, lower: Column, upper: Column)
    case errorBars(x: Column, y: Column, lower: Column, upper: Column)
    case bars(categories: [String], groups: [BarGroup])
    case histogram(edges: [Double], counts: [Double])
    case heatMap(Grid, ColorAxis)
    case contours(Grid, levels: [Double])
    case guide(Expression, from: Double, to: Double)
  }

  package var kind: Kind
  /// The name in the legend; empty for none.
  public var label: String
  /// How it looks.
  public var style: Style
  package var usesRightAxis = false

  package init(_ kind: Kind, label: String, style: Style) {
    self.kind = kind
    self.label = label
    self.style = style
  }

  /// The same series, measured on the panel's right axis.
  public var onRightAxis: Series {
    var copy = self
    copy.usesRightAxis = true
    return copy
  }
}

/// The bars of one colour in a bar chart: one value for each category.
public struct BarGroup: Sendable {
  /// The name in the legend; empty for none.
  public var label: String
  /// One value for each category.
  public var values: Column
  /// The ends of the error bars, one for each category.
  public var errors: (lower: Column, upper: Column)?

  /// The bars named `label`.
  public init(_ label: String, _ values: Column, errors: (lower: Column, upper: Column)? = nil) {
    self.label = label
    self.values = values
    self.errors = errors
  }
}

/// How a series looks. The theme has seven looks, told apart by colour, by dash and by point, so that they survive grey print.
public struct Style: Sendable, Equatable {
  /// Which look of the theme, from 0; nil takes the next that is free.
  public var look: Int?
  /// The width of the line, as a multiple of the theme's.
  public var width: Double
  /// Whether the line is drawn solid whatever its look.
  public var isSolid: Bool

  /// A look of the theme: give the same method the same look in all figures of a paper.
  public init(look: Int? = nil, width: Double = 1, isSolid: Bool = false) {
    self.look = look
    self.width = width
    self.isSolid = isSolid
  }

  /// The next look that is free.
  public static let automatic = Style()
  /// The theme's look number `index`, from 0.
  public static func look(_ index: Int) -> Style { Style(look: index) }
}
