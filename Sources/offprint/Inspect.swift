import ArgumentParser
import Foundation
import HDF5
import Notebook

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what an HDF5 file holds: tree, shapes, types, statistics, traces as sparklines, attributes. Any HDF5 file.")

  @Argument(help: "The file.", completion: .file(extensions: ["h5", "hdf5", "nc"])) var file: String
  @Flag(help: .hidden) var inThisProcess = false

  func run() throws {
    if inThisProcess {
      ForeignFile.limitThisProcess()
      print(try Inspection(of: HDF5File.open(file)).text)
    } else {
      // A damaged file can crash or hang libhdf5: let it be a child that does.
      let status = try ForeignFile.childStatus(arguments: ["inspect", "--in-this-process", "--", file])
      if status != ExitStatus.done { throw ExitCode(status) }
    }
  }
}

/// Reads files of unknown origin in a child process with limits on time and memory.
enum ForeignFile {
  private static let seconds: rlim_t = 60
  private static let bytes: rlim_t = 8 << 30

  static func limitThisProcess() {
    var time = rlimit(rlim_cur: seconds, rlim_max: seconds)
    setrlimit(__rlimit_resource_t(RLIMIT_CPU.rawValue), &time)
    var memory = rlimit(rlim_cur: bytes, rlim_max: bytes)
    setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &memory)
  }

  /// Runs this executable again with `arguments`, its output going where ours goes.
  /// - Returns: its exit code.
  /// - Throws: when the child died of the file.
  static func childStatus(arguments: [String]) throws -> Int32 {
    let child = Process()
    child.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    child.arguments = arguments
    try child.run()
    child.waitUntilExit()
    guard child.terminationReason == .exit else {
      throw ForeignFileError(file: arguments.last ?? "", signal: child.terminationStatus)
    }
    return child.terminationStatus
  }
}

struct ForeignFileError: Error, CustomStringConvertible {
  var file: String
  var signal: Int32

  var description: String {
    let cause =
      signal == SIGXCPU || signal == SIGKILL ? "reading it took too long" : "the HDF5 library crashed on it (signal \(signal))"
    return "\(file) cannot be read: \(cause); the file is damaged or hostile"
  }
}
