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
    print("result: \(folders.folders.resultsFile(identity)): \(StoredStatus.of(identity, in: folders.folders))")
    print("run it: make reproduce-\(paper.slug)   or   \(identity.command)")
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
