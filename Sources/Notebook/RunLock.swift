import Foundation

/// Holds one run's files while it writes them. The system drops the lock when the process ends, however it ends.
package final class RunLock {
  private let path: String
  private let descriptor: Int32

  /// - Throws: ``NotebookError/heldByAnother(_:owner:)`` when another live process has it.
  package init(_ path: String, for result: String) throws {
    self.path = path
    while true {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else { throw NotebookError.notWritable(path, reason: AtomicFile.lastError()) }
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        defer { close(descriptor) }
        let owner = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
        throw NotebookError.heldByAnother(result, owner: owner.isEmpty ? "just started" : owner)
      }
      // The holder before us removes the file when it ends: a lock on a removed file holds nothing.
      var held = stat()
      var named = stat()
      if fstat(descriptor, &held) == 0, stat(path, &named) == 0, held.st_ino == named.st_ino {
        self.descriptor = descriptor
        break
      }
      close(descriptor)
    }
    let owner = "process \(getpid()), since \(Provenance.timestamp(.now))"
    ftruncate(descriptor, 0)
    _ = owner.withCString { pwrite(descriptor, $0, strlen($0), 0) }
  }

  /// Whether a live process has the lock at `path`.
  package static func isHeld(_ path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_SH | LOCK_NB) != 0
  }

  deinit {
    unlink(path)
    close(descriptor)
  }
}
