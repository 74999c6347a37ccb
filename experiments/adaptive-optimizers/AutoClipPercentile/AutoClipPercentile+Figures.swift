import Diagnostics
import Foundation
import Notebook
import Plotting

extension AutoClipPercentile {
  package static func figures(from results: Results) throws -> [Figure] {
    [
      Figure("fig1", title: "Separation against the percentile", mirrors: "Figure 2", try scorePanel(results)),
      Figure("fig2", title: "Norms and threshold, Adam, p = 10", mirrors: "clipping along a run", try normPanel(results)),
      Figure("fig3", title: "Loss on fixed frames, Adam", mirrors: "training curves", try lossPanel(results)),
      Figure("fig4", title: "Smoothness along the path, Adam", mirrors: "Figure 3", try smoothnessPanel(results)),
    ]
  }

  /// No clipping is p = 100.
  private static func scorePanel(_ results: Results) throws -> Panel {
    let labels = try results.tensor("adam_score").labels("percentile")
    let places = labels.map { Double($0) ?? 100 }
    return Panel(
      x: Axis(
        "percentile p", from: -4, to: 106, ticks: zip(places, labels).map { Axis.Tick($0, $1) }),
      y: Axis("signal-to-distortion ratio", unit: "dB"), legend: .outside,
      series: try [("adam", "Adam"), ("sgd", "SGD")].flatMap { name, label -> [Series] in
        let scores = try labels.map { try self.scores(name, $0, results) }
        let order = places.indices.sorted { places[$0] < places[$1] }
        let column = { (of: ([Double]) -> Double) in Column(order.map { of(scores[$0]) }) }
        return [
          .band(
            x: Column(order.map { places[$0] }), lower: column { quantile($0, 0) }, upper: column { quantile($0, 1) }),
          .linesPoints(x: Column(order.map { places[$0] }), y: column(mean), label: "\(label), mean and range over seeds"),
        ]
      })
  }

  private static func normPanel(_ results: Results) throws -> Panel {
    let norms = try results.tensor("adam_p10/norm")
    let threshold = try results.trace("adam_p10/threshold")
    return Panel(
      x: Axis("step"), y: Axis("norm of the gradient", scale: .log()), legend: .outside,
      series: [
        .line(x: try norms.coordinate("update"), y: try norms.column(["seed": 0]), label: "before clipping"),
        .line(x: try threshold.coordinate("step"), y: try threshold.column(["seed": 0]), label: "threshold"),
      ])
  }

  private static let compared = [("adam_none", "no clipping"), ("adam_p10", "p = 10"), ("adam_p90", "p = 90")]

  private static func lossPanel(_ results: Results) throws -> Panel {
    Panel(
      x: Axis("step"), y: Axis("mean squared error", scale: .log()), legend: .outside,
      series: try compared.flatMap { name, label -> [Series] in
        let trace = try results.trace("\(name)/loss")
        let seeds = try trace.coordinate("seed").values.map { try trace.column(["seed": .init($0)]).values }
        let steps = try trace.coordinate("step")
        let at = { (share: Double) in Column(steps.values.indices.map { i in quantile(seeds.map { $0[i] }, share) }) }
        return [.band(x: steps, lower: at(0), upper: at(1)), .line(x: steps, y: at(0.5), label: label)]
      })
  }

  private static func smoothnessPanel(_ results: Results) throws -> Panel {
    Panel(
      x: Axis("norm of the step", scale: .log()), y: Axis("|Δ gradient| / |Δ weights|", scale: .log()), legend: .outside,
      series: try compared.prefix(2).map { name, label in
        .points(
          x: Column(try results.trace("\(name)/step_norm").values), y: Column(try results.trace("\(name)/smoothness").values),
          label: label)
      })
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let adam = { (percentile: String) in mean(try scores("adam", percentile, results)) }
    let descent = { (percentile: String) in mean(try scores("sgd", percentile, results)) }
    let plain = try adam("none")
    let robust = try ["1", "10", "25"].map(adam)
    let percentiles = try results.settings(as: Settings.self).percentiles
    let errors = try ["adam", "sgd"].flatMap { name in
      try percentiles.map { try thresholdError("\(name)_p\(Int($0))", percentile: $0, results) }
    }
    return [
      Claim(
        "percentile-10-improves", "Clipping at the tenth percentile separates better.", source: "Table 1",
        quantity: "mean score at p = 10 less that without clipping, Adam, in dB", measured: try adam("10") - plain,
        expected: .atLeast(2)),
      Claim(
        "robust-percentile-spread", "Which percentile hardly matters.", source: "Figure 2",
        quantity: "largest less smallest mean score of p = 1, 10, 25, Adam, in dB",
        measured: quantile(robust, 1) - quantile(robust, 0), expected: .atMost(1.5)),
      Claim(
        "robust-percentile-above", "Each percentile is better than no clipping.", source: "Figure 2",
        quantity: "smallest mean score of p = 1, 10, 25 less that without clipping, Adam, in dB",
        measured: quantile(robust, 0) - plain, expected: .above(0)),
      Claim(
        "threshold-exact", "The threshold is the percentile of all norms so far, the current one among them.",
        source: "algorithm",
        quantity: "largest relative error of a recorded threshold", measured: quantile(errors, 1), expected: .atMost(1e-9)),
      Claim(
        "sgd-too", "It helps SGD, too.", source: "claim of generality (our extension)",
        quantity: "mean score at p = 50 less that without clipping, SGD, in dB", measured: try descent("50") - descent("none"),
        expected: .atLeast(4)),
    ]
  }

  /// The score of each seed.
  private static func scores(_ name: String, _ percentile: String, _ results: Results) throws -> [Double] {
    try results.tensor("\(name)_score").column(["percentile": .init(percentile)]).values
  }

  /// The recorded thresholds against the percentiles of the recorded norms.
  private static func thresholdError(_ name: String, percentile: Double, _ results: Results) throws -> Double {
    let norms = try results.tensor("\(name)/norm")
    let threshold = try results.trace("\(name)/threshold")
    let steps = try threshold.coordinate("step").values
    let errors = try threshold.coordinate("seed").values.flatMap { seed in
      let all = try norms.column(["seed": .init(seed)]).values
      return zip(steps, try threshold.column(["seed": .init(seed)]).values).map { step, threshold in
        abs(threshold / quantile(Array(all[...Int(step)]), percentile / 100) - 1)
      }
    }
    return quantile(errors, 1)
  }
}
