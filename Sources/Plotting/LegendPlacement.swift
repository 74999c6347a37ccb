import Foundation

/// Finds the corner of a panel where the legend covers nothing.
enum LegendPlacement {
  /// The place for a legend of `labels`; `.outside` when every corner holds data.
  static func best(for panel: Panel, extent: Extent, labels: [String], frame: (width: Double, height: Double)) -> Legend {
    guard !panel.series.contains(where: { if case .heatMap = $0.kind { true } else { false } }) else { return .outside }
    let width = (LegendSize.entryWidth(labels) + 0.3) / frame.width
    let height = (Double(labels.count) * Theme.lineHeight + 0.25) / frame.height
    // Labels of great length may leave a frame without width.
    guard 0..<0.95 ~= width, 0..<0.7 ~= height else { return .outside }
    let covered = obstacles(in: panel, extent: extent, frame: frame)
    let places: [(Legend, x: Double, y: Double)] = [
      (.topRight, 1 - width, 1 - height), (.topLeft, 0, 1 - height), (.bottomLeft, 0, 0), (.bottomRight, 1 - width, 0),
      (.top, 0.5 - width / 2, 1 - height), (.bottom, 0.5 - width / 2, 0),
    ]
    let free = places.first { place in
      !covered.contains { place.x...place.x + width ~= $0.x && place.y...place.y + height ~= $0.y }
    }
    return free?.0 ?? .outside
  }

  /// Points on everything drawn, as fractions of the frame, dense enough that no line slips through a legend.
  private static func obstacles(
    in panel: Panel, extent: Extent, frame: (width: Double, height: Double)
  ) -> [(x: Double, y: Double)] {
    var points: [(x: Double, y: Double)] = []
    for series in panel.series {
      let fractions = outline(of: series, in: panel, extent: extent).map {
        extent.fraction($0, panel, right: series.usesRightAxis)
      }
      for (index, end) in fractions.enumerated() {
        guard let end else { continue }
        points.append(end)
        if series.isFilled {
          // A bar reaches down to the axis, and some way to both sides.
          for step in 0..<25 { for side in [-0.04, 0, 0.04] { points.append((end.x + side, end.y * Double(step) / 25)) } }
        } else if index > 0, let start = fractions[index - 1] {
          for step in 1..<20 {
            let t = Double(step) / 20
            points.append((start.x + t * (end.x - start.x), start.y + t * (end.y - start.y)))
          }
        }
      }
    }
    for annotation in panel.annotations {
      switch annotation {
      case .text(let text, let x, let y, let centered):
        guard let at = extent.fraction((x, y), panel) else { continue }
        let length = Theme.width(text) / frame.width
        points += (0...20).map { (at.x + length * (Double($0) / 20 - (centered ? 0.5 : 0)), at.y) }
      case .slopeTriangle(let slope, let x, let y, let width, _):
        points += [(x, y), (width * x, y), (width * x, y * pow(width, slope))].compactMap { extent.fraction($0, panel) }
      case .verticalLine(let x, _):
        guard let at = extent.fraction((x, extent.y.lowerBound), panel) else { continue }
        points += (0...20).map { (at.x, Double($0) / 20) }
      case .horizontalLine(let y, _):
        guard let at = extent.fraction((extent.x.lowerBound, y), panel) else { continue }
        points += (0...40).map { (Double($0) / 40, at.y) }
      case .arrow(let from, let to):
        points += [from, to].compactMap { extent.fraction($0, panel) }
      }
    }
    return points
  }

  private static func outline(of series: Series, in panel: Panel, extent: Extent) -> [(x: Double, y: Double)] {
    guard case .guide(let expression, let from, let to) = series.kind else { return series.outline(in: panel) }
    guard let over = extent.clipped(from, to) else { return [] }
    // Evenly spaced in the logarithm where that exists, which serves both scales.
    return (0...60).map { step in
      let t = Double(step) / 60
      let x =
        over.lowerBound > 0
        ? over.lowerBound * pow(over.upperBound / over.lowerBound, t) : over.lowerBound + t * (over.upperBound - over.lowerBound)
      return (x, expression(x))
    }
  }
}

/// The size of a legend: as many columns as fit side by side.
struct LegendSize {
  let rows: Int
  /// In centimetres; nothing for no labels.
  let height: Double

  init(_ labels: [String], width: Double) {
    let most = max(1, min(labels.count, Int(width / Self.entryWidth(labels))))
    rows = (labels.count + most - 1) / most
    height = labels.isEmpty ? 0 : Double(rows) * Theme.lineHeight + 0.15
  }

  /// A sample of the line, and the longest label, in centimetres: as gnuplot counts them, by characters, where that is more.
  static func entryWidth(_ labels: [String]) -> Double {
    labels.map { max(Theme.width($0) + 0.9, (Double($0.count) + 4.2) * 0.175) }.max() ?? 0
  }
}

/// The legend below a panel, or below a row of panels that have the same one.
struct LegendBelow {
  /// The room below every panel of the figure, in centimetres.
  var room = 0.0
  /// Whether it stands below the middle of the picture, for all panels.
  var isShared = false
  /// Whether another panel draws it.
  var isElsewhere = false
}
