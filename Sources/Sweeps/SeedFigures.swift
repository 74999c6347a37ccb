import Diagnostics
import Plotting

/// The figures of several runs that differ in their seed alone, as one: curves become their medians, each with a band over the seeds.
///
/// A band holds the middle 80 percent of the seeds, or all of them when they are fewer than five. What cannot be laid over each
/// other (other positions, heat maps, histograms) is drawn as the first seed has it.
public enum SeedFigures {
  /// - Parameter runs: the figures of each seed, in the same order.
  /// - Returns: the figures that every run has.
  public static func combined(_ runs: [[Figure]]) -> [Figure] {
    guard let first = runs.first, runs.count > 1 else { return runs.first ?? [] }
    return first.compactMap { figure in
      let same = runs.compactMap { run in run.first { $0.id == figure.id } }
      return same.count == runs.count ? combined(same) : nil
    }
  }

  private static func combined(_ figures: [Figure]) -> Figure {
    var figure = figures[0]
    var (together, apart) = (0, 0)
    for place in figure.panels.indices {
      let panels = figures.compactMap { $0.panels.count > place ? $0.panels[place] : nil }
      let own = figure.panels[place].series
      guard panels.count == figures.count, panels.allSatisfy({ $0.series.count == own.count }) else {
        apart += own.count
        continue
      }
      figure.panels[place].series = own.indices.flatMap { index -> [Series] in
        // A formula is the same for every seed.
        if case .guide = own[index].kind { return [own[index]] }
        guard let series = combined(panels.map { $0.series[index] }, isInBand: index > 0 && own[index - 1].isBand) else {
          apart += 1
          return [own[index]]
        }
        together += 1
        return series
      }
    }
    let note = apart == 0 ? "" : together == 0 ? "the first of " : "in part the first of "
    figure.title += (figure.title.isEmpty ? "" : ", ") + "\(note)\(figures.count) seeds"
    return figure
  }

  /// - Parameter isInBand: whether the figure draws a band of its own right before: then that one is widened, and the line gets none.
  /// - Returns: nil when they cannot be laid over each other.
  private static func combined(_ all: [Series], isInBand: Bool) -> [Series]? {
    var series = all[0]
    switch series.kind {
    case .curve(let x, _, let marks):
      let ys = all.compactMap { one in
        if case .curve(let otherX, let y, _) = one.kind, isSame(x, otherX) { y.values } else { nil as [Double]? }
      }
      guard ys.count == all.count, let bands = Bands(ys) else { return nil }
      let place = Column(x.values)
      if marks == .points {
        series.kind = .errorBars(x: place, y: bands.middle, lower: bands.lower, upper: bands.upper)
        return [series]
      }
      series.kind = .curve(x: place, y: bands.middle, marks)
      if isInBand { return [series] }
      var band = Series.band(x: place, lower: bands.lower, upper: bands.upper, style: series.style)
      band.usesRightAxis = series.usesRightAxis
      return [band, series]
    case .band(let x, _, _):
      let ends = all.compactMap { one in
        if case .band(let otherX, let lower, let upper) = one.kind, isSame(x, otherX) {
          (lower.values, upper.values)
        } else {
          nil
        }
      }
      guard ends.count == all.count, let lower = Bands(ends.map(\.0)), let upper = Bands(ends.map(\.1)) else { return nil }
      series.kind = .band(x: Column(x.values), lower: lower.lower, upper: upper.upper)
      return [series]
    case .bars(let categories, let groups):
      guard let combined = bars(groups, of: all, categories) else { return nil }
      series.kind = .bars(categories: categories, groups: combined)
      return [series]
    default: return nil
    }
  }

  private static func bars(_ groups: [BarGroup], of all: [Series], _ categories: [String]) -> [BarGroup]? {
    let others = all.compactMap { one in
      if case .bars(categories, let groups) = one.kind { groups } else { nil as [BarGroup]? }
    }
    guard others.count == all.count, others.allSatisfy({ $0.count == groups.count }) else { return nil }
    let combined = groups.indices.compactMap { index in
      Bands(others.map { $0[index].values.values })
        .map { BarGroup(groups[index].label, $0.middle, errors: ($0.lower, $0.upper)) }
    }
    return combined.count == groups.count ? combined : nil
  }

  /// Bit patterns, so that gaps are equal too.
  private static func isSame(_ a: Column, _ b: Column) -> Bool {
    a.values.map(\.bitPattern) == b.values.map(\.bitPattern)
  }
}

/// The median of columns of equal length, and what it lies between.
private struct Bands {
  let lower, middle, upper: Column

  /// Nil for columns of different lengths.
  init?(_ columns: [[Double]]) {
    guard let length = columns.first?.count, columns.allSatisfy({ $0.count == length }) else { return nil }
    let shares = columns.count < 5 ? [0, 0.5, 1] : [0.1, 0.5, 0.9]
    let places = (0..<length).map { place in
      // A gap in one seed is no gap in the others.
      let finite = columns.map { $0[place] }.filter { !$0.isNaN }
      return finite.isEmpty ? [.nan, .nan, .nan] : quantiles(finite, shares)
    }
    lower = Column(places.map { $0[0] })
    middle = Column(places.map { $0[1] })
    upper = Column(places.map { $0[2] })
  }
}

extension Series {
  fileprivate var isBand: Bool { if case .band = kind { true } else { false } }
}
