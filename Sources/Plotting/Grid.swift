/// Numbers over a rectangle, for heat maps and contours: row r and column c hold the value at `y[r]`, `x[c]`.
public struct Grid: Sendable {
  /// The values, row after row; NaN leaves a hole.
  public var values: Column
  /// The position of each column, ascending.
  public var x: Column
  /// The position of each row, ascending.
  public var y: Column

  /// `y.count` rows of `x.count` values.
  public init(_ values: Column, x: Column, y: Column) {
    self.values = values
    self.x = x
    self.y = y
  }

  var columns: Int { x.values.count }
  var rows: Int { y.values.count }
}

/// What the colours of a heat map mean.
public struct ColorAxis: Sendable {
  /// The label, unit, scale and range, written beside the colour box.
  public var axis: Axis

  /// A colour axis.
  public init(_ label: String = "", unit: String = "", scale: Axis.Scale = .linear, from: Double? = nil, to: Double? = nil) {
    axis = Axis(label, unit: unit, scale: scale, from: from, to: to)
  }
}
