import ArgumentParser
import Foundation
import Notebook
import Report

struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a Jupyter notebook that opens a stored result and draws its main figure again.",
    discussion: "The notebook reads the results file with xarray and h5py and draws with matplotlib.")

  @OptionGroup var stored: StoredResult
  @Flag(help: "Write a Jupyter notebook.") var notebook = false
  @Option(help: ArgumentHelp("The notebook's path (default: <paper>.ipynb).", valueName: "file")) var output: String?
  @OptionGroup var folders: FolderOptions

  func validate() throws {
    if !notebook { throw ValidationError("say what to write: --notebook") }
  }

  func run() throws {
    let file = try stored.path(in: folders.folders)
    try ForeignFile.read([file]) {
      let (entry, results) = try StoredResult.open(file)
      try write(entry, results)
    }
  }

  private func write(_ entry: Catalog.Entry, _ results: Results) throws {
    let path = output ?? "\(entry.paper.slug).ipynb"
    let folder = URL(filePath: path).deletingLastPathComponent().path
    let document = try PythonNotebook(entry.experiment, results, file: RelativePath.plain(fromFolder: folder, to: results.path))
    try AtomicFile.write(document.json, to: path)
    Console.print(path)
  }
}
