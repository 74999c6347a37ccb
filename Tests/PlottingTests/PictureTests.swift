import Foundation
import Plotting
import Testing

/// Draws the script in a folder of its own; returns what gnuplot printed.
func draw(_ figure: Figure, as terminal: Terminal, in folder: String) throws -> [String] {
  let script = "\(folder)/\(figure.id).gp"
  try Script(figure, folder: "figures").text().write(toFile: script, atomically: true, encoding: .utf8)
  return try Renderer().render(
    scriptFile: script, to: "\(folder)/\(terminal.pictureName(figure.id))", terminal: terminal)
}

/// A fresh folder, removed afterwards unless OFFPRINT_PICTURES names one to keep.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  if let kept = ProcessInfo.processInfo.environment["OFFPRINT_PICTURES"] { return try body(kept) }
  let folder = NSTemporaryDirectory() + "/plotting-\(UUID().uuidString)"
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try body(folder)
}

@Suite struct PictureTests {
  @Test(arguments: CardFigures.all.indices, Terminal.allCases)
  func everyFigureIsDrawnWithoutAWarning(index: Int, terminal: Terminal) throws {
    try withFolder { folder in
      let figure = CardFigures.all[index]
      let printed = try draw(figure, as: terminal, in: folder)
      #expect(printed == [])
      let picture = FileManager.default.contents(atPath: "\(folder)/\(terminal.pictureName(figure.id))") ?? Data()
      let beginnings: [Terminal: String] = [.svg: "<?xml", .png: "PNG", .pdf: "%PDF", .cairolatex: "% GNUPLOT"]
      #expect(String(decoding: picture.prefix(16), as: UTF8.self).contains(beginnings[terminal]!))
      if terminal == .cairolatex {
        #expect(FileManager.default.fileExists(atPath: "\(folder)/\(figure.id)-latex.pdf"))
        #expect(!String(decoding: picture, as: UTF8.self).contains(".drawing-"))
      }
    }
  }
}
