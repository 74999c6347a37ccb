import Foundation

/// Files that are either whole or not there: written under a temporary name in the same folder, made durable, then renamed.
package enum AtomicFile {
  /// A name beside `path` for the time of writing; hidden, and never that of another process.
  package static func temporaryName(for path: String) -> String {
    let url = URL(filePath: path)
    return url.deletingLastPathComponent().appending(path: ".\(url.lastPathComponent).\(getpid()).partial").relativePath
  }

  /// Removes what processes that died while they wrote `path` have left beside it.
  package static func removeTemporaries(of path: String) {
    let url = URL(filePath: path)
    let folder = url.deletingLastPathComponent().relativePath
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
      guard name.hasPrefix(".\(url.lastPathComponent)."), name.hasSuffix(".partial") else { continue }
      let process = pid_t(name.dropFirst(url.lastPathComponent.count + 2).dropLast(".partial".count))
      if let process, kill(process, 0) != 0, errno == ESRCH { unlink("\(folder)/\(name)") }
    }
  }

  /// Writes a whole file; on failure the old one stays.
  /// - Parameter isDurable: whether it must survive a power loss from now on.
  /// - Throws: ``NotebookError/notWritable(_:reason:)`` with the system's reason.
  package static func write(_ data: Data, to path: String, isDurable: Bool = true) throws {
    let temporary = temporaryName(for: path)
    do {
      let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else { throw NotebookError.notWritable(path, reason: lastError()) }
      defer { close(descriptor) }
      var rest = data[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw NotebookError.notWritable(path, reason: lastError()) }
        rest = rest.dropFirst(count)
      }
      if isDurable { try commit(temporary, to: path) } else { try move(temporary, to: path) }
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// fsync, rename, fsync of the folder: after this the new file is there under its final name, power loss or not.
  package static func commit(_ temporary: String, to path: String) throws {
    try synchronize(temporary, path)
    try move(temporary, to: path)
    try synchronize(URL(filePath: path).deletingLastPathComponent().relativePath, path)
  }

  private static func move(_ temporary: String, to path: String) throws {
    guard rename(temporary, path) == 0 else { throw NotebookError.notWritable(path, reason: lastError()) }
  }

  private static func synchronize(_ name: String, _ path: String) throws {
    let descriptor = open(name, O_RDONLY)
    guard descriptor >= 0 else { throw NotebookError.notWritable(path, reason: lastError()) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw NotebookError.notWritable(path, reason: lastError()) }
  }

  /// Makes a folder and those above it, where they are missing.
  package static func makeFolder(_ path: String) throws {
    var isFolder: ObjCBool = false
    if !FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
      let parent = URL(filePath: path).deletingLastPathComponent().relativePath
      if parent != path { try makeFolder(parent) }
      guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw NotebookError.notWritable(path, reason: lastError()) }
      // A folder that a power loss takes away takes its files with it. A parent that cannot be read cannot be synchronized.
      try? synchronize(parent, path)
    } else if !isFolder.boolValue {
      throw NotebookError.notWritable(path, reason: "it is no folder")
    }
    guard access(path, W_OK) == 0 else { throw NotebookError.notWritable(path, reason: lastError()) }
  }

  static func lastError() -> String { String(cString: strerror(errno)) }
}
