/// A data set from outside that a run read: recorded so that a result says which data it stands on.
public struct DataSource: Sendable, Equatable {
  /// Names it in the results file, below /data.
  public var name: String
  /// How many of its samples the run used.
  public var count: Int
  /// Of the unpacked file (of several files: of their bytes in order), in hexadecimal digits.
  public var sha256: String

  /// A source for the record of a run.
  public init(name: String, count: Int, sha256: String) {
    self.name = name
    self.count = count
    self.sha256 = sha256
  }
}
