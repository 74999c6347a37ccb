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

  /// How the picture's name ends.
  public var fileExtension: String { self == .cairolatex ? "tex" : rawValue }
}
