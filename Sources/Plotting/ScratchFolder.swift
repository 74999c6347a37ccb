import Foundation

/// A hidden folder for the time of a drawing. It is locked, and a lock ends with its process: that tells it from what a killed process
/// has left.
package final class ScratchFolder {
  package let path: String
  private let descriptor: Int32
  private static let prefix = ".drawing-"

  package init(in folder: String) throws {
    while true {
      var template = Array("\(folder)/\(Self.prefix)XXXXXX".utf8CString)
      guard mkdtemp(&template) != nil else {
        throw PlottingError("cannot write in the folder \(folder): \(String(cString: strerror(errno)))")
      }
      let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
      let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      flock(descriptor, LOCK_EX)
      // Whoever cleans up may have seen it before it was locked.
      if access(path, F_OK) == 0 {
        (self.path, self.descriptor) = (path, descriptor)
        return
      }
      close(descriptor)
    }
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
    close(descriptor)
  }

  /// Removes what killed processes have left in `folder`.
  package static func removeAbandoned(in folder: String) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where name.hasPrefix(prefix) {
      let path = "\(folder)/\(name)"
      let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      if descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 { try? FileManager.default.removeItem(atPath: path) }
      close(descriptor)
    }
  }
}
