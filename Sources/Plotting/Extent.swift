import Foundation

/// The ranges of a panel's axes: settled before the script is written, so that the legend can be placed where no data are.
struct Extent {
  var x: ClosedRange<Double>
  var y: ClosedRange<Double>
  var y2: ClosedRange<Double>?

  init(of panel: Panel) {
    let drawn = panel.series.filter { !$0.isEmpty(in: panel) }
    let lines = panel.annotations.map { annotation -> (x: Double?, y: Double?) in
      switch annotation {
      case .verticalLine(let x, _): (x, nil)
      case .horizontalLine(let y, _): (nil, y)
      default: (nil, nil)
      }
    }
    let isBarChart = drawn.contains { if case .bars = $0.kind { true } else { false } }
    let fitsTight = drawn.contains { if case .heatMap = $0.kind { true } else { false } }
    let xs = drawn.flatMap { series in
      series.outline(in: panel).filter { panel.yAxis(of: series).coordinate($0.y) != nil }.map(\.x)
    }
    x = Self.range(
      panel.x, xs + lines.compactMap(\.x), room: isBarChart ? 0 : drawn.contains(where: \.needsRoomAtEnds) ? 0.04 : 0)
    if isBarChart { x = (panel.x.from ?? x.lowerBound - 0.6)...(panel.x.to ?? x.upperBound + 0.6) }
    let isInside = { (value: Double) in value >= panel.x.from ?? -.infinity && value <= panel.x.to ?? .infinity }
    func vertical(_ axis: Axis, _ series: [Series], _ extra: [Double]) -> ClosedRange<Double> {
      // What the x axis cannot show, or leaves out, needs no room.
      let shown = series.flatMap { $0.outline(in: panel) }.filter { panel.x.coordinate($0.x) != nil && isInside($0.x) }
      var ys = shown.map(\.y) + extra
      let standsOnZero = series.contains(where: \.standsOnZero)
      if standsOnZero, !axis.isLog { ys.append(0) }
      let range = Self.range(axis, ys, room: fitsTight ? 0 : 0.05)
      return standsOnZero && !axis.isLog && range.lowerBound < 0 && axis.from == nil && !ys.contains { $0 < 0 }
        ? 0...max(range.upperBound, .leastNormalMagnitude) : range
    }
    y = vertical(panel.y, drawn.filter { !$0.usesRightAxis }, lines.compactMap(\.y))
    if let axis = panel.y2 { y2 = vertical(axis, drawn.filter(\.usesRightAxis), []) }
  }

  /// The part of the x axis between `from` and `to`; nil when there is none.
  func clipped(_ from: Double, _ to: Double) -> ClosedRange<Double>? {
    let (low, high) = (max(from, x.lowerBound), min(to, x.upperBound))
    return low < high ? low...high : nil
  }

  /// The ends of an axis: what the author fixed, else the data with some room, never empty.
  static func range(_ axis: Axis, _ values: [Double], room: Double) -> ClosedRange<Double> {
    let coordinates = values.compactMap(axis.coordinate)
    let fixed = (from: axis.from.flatMap(axis.coordinate), to: axis.to.flatMap(axis.coordinate))
    var low = fixed.from ?? coordinates.min() ?? fixed.to.map { $0 - 1 } ?? 0
    var high = fixed.to ?? coordinates.max() ?? low + 1
    // A constant still needs an axis with a length.
    if high - low <= 1e-12 * max(abs(low), abs(high), 1e-300) {
      let half = axis.isLog ? 0.5 : max(abs(low) * 0.5, 0.5)
      if fixed.to == nil { high = low + half }
      if fixed.from == nil { low -= half }
      if high <= low { high = low + half }
    }
    // Halves, since the whole may be beyond all numbers.
    let pad = (high / 2 - low / 2) * (2 * room)
    var ends = (low: fixed.from == nil ? low - pad : low, high: fixed.to == nil ? high + pad : high)
    // Counts and losses do not reach below zero for the sake of a margin.
    if !axis.isLog, low >= 0, ends.low < 0 { ends.low = 0 }
    // A margin below the smallest numbers, or above the largest, would end at 0, or at infinity.
    if axis.isLog {
      ends = (max(ends.low, log10(.leastNormalMagnitude)), min(ends.high, log10(.greatestFiniteMagnitude)))
    }
    // gnuplot and we compute with the length of the axis, which must be a number too.
    let inside = { (end: Double) in min(max(end, -1e300), 1e300) }
    let lower = inside(axis.from ?? axis.value(atCoordinate: ends.low))
    let upper = inside(axis.to ?? axis.value(atCoordinate: ends.high))
    return lower < upper ? lower...upper : upper...max(lower, upper.nextUp)
  }

  /// A point as fractions of the frame's width and height; nil where an axis cannot show it.
  func fraction(_ point: (x: Double, y: Double), _ panel: Panel, right: Bool = false) -> (x: Double, y: Double)? {
    let axis = right ? panel.y2 ?? panel.y : panel.y
    let range = right ? y2 ?? y : y
    guard let fx = Self.fraction(point.x, panel.x, x), let fy = Self.fraction(point.y, axis, range) else { return nil }
    return (fx, fy)
  }

  static func fraction(_ value: Double, _ axis: Axis, _ range: ClosedRange<Double>) -> Double? {
    guard let v = axis.coordinate(value), let low = axis.coordinate(range.lowerBound),
      let high = axis.coordinate(range.upperBound), high > low
    else { return nil }
    return (v - low) / (high - low)
  }
}

extension Series {
  /// Whether no point of the series can be shown: gnuplot warns of that, or stops.
  func isEmpty(in panel: Panel) -> Bool {
    if case .guide = kind { return false }
    let yAxis = panel.yAxis(of: self)
    return !outline(in: panel).contains { panel.x.coordinate($0.x) != nil && yAxis.coordinate($0.y) != nil }
  }
}
