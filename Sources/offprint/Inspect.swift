import ArgumentParser
import Foundation
import HDF5
import Notebook

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what an HDF5 file holds: tree, shapes, types, statistics, traces as sparklines, attributes. Any HDF5 file.",
    discussion: """
      One dataset:  offprint inspect FILE --data /traces/loss --slice 0:10
                    offprint inspect FILE --data /traces/loss --slice :,2 --plot
      Files larger than memory are read block by block.
      """)

  @Argument(help: "The file.", completion: .file(extensions: ["h5", "hdf5", "nc"])) var file: String
  @Option(help: ArgumentHelp("Show the values of one dataset.", valueName: "path")) var data: String?
  @Option(help: ArgumentHelp("Of the dataset, only this part: a place or a range for each axis, 0:10,3,::2.", valueName: "slice"))
  var slice: Slice?
  @Flag(help: "Draw the dataset's columns in the terminal.") var plot = false
  @Flag(help: "Print JSON.") var json = false
  @Flag(help: .hidden) var inThisProcess = false

  func validate() throws {
    if data == nil, slice != nil || plot { throw ValidationError("--slice and --plot need --data, the path of a dataset") }
  }

  func run() throws {
    if inThisProcess {
      ForeignFile.limitThisProcess()
      print(try text(of: HDF5File.open(file)))
    } else {
      // A damaged file can crash or hang libhdf5: let it be a child that does.
      let arguments = CommandLine.arguments.dropFirst().filter { $0 != "--in-this-process" }
      let status = try ForeignFile.childStatus(
        arguments: [arguments.first ?? "inspect", "--in-this-process"] + arguments.dropFirst(), file: file)
      if status != ExitStatus.done { throw ExitCode(status) }
    }
  }

  private func text(of file: HDF5File) throws -> String {
    guard let data else {
      return json ? try Console.json(InspectedGroup(file.root, deepest: Inspection.deepest)) : try Inspection(of: file).text
    }
    let view = try DatasetView(file.root.dataset(data), slice: slice)
    if plot { return try view.plot(width: Console.width ?? 100) }
    return json ? try Console.json(view.json) : view.text
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
  static func childStatus(arguments: [String], file: String) throws -> Int32 {
    let child = Process()
    child.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    child.arguments = arguments
    try child.run()
    child.waitUntilExit()
    guard child.terminationReason == .exit else {
      throw ForeignFileError(file: file, signal: child.terminationStatus)
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
