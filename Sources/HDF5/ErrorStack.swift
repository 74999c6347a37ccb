@preconcurrency import CHDF5

/// The library's record of why its last call failed: a list of messages, from the innermost function to the one called.
enum ErrorStack {
  /// The innermost message that says something, shortened, and the stack is emptied. Call it under the lock, at once after the
  /// failed call: the next call overwrites the record.
  static func reason() -> String {
    var messages: [String] = []
    withUnsafeMutablePointer(to: &messages) { collected in
      _ = H5Ewalk2(
        hid_t(H5E_DEFAULT), H5E_WALK_UPWARD,
        { _, entry, collected in
          guard let entry, let text = entry.pointee.desc else { return 0 }
          collected?.assumingMemoryBound(to: [String].self).pointee.append(String(cString: text))
          return 0
        }, collected)
    }
    H5Eclear2(hid_t(H5E_DEFAULT))
    // The high-level functions (dimension scales) may fail without leaving a word.
    guard let innermost = messages.first(where: { !$0.isEmpty }) else { return "the library refused and gave no reason" }
    return shortened(innermost)
  }

  /// Messages about failed system calls carry times, descriptors and addresses of buffers: "file write failed: time = ...,
  /// errno = 28, error message = 'No space left on device', buf = ...". The start and the system's words are what helps.
  private static func shortened(_ message: String) -> String {
    let key = "error message = '"
    guard let start = message.range(of: key)?.upperBound, let end = message[start...].firstIndex(of: "'") else {
      return message
    }
    return "\(message.prefix { $0 != ":" && $0 != "," }): \(message[start..<end])"
  }
}
