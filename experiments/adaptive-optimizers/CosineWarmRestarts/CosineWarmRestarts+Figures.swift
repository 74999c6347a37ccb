import Diagnostics
import Foundation
import Notebook
import Plotting

extension CosineWarmRestarts {
  private static let schedules = ["SGDR", "constant", "step decay"]

  package static func figures(from results: Results) throws -> [Figure] {
    [
      try scheduleFigure(results), try quadraticFigure(results), try networkFigure(results),
      try ensembleFigure(results),
    ]
  }

  private static func scheduleFigure(_ results: Results) throws -> Figure {
    let rates = try results.tensor("schedules")
    return Figure(
      "fig1", title: "Learning rate schedules", mirrors: "Figure 1",
      Panel(
        x: Axis("epoch"), y: Axis("learning rate η", from: 0), legend: .outside,
        series: try rates.labels("cycle").map { cycle in
          .line(x: try rates.coordinate("epoch"), y: try rates.column(["cycle": .init(cycle)]), label: cycle)
        }))
  }

  private static func quadraticFigure(_ results: Results) throws -> Figure {
    let excess = try results.trace("quadratic/excess")
    return Figure(
      "fig2", title: "Noisy quadratic", mirrors: "anytime performance (Figure 2)",
      Panel(
        x: Axis("step"), y: Axis("expected excess loss", scale: .log()),
        series: try schedules.map { name in
          .line(x: try excess.coordinate("step"), y: try excess.column(["schedule": .init(name)]), label: name)
        }))
  }

  private static func networkFigure(_ results: Results) throws -> Figure {
    let settings: Settings = try results.settings()
    let panel = { (measure: String, axis: Axis, legend: Legend) in
      Panel(
        x: Axis("epoch"), y: axis, legend: legend,
        series: try schedules.flatMap { name in
          let trace = try results.trace("\(name) by epoch/\(measure)")
          let epochs = try trace.coordinate("step").values.map { $0 / Double(settings.network.batchesPerEpoch) }
          return try trace.banded(x: Column(epochs), from: 1, label: name)
        })
    }
    return Figure(
      "fig3", title: "Perceptron on teacher-labelled points, median and range over seeds", mirrors: "Figures 2 and 3",
      try panel("test error", Axis("test error"), .none),
      try panel("training loss", Axis("training loss", scale: .log()), .automatic))
  }

  private static func ensembleFigure(_ results: Results) throws -> Figure {
    let accuracy = try results.tensor("ensemble")
    return Figure(
      "fig4", title: "Ensemble of the last snapshots, median and range over seeds", mirrors: "ensemble table",
      Panel(
        x: Axis("number of snapshots M", isCount: true), y: Axis("test accuracy"), legend: .none,
        series: try accuracy.banded()))
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    try scheduleClaims(results) + quadraticClaims(results) + [ensembleClaim(results)]
  }

  private static func scheduleClaims(_ results: Results) throws -> [Claim] {
    let network = (try results.settings() as Settings).network
    let rate = try results.trace("SGDR/rate").column().values
    let ends = cycleEnds(network).map { $0 * network.batchesPerEpoch }
    let starts = [0] + ends.dropLast()
    let off = zip(starts, ends).map { start, end in
      (
        restart: abs(rate[start] - network.rate), middle: abs(rate[(start + end) / 2] / network.rate - 0.5),
        last: rate[end - 1] / network.rate
      )
    }
    let long = zip(zip(starts, ends), off).filter { $0.0.1 - $0.0.0 >= 50 }.map(\.1)
    let claim = { (name: String, quantity: String, measured: Double, expected: Expectation) in
      Claim(
        "schedule-\(name)", "The rate falls along half a cosine from eta_max to eta_min = 0 in every cycle.", source: "Eq. 5",
        quantity: quantity, measured: measured, expected: expected)
    }
    return [
      claim("restart", "largest |eta - eta_max| at the first batch of a cycle", quantile(off.map(\.restart), 1), .exactly(0)),
      claim("middle", "largest |eta / eta_max - 0.5| in the middle of a cycle", quantile(off.map(\.middle), 1), .atMost(1e-12)),
      claim(
        "end", "largest eta / eta_max at the last batch of a cycle of at least 50 batches", quantile(long.map(\.last), 1),
        .atMost(1e-3)),
    ]
  }

  private static func quadraticClaims(_ results: Results) throws -> [Claim] {
    let quadratic = (try results.settings() as Settings).quadratic
    let excess = try results.trace("quadratic/excess")
    let curve = { (name: String) in try excess.column(["schedule": .init(name)]).values }
    let (restarted, constant, decayed) = (try curve("SGDR"), try curve("constant"), try curve("step decay"))
    // A run that is too short for the cycles has no value there, and its claims fail.
    func value(_ curve: [Double], _ step: Int) -> Double { curve.indices.contains(step) ? curve[step] : .nan }
    // Steps 100, 300, 700 and 1500 at quick.
    let ends = (1...4).map {
      Int(Double(quadratic.firstCycle) * (pow(quadratic.growth, Double($0)) - 1) / (quadratic.growth - 1))
    }
    // A quarter into each of the cycles that follow.
    let rises = zip(ends, [50, 100, 200]).map { end, later in value(restarted, end + later) / value(restarted, end) }
    return [
      Claim(
        "anytime-constant", "At the end of every cycle SGDR is better than a constant rate.", source: "anytime performance",
        quantity: "largest ratio of the excess losses at the four cycle ends",
        measured: quantile(ends.map { value(restarted, $0) / value(constant, $0) }, 1), expected: .atMost(0.45)),
      Claim(
        "anytime-step-decay", "It is better than step decay at the ends of the cycles before the last.",
        source: "anytime performance", quantity: "largest ratio of the excess losses at the first three cycle ends",
        measured: quantile(ends.prefix(3).map { value(restarted, $0) / value(decayed, $0) }, 1), expected: .atMost(0.45)),
      Claim(
        "restart-cost", "After a restart the loss rises.", source: "spikes of Figure 2",
        quantity: "least excess 50, 100 and 200 steps after the three restarts over that at the end of the cycle before",
        measured: quantile(rises, 0),
        expected: .atLeast(2)),
    ]
  }

  private static func ensembleClaim(_ results: Results) throws -> Claim {
    let accuracy = try results.tensor("ensemble")
    let meanAccuracy = { (snapshots: Int) in mean(try accuracy.values(at: ["snapshots": .init(snapshots)])) }
    let largest = Int(try accuracy.coordinate("snapshots").values.last ?? 1)
    return Claim(
      "snapshot-ensemble", "An ensemble of snapshots is more accurate than the last one.", source: "ensemble table",
      quantity: "accuracy of the last 3 snapshots together less that of the last alone, mean over seeds",
      measured: try meanAccuracy(min(3, largest)) - meanAccuracy(1), expected: .atLeast(0.01))
  }
}
