import Foundation
import Plotting

/// The figures of three papers' cards with made-up numbers: every kind of series and annotation occurs in one of them.
enum CardFigures {
  static let all = [
    losses, timePerElement, passes, bandwidth, shifts, iterations, twoPanels, field, unevenField, kinds, hardInstance,
  ]

  static let steps = Column((0...60).map { pow(10, 4.3 * Double($0) / 60) })
  static func loss(_ k: Double) -> Column { Column(steps.values.map { 1 / (1 + pow($0 / (20 * k), 2)) }) }

  static let losses = Figure(
    "fig1", title: "Loss of the symmetric factorization", mirrors: "Figure 1",
    Panel(
      x: Axis("step T", scale: .log()), y: Axis("loss", scale: .log()),
      series: [
        .line(x: steps, y: Column(steps.values.map { max(exp(-$0 / 30), 1e-26) }), label: "k = 3"),
        .line(x: steps, y: loss(5), label: "k = 5"), .line(x: steps, y: loss(10), label: "k = 10"),
        .guide("9e5*x**(-2)", label: "$T^{-2}$", from: 1500, to: 20000),
      ],
      annotations: [.slopeTriangle(slope: -2, x: 1200, y: 1e-3)]))

  static let lengths = Column((8...25).map { pow(2, Double($0)) })
  static func time(_ a: Double, _ b: Double) -> Column {
    Column(lengths.values.map { a + b / (1 + pow(262144 / $0, 2)) + 30 / $0 })
  }

  static let timePerElement = Figure(
    "fig2", mirrors: "Figures 3 and 4",
    Panel(
      x: Axis("elements N", scale: .log(base: 2)), y: Axis("time per element", unit: "ns", from: 0),
      series: [
        .linesPoints(x: lengths, y: time(0.30, 0.25), label: "two-pass"),
        .linesPoints(x: lengths, y: time(0.26, 0.40), label: "three-pass, recompute"),
        .linesPoints(x: lengths, y: time(0.27, 0.36), label: "three-pass, reload"),
      ],
      annotations: [
        .verticalLine(x: 12288, label: "L1 48 KiB"), .verticalLine(x: 524288, label: "L2 2 MiB"),
        .verticalLine(x: 1_200_000, label: "L3 33 MiB share"),
      ]))

  static let passes = Figure(
    "fig3", mirrors: "Figure 5",
    Panel(
      x: Axis(""), y: Axis("time", unit: "ns/element"),
      series: [
        .bars(
          categories: ["two-pass", "recompute", "reload"],
          groups: [
            BarGroup("pass 1", [0.21, 0.12, 0.12], errors: ([0.20, 0.11, 0.11], [0.23, 0.14, 0.13])),
            BarGroup("pass 2", [0.31, 0.19, 0.28]), BarGroup("pass 3", [.nan, 0.33, 0.21]),
          ])
      ]))

  static let bandwidth = Figure(
    "fig4", mirrors: "Figure 6",
    Panel(
      x: Axis("pass"), y: Axis("bandwidth", unit: "GB/s"),
      series: [.bars(categories: ["max", "exp-sum", "scale", "exp-store"], groups: [BarGroup("", [17.2, 15.9, 12.0, 11.4])])],
      annotations: [
        .horizontalLine(y: 18.1, label: "STREAM read"), .horizontalLine(y: 13.2, label: "STREAM copy"),
        .horizontalLine(y: 12.9, label: "STREAM scale"),
      ]))

  static let shift: Column = [-1000, -100, -10, 0, 10, 100, 1000]
  static let shifts = Figure(
    "fig5", mirrors: "none: the overflow test",
    Panel(
      x: Axis("shift c"), y: Axis("max. relative error", scale: .log()),
      series: [
        .linesPoints(x: shift, y: [3e-6, 2e-6, 1.2e-6, 1e-6, 1.3e-6, 2e-6, 4e-6], label: "two-pass"),
        .linesPoints(x: shift, y: [4e-6, 1e-6, 1.0e-6, 9e-7, 1.1e-6, 3e-6, 3e-6], label: "recompute"),
        .linesPoints(x: shift, y: [.nan, 2e-4, 1.0e-6, 9e-7, 1.1e-6, .infinity, .nan], label: "naive exp"),
        .guide("2e-5", label: "threshold"),
      ]))

  static let gamma = Column((-4...24).map { pow(10, Double($0) / 4) })
  static let solved = Column(gamma.values.map { 12 + 3000 / (1 + $0) })
  static let iterations = Figure(
    "fig6", mirrors: "Figure 2",
    Panel(
      x: Axis("step size γ", scale: .log()), y: Axis("iterations to solve", scale: .log()),
      series: [
        .band(x: gamma, lower: Column(solved.values.map { $0 / 1.5 - 9 }), upper: Column(solved.values.map { $0 * 1.6 })),
        .line(x: gamma, y: solved, label: "median of 8 seeds"),
      ],
      annotations: [.text("perceptron limit", x: 3e3, y: 20), .arrow(from: (1e5, 18), to: (3e5, 13))]))

  static let times = Column((0..<400).map(Double.init))
  static func logisticLoss(_ gamma: Double) -> Column {
    let height = gamma / 1e4
    return Column(times.values.map { t in (1 + height * exp(-t / 40)) / (1 + t / 20) })
  }
  static func mistakes(_ gamma: Double) -> Column {
    let rate = (1 + log10(gamma)) / 20
    return Column(times.values.map { t in (100 / (1 + t * rate)).rounded() })
  }
  static let twoPanels = Figure(
    "fig7", title: "Loss and accuracy tell different stories", mirrors: "Figure 1",
    Panel(
      title: "Logistic loss", x: Axis("iteration t"), y: Axis("loss", scale: .log()),
      series: [1.0, 1e3, 1e5].map { .line(x: times, y: logisticLoss($0), label: "γ = \(Int($0))") }),
    Panel(
      title: "Mistakes", x: Axis("iteration t"), y: Axis("misclassified samples"),
      series: [1.0, 1e3, 1e5].map { .steps(x: times, y: mistakes($0), label: "γ = \(Int($0))") }))

  static func height(column: Double, row: Double) -> Double { sin(column / 6) * cos(row / 5) + 0.02 * column }
  static let grid = Grid(
    Column((0..<1200).map { height(column: Double($0 % 40), row: Double($0 / 40)) }),
    x: Column((0..<40).map { Double($0) / 4 }), y: Column((0..<30).map { Double($0) / 10 }))
  static let field = Figure(
    "fig8",
    Panel(
      x: Axis("width $x_1$", unit: "mm"), y: Axis("depth $x_2$", unit: "mm"),
      series: [.heatMap(grid, color: ColorAxis("height", unit: "mm")), .contours(grid, levels: [-0.5, 0, 0.5, 1])]))

  static func error(column: Double, row: Double) -> Double { pow(10, row / 3 - column / 2) }
  static let unevenField = Figure(
    "fig9", title: "Error over rank and step size",
    Panel(
      x: Axis("step size", scale: .log()), y: Axis("rank r", scale: .log(base: 2)),
      series: [
        .heatMap(
          Grid(
            Column((0..<40).map { error(column: Double($0 % 8), row: Double($0 / 8)) }),
            x: Column((0..<8).map { pow(10, Double($0) / 2 - 4) }), y: [1, 2, 4, 8, 16]),
          color: ColorAxis("relative error", scale: .log()))
      ]))

  static let sums = Column((0..<500).map(Double.init).map { sin($0) + sin($0 * 1.7) })
  static let kinds = Figure(
    "fig10",
    Panel(
      title: "Right axis", x: Axis("α²"), y: Axis("rate"), y2: Axis("steps", unit: "10³"),
      series: [
        .errorBars(
          x: [0.04, 0.1, 0.25], y: [0.4, 1.1, 2.4], lower: [0.3, 1.0, 2.2], upper: [0.5, 1.3, 2.7], label: "fitted rate"),
        .points(x: [0.04, 0.1, 0.25], y: [30, 14, 4], label: "steps").onRightAxis,
      ]),
    Panel(
      title: "Counts", x: Axis("value"), y: Axis("count"),
      series: [.histogram(values: sums, bins: 20, label: "sums")]),
    Panel(
      title: "Levels", x: Axis("x"), y: Axis("y"), series: [.contours(grid, levels: [-0.5, 0, 0.5], label: "level lines")]),
    Panel(
      title: "Nothing measured", x: Axis("x"), y: Axis("y", scale: .log()),
      series: [.line(x: [1, 2], y: [0, .nan], label: "diverged"), .line(x: [], y: [], label: "empty")]),
    panelHeight: 5)

  static let hardInstance = Figure(
    "fig11",
    Panel(
      x: Axis("samples n", scale: .log()), y: Axis("iterations", scale: .log()), legend: .outside,
      series: [
        .linesPoints(x: [100, 300, 1000, 3000, 10000], y: [110, 320, 1050, 3000, 9900], label: "gradient descent"),
        .linesPoints(x: [100, 300, 1000, 3000, 10000], y: [41, 42, 41, 44, 43], label: "normalized"),
      ]))
}
