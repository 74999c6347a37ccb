import Foundation
import Plotting
import Testing

/// Draws the script in a folder of its own; returns what gnuplot printed.
func draw(
  _ figure: Figure, as terminal: Terminal, style: PictureStyle = PictureStyle(), in folder: String
) throws -> [String] {
  let script = "\(folder)/\(figure.id).gp"
  try Script(figure, folder: "figures").text().write(toFile: script, atomically: true, encoding: .utf8)
  return try Renderer().render(
    scriptFile: script, to: "\(folder)/\(terminal.pictureName(figure.id, theme: style.theme))", terminal: terminal, style: style)
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

  /// The colours are the theme's and no others, in every kind of figure; so is the font.
  @Test(arguments: PictureTheme.allCases) func themesAreComplete(theme: PictureTheme) throws {
    try withFolder { folder in
      for figure in CardFigures.all {
        var style = PictureStyle()
        (style.theme, style.font) = (theme, "Some Font")
        let printed = try draw(figure, as: .svg, style: style, in: folder)
        #expect(printed == [])
        let file = "\(folder)/\(Terminal.svg.pictureName(figure.id, theme: theme))"
        let picture = try String(contentsOfFile: file, encoding: .utf8)
        #expect(picture.contains("Some Font") && !picture.contains("sans-serif"))
        #expect(picture.contains(theme == .dark ? "#17191e" : "#ffffff"))
        // What is black in gnuplot unless told otherwise.
        if theme == .dark { #expect(!picture.contains(#"fill="black""#), "\(figure.id) has black text") }
        if theme == .grey {
          let colors = picture.matches(of: /rgb\( *([0-9]+), *([0-9]+), *([0-9]+)\)/)
          #expect(colors.allSatisfy { $0.1 == $0.2 && $0.2 == $0.3 }, "\(figure.id) has colours")
        }
      }
    }
  }
}
