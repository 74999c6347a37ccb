import Foundation

/// Writes to standard output and standard error that give up in silence when nobody reads them any more: a closed pipe or a full
/// disk behind a redirection must not end a run, as FileHandle's `write` would.
package enum StandardStream: Int32 {
  case output = 1
  case error = 2

  package func write(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(rawValue, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
