import Diagnostics
import Foundation
import Notebook
import Plotting

extension SignalToNoise {
  /// The rate that the claims are about.
  private static let place: [String: Selector] = ["rate": 0.02]

  package static func figures(from results: Results) throws -> [Figure] {
    var figures = [
      try lossFigure(results), try gapFigure(results), try ratioFigure(results), try histogramFigure(results),
      try networkFigure("fig5", "Adam", results),
    ]
    for rule in ["LARS", "LAMB"] where results.hasTrace("\(rule)/loss") {
      figures.append(try networkFigure(rule.lowercased(), rule, results))
    }
    return figures
  }

  private static func lossFigure(_ results: Results) throws -> Figure {
    Figure(
      "fig1", title: "Linear regression, η = 0.02: median and range over data sets", mirrors: "convergence",
      Panel(
        x: Axis("step"), y: Axis("mean squared error", scale: .log()), legend: .outside,
        series: try ["SGD", "VR-SGD"].enumerated().flatMap { i, method in
          try results.trace("\(method)/training loss").banded(at: place, label: "\(method), training", style: .look(2 * i))
            + results.trace("\(method)/test loss").banded(at: place, label: "\(method), test", style: .look(2 * i + 1))
        }))
  }

  private static func gapFigure(_ results: Results) throws -> Figure {
    Figure(
      "fig2", title: "Linear regression, η = 0.02: means over data sets", mirrors: "generalization gap",
      Panel(
        x: Axis("training loss", scale: .log()), y: Axis("test loss − training loss"),
        series: try ["SGD", "VR-SGD"].map { method in
          let (training, gap) = try trainingAndGap(method, results)
          return .line(x: Column(training), y: Column(gap), label: method)
        }))
  }

  private static func ratioFigure(_ results: Results) throws -> Figure {
    Figure(
      "fig3", title: "Linear regression, η = 0.02: median and range over data sets", mirrors: "GSNR in training",
      Panel(
        x: Axis("step", scale: .log()), y: Axis("mean confined ratio r", from: 0, to: 1),
        series: try ["relevant", "irrelevant"].flatMap { kind in
          try results.trace("VR-SGD/\(kind) ratio").banded(at: place, from: 1, label: "\(kind) features")
        }))
  }

  private static func histogramFigure(_ results: Results) throws -> Figure {
    let settings = (try results.settings() as Settings).regression
    let panel = { (name: String, title: String, axis: Axis, transform: (Double) -> Double) in
      let ratios = try results.tensor(name).columns(at: place).flatMap { $0.map(transform) }
      return Panel(
        title: title, x: axis, y: Axis("features of all data sets"), legend: .none,
        series: [.histogram(values: Column(ratios), bins: 40)])
    }
    return Figure(
      "fig4", title: "Ratios after \(settings.histogramStep) steps at η = 0.02", mirrors: "confinement",
      try panel("normalized_ratio", "before confinement", Axis("log₁₀ (ratio over its mean)")) { log10($0) },
      try panel("ratio", "confined", Axis("ratio r", from: 0, to: 1)) { $0 })
  }

  private static func networkFigure(_ id: String, _ rule: String, _ results: Results) throws -> Figure {
    Figure(
      id, title: "Perceptron, \(rule): means over seeds", mirrors: "generalization gap",
      Panel(
        x: Axis("training loss", scale: .log()), y: Axis("test loss − training loss", scale: .log(), from: 1e-2),
        series: try [rule, "VR-\(rule)"].map { method in
          let rate = try results.trace("\(method)/loss").coordinate("rate").values[0]
          let (training, gap) = try trainingAndGap(method, at: ["rate": .init(rate)], results)
          return .linesPoints(x: Column(training), y: Column(gap), label: method)
        }))
  }

  /// Both as means over seeds, step by step.
  private static func trainingAndGap(
    _ method: String, at place: [String: Selector] = place, _ results: Results
  ) throws -> (training: [Double], gap: [Double]) {
    let overSeeds = { (measure: String) in
      let runs = try results.trace("\(method)/\(measure)").columns(at: place)
      return runs[0].indices.map { i in mean(runs.map { $0[i] }) }
    }
    let (training, test) = (try overSeeds("training loss"), try overSeeds("test loss"))
    return (training, zip(test, training).map { $0 - $1 })
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    try selectionClaims(results) + gapClaims(results) + confinementClaims(results)
  }

  private static func selectionClaims(_ results: Results) throws -> [Claim] {
    let firstMean = { (kind: String) in
      mean(try results.trace("VR-SGD/\(kind) ratio").columns(at: place).flatMap { $0.prefix(21).dropFirst() })
    }
    let statement = "The ratio tells the features that matter from those that do not."
    return [
      Claim(
        "selects-signal", statement, source: "definition, figure on GSNR",
        quantity: "mean ratio of the relevant features, steps 1 to 20, data sets", measured: try firstMean("relevant"),
        expected: .atLeast(0.7)),
      Claim(
        "selects-signal-irrelevant", statement, source: "definition, figure on GSNR",
        quantity: "mean ratio of the irrelevant features, steps 1 to 20, data sets", measured: try firstMean("irrelevant"),
        expected: .atMost(0.45)),
    ]
  }

  private static func gapClaims(_ results: Results) throws -> [Claim] {
    let (plain, reduced) = (try trainingAndGap("SGD", results), try trainingAndGap("VR-SGD", results))
    let gap = { (run: (training: [Double], gap: [Double]), level: Double) in
      firstHit(run.training) { $0 < level }.map { run.gap[$0] } ?? .nan
    }
    let steps = { (run: (training: [Double], gap: [Double])) in firstHit(run.training) { $0 < 2 }.map(Double.init) ?? .nan }
    return [("", 3.0), ("-at4", 4.0)].map { suffix, level in
      Claim(
        "smaller-gap\(suffix)", "At equal training loss the generalization gap is smaller.", source: "abstract",
        quantity:
          "test less training loss of VR-SGD over that of SGD at the first step with training loss < \(level.brief), data set means",
        measured: gap(reduced, level) / gap(plain, level), expected: .atMost(0.85))
    } + [
      Claim(
        "no-slowdown", "Convergence is not slower.", source: "convergence claim",
        quantity: "steps of VR-SGD to training loss < 2 over those of SGD, data set means",
        measured: steps(reduced) / steps(plain),
        expected: .atMost(1.15))
    ]
  }

  private static func confinementClaims(_ results: Results) throws -> [Claim] {
    // Step 0 has no ratios yet.
    let all = { (name: String) in
      try ["VR-SGD", "VR-Adam"].flatMap { method in
        let trace = try results.trace("\(method)/\(name)")
        return try trace.coordinate("rate").values.flatMap {
          try trace.columns(at: ["rate": .init($0)]).flatMap { $0.dropFirst() }
        }
      }
    }
    let statement = "Ratios have mean 1 in each layer and are then confined to [0.1, 1]."
    let source = "equations of the method"
    return [
      Claim(
        "confinement", statement, source: source, quantity: "least ratio of all steps and runs",
        measured: quantile(try all("least ratio"), 0), expected: .atLeast(0.1)),
      Claim(
        "confinement-largest", statement, source: source, quantity: "largest ratio of all steps and runs",
        measured: quantile(try all("largest ratio"), 1), expected: .atMost(1)),
      Claim(
        "confinement-mean", statement, source: source, quantity: "largest |mean - 1| over a layer before confinement",
        measured: quantile(try all("mean deviation"), 1), expected: .atMost(1e-10)),
    ]
  }
}
