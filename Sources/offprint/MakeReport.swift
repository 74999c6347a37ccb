import ArgumentParser
import Notebook
import Report

struct MakeReport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Make pages of all stored results: a gallery, a page for each paper, an index of the library.",
    discussion:
      "Nothing is rerun; figures that are not drawn yet are drawn. The pages open from the file system, without network.")

  @Option(help: ArgumentHelp("Folder of the pages.", valueName: "folder")) var output = "report"
  @OptionGroup var folders: FolderOptions

  func run() throws {
    let site = Site(Catalog.entries.map { ($0.topic, $0.experiment) }, folders: folders.folders)
    try ForeignFile.readMany(site.files) { file in
      site.tryReading(file)
    } _: { unreadable in
      let summary = try site.write(to: output, without: unreadable)
      for problem in summary.problems { StandardStream.error.write("offprint: \(PlainText.line(problem))\n") }
      Console.print("\(summary.run) of \(summary.papers) papers, \(summary.figures) figures: \(summary.page)")
    }
  }
}
