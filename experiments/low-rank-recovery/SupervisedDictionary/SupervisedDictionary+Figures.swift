import Diagnostics
import Foundation
import Notebook
import Plotting

extension SupervisedDictionary {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    return [
      Figure(
        "fig1", title: "The objective above its minimum", mirrors: "objective over iterations",
        panels: try settings.weights.map { try objectivePanel(results, settings, $0) }),
      Figure(
        "fig2", title: "Distance to the limit and the theorem's bound", mirrors: "linear rate of the LPGD theorem",
        panels: try settings.weights.map { try distancePanel(results, settings, $0) }),
      try discrepancyFigure(results),
      try atomsFigure(results, settings),
    ]
  }

  private static func objectivePanel(_ results: Results, _ settings: Settings, _ weights: Weights) throws -> Panel {
    let q = settings.covariates[0]
    var series: [Series] = []
    for (look, run) in [("lpgd", "LPGD"), ("bcd", "block coordinate descent")].enumerated() {
      for start in 0..<settings.starts {
        let place: [String: Selector] = ["seed": 0, "weights": .init(label(weights)), "start": .init(start)]
        let value = try results.trace("\(run.0)-q\(q)/objective")
        let least = try results.trace("lpgd-q\(q)/objective").column(place).values.min() ?? .nan
        // Rounding ends the curves near 1e-14 of F.
        let above = try value.column(place).values.map { $0 - least > 1e-13 * least ? $0 - least : .nan }
        series.append(
          .line(
            x: try value.coordinate("step"), y: Column(above), label: start == 0 ? run.1 : "", style: .look(look)))
      }
    }
    return Panel(
      title: "ξ = \(weights.xi), ν = \(weights.nu), one data set", x: Axis("step or sweep", from: 0, to: 60),
      y: Axis("F − F*", scale: .log()), legend: .outside, series: series)
  }

  private static func distancePanel(_ results: Results, _ settings: Settings, _ weights: Weights) throws -> Panel {
    let rho = weights.contraction(norm: settings.synthetic.norm)
    let trace = try results.trace("lpgd-q\(settings.covariates[0])/distance")
    let series = try (0..<settings.starts).flatMap { start in
      try trace.banded(at: ["weights": .init(label(weights)), "start": .init(start)], label: "start \(start + 1)")
    }
    let farthest = try (0..<settings.starts).flatMap { start in
      try trace.values(at: ["weights": .init(label(weights)), "start": .init(start), "step": 0])
    }.max()
    return Panel(
      title: "ξ = \(weights.xi), ν = \(weights.nu)", x: Axis("step t", from: 0, to: 80),
      y: Axis("distance to the limit", scale: .log(), from: 1e-15), legend: .outside,
      series: series + [
        .guide("\(farthest ?? 1) * \(rho)**x", label: "bound, ρ = \(rho.formatted(.number.precision(.fractionLength(2))))")
      ])
  }

  private static func discrepancyFigure(_ results: Results) throws -> Figure {
    let axis = Axis("share t of the labels' direction outside")
    let panel = { (path: String, y: Axis) in
      let table = try results.tensor("discrepancy/\(path)")
      return Panel(
        x: axis, y: y, legend: .outside,
        series: try table.labels("method").flatMap { try table.banded(at: ["method": .init($0)], label: $0) })
    }
    return Figure(
      "fig3", title: "Labels that the dictionary has no room for", mirrors: "joint against two stages",
      try panel("accuracy", Axis("accuracy on new points")), try panel("error", Axis("error ‖X − B‖² / ‖X‖²")))
  }

  private static func atomsFigure(_ results: Results, _ settings: Settings) throws -> Figure {
    let atoms = try results.tensor("images/atoms")
    let side = Int(Double(atoms.dimensions[2].count).squareRoot().rounded())
    let places = Column((0..<side).map(Double.init))
    let axis = Axis("", ticks: [Axis.Tick(0, "")])
    let panels = try atoms.labels("method").flatMap { method in
      try (0...settings.images.rank).map { atom in
        let pixels = try atoms.column(["method": .init(method), "atom": .init(atom)]).values
        // Row 0 of an image is at its top.
        let rows = (0..<side).reversed().flatMap { pixels[$0 * side..<($0 + 1) * side] }
        let size = pixels.map(abs).max() ?? 1
        return Panel(
          title: "\(method), \(atom == settings.images.rank ? "filter" : "atom \(atom + 1)")", x: axis, y: axis,
          series: [.heatMap(Grid(Column(rows), x: places, y: places), color: ColorAxis(from: -size, to: size))])
      }
    }
    return Figure(
      "fig4", title: "Dictionaries of the digits 2 and 5", mirrors: "dictionary atoms", panels: panels,
      columns: settings.images.rank + 1, panelWidth: 5, panelHeight: 4)
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    var claims: [Claim] = []
    for weights in settings.weights {
      let rho = weights.contraction(norm: settings.synthetic.norm)
      let distances = try settings.covariates.flatMap { try runs("lpgd-q\($0)/distance", results, settings, weights) }
      let name = "xi-\(weights.xi)"
      claims += [
        Claim(
          "linear-rate-\(name)", "LPGD contracts at least as fast as the theorem says.", source: "LPGD theorem",
          quantity: "contraction of |Z_t - Z_T| per step over t from 5 to 20, largest of all runs, \(label(weights))",
          measured: quantile(distances.map { $0.count > 20 ? pow($0[20] / $0[5], 1.0 / 15) : .nan }, 1),
          expected: .atMost(rho)),
        Claim(
          "linear-rate-bound-\(name)", "The theorem's bound holds at every step.", source: "LPGD theorem",
          quantity: "largest |Z_t - Z_T| / (rho^t |Z_0 - Z_T|) over t <= 40 and all runs, \(label(weights))",
          measured: quantile(
            distances.flatMap { run in run.prefix(41).enumerated().map { $1 / (pow(rho, Double($0)) * run[0]) } }, 1),
          expected: .atMost(1)),
      ]
    }
    let differences = { (weights: [Weights]) in
      try settings.covariates.flatMap { q in
        try weights.flatMap { try results.tensor("starts-q\(q)/difference").values(at: ["weights": .init(label($0))]) }
      }
    }
    let lpgd = try settings.covariates.map { q in
      try settings.weights.flatMap { try runs("lpgd-q\(q)/objective", results, settings, $0) }
    }.flatMap { $0 }
    let bcd = try settings.covariates.flatMap { q in
      try settings.weights.flatMap { try runs("bcd-q\(q)/objective", results, settings, $0) }
    }
    let stages = try settings.covariates.flatMap { q in
      try settings.weights.flatMap { try runs("two-stages-q\(q)/objective", results, settings, $0) }
    }
    let last = { (run: [Double]) in run[run.count - 1] }
    return claims + [
      Claim(
        "start-independent", "Every start leads to the same Z.", source: "global convergence",
        quantity: "largest relative difference of the last Z of two starts",
        measured: quantile(try differences(settings.weights), 1),
        expected: .atMost(1e-8)),
      Claim(
        "bcd-agrees-value", "Block coordinate descent finds the same value.", source: "BCD, same objective",
        quantity: "largest |F_BCD - F_LPGD| / F_LPGD",
        measured: quantile(zip(bcd, lpgd).map { abs(last($0) - last($1)) / last($1) }, 1), expected: .atMost(1e-6)),
      Claim(
        "bcd-agrees-descent", "Block coordinate descent never rises, but for the rounding of F.", source: "BCD, same objective",
        quantity: "largest relative rise of F in a sweep",
        measured: quantile(bcd.flatMap { run in zip(run, run.dropFirst()).map { ($1 - $0) / $0 } }, 1), expected: .atMost(1e-12)),
      Claim(
        "joint-beats-two-stage", "Fitting jointly beats fitting in two stages.", source: "simulation study",
        quantity: "least F of the two-stage fit less F of LPGD, all data sets",
        measured: quantile(zip(stages, lpgd).map { $0[0] - last($1) }, 0), expected: .above(1e-2)),
      Claim(
        "condition-matters", "With L/mu above 3 the limit depends on the start.", source: "L/mu < 3 hypothesis",
        quantity: "relative difference of the last Z of two starts, \(label(settings.illConditioned)), median of the data sets",
        measured: median(try differences([settings.illConditioned])), expected: .above(1e-2)),
    ]
  }

  /// One list of values for each seed and start: over the steps, or a single one.
  private static func runs(_ path: String, _ results: Results, _ settings: Settings, _ weights: Weights) throws -> [[Double]] {
    let isTrace = results.hasTrace(path)
    let table = try isTrace ? results.trace(path) : results.tensor(path)
    return try (0..<settings.starts).flatMap { start in
      let place: [String: Selector] = ["weights": .init(label(weights)), "start": .init(start)]
      return try isTrace ? table.columns(at: place) : table.values(at: place).map { [$0] }
    }
  }
}
