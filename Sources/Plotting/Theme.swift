/// The one look of all figures: sizes, widths and colours, in points as printed at the figure's size in centimetres.
package enum Theme {
  package static let fontSize = 8.0
  static let lineWidth = 1.3
  static let gapColor = "#707070"

  /// The colours of Okabe and Ito, told apart by colour-blind readers, without the yellow that vanishes on white. Each has a dash
  /// and a point of its own, so that curves survive grey print.
  static let looks: [(color: String, name: String, dash: String, point: Int)] = [
    ("#0072b2", "blue", "solid", 7), ("#d55e00", "vermilion", "(6,2)", 5), ("#009e73", "green", "(3,2)", 9),
    ("#cc79a7", "purple", "(8,2,2,2)", 13), ("#e69f00", "orange", "(10,2)", 11), ("#56b4e9", "sky", "(2,2)", 6),
    ("#000000", "black", "(8,2,2,2,2,2)", 4),
  ]

  /// Viridis, by nine of its colours.
  static let viridis = ["#440154", "#472c7a", "#3b518b", "#2c718e", "#21908d", "#27ad81", "#5cc863", "#aadc32", "#fde725"]

  /// The width of a character and the height of a line in centimetres, to judge what a text covers.
  static let characterWidth = 0.165
  static let lineHeight = 0.40

  /// The width of a text's longest line in centimetres, about.
  static func width(_ text: String) -> Double { Markup(text, keepsLines: true).width * characterWidth }

  static let ticScale = "scale 0.6,0.3"

  /// How a legend looks, wherever it stands.
  static let key = "set key spacing 1.1 samplen sample width pad noautotitle Left reverse noopaque"

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
      set terminal svg size 60*width,60*height enhanced dynamic font 'sans-serif,16.9' linewidth 2.117 \\
        background '#ffffff'
    } else { if (terminal eq 'png') {
      set terminal pngcairo size 118.11*width,118.11*height enhanced font 'sans-serif,8' fontscale 3.125 linewidth 4.167 \\
        pointscale 2.4 dashlength 1.8
    } else { if (terminal eq 'pdf') {
      set terminal pdfcairo size width cm,height cm enhanced font 'sans-serif,8' fontscale 0.75 linewidth 2 pointscale 0.7 \\
        dashlength 1.8
    } else {
      set terminal cairolatex pdf input size width cm,height cm colortext fontscale 0.6 linewidth 2 pointscale 0.9 dashlength 1.8
    }}}
    """

  static let settings: String = {
    var lines = [
      "set encoding utf8",
      "set border 15 linewidth 0.6 linecolor rgb '#303030'",
      "set tics out nomirror \(ticScale)",
      "set grid back linecolor rgb '#d6d6d6' linewidth 0.5 dashtype solid",
      key,
      "set style fill solid 1 noborder",
      "set bars small",
      "set xtics offset 0,lift",
      "set format '%h'",
      "set linetype cycle \(looks.count)",
    ]
    lines += looks.enumerated().map { index, look in
      "set linetype \(index + 1) linecolor rgb '\(look.color)' dashtype \(look.dash) pointtype \(look.point)  # \(look.name)"
    }
    let stops = viridis.enumerated().map { "\($0) '\($1)'" }
    lines.append("set palette defined (\(stops[..<5].joined(separator: ", ")), \\\n  \(stops[5...].joined(separator: ", ")))")
    return lines.joined(separator: "\n")
  }()
}
