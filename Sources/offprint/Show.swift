import ArgumentParser
import Foundation
import Notebook

struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Show one paper: what it shows, its settings, its stored result.")

  @Argument(help: "The paper's name.", completion: .list(Catalog.entries.map(\.paper.slug))) var paper: String
  @OptionGroup var folders: FolderOptions

  func run() throws {
    let entry = try Catalog.entry(named: paper)
    let paper = entry.paper
    print("\(paper.title)\n\(paper.citation)\ntopic: \(entry.topic); fidelity: \(paper.fidelity.rawValue)\n\n\(paper.shows)\n")
    print(try settingsTable(of: entry.experiment) + "\n")
    let identity = try RunOptions.defaultRun(of: entry)
    let stored = try StoredState(identity, of: entry.experiment, in: folders.folders)
    print("result: \(folders.folders.resultsFile(identity)): \(stored.text)")
    if let claims = stored.claims {
      print("\n" + ClaimTable(claims, preset: .quick).text + "\n")
      try printFigures(of: entry)
    }
    print("run it: make reproduce-\(paper.slug)   or   \(identity.command)")
  }

  private func printFigures(of entry: Catalog.Entry) throws {
    let (_, results) = try StoredResult.open(entry.paper.slug, in: folders.folders)
    let folder = FigureFiles(folders: folders.folders).folder(of: results)
    for figure in try entry.experiment.figures(from: results) {
      let mirrors = figure.mirrors.isEmpty ? "" : " (\(figure.mirrors))"
      print("\(folder)/\(figure.id).svg  \(figure.title)\(mirrors)")
    }
    print("pages of all papers: offprint report\n")
  }

  /// Every knob with its value in each preset and its help.
  private func settingsTable<E: Experiment>(of experiment: E.Type) throws -> String {
    let help = SettingsTree.help(of: E.settings(for: .quick))
    let presets = try Preset.allCases.map { try JSONValue(E.settings(for: $0)).leaves }
    let rows = try presets[1].keys.sorted().map { key in
      [key] + (try presets.map { try $0[key]?.text() ?? "" }) + [help[key] ?? ""]
    }
    return TextTable(header: ["setting"] + Preset.allCases.map(\.rawValue) + ["meaning"], rows: rows).text(width: Console.width)
  }
}
