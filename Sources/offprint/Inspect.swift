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

  func validate() throws {
    if data == nil, slice != nil || plot { throw ValidationError("--slice and --plot need --data, the path of a dataset") }
  }

  func run() throws {
    try ForeignFile.read([file]) { Console.print(try text(of: HDF5File.open(file))) }
  }

  private func text(of file: HDF5File) throws -> String {
    guard let data else {
      return json ? try Console.json(InspectedGroup(file.root)) : try Inspection(of: file).text
    }
    let view = try DatasetView(file.root.dataset(data), slice: slice)
    if plot { return try view.plot(width: Console.width ?? 100) }
    return json ? try Console.json(view.json) : view.text
  }
}
