import CFFTW
import CNetworkSimplex
import Foundation
import HDF5
import Tensors

/// Where a result comes from: code, libraries, processor. Never the user's name, home or environment.
public enum Provenance {
  /// The version in CITATION.cff and CHANGELOG.md.
  public static let version = "0.1.0"

  /// The commit of the working folder, and whether it has uncommitted changes; "unknown" outside a checkout.
  static func git() -> (commit: String, isDirty: Bool) {
    guard let commit = output(of: ["git", "rev-parse", "HEAD"]), !commit.isEmpty else { return ("unknown", false) }
    let status = output(of: ["git", "status", "--porcelain", "--untracked-files=no"]) ?? ""
    return (commit, !status.isEmpty)
  }

  /// Libraries that numbers or files pass through, with their versions.
  public static var libraryVersions: [(name: String, version: String)] {
    [
      ("offprint", version), ("HDF5", HDF5Library.version), ("OpenBLAS", BLAS.version),
      ("FFTW", String(cString: offprint_fftw_version())), ("LEMON", String(cString: offprint_lemon_version())),
    ]
  }

  /// Tells one build of this executable from another: its size and time of change.
  static var build: String {
    var status = stat()
    guard stat("/proc/self/exe", &status) == 0 else { return "unknown" }
    return "\(status.st_size)-\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
  }

  static var hostName: String {
    var buffer = [CChar](repeating: 0, count: 256)
    return gethostname(&buffer, buffer.count - 1) == 0
      ? String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self) : "unknown"
  }

  /// "2026-11-21T14:03:59Z"
  static func timestamp(_ date: Date) -> String { date.formatted(.iso8601) }

  /// The standard output of a command, trimmed; nil when it cannot be run or fails.
  public static func output(of command: [String]) -> String? {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitForEnd()
    guard process.terminationStatus == 0 else { return nil }
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
