import Foundation

extension ScriptPanel {
  var annotations: String {
    let verticals = verticalLabels
    var lines: [String] = []
    for annotation in panel.annotations {
      switch annotation {
      case .text(let text, let x, let y, let centered):
        let place = "at \(Number.text(x)),\(Number.text(y)) \(centered ? "center" : "left") front \(Self.small)"
        lines.append("set label \(Markup(text, keepsLines: true).quoted()) \(place)")
      case .slopeTriangle(let slope, let x, let y, let width, let label):
        lines += triangle(slope, x, y, width, label)
      case .verticalLine(let x, _):
        lines.append("set arrow from \(Number.text(x)),graph 0 to \(Number.text(x)),graph 1 nohead back \(Self.faint)")
      case .horizontalLine(let y, _):
        lines.append(
          "set arrow from graph 0,first \(Number.text(y)) to graph 1,first \(Number.text(y)) nohead front \(Self.faint)")
      case .arrow(let from, let to):
        lines.append(
          "set arrow from \(Number.text(from.x)),\(Number.text(from.y)) to \(Number.text(to.x)),\(Number.text(to.y)) "
            + "head filled size screen 0.02,20 front linewidth 0.8 linecolor rgb frame")
      }
    }
    for label in verticals {
      let height = Number.short(0.55 + 0.85 * Double(label.level))
      lines.append(
        "set label \(Markup(label.text).quoted()) at \(Number.text(label.x)),graph 1 center offset 0,\(height) \(Self.small)")
    }
    return (lines + horizontalLabels).joined(separator: "\n")
  }

  private static let faint = "linecolor rgb guide dashtype (4,3) linewidth 0.8"
  private static let small = "font small textcolor rgb note"

  /// The labels of vertical lines, lifted where they would touch.
  private var verticalLabels: [(text: String, x: Double, level: Int)] {
    var ends: [Double] = []
    var result: [(text: String, x: Double, level: Int)] = []
    let labels = panel.annotations.compactMap { annotation -> (text: String, x: Double, at: Double)? in
      guard case .verticalLine(let x, let text) = annotation, !text.isEmpty,
        let at = Extent.fraction(x, panel.x, extent.x)
      else { return nil }
      return (text, x, at)
    }
    for label in labels.sorted(by: { $0.at < $1.at }) {
      let half = Theme.width(label.text) * 0.9 / frame.width / 2
      let level = ends.firstIndex { $0 < label.at - half - 0.01 } ?? ends.count
      if level == ends.count { ends.append(0) }
      ends[level] = label.at + half
      result.append((label.text, label.x, level))
    }
    return result
  }

  /// How many rows of labels stand above the frame.
  var labelLevels: Int { (verticalLabels.map(\.level).max() ?? -1) + 1 }

  /// The labels of horizontal lines, right of the frame and moved apart where they would touch.
  private var horizontalLabels: [String] {
    let labels = panel.annotations.compactMap { annotation -> (text: String, y: Double, at: Double)? in
      guard case .horizontalLine(let y, let text) = annotation, !text.isEmpty,
        let at = Extent.fraction(y, panel.y, extent.y)
      else { return nil }
      return (text, y, at)
    }.sorted { $0.at < $1.at }
    let apart = 0.36 / frame.height
    var last = -Double.infinity
    return labels.map { label -> String in
      last = max(label.at, last + apart)
      return "set label \(Markup(label.text).quoted()) at graph 1.02,graph \(Number.short(last)) left \(Self.small)"
    }
  }

  /// A right triangle below or above the curve, its slope written at the upright leg.
  private func triangle(_ slope: Double, _ x: Double, _ y: Double, _ width: Double, _ label: String?) -> [String] {
    let right = x * width
    let end = y * pow(width, slope)
    let corners = [(x, y, right, end), (x, y, x, end), (x, end, right, end)]
    let middle = (y * end).squareRoot()
    let text = label ?? String(format: "%g", slope).replacing("-", with: "−")
    return corners.map {
      "set arrow from \(Number.text($0.0)),\(Number.text($0.1)) to \(Number.text($0.2)),\(Number.text($0.3)) nohead front "
        + "linewidth 0.8 linecolor rgb frame"
    } + ["set label \(Markup(text).quoted()) at \(Number.text(x)),\(Number.text(middle)) right offset -0.5,0 \(Self.small)"]
  }
}
