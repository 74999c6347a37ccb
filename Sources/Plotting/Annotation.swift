/// Text, lines and arrows beside the data.
public enum Annotation: Sendable {
  /// Text whose left end, or middle, is at (x, y), in the numbers of the axes.
  case text(String, x: Double, y: Double, centered: Bool = false)
  /// The triangle that marks a rate between two log axes: a leg from (x, y) to `width` times x, and the hypotenuse of that slope.
  case slopeTriangle(slope: Double, x: Double, y: Double, width: Double = 3, label: String? = nil)
  /// A dashed line over the height of the panel, its label above the frame.
  case verticalLine(x: Double, label: String = "")
  /// A dashed line over the width of the panel, its label right of the frame.
  case horizontalLine(y: Double, label: String = "")
  /// An arrow between two points.
  case arrow(from: (x: Double, y: Double), to: (x: Double, y: Double))
}
