/// A failure of an operation on an HDF5 file: what was tried, on which file and object, and why it failed.
/// The only error that this module throws.
public struct HDF5Error: Error, Sendable, CustomStringConvertible {
  /// What was tried, as a verb phrase: `open`, `read`, `create the group`.
  public var operation: String

  /// The file, as it was given.
  public var path: String

  /// The object's path within the file, or nil when the file as a whole is meant.
  public var object: String?

  /// Why: our own finding where there is one, else the innermost useful line of the library's error stack.
  public var message: String

  /// Makes an error from its parts.
  public init(operation: String, path: String, object: String? = nil, message: String) {
    self.operation = operation
    self.path = path
    self.object = object
    self.message = message
  }

  /// One line: `cannot read /traces/loss in results/x.h5: data error detected by Fletcher32 checksum`.
  public var description: String {
    let target = object.map { "\($0) in \(path)" } ?? path
    return "cannot \(operation) \(target): \(message)"
  }
}
