/// Why a figure cannot be drawn, in one line.
public struct PlottingError: Error, CustomStringConvertible, Equatable {
  /// What was given, what was expected, and what to do.
  public let description: String

  package init(_ description: String) { self.description = description }
}
