import Foundation
import Plotting

/// A picture of the report: gnuplot's SVG that follows the page from light to dark.
enum ScalableFigure {
  /// Paper, ink and grid of the theme, as gnuplot writes them, in the dark. The colours of curves stay.
  private static let style = """
    <style>@media (prefers-color-scheme: dark) {
      [fill="#ffffff"], [fill="rgb(255,255,255)"] { fill: #17191e }
      [fill="black"], [fill="rgb(0,0,0)"], [fill="rgb(48,48,48)"], [fill="rgb(64,64,64)"] { fill: #e4e4e4 }
      [stroke="black"], [stroke="rgb( 48,  48,  48)"], [stroke="rgb( 64,  64,  64)"], [stroke="rgb(  0,   0,   0)"] { stroke: #cfcfcf }
      [color="black"] { color: #e4e4e4 }
      [stroke="rgb(214, 214, 214)"] { stroke: #3b3f47 }
    }</style>
    """

  /// The picture with the style of the dark page in it; its title is what it shows, not the name of the program that drew it.
  static func adapted(_ svg: String, title: String) -> String {
    guard let head = svg.firstMatch(of: /<svg[^>]*>/) else { return svg }
    var text = svg
    text.insert(contentsOf: "\n\(style)\n", at: head.range.upperBound)
    return text.replacing("<title>Gnuplot</title>", with: "<title>\(Typesetting.escaped(title))</title>", maxReplacements: 1)
  }

  /// What a figure shows, for those who cannot see it: title, axes and curves.
  static func description(of figure: Figure) -> String {
    let panels = figure.panels.map { panel in
      let labels = panel.series.map(\.label).filter { !$0.isEmpty }
      let title = panel.title.isEmpty ? "" : "\(panel.title): "
      let curves = labels.isEmpty ? "" : "; \(labels.joined(separator: ", "))"
      return "\(title)\(panel.y.label) against \(panel.x.label)\(curves)"
    }
    let text = ([figure.title].filter { !$0.isEmpty } + panels).joined(separator: ". ")
    return text.replacing("$", with: "")
  }
}
