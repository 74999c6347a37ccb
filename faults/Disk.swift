import Foundation

/// A small file system in memory, mounted on a folder. `make test-faults` gives this process mounts of its own.
struct Disk {
  private let folder: String

  init(_ folder: String) { self.folder = folder }

  /// - Returns: false when this user may not mount anything.
  func mount(kilobytes: Int) throws -> Bool {
    try run("mount", "-t", "tmpfs", "-o", "size=\(kilobytes)k", "tmpfs", folder) == 0
  }

  /// Room enough for anything.
  func grow() throws { _ = try run("mount", "-o", "remount,size=256m", folder) }
  func forbidWriting() throws { _ = try run("mount", "-o", "remount,ro", folder) }
  func unmount() { _ = try? run("umount", "--lazy", folder) }

  private func run(_ command: String...) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}

/// A clock that a program is shown instead of the system's, and that can be set while it runs.
struct FakeClock {
  private let library, file: String

  /// libfaketime, where Debian's package puts it.
  static let library: String? = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1", "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
  ]
  .first(where: FileManager.default.fileExists)

  init(_ library: String, in folder: String) { (self.library, file) = (library, "\(folder)/.clock") }

  /// "+0", "-1d": what is added to the system's time.
  func set(_ offset: String) throws { try offset.write(toFile: file, atomically: true, encoding: .utf8) }

  /// The library would move the environment to share its state with children, and a Swift program looks for its arguments beside it:
  /// names of a state that is not there keep it from that.
  var environment: [String: String] {
    [
      "LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": file, "FAKETIME_SHARED": "none none", "FAKETIME_NO_CACHE": "1",
      "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    ]
  }
}
