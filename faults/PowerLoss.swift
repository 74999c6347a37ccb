import Foundation
import Notebook
import TestSupport

/// What a power loss may take is what was not synchronized: the system calls of a run are looked at one by one. A file is synchronized after
/// its last write and before it gets its name, its folder after that, and only then goes what it replaces.
enum PowerLoss: FaultFamily {
  static let name = "order"
  static let title = "Power loss"

  static func run(_ trials: Trials) throws -> [Fault] {
    var fault = Fault("order of write, fsync, rename and fsync of the folder, for every result, checkpoint and folder (strace)")
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/strace") else {
      fault.count("not tried: strace is not installed")
      return [fault]
    }
    try withFolder { whole in
      let run = try ReferenceRun.long(in: whole)
      for _ in 0..<trials.scaled(1) {
        try withFolder { folder in
          let calls = "openat,write,pwrite64,ftruncate,fsync,rename,renameat,renameat2,unlink,unlinkat,mkdir"
          let outcome = try Program.start(
            run.arguments, in: folder,
            shell: "strace -f -y -s 0 -o calls -e trace=\(calls) \"$0\" \"$@\""
          ).wait(seconds: 120)
          guard outcome.status == 0 else { return fault.lose("ended with \(outcome.status): \(outcome.errors)") }
          check(try String(contentsOfFile: "\(folder)/calls", encoding: .utf8), in: folder, into: &fault)
        }
      }
    }
    return [fault]
  }

  private static func check(_ trace: String, in folder: String, into fault: inout Fault) {
    var isSafe: [String: Bool] = [:]  // Written files: whether they are synchronized.
    var waiting: [String: String] = [:]  // Folders that are to be synchronized, for the name that came last.
    for line in trace.split(separator: "\n") {
      guard let call = Call(line, in: folder), call.paths.contains(where: { $0.hasPrefix("\(folder)/results") || $0 == folder })
      else {
        continue
      }
      let path = call.paths[0]
      switch call.name {
      case "write", "pwrite64", "ftruncate": isSafe[path] = false
      case "fsync":
        isSafe[path] = true
        if let name = waiting.removeValue(forKey: path) { fault.count(name) }
      case "mkdir": waiting[call.parent(of: path)] = "folders synchronized in their parent"
      case "rename", "renameat", "renameat2":
        // What `offprint watch` shows is worth nothing after a power loss.
        guard let target = call.paths.last, !target.hasSuffix(".live") else { continue }
        if isSafe[path] != true { fault.lose("\(target) got its name before it was synchronized") }
        waiting[call.parent(of: target)] = target.hasSuffix(".h5") ? "results synchronized" : "checkpoints synchronized"
      case "unlink", "unlinkat":
        if path.hasSuffix(".checkpoint"), !waiting.isEmpty { fault.lose("\(path) went before \(waiting) was synchronized") }
      default: break
      }
    }
    for (folder, name) in waiting { fault.lose("\(folder) was never synchronized, for \(name)") }
  }

  /// One line of strace: `123 fsync(4</tmp/x>) = 0`.
  private struct Call {
    var name: String
    /// Absolute.
    var paths: [String]

    init?(_ line: Substring, in folder: String) {
      guard !line.contains(" = -1 "),
        let call = line.firstMatch(of: #/^[0-9]+ +([a-z0-9_]+)\((.*)\) += /#)
      else { return nil }
      name = String(call.1)
      // A descriptor carries its path in angle brackets, a name stands in quotes.
      let places = call.2.matches(of: #/[0-9]+<([^>]*)>|"([^"]*)"/#).map { String($0.1 ?? $0.2 ?? "") }
      paths = places.filter { !$0.isEmpty }.map { $0.hasPrefix("/") ? $0 : "\(folder)/\($0)" }
      if paths.isEmpty { return nil }
    }

    func parent(of path: String) -> String { URL(filePath: path).deletingLastPathComponent().relativePath }
  }
}
