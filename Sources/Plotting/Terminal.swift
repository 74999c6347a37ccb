import Foundation

/// The kind of a picture.
public enum Terminal: String, CaseIterable, Sendable {
  /// Scalable, for screens.
  case svg
  /// Pixels at 300 dpi, drawn by pngcairo.
  case png
  /// For reports, drawn by pdfcairo.
  case pdf
  /// A LaTeX file that sets the text in the document's font over a pdf beside it.
  case cairolatex

  /// gnuplot's name for it.
  public var driver: String {
    switch self {
    case .svg, .cairolatex: rawValue
    case .png, .pdf: rawValue + "cairo"
    }
  }

  /// The name of the picture of a script named `stem`: "fig1.svg", "fig1-dark.svg", and "fig1-latex.tex" for cairolatex, whose drawing,
  /// fig1-latex.pdf, must not replace the picture fig1.pdf.
  public func pictureName(_ stem: String, theme: PictureTheme = .light) -> String {
    stem + theme.suffix + (self == .cairolatex ? "-latex.tex" : ".\(rawValue)")
  }

  /// Whether a picture ends as one of this kind does: gnuplot does not notice that a disk is full.
  package func isWhole(_ picture: Data) -> Bool {
    let end =
      switch self {
      case .svg: "</svg>"
      case .png: "IEND"
      case .pdf: "%%EOF"
      case .cairolatex: "\\endgroup"
      }
    return picture.suffix(32).range(of: Data(end.utf8)) != nil
  }
}
