import Foundation

/// Files that are either whole or not there: written under a temporary name in the same folder, made durable, then renamed.
package enum AtomicFile {
  /// A name beside `path` for the time of writing; hidden, and never that of another process.
  package static func temporaryName(for path: String) -> String {
    let url = URL(filePath: path)
    return url.deletingLastPathComponent().appending(path: ".\(url.lastPathComponent).\(getpid()).partial").relativePath
  }

  package static func write(_ data: Data, to path: String) throws {
    let temporary = temporaryName(for: path)
    guard FileManager.default.createFile(atPath: temporary, contents: nil), let file = FileHandle(forWritingAtPath: temporary) else {
      throw NotebookError.notWritable(path, reason: lastError())
    }
    do {
      try file.write(contentsOf: data)
      try file.close()
      try commit(temporary, to: path)
    } catch {
      unlink(temporary)
      throw NotebookError.notWritable(path, reason: lastError())
    }
  }

  /// fsync, rename, fsync of the folder: after this the new file is there under its final name, power loss or not.
  package static func commit(_ temporary: String, to path: String) throws {
    try synchronize(temporary, path)
    guard rename(temporary, path) == 0 else { throw NotebookError.notWritable(path, reason: lastError()) }
    try synchronize(URL(filePath: path).deletingLastPathComponent().relativePath, path)
  }

  private static func synchronize(_ name: String, _ path: String) throws {
    let descriptor = open(name, O_RDONLY)
    guard descriptor >= 0 else { throw NotebookError.notWritable(path, reason: lastError()) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw NotebookError.notWritable(path, reason: lastError()) }
  }

  package static func makeFolder(_ path: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw NotebookError.notWritable(path, reason: lastError())
    }
    guard access(path, W_OK) == 0 else { throw NotebookError.notWritable(path, reason: lastError()) }
  }

  static func lastError() -> String { String(cString: strerror(errno)) }
}
