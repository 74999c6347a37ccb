import Diagnostics
import Foundation
import Notebook
import Plotting

extension PlasticityGeometry {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let names = geometries.map(\.name)
    let largest = Double(settings.dimensions.last ?? 0)
    let ticks = names.enumerated().map { Axis.Tick(Double($0), $1.replacingOccurrences(of: "negative ", with: "")) }
    return [
      Figure(
        "fig1", title: "Change of the dual coordinates, D = \(largest.brief)",
        mirrors: "histograms of the dual change with normal fits",
        panels: try names.map { try changePanel($0, results) }, columns: 3, panelWidth: 7),
      Figure(
        "fig2", title: "Distance from normal in the true geometry", mirrors: "CLT rate figure",
        panels: try settings.data.enumerated().map { number, kind in
          let distance = try results.tensor("\(number)/distance")
          return Panel(
            title: kind.name, x: Axis("weights D", scale: .log()), y: Axis("distance from N(0, 1)", scale: .log()),
            legend: .outside,
            series: try names.flatMap { name in
              try distance.banded(at: ["trained": .init(name), "tested": .init(name)], label: name)
            } + [.guide("0.84*x**(-0.5)", label: "D normal draws")])
        }, columns: 3, panelWidth: 7),
      Figure(
        "fig3", title: "Distance from normal, D = \(largest.brief), median over seeds",
        mirrors: "training against tested potential",
        Panel(
          x: Axis("tested potential", ticks: ticks), y: Axis("potential of the learner", ticks: ticks),
          series: [
            .heatMap(
              Grid(
                Column(try names.flatMap { trained in try names.map { try distance(results, largest, trained, $0) } }),
                x: [0, 1, 2],
                y: [0, 1, 2]), color: ColorAxis("distance", scale: .log()))
          ])),
      Figure(
        "fig4", title: "Weights before and after learning, D = \(largest.brief)",
        mirrors: "weights on linear and logarithmic axes",
        panels: try names.flatMap { name in
          [try weightPanel(name, results, isLogarithmic: false), try weightPanel(name, results, isLogarithmic: true)]
        }),
    ]
  }

  private static func distance(_ results: Results, _ dimension: Double, _ trained: String, _ tested: String) throws -> Double {
    median(
      try results.tensor("0/distance").values(
        at: ["dimension": .init(dimension), "trained": .init(trained), "tested": .init(tested)]))
  }

  private static func changePanel(_ name: String, _ results: Results) throws -> Panel {
    let change = try results.tensor("\(name)/change").column()
    let center = mean(change.values)
    let deviation = mean(change.values.map { ($0 - center) * ($0 - center) }).squareRoot()
    let bins = 50
    let width = (quantile(change.values, 1) - quantile(change.values, 0)) / Double(bins)
    let height = Double(change.values.count) * width / (deviation * (2 * Double.pi).squareRoot())
    return Panel(
      title: name, x: Axis("change of a dual coordinate"), y: Axis("weights"), legend: .outside,
      series: [
        .histogram(values: change, bins: bins, label: "weights"),
        .guide("\(height)*exp(-0.5*((x - (\(center)))/\(deviation))**2)", label: "normal fit"),
      ])
  }

  private static func weightPanel(_ name: String, _ results: Results, isLogarithmic: Bool) throws -> Panel {
    let values = try ["before", "after"].map { moment in
      let all = try results.tensor("\(name)/\(moment)").column().values
      return isLogarithmic ? all.map { log10(abs($0)) }.filter { $0 >= -5 } : all
    }
    // The same bins for both.
    let (low, high) = (quantile(values.flatMap { $0 }, 0), quantile(values.flatMap { $0 }, 1))
    let bins = 60
    let width = (high - low) / Double(bins)
    let counts = values.map { values in
      // Where values are not finite there are no bins.
      width.isFinite && width > 0
        ? values.reduce(into: [Double](repeating: 0, count: bins)) { $0[min(bins - 1, Int(($1 - low) / width))] += 1 }
        : [Double](repeating: 0, count: bins)
    }
    let edges = Column((0...bins).map { low + Double($0) * width })
    return Panel(
      title: name, x: Axis(isLogarithmic ? "log₁₀ |w|" : "weight w"), y: Axis("weights", from: 0),
      series: zip(["before", "after"], counts).map { moment, counts in
        .steps(x: edges, y: Column(counts + [0]), label: moment, style: Style(isSolid: true))
      })
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let names = geometries.map(\.name)
    let settings: Settings = try results.settings()
    let distances = try results.tensor("0/distance")
    let meanDistance = { (dimension: Int, trained: String, tested: String) -> Double in
      guard settings.dimensions.contains(dimension) else { return .nan }
      return mean(
        try distances.values(at: ["dimension": .init(dimension), "trained": .init(trained), "tested": .init(tested)]))
    }
    let own = try names.map { try meanDistance(4000, $0, $0) }
    let wrong = try names.flatMap { trained in
      try names.filter { $0 != trained }.map { try meanDistance(4000, trained, $0) / meanDistance(4000, trained, trained) }
    }
    let gains = try names.map { try meanDistance(500, $0, $0) / meanDistance(4000, $0, $0) }
    let every = { (name: String) in
      quantile(try settings.data.indices.flatMap { try results.tensor("\($0)/\(name)").values }, 1)
    }
    return [
      Claim(
        "dual-change-in-row-space", "The dual change is a combination of the samples.", source: "mirror descent derivation",
        quantity: "largest relative residual of the projection on the samples, all runs", measured: try every("residual"),
        expected: .atMost(1e-6)),
      Claim(
        "gaussian-in-true-geometry", "In the true geometry the change is normal.", source: "main theorem",
        quantity: "largest CDF distance with psi = phi over phi, D = 4000, mean over seeds", measured: quantile(own, 1),
        expected: .atMost(0.03)),
      Claim(
        "wrong-geometry-detected", "In any other geometry it is not.", source: "identifiability of the geometry",
        quantity: "smallest CDF distance with psi other than phi over that with psi = phi, D = 4000, means over seeds",
        measured: quantile(wrong, 0), expected: .atLeast(8)),
      Claim(
        "improves-with-D", "More weights and samples make it more normal.", source: "CLT rate figure",
        quantity: "smallest mean true-psi distance at D = 500 over that at D = 4000", measured: quantile(gains, 0),
        expected: .atLeast(2)),
      Claim(
        "interpolates", "The labels are learned.", source: "linear regression setup", quantity: "largest final MSE of all runs",
        measured: try every("loss"), expected: .atMost(1e-6)),
    ]
  }
}
