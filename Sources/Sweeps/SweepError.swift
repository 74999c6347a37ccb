/// What can be wrong with the words or the file that describe a sweep. Found before any point runs.
public struct SweepError: Error, Sendable, Equatable, CustomStringConvertible {
  /// One line: what is wrong, and what would be right.
  public var description: String

  package init(_ description: String) { self.description = description }
}
