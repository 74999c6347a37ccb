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
  @Option(help: "Width of the pictures: 8.6cm, 86mm or 3.4in (default: the figure's own).") var width: Length?
  @Option(help: "Height of the pictures (default: in proportion to the width).") var height: Length?
  @Option(help: "The colours: light, dark (for slides) or grey (for print without colours).") var theme = PictureTheme.light
  @Option(help: "A font, \"Libertinus Serif\" say (default: sans-serif); cairolatex takes the document's.") var font: FontName?
  @Flag(help: "Write the plotted series as CSV, too.") var data = false
  @Flag(help: "Put the numbers into the scripts, so that they work without the results file.") var standalone = false
  @OptionGroup var folders: FolderOptions

  func run() throws {
    let file = try stored.path(in: folders.folders)
    try ForeignFile.read([file]) {
      let (entry, results) = try StoredResult.open(file)
      try draw(entry.experiment, results)
    }
  }

  private func draw(_ experiment: any Experiment.Type, _ results: Results) throws {
    let files = FigureFiles(folders: folders.folders)
    let figures = try experiment.figures(from: results)
    let scripts = try files.writeScripts(figures, of: results, standalone: standalone)
    for script in scripts { Console.print(script) }
    var style = PictureStyle(width: width?.centimetres, height: height?.centimetres)
    (style.theme, style.font) = (theme, font?.name)
    let terminals = terminal.isEmpty ? [.svg, .png] : terminal
    for picture in try files.render(scripts, terminals: terminals, style: style) { Console.print(picture) }
    if data {
      for figure in figures {
        let path = "\(files.folder(of: results))/\(figure.id).csv"
        try AtomicFile.write(Data(SeriesTable(figure).csv.utf8), to: path)
        Console.print(path)
      }
    }
  }
}

extension Terminal: ExpressibleByArgument {}
extension PictureTheme: ExpressibleByArgument {}

/// A font by its name alone: a comma would begin its size.
struct FontName: ExpressibleByArgument {
  let name: String

  init?(argument: String) {
    guard !argument.isEmpty, argument.allSatisfy({ $0.isLetter || $0.isNumber || " -_.".contains($0) }) else { return nil }
    name = argument
  }
}

/// A length on paper: "8.6cm", "86mm", "3.4in", "244pt"; without a unit, centimetres.
struct Length: ExpressibleByArgument {
  let centimetres: Double

  init?(argument: String) {
    let units = ["cm": 1, "mm": 0.1, "in": 2.54, "pt": 2.54 / 72.27]
    let unit = units.keys.first(where: argument.hasSuffix)
    guard let number = Double(argument.dropLast(unit?.count ?? 0)) else { return nil }
    centimetres = number * (unit.flatMap { units[$0] } ?? 1)
    // Smaller has no room for an axis, larger is a slip of the unit.
    guard (1...200).contains(centimetres) else { return nil }
  }
}

/// A stored result, named by its paper or by its file.
struct StoredResult: ParsableArguments {
  @Argument(help: "A paper's name (its quick run with seed 0), or a results file.") var paperOrFile: String

  func path(in folders: Folders) throws -> String { try Self.path(of: paperOrFile, in: folders) }

  /// - Throws: NotebookError when there is no such paper, or no result of it.
  static func path(of paperOrFile: String, in folders: Folders, preset: Preset = .quick) throws -> String {
    if FileManager.default.fileExists(atPath: paperOrFile) { return paperOrFile }
    let entry = try Catalog.entry(named: paperOrFile)
    let identity = try Runner.identity(of: entry.experiment, preset: preset, seed: 0, assignments: [])
    let file = folders.resultsFile(identity)
    guard FileManager.default.fileExists(atPath: file) else { throw NotebookError.noResult(file, run: identity.command) }
    return file
  }

  /// Reads the file, whoever wrote it: for the child of ``ForeignFile``.
  static func open(_ file: String) throws -> (entry: Catalog.Entry, results: Results) {
    let results = try Results(file)
    guard let entry = try? Catalog.entry(named: results.slug) else {
      throw NotebookError.notAResult(file, reason: "this Offprint has no paper named '\(results.slug.prefix(100))'")
    }
    return (entry, results)
  }
}
