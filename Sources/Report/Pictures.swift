import Dispatch
import Foundation
import Notebook
import Plotting
import Synchronization

/// The figures of all papers in the site: those that are drawn already are taken, the others drawn.
struct Pictures {
  /// One figure in the site.
  struct Entry {
    var id: String
    var title: String
    var mirrors: String
    /// What it shows, for those who cannot see it.
    var description: String
    /// In pixels, as drawn.
    var width, height: Double
    /// From the site's root.
    var path: String
    /// The gnuplot script, as seen from the project's root.
    var script: String
  }

  /// By the paper's slug.
  private(set) var entries: [String: [Entry]] = [:]
  private(set) var problems: [String] = []

  init(of reports: [PaperReport], in folders: Folders, to site: String) throws {
    let files = FigureFiles(folders: folders)
    for report in reports {
      guard let main = report.main, !report.figures.isEmpty else { continue }
      do {
        try Self.draw(report.figures, of: main, with: files)
        try AtomicFile.makeFolder("\(site)/figures/\(report.paper.slug)")
        entries[report.paper.slug] = try report.figures.map { figure in
          try Self.place(figure, of: report.paper.slug, from: files.folder(of: main), in: site)
        }
      } catch let error as NotebookError {
        throw error
      } catch {
        problems.append("\(report.paper.slug): \(error)")
      }
    }
  }

  private static func draw(_ figures: [Figure], of results: Results, with files: FigureFiles) throws {
    guard !files.areComplete(figures.map(\.id), terminals: [.svg], of: results) else { return }
    let scripts = try files.writeScripts(figures, of: results)
    // A picture is a process of its own: two at a time use both cores.
    let failure = Mutex<(any Error)?>(nil)
    DispatchQueue.concurrentPerform(iterations: scripts.count) { place in
      do {
        _ = try files.render([scripts[place]], terminals: [.svg])
      } catch {
        failure.withLock { $0 = error }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
  }

  private static func place(_ figure: Figure, of slug: String, from folder: String, in site: String) throws -> Entry {
    let svg = try String(contentsOfFile: "\(folder)/\(figure.id).svg", encoding: .utf8)
    let path = "figures/\(slug)/\(figure.id).svg"
    let description = ScalableFigure.description(of: figure)
    try AtomicFile.write(Data(ScalableFigure.adapted(svg, title: description).utf8), to: "\(site)/\(path)")
    let box = svg.firstMatch(of: /viewBox="0 0 ([0-9.]+) ([0-9.]+)"/)
    return Entry(
      id: figure.id, title: figure.title, mirrors: figure.mirrors, description: description,
      width: box.flatMap { Double($0.1) } ?? 4, height: box.flatMap { Double($0.2) } ?? 3, path: path,
      script: "\(folder)/\(figure.id).gp")
  }
}
