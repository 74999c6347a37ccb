import Datasets
import Foundation
import Notebook

/// The points of a sweep that failed, a line each: what its files are called, a tab, and the reason.
///
/// Every process of a sweep adds its own; so a line is written in one piece, at the end, under a lock.
package struct SweepFailures {
  private let path: String

  package init(_ files: SweepFiles) { path = files.failures }

  /// The reasons by the stem of the points' files; the last one where there are several.
  package func read() -> [String: String] {
    let text = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    var found: [String: String] = [:]
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: "\t", maxSplits: 1)
      if parts.count == 2 { found[String(parts[0])] = String(parts[1]) }
    }
    return found
  }

  /// - Throws: ``NotebookError/notWritable(_:reason:)``
  package func add(_ stem: String, reason: String) throws {
    let line = "\(stem)\t\(reason.split(whereSeparator: \.isNewline).joined(separator: " "))\n"
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw NotebookError.notWritable(path, reason: String(cString: strerror(errno))) }
    defer { close(descriptor) }
    flock(descriptor, LOCK_EX)
    let bytes = Array(line.utf8)
    guard write(descriptor, bytes, bytes.count) == bytes.count else {
      throw NotebookError.notWritable(path, reason: String(cString: strerror(errno)))
    }
  }

  /// Forgets them all: they are tried again.
  package func clear() { unlink(path) }
}

/// The SHA-256 of a text, in hexadecimal digits.
func checksum(of text: String) -> String { sha256(of: Data(text.utf8)) }
