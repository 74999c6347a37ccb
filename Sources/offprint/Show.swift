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
    Console.print(
      "\(paper.title)\n\(paper.citation)\ntopic: \(entry.topic); fidelity: \(paper.fidelity.rawValue)\n\n\(paper.shows)\n")
    Console.print(try settingsTable(of: entry.experiment) + "\n")
    let identity = try RunOptions.defaultRun(of: entry)
    let file = folders.folders.resultsFile(identity)
    let isThere = FileManager.default.fileExists(atPath: file)
    try ForeignFile.readMany(isThere ? [file] : []) { file in
      _ = try stored(identity, entry, figuresOf: file, unreadable: [])
    } _: { unreadable in
      for line in try stored(identity, entry, figuresOf: isThere ? file : nil, unreadable: unreadable) { Console.print(line) }
    }
    Console.print("run it: make reproduce-\(paper.slug)   or   \(identity.command)")
  }

  /// What there is to say of the stored result.
  private func stored(
    _ identity: RunIdentity, _ entry: Catalog.Entry, figuresOf file: String?, unreadable: Set<String>
  ) throws -> [String] {
    let stored = try StoredState(identity, of: entry.experiment, in: folders.folders, unreadable: unreadable)
    var lines = ["result: \(folders.folders.resultsFile(identity)): \(stored.text)"]
    guard let claims = stored.claims, let file else { return lines }
    lines.append("\n" + ClaimTable(claims, preset: .quick).text + "\n")
    let results = try StoredResult.open(file).results
    let folder = FigureFiles(folders: folders.folders).folder(of: results)
    for figure in try entry.experiment.figures(from: results) {
      let mirrors = figure.mirrors.isEmpty ? "" : " (\(figure.mirrors))"
      lines.append(PlainText.line("\(folder)/\(figure.id).svg  \(figure.title)\(mirrors)"))
    }
    return lines + ["pages of all papers: offprint report\n"]
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
