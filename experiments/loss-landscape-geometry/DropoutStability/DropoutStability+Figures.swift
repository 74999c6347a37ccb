import Diagnostics
import Notebook
import Plotting
import Tensors

extension DropoutStability {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let width = Axis("neurons N", scale: .log())
    let rise = { Axis("rise of the squared loss", scale: .log()) }
    return [
      Figure(
        "fig1", title: "Loss rise when half of the neurons are dropped", mirrors: "dropout error against the width",
        Panel(x: width, y: rise(), legend: .outside, series: try overWidths(results, settings))),
      Figure(
        "fig2", title: "Measured and expected loss rise against M", mirrors: "dropout error against M",
        Panel(
          x: Axis("neurons kept M", scale: .log()), y: rise(), legend: .outside,
          series: try settings.widths.enumerated().flatMap { try overKept($1, look: $0, results, settings) })),
      Figure(
        "fig3", title: "Loss on the way between two solutions", mirrors: "loss along the path",
        panels: try [settings.widths.first, settings.widths.last].compactMap { $0 }.map { try pathPanel($0, results) }),
      Figure(
        "fig4", title: "Barrier between two solutions", mirrors: "barrier of the path against the width",
        Panel(
          x: width, y: Axis("barrier", scale: .log()), legend: .outside,
          series: try paths.flatMap { path in
            try banded(settings.widths, path) { try barriers($0, path, results) }
          } + [guide("1/N", try settings.widths.first.map { ($0, mean(try barriers($0, paths[0], results))) })])),
      Figure(
        "fig5", title: "Training", mirrors: "beside the paper: loss during training",
        panels: try groups(results, settings).map { group, widths in
          Panel(
            title: group, x: Axis("step of SGD"), y: Axis("squared test loss", scale: .log()), legend: .topRight,
            series: try widths.flatMap { try results.trace("\(group)/\($0)/loss").banded(label: "N = \($0)") })
        }),
    ]
  }

  private static let paths = ["five segments", "straight line"]

  /// The trained groups and their widths.
  private static func groups(_ results: Results, _ settings: Settings) -> [(name: String, widths: [Int])] {
    [("two-layer", settings.widths), ("three-layer", settings.deepWidths), ("mnist", settings.imageWidths)].filter {
      results.hasTensor("\($0.0)/rise")
    }
  }

  /// Mean and range of some numbers at each width.
  private static func banded(_ widths: [Int], _ label: String, _ values: (Int) throws -> [Double]) rethrows -> [Series] {
    let (x, all) = (Column(widths.map(Double.init)), try widths.map(values))
    return [
      .band(x: x, lower: Column(all.map { quantile($0, 0) }), upper: Column(all.map { quantile($0, 1) })),
      .linesPoints(x: x, y: Column(all.map(mean)), label: label),
    ]
  }

  /// A line falling as 1/N from a point.
  private static func guide(_ label: String, _ start: (width: Int, value: Double)?) -> Series {
    .guide("\(start.map { Double($0.width) * $0.value } ?? .nan)/x", label: label)
  }

  private static func overWidths(_ results: Results, _ settings: Settings) throws -> [Series] {
    let measured = try groups(results, settings).flatMap { group, widths in
      try banded(widths, group) { try rises(group, $0, "N/2", results) }
    }
    let predicted = try settings.widths.map { mean(try predictions("two-layer", $0, $0 / 2, results)) }
    return measured + [
      .line(x: Column(settings.widths.map(Double.init)), y: Column(predicted), label: "two-layer, expected"),
      guide("1/N", zip(settings.widths, predicted).first { _ in true }),
    ]
  }

  /// Measured rises as points on the curve that the variance of the neurons predicts.
  private static func overKept(_ width: Int, look: Int, _ results: Results, _ settings: Settings) throws -> [Series] {
    let sizes = settings.keptSizes.sorted { $0.count(width) < $1.count(width) }
    let measured = try sizes.map { try rises("two-layer", width, $0.name, results) }
    let x = sizes.map { Double($0.count(width)) }
    let grid = Tensor<Double>.geomspace(Double(settings.kept) / 2, Double(width) / 1.5, count: 40).scalars
    let predicted = try grid.map { kept in
      mean(try results.tensor("two-layer/variance").values(at: ["N": .init(width)])) * (1 / kept - 1 / Double(width))
    }
    return [
      .line(x: Column(grid), y: Column(predicted), style: .look(look)),
      .errorBars(
        x: Column(x), y: Column(measured.map(mean)), lower: Column(measured.map { quantile($0, 0) }),
        upper: Column(measured.map { quantile($0, 1) }), label: "N = \(width)", style: .look(look)),
    ]
  }

  private static func pathPanel(_ width: Int, _ results: Results) throws -> Panel {
    let loss = try results.tensor("paths/loss")
    return Panel(
      title: "N = \(width)", x: Axis("place on the path, in segments", from: 0, to: 5), y: Axis("squared loss", from: 0),
      legend: .outside,
      series: try paths.flatMap { try loss.banded(over: "pair", at: ["N": .init(width), "path": .init($0)], label: $0) })
  }

  // MARK: Numbers

  /// The mean rise over the subsets, for each seed.
  private static func rises(_ group: String, _ width: Int, _ kept: String, _ results: Results) throws -> [Double] {
    try results.tensor("\(group)/rise").columns(at: ["N": .init(width), "kept": .init(kept)]).map(mean)
  }

  /// mean_x Var_i(a_i relu(<w_i, x>)) (1/M - 1/N) of each seed: the expected rise when M neurons are drawn without replacement.
  private static func predictions(_ group: String, _ width: Int, _ kept: Int, _ results: Results) throws -> [Double] {
    try results.tensor("\(group)/variance").values(at: ["N": .init(width)]).map { $0 * (1 / Double(kept) - 1 / Double(width)) }
  }

  /// The largest loss on the path less that of the worse end, for each pair.
  private static func barriers(_ width: Int, _ path: String, _ results: Results) throws -> [Double] {
    try results.tensor("paths/loss").columns(over: "pair", at: ["N": .init(width), "path": .init(path)]).map { losses in
      quantile(losses, 1) - quantile([losses.first ?? .nan, losses.last ?? .nan], 1)
    }
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let widths = settings.widths
    let half = try widths.map { mean(try rises("two-layer", $0, "N/2", results)) }
    // Largest over smallest rise of the wide networks.
    let wide = widths.filter { [128, 512, 1024].contains($0) }
    let spread = { (kept: String) in
      let values = try wide.map { mean(try rises("two-layer", $0, kept, results)) }
      return quantile(values, 1) / quantile(values, 0)
    }
    let ratios = try widths.flatMap { width in
      try settings.keptSizes.map { size in
        try mean(rises("two-layer", width, size.name, results))
          / mean(predictions("two-layer", width, size.count(width), results))
      }
    }
    let barrier = { (width: Int) in
      widths.contains(width) ? mean(try barriers(width, paths[0], results)) : .nan
    }
    let connected = "Two solutions are joined by a path whose barrier vanishes with the width."
    return [
      Claim(
        "half-dropout-decays", "The loss rises by O(1/M) when M neurons are kept.", source: "Theorem 1",
        quantity: "log-log slope of the mean rise for M = N/2 against N",
        measured: LineFit.powerLaw(x: widths.map(Double.init), y: half).slope, expected: .within(-1.3...(-0.7))),
      Claim(
        "fixed-M-independent", "The rise depends on M and not on N.", source: "Theorem 1",
        quantity: "largest over smallest mean rise of N = 128, 512, 1024 for M = \(settings.kept)",
        measured: try spread("\(settings.kept)"), expected: .atMost(1.5)),
      Claim(
        "fixed-M-independent-half", "The rise depends on M and not on N.", source: "Theorem 1",
        quantity: "largest over smallest mean rise of N = 128, 512, 1024 for M = N/2", measured: try spread("N/2"),
        expected: .above(5)),
      Claim(
        "variance-identity", "The expected rise is the variance of the neurons' contributions times 1/M - 1/N.",
        source: "sampling without replacement",
        quantity: "measured over expected mean rise, the ratio farthest from 1 of all N and M",
        measured: ratios.contains(where: \.isNaN) ? .nan : ratios.max { abs($0 - 1) < abs($1 - 1) } ?? .nan,
        expected: .within(0.75...1.25)),
      Claim(
        "path-barrier-vanishes", connected, source: "Theorem 1, second part",
        quantity: "mean barrier at N = 1024 over that at N = 32", measured: try barrier(1024) / barrier(32),
        expected: .atMost(0.25)),
      Claim(
        "path-barrier-vanishes-512", connected, source: "Theorem 1, second part",
        quantity: "mean barrier at N = 512 over that at N = 32", measured: try barrier(512) / barrier(32), expected: .atMost(0.5)),
      Claim(
        "task-learned", "SGD learns the task at every width.", source: "numerical results",
        quantity: "least test accuracy of all networks with one hidden layer",
        measured: quantile(try results.tensor("two-layer/accuracy").values, 0), expected: .above(0.9)),
      Claim(
        "task-learned-loss", "SGD learns the task at every width.", source: "numerical results",
        quantity: "largest squared test loss of all networks with one hidden layer",
        measured: quantile(try results.tensor("two-layer/loss").values, 1), expected: .below(0.4)),
    ]
  }
}
