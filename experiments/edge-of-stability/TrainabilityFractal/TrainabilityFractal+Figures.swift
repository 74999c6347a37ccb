import Diagnostics
import Foundation
import Notebook
import Plotting
import Tensors
import Training

extension TrainabilityFractal {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let counted = settings.sequences.filter { results.hasTensor("\(path($0.variant, level: 1))/boxes") }
    var figures = [
      Figure(
        "fig1", title: "Zooming into the border, tanh network", mirrors: "zoom sequence of the tanh network",
        panels: try zoom(.tanh, settings.levels, results), panelWidth: imageWidth, panelHeight: imageHeight),
      Figure(
        "fig2", title: "Boxes that touch the border", mirrors: "box counts of the fractal dimension",
        panels: try counted.map { try boxPanel($0.variant, $0.levels, results) }),
      Figure(
        "fig3", title: "Local dimension", mirrors: "fractal dimension, the median of the slopes",
        panels: try counted.map { try slopePanel($0.variant, $0.levels, results) }),
    ]
    // The control is figure 4, the other variants follow.
    let others = counted.filter { $0.variant == .control } + counted.filter { ![.control, .tanh].contains($0.variant) }
    for (variant, levels) in others {
      figures.append(
        Figure(
          "fig\(figures.count + 1)", title: "Zooming into the border, \(title(variant))",
          mirrors: "zoom sequence of this variant",
          panels: try zoom(variant, levels, results), panelWidth: imageWidth, panelHeight: imageHeight))
    }
    if results.hasTensor("picture/shade") { figures += try pictures(results, from: figures.count + 1) }
    return figures
  }

  private static let imageWidth = 9.5
  private static let imageHeight = 7.5

  private static func title(_ variant: Variant) -> String {
    switch variant {
    case .tanh: "tanh, all points"
    case .linear: "linear network"
    case .onePoint: "tanh, one point"
    case .relu: "ReLU"
    case .minibatch: "tanh, minibatches"
    case .offset: "tanh, offset and learning rate"
    case .control: "quadratic function"
    }
  }

  private static func levels(_ variant: Variant, _ count: Int, _ results: Results) -> [Int] {
    (0..<count).map { $0 + 1 }.filter { results.hasTensor("\(path(variant, level: $0))/boxes") }
  }

  private static func zoom(_ variant: Variant, _ count: Int, _ results: Results) throws -> [Panel] {
    try levels(variant, count, results).map { level in
      try image(path(variant, level: level), "level \(level)", variant, results)
    }
  }

  private static func image(_ path: String, _ title: String, _ variant: Variant, _ results: Results) throws -> Panel {
    let intensity = try results.tensor("\(path)/intensity")
    let (first, second) = variant == .control ? ("η₁", "η₂") : ("η₀", "η₁")
    return imagePanel(
      Grid(
        try results.tensor("\(path)/shade").column(), x: try intensity.coordinate("column"), y: try intensity.coordinate("row")),
      title, x: variant == .offset ? "offset added to W₀" : "learning rate log₁₀ \(first)", y: "learning rate log₁₀ \(second)")
  }

  private static func imagePanel(_ grid: Grid, _ title: String, x: String, y: String) -> Panel {
    // A frame at the pixels' outer edges, with ticks that tell positions in a small window apart.
    let axis = { (label: String, positions: Column) in
      let values = positions.values
      let half = (values[1] - values[0]) / 2
      let (from, to) = (values[0] - half, values[values.count - 1] + half)
      let digits = max(0, Int((1 - log10(to - from)).rounded(.up)))
      let ticks = [0.1, 0.5, 0.9].map { share in
        let place = from + share * (to - from)
        return Axis.Tick(place, String(format: "%.\(digits + 1)f", place))
      }
      return Axis(label, from: from, to: to, ticks: ticks)
    }
    return Panel(
      title: title, x: axis(x, grid.x), y: axis(y, grid.y), legend: .none,
      series: [.heatMap(grid, color: ColorAxis("rank: converged < 0 < diverged", from: -1, to: 1))])
  }

  /// Nil where what was recorded are no counts.
  private static func counts(_ path: String, _ results: Results) throws -> BoxCounts? {
    let boxes = try results.tensor("\(path)/boxes")
    let (sides, counts) = (try boxes.coordinate("side").values, try boxes.column().values)
    let whole = counts.compactMap { Int(exactly: $0) }
    return whole.count == counts.count ? BoxCounts(sides: sides.map { Int($0) }, counts: whole) : nil
  }

  private static func boxPanel(_ variant: Variant, _ count: Int, _ results: Results) throws -> Panel {
    let series = try levels(variant, count, results).map { level in
      let boxes = try results.tensor("\(path(variant, level: level))/boxes")
      let dimension = try counts(path(variant, level: level), results)?.dimension ?? .nan
      return Series.linesPoints(
        x: try boxes.coordinate("side"), y: try boxes.column(),
        label: "level \(level), fit \(String(format: "%.2f", dimension))")
    }
    return Panel(
      title: title(variant), x: Axis("side of the boxes", unit: "pixels", scale: .log(base: 2)),
      y: Axis("boxes that touch the border", scale: .log()), legend: .outside,
      series: series + [
        .guide("4e4*x**(-2)", label: "slope −2"), .guide("128/x", label: "slope −1"),
      ])
  }

  private static func slopePanel(_ variant: Variant, _ count: Int, _ results: Results) throws -> Panel {
    let levels = levels(variant, count, results)
    let middle = try medianSlope(variant, levels, results)
    return Panel(
      title: title(variant), x: Axis("side of the boxes", unit: "pixels", scale: .log(base: 2)),
      y: Axis("slope to the next side", from: 0.6, to: 2.1), legend: .outside,
      series: try levels.compactMap { level in
        guard let counts = try counts(path(variant, level: level), results) else { return nil }
        let slopes = counts.slopes
        return .linesPoints(
          x: Column(counts.sides.prefix(slopes.count).map(Double.init)), y: Column(slopes), label: "level \(level)")
      },
      annotations: middle.isFinite ? [.horizontalLine(y: middle, label: String(format: "%.2f", middle))] : [])
  }

  /// The large picture, and what was there of it while it was computed, in the shades of the finished one: every eighth pixel, every fourth.
  private static func pictures(_ results: Results, from number: Int) throws -> [Figure] {
    let intensity = try results.tensor("picture/intensity")
    let shade = try results.tensor("picture/shade").column().values
    let (columns, rows) = (try intensity.coordinate("column").values, try intensity.coordinate("row").values)
    let filled = try results.trace("picture/filled")
    let stages = [8, 4].map { stride in
      let places = Swift.stride(from: 0, to: rows.count, by: stride)
      return imagePanel(
        Grid(
          Column(places.flatMap { row in places.map { shade[row * columns.count + $0] } }),
          x: Column(places.map { columns[$0] }), y: Column(places.map { rows[$0] })),
        "after 1/\(stride * stride) of the runs", x: "learning rate log₁₀ η₀", y: "learning rate log₁₀ η₁")
    }
    return [
      Figure(
        "fig\(number)", title: "\(columns.count)² training runs, tanh network", mirrors: "the first image of the tanh network",
        try image("picture", "", .tanh, results), panelWidth: 16, panelHeight: 13.5),
      Figure(
        "fig\(number + 1)", title: "The picture fills in", mirrors: "not in the paper",
        panels: stages + [
          Panel(
            x: Axis("step of the loop"), y: Axis("share of the pixels", from: 0, to: 1),
            series: [.line(x: try filled.coordinate("step"), y: try filled.column())])
        ], panelWidth: imageWidth, panelHeight: imageHeight),
    ]
  }

  // MARK: Claims

  /// The paper's estimate: the median of all slopes of all images.
  private static func medianSlope(_ variant: Variant, _ levels: [Int], _ results: Results) throws -> Double {
    median(try levels.flatMap { try counts(path(variant, level: $0), results)?.slopes ?? [.nan] })
  }

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let tanh = levels(.tanh, settings.levels, results)
    let edges = { (level: Int) in
      tanh.contains(level) ? try counts(path(.tanh, level: level), results).map { Double($0.counts[0]) } ?? .nan : .nan
    }
    let repeats = try results.tensor("repeats/intensity")
    let pixels = settings.repeatedSize * settings.repeatedSize
    let runs = (0..<3).map { Array(repeats.values[$0 * pixels..<($0 + 1) * pixels]) }
    return [
      Claim(
        "boundary-fractional", "The border of a tanh network is a fractal.", source: "Section 3, table of dimensions",
        quantity: "median box-counting slope over all images of the zoom sequence",
        measured: try medianSlope(.tanh, tanh, results), expected: .within(1.2...1.9)),
      Claim(
        "roughness-under-zoom-slope", "The border does not become smooth in a smaller window.", source: "zoom sequences",
        quantity: "median box-counting slope at level 2",
        measured: try medianSlope(.tanh, tanh.filter { $0 == 2 }, results), expected: .above(1.25)),
      Claim(
        "roughness-under-zoom-edges", "A smaller window shows more border.", source: "zoom sequences",
        quantity: "edge pixels at level 3 over edge pixels at level 1", measured: try edges(3) / edges(1), expected: .above(4)),
      Claim(
        "control-smooth", "The border of a convex quadratic function is smooth.", source: "control",
        quantity: "median box-counting slope of the quadratic function",
        measured: try medianSlope(.control, levels(.control, settings.otherLevels, results), results), expected: .below(1.12)),
      Claim(
        "determinism", "The image is a function of its hyperparameters.", source: "card",
        quantity: "pixels of the deepest window with other bits when computed again",
        measured: Double(zip(runs[0], runs[1]).count { $0.bitPattern != $1.bitPattern }), basis: runs[0] + runs[1],
        expected: .exactly(0)),
      Claim(
        "determinism-precision", "Near the border rounding decides about convergence.", source: "card",
        quantity: "pixels next to the border of the deepest window with another outcome in Float",
        measured: Double(flipsAtTheBorder(runs[0], runs[2], size: settings.repeatedSize)), basis: runs[0] + runs[2],
        expected: .above(0)),
    ]
  }

  /// How many outcomes differ where a pixel's neighbourhood of 3 x 3 holds both outcomes.
  private static func flipsAtTheBorder(_ a: [Double], _ b: [Double], size: Int) -> Int {
    a.indices.count { place in
      let (row, column) = (place / size, place % size)
      let near = (max(0, row - 1)...min(size - 1, row + 1)).flatMap { r in
        (max(0, column - 1)...min(size - 1, column + 1)).map { a[r * size + $0] < 0 }
      }
      return (a[place] < 0) != (b[place] < 0) && near.contains(true) && near.contains(false)
    }
  }
}
