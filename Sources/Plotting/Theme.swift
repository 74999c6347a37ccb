/// The one look of all figures: sizes, widths and colours, in points as printed at the figure's size in centimetres.
package enum Theme {
  package static let fontSize = 8.0
  static let lineWidth = 1.3

  /// Each series has a colour (see `PictureTheme`), a dash and a point of its own, so that curves survive grey print.
  static let looks: [(dash: String, point: Int)] = [
    ("solid", 7), ("(6,2)", 5), ("(3,2)", 9), ("(8,2,2,2)", 13), ("(10,2)", 11), ("(2,2)", 6), ("(8,2,2,2,2,2)", 4),
  ]

  /// The width of a character and the height of a line in centimetres, to judge what a text covers.
  static let characterWidth = 0.165
  static let lineHeight = 0.40

  /// The width of a text's longest line in centimetres, about.
  static func width(_ text: String) -> Double { Markup(text, keepsLines: true).width * characterWidth }

  static let ticScale = "scale 0.6,0.3"

  /// How a legend looks, wherever it stands.
  static let key = "set key spacing 1.1 samplen sample width pad noautotitle Left reverse noopaque textcolor rgb ink"

  /// The terminal for the kind of picture wanted: the same design at each terminal's own resolution.
  static let terminals = """
    # 60 pixels to the centimetre on a screen, 300 to the inch in a png; the sizes of text and lines follow. The margins of an svg
    # ignore fontscale, so its fonts are given in pixels.
    dot = terminal eq 'svg' ? 0.5 : 0.6
    points(size) = sprintf(',%g', terminal eq 'svg' ? 2.117*size : size)
    small = points(7.0)
    # An svg and LaTeX count wider characters; an svg sets the labels of ticks lower,
    # LaTeX higher.
    sample = terminal eq 'svg' ? 2.3 : latex ? 2.0 : 2.6
    pad = terminal eq 'svg' ? -1.4 : latex ? -2.5 : -1.0
    lift = terminal eq 'svg' ? 0.35 : latex ? -0.1 : 0.0
    if (terminal eq 'svg') {
      set terminal svg size 60*width,60*height enhanced dynamic font font.',16.9' linewidth 2.117 \\
        background paper
    } else { if (terminal eq 'png') {
      set terminal pngcairo size 118.11*width,118.11*height enhanced font font.',8' fontscale 3.125 linewidth 4.167 \\
        pointscale 2.4 dashlength 1.8 background paper
    } else { if (terminal eq 'pdf') {
      set terminal pdfcairo size width cm,height cm enhanced font font.',8' fontscale 0.75 linewidth 2 pointscale 0.7 \\
        dashlength 1.8 background paper
    } else {
      set terminal cairolatex pdf input size width cm,height cm colortext fontscale 0.6 linewidth 2 pointscale 0.9 dashlength 1.8 \\
        background paper
    }}}
    """

  static let settings: String = {
    var lines = [
      "set encoding utf8",
      "set border 15 linewidth 0.6 linecolor rgb frame",
      "set tics out nomirror \(ticScale) textcolor rgb ink",
      "set y2label textcolor rgb ink",
      "set cblabel textcolor rgb ink",
      "set grid back linecolor rgb mesh linewidth 0.5 dashtype solid",
      key,
      "set style fill solid 1 noborder",
      "set bars small",
      "set xtics offset 0,lift",
      "set format '%h'",
      "set linetype cycle \(looks.count)",
    ]
    lines += looks.enumerated().map { index, look in
      "set linetype \(index + 1) linecolor rgb word(colors, \(index + 1)) dashtype \(look.dash) pointtype \(look.point)"
    }
    lines += [
      "stops = ''",
      "do for [i=1:words(shades)] { stops = stops . sprintf(\"%s%g '%s'\", i > 1 ? ', ' : '', i - 1, word(shades, i)) }",
      "eval 'set palette defined ('.stops.')'",
    ]
    return lines.joined(separator: "\n")
  }()
}

/// The colours of a picture. The variable `theme`, set before a script is loaded, chooses.
public enum PictureTheme: String, CaseIterable, Sendable {
  /// For paper.
  case light
  /// For slides and pages with a dark ground.
  case dark
  /// Without colours, for grey print.
  case grey

  /// Of the seven looks of series.
  private var colors: String {
    switch self {
    // Okabe and Ito's, told apart by colour-blind readers, without the yellow that vanishes on white: blue, vermilion, green, purple,
    // orange, sky, black.
    case .light: "#0072b2 #d55e00 #009e73 #cc79a7 #e69f00 #56b4e9 #000000"
    // The same hues, as bright as a dark ground asks.
    case .dark: "#3f9fdf #f0763a #2cc295 #dd93bb #f0b429 #8fd0f5 #f2f2f2"
    case .grey: "#000000 #6e6e6e #a0a0a0 #3c3c3c #888888 #b8b8b8 #555555"
    }
  }

  /// Of maps, from low to high: Viridis, by nine of its colours.
  private var shades: String {
    self == .grey ? "#101010 #f4f4f4" : "#440154 #472c7a #3b518b #2c718e #21908d #27ad81 #5cc863 #aadc32 #fde725"
  }

  /// Paper, text, frames, notes beside curves, guides, grid.
  private var grounds: [(name: String, color: String)] {
    let colors =
      self == .dark
      ? ["#17191e", "#e4e4e4", "#cfcfcf", "#bdbdbd", "#9a9aa0", "#3b3f47"]
      : ["#ffffff", "#000000", "#303030", "#404040", "#707070", "#d6d6d6"]
    return Array(zip(["paper", "ink", "frame", "note", "guide", "mesh"], colors))
  }

  /// The part of a script that gives these colours their names.
  static let commands: String = {
    let cases = allCases.map { theme in
      let named = [("colors", theme.colors), ("shades", theme.shades)] + theme.grounds
      return "if (theme eq '\(theme.rawValue)') { \(named.map { "\($0) = '\($1)'" }.joined(separator: "; ")) }"
    }
    return """
      if (!exists('theme')) theme = '\(Self.light.rawValue)'
      if (!exists('font')) font = 'sans-serif'
      \(cases.joined(separator: "\n"))
      if (strstrt(' \(allCases.map(\.rawValue).joined(separator: " ")) ', ' ' . theme . ' ') == 0) {
        print 'there is no theme ''', theme, ''': choose among \(allCases.map(\.rawValue).joined(separator: ", "))'
        exit status 1
      }
      """
  }()

  /// What stands between the figure's name and the ending of its pictures.
  var suffix: String { self == .light ? "" : "-\(rawValue)" }
}
