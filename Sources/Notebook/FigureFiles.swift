import Foundation
import Plotting

/// Puts the figures of a result on disk: a script each, and its pictures.
public struct FigureFiles: Sendable {
  /// Figures go below `folders.figures`.
  public var folders: Folders
  /// Draws the pictures.
  public var renderer: Renderer

  /// Scripts and pictures in the standard folders, drawn by the gnuplot on the PATH.
  public init(folders: Folders = Folders(), renderer: Renderer = Renderer()) {
    self.folders = folders
    self.renderer = renderer
  }

  /// Where the figures of this result lie.
  public func folder(of results: Results) -> String {
    folders.figures(slug: results.slug, stem: URL(filePath: results.path).deletingPathExtension().lastPathComponent)
  }

  /// The command that writes the scripts of a results file anew.
  static func remedy(for file: String) -> String {
    let parts = file.split(separator: "/").suffix(2)
    if parts.last == "quick-seed0.h5", let slug = parts.first.map(String.init), FileName.shellWord(slug) == slug {
      return "make figures-\(slug)"
    }
    return "offprint figures \(FileName.shellWord(file))"
  }

  /// Whether every figure has a script younger than the result, and its pictures.
  public func areComplete(_ ids: [String], terminals: [Terminal] = [.svg, .png], of results: Results) -> Bool {
    let folder = folder(of: results)
    let files = ids.flatMap { id in ["\(folder)/\(id).gp"] + terminals.map { $0.pictureName("\(folder)/\(id)") } }
    guard let written = Self.changed(results.path) else { return false }
    return files.allSatisfy { file in Self.changed(file).map { $0 >= written } ?? false }
  }

  private static func changed(_ path: String) -> Date? {
    try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
  }

  /// Writes the script of every figure, anew: a stale byte offset would draw other bytes.
  /// - Parameter standalone: whether the scripts hold the numbers themselves instead of plotting the results file.
  /// - Returns: the scripts' paths.
  public func writeScripts(_ figures: [Figure], of results: Results, standalone: Bool = false) throws -> [String] {
    let folder = folder(of: results)
    try AtomicFile.makeFolder(folder)
    return try figures.map { figure in
      let script = Script(figure, folder: folder, results: results.asPlotted, standalone: standalone)
      AtomicFile.removeTemporaries(of: script.path)
      try AtomicFile.write(Data(script.text().utf8), to: script.path)
      return script.path
    }
  }

  /// Renders scripts, each into one picture for each terminal, beside the script.
  /// - Returns: the pictures' paths.
  /// - Throws: ``PlottingError`` with gnuplot's own message; scripts, results and older pictures stay as they are.
  public func render(_ scripts: [String], terminals: [Terminal], style: PictureStyle = PictureStyle()) throws -> [String] {
    try scripts.flatMap { script in
      try terminals.map { terminal in
        let picture = terminal.pictureName(String(script.dropLast(3)), theme: style.theme)
        try renderer.render(scriptFile: script, to: picture, terminal: terminal, style: style)
        return picture
      }
    }
  }
}

extension Results {
  /// This file as scripts name it.
  fileprivate var asPlotted: ResultsFile { ResultsFile(path: path, size: size, remedy: FigureFiles.remedy(for: path)) }
}
