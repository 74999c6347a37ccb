/// Thins long curves without losing what the eye sees.
package enum Thinning {
  /// Curves of more points are thinned: a column of a journal has not half as many pixels.
  package static let limit = 4000

  /// The indices to keep: of every bin of neighbours the first least and the first greatest value, in their order, with both ends
  /// of the curve. A bin without numbers keeps one NaN, so that a gap stays a gap.
  package static func indices(of values: [Double], limit: Int = limit) -> [Int] {
    guard values.count > limit else { return Array(values.indices) }
    let bins = (limit - 2) / 2
    var kept: [Int] = [0]
    for bin in 0..<bins {
      let range = bin * values.count / bins..<(bin + 1) * values.count / bins
      let finite = range.filter { values[$0].isFinite }
      if let low = finite.min(by: { values[$0] < values[$1] }), let high = finite.max(by: { values[$0] < values[$1] }) {
        kept += low == high ? [low] : [min(low, high), max(low, high)]
      } else {
        kept.append(range.lowerBound)
      }
    }
    kept.append(values.count - 1)
    // The ends may already stand there.
    return kept.reduce(into: []) { if $0.last != $1 { $0.append($1) } }
  }
}

extension Series {
  /// The series with its curve thinned; the columns are then derived ones.
  func thinned() -> Series {
    guard case .curve(let x, let y, let marks) = kind, y.values.count > Thinning.limit else { return self }
    let kept = Thinning.indices(of: y.values)
    var copy = self
    copy.kind = .curve(x: Column(kept.map { x.values[$0] }), y: Column(kept.map { y.values[$0] }), marks)
    return copy
  }
}
