import Datasets
import Foundation

/// All that a run needs to go on where it stopped, bit for bit: the state of every loop so far, and the traces.
///
/// Everything else a run records is recomputed on resume from the same named keys. Stored as a binary property list, which keeps
/// every bit of a Double, behind its SHA-256, under a temporary name renamed when complete.
struct Checkpoint: Codable {
  /// One loop: how many updates it has made, and its state after them.
  struct Loop: Codable {
    var updates: Int
    var isFinished: Bool
    var state: Data
  }

  /// Guards against resuming with other inputs: the settings' text.
  var settings: String
  /// Which executable wrote it: another one may not continue bit-identically.
  var build: String
  var loops: [String: Loop]
  var traces: [String: Trace.Samples]
  /// Seconds of work before this checkpoint.
  var elapsed: Double

  /// Property lists need a container at the top.
  private struct Boxed<State: Codable>: Codable { var state: State }

  static func encode(_ state: some Codable) throws -> Data {
    let encoder = PropertyListEncoder()
    encoder.outputFormat = .binary
    return try encoder.encode(Boxed(state: state))
  }

  static func decode<State: Codable>(_ type: State.Type, from data: Data) throws -> State {
    try PropertyListDecoder().decode(Boxed<State>.self, from: data).state
  }

  func write(to path: String) throws {
    let content: Data = try Self.encode(self)
    try AtomicFile.write(Data(sha256(of: content).utf8) + content, to: path)
  }

  /// The checkpoint at `path`; nil when there is none.
  /// - Throws: ``NotebookError/damagedCheckpoint(_:)`` when it cannot be read.
  static func read(from path: String) throws -> Checkpoint? {
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    let (digest, content) = (data.prefix(64), data.dropFirst(64))
    // A property list with a flipped bit in a number is still a property list.
    guard digest.elementsEqual(sha256(of: content).utf8), let checkpoint = try? decode(Checkpoint.self, from: content) else {
      throw NotebookError.damagedCheckpoint(path)
    }
    return checkpoint
  }
}
