import Diagnostics
import Foundation
import Notebook
import Plotting

extension PreconditionedPolyak {
  private static let polyak: [(loop: String, label: String)] = [
    ("SPS", "SPS"), ("Hutchinson", "PSPS, Hutchinson"), ("AdaGrad", "PSPS, AdaGrad"),
    ("Adam metric", "PSPS, Adam"),
  ]

  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    var figures = [
      try lossFigure("fig1", "k0", "Columns as they are", "unscaled data", results),
      try lossFigure("fig2", "k4", "Columns scaled by exp(U(−4, 4))", "scaled data", results),
      try spreadFigure(settings, results), try stepSizeFigure(results), try slackFigure(settings, results),
    ]
    for name in settings.files where results.hasTrace("\(name) SPS/training loss") {
      figures.append(try lossFigure(name, name, name, "loss on \(name)", results))
      figures.append(try lossFigure("\(name)-scaled", "\(name) scaled", "\(name), scaled", "loss on scaled \(name)", results))
    }
    return figures
  }

  private static func lossFigure(
    _ id: String, _ group: String, _ title: String, _ mirrors: String, _ results: Results
  ) throws -> Figure {
    let epochs = { (array: RecordedArray) in
      let steps = try array.coordinate("step").values
      let settings: Settings = try results.settings()
      return Column(steps.map { $0 / Double(settings.count / settings.batchSize) })
    }
    var curves: [(name: String, label: String, rate: Double)] = polyak.map { ($0.loop, $0.label, 1) }
    for name in ["SGD", "Adam"] {
      let rate = try bestRate("\(group) \(name)", results)
      curves.append((name, "\(name), best rate \(rate.powerOfTen)", rate))
    }
    return Figure(
      id, title: title, mirrors: mirrors,
      Panel(
        x: Axis("epoch"), y: Axis("training loss", scale: .log()), legend: .outside,
        series: try curves.enumerated().flatMap { look, curve in
          let loss = try results.trace("\(group) \(curve.name)/training loss")
          return try loss.banded(x: epochs(loss), at: ["rate": .init(curve.rate)], label: curve.label, style: .look(look))
        }))
  }

  private static func bestRate(_ loop: String, _ results: Results) throws -> Double {
    let loss = try results.trace("\(loop)/training loss")
    return try loss.coordinate("rate").values.min { a, b in
      try finalMean(loss, rate: a) < finalMean(loss, rate: b)
    } ?? .nan
  }

  private static func spreadFigure(_ settings: Settings, _ results: Results) throws -> Figure {
    Figure(
      "fig3", title: "Loss after \(settings.epochs) epochs, mean over seeds", mirrors: "robustness to the scales",
      Panel(
        x: Axis("spread k of the columns' scales"), y: Axis("final training loss", scale: .log()), legend: .outside,
        series: try polyak.enumerated().map { look, method in
          let losses = try settings.spreads.map { spread in
            try finalMean(results.trace("k\(Int(spread)) \(method.loop)/training loss"))
          }
          return .linesPoints(x: Column(settings.spreads), y: Column(losses), label: method.label, style: .look(look))
        }))
  }

  private static func stepSizeFigure(_ results: Results) throws -> Figure {
    let panel = { (group: String, title: String, legend: Legend) in
      Panel(
        title: title, x: Axis("iteration"), y: Axis("step size γ", scale: .log()), legend: legend,
        series: try polyak.enumerated().flatMap { look, method in
          try results.trace("\(group) \(method.loop)/step size").banded(
            at: ["rate": 1], from: 1, label: method.label, style: .look(look))
        })
    }
    return Figure(
      "fig4", title: "Polyak steps f/‖g‖², the norm in the metric", mirrors: "step size", try panel("k0", "k = 0", .none),
      try panel("k4", "k = 4", .outside))
  }

  private static func slackFigure(_ settings: Settings, _ results: Results) throws -> Figure {
    let methods = ["SPS", "PSPS", "PSPSL1", "PSPSL2"].enumerated()
    let panel = { (title: String, measure: String, axis: Axis, methods: [(Int, String)], legend: Legend) in
      Panel(
        title: title, x: Axis("iteration"), y: axis, legend: legend,
        series: try methods.flatMap { look, name in
          try results.trace("noisy \(name)/\(measure)").banded(at: ["rate": 1], from: 1, label: name, style: .look(look))
        })
    }
    return Figure(
      "fig5", title: "A tenth of the labels wrong, k = \(Int(settings.noisySpread)), Hutchinson's metric",
      mirrors: "slack variants",
      try panel("loss", "training loss", Axis("training loss", scale: .log()), methods.map { ($0, $1) }, .outside),
      try panel("slack", "slack", Axis("slack s"), methods.dropFirst(2).map { ($0, $1) }, .none))
  }

  // MARK: Claims

  private static func finalMean(_ trace: RecordedArray, rate: Double = 1) throws -> Double {
    mean(try trace.lastValues(at: ["rate": .init(rate)]))
  }

  package static func claims(from results: Results) throws -> [Claim] {
    let final = { (group: String, method: String, measure: String) in
      try finalMean(results.trace("\(group) \(method)/\(measure)"))
    }
    let loss = { (group: String, method: String) in try final(group, method, "training loss") }
    let unscaled = try polyak.map { try loss("k0", $0.loop) }
    let robust = "In Hutchinson's metric the scales of the columns hardly matter."
    let difference = try results.trace("invariance/difference").column().values
    return [
      Claim(
        "unscaled-tie", "On well-scaled data the metrics do not matter.", source: "unscaled plots",
        quantity: "largest over least final loss of SPS and the three PSPS at k = 0, less 1",
        measured: quantile(unscaled, 1) / quantile(unscaled, 0) - 1, expected: .atMost(0.2)),
      Claim(
        "scaling-hurts-sps", "Without a metric badly scaled columns hurt.", source: "scaled plots",
        quantity: "final loss of SPS at k = 4 over that at k = 0", measured: try loss("k4", "SPS") / loss("k0", "SPS"),
        expected: .atLeast(5)),
      Claim(
        "hutchinson-robust", robust, source: "scaled plots", quantity: "final loss at k = 4 over that at k = 0",
        measured: try loss("k4", "Hutchinson") / loss("k0", "Hutchinson"), expected: .atMost(2)),
      Claim(
        "hutchinson-robust-accuracy", robust, source: "scaled plots", quantity: "final training accuracy at k = 4",
        measured: try final("k4", "Hutchinson", "training accuracy"), expected: .atLeast(0.97)),
      Claim(
        "hutchinson-robust-k6", robust, source: "scaled plots", quantity: "final loss at k = 6 over that of SPS",
        measured: try loss("k6", "Hutchinson") / loss("k6", "SPS"), expected: .atMost(0.25)),
      Claim(
        "metric-invariance", "A metric that is transformed with the columns leaves the predictions as they are.",
        source: "projection form", quantity: "largest relative difference of predictions over the steps",
        measured: quantile(difference, 1), expected: .atMost(1e-9)),
    ]
  }
}
