import ArgumentParser
import Foundation
import Notebook
import Plotting

struct Figures: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw the figures of a stored result again; nothing is rerun.",
    discussion: "Writes one gnuplot script a figure, and its pictures. The scripts are yours to change: gnuplot <script> redraws."
  )

  @OptionGroup var stored: StoredResult
  @Option(help: "svg, png, pdf or cairolatex; may be repeated (default: svg and png).") var terminal: [Terminal] = []
  @Flag(help: "Put the numbers into the scripts, so that they work without the results file.") var standalone = false
  @OptionGroup var folders: FolderOptions

  func run() throws {
    let (entry, results) = try stored.open(in: folders.folders)
    let files = FigureFiles(folders: folders.folders)
    let figures = try entry.experiment.figures(from: results)
    let scripts = try files.writeScripts(figures, of: results, standalone: standalone)
    for script in scripts { print(script) }
    for picture in try files.render(scripts, terminals: terminal.isEmpty ? [.svg, .png] : terminal) { print(picture) }
  }
}

extension Terminal: ExpressibleByArgument {}

/// A stored result, named by its paper or by its file.
struct StoredResult: ParsableArguments {
  @Argument(help: "A paper's name (its quick run with seed 0), or a results file.") var paperOrFile: String

  func open(in folders: Folders) throws -> (entry: Catalog.Entry, results: Results) {
    if FileManager.default.fileExists(atPath: paperOrFile) {
      let results = try Results(paperOrFile)
      return (try Catalog.entry(named: results.slug), results)
    }
    let entry = try Catalog.entry(named: paperOrFile)
    let identity = try RunOptions.defaultRun(of: entry)
    let file = folders.resultsFile(identity)
    guard FileManager.default.fileExists(atPath: file) else { throw NotebookError.noResult(file, run: identity.command) }
    return (entry, try Results(file))
  }
}
