import Diagnostics
import Foundation
import Notebook
import Plotting

extension InterpolatedAcceleration {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let gaussians = settings.batches.map { gaussian(batch: $0) }
    var figures = [
      Figure(
        "fig1", title: "Gaussian least squares", mirrors: "gap against iterations on synthetic regression",
        panels: try settings.shownBatches.map { try gapPanel("b = \($0)", gaussian(batch: $0), results) }),
      Figure(
        "fig2", title: "Sampled coordinates", mirrors: "no counterpart: a counterexample to the sqrt(rho) rate",
        panels: try settings.conditions.map { try coordinatePanel($0, results) }),
      Figure(
        "fig3", title: "Gaussian least squares: iterations to 10⁻⁴", mirrors: "dependence on the strong growth constant",
        try iterationsPanel(gaussians, results)),
      Figure("fig4", title: "Gaussian least squares: rates", mirrors: "rates of the theorems", try ratePanel(gaussians, results)),
    ]
    if results.hasTrace("logistic/gap") {
      figures.append(
        Figure(
          "fig5", title: "Separable logistic regression", mirrors: "logistic regression", try gapPanel("", "logistic", results)))
    }
    return figures
  }

  private static func gapPanel(_ title: String, _ problem: String, _ results: Results) throws -> Panel {
    let gap = try results.trace("\(problem)/gap")
    var series = try methods.flatMap { try gap.banded(over: "draw", at: ["method": .init($0)], label: $0) }
    if results.hasTensor("\(problem)/bound") {
      series.append(.guide("\(try results.scalar("\(problem)/bound")) / x**2", label: "convex bound", from: 1))
    }
    return Panel(
      title: title, x: Axis("iteration"), y: Axis("relative gap", scale: .log(), from: 1e-16, to: 1e6), legend: .outside,
      series: series)
  }

  /// The first draw alone: where the gap swings, a median over draws means little.
  private static func coordinatePanel(_ condition: Double, _ results: Results) throws -> Panel {
    let gap = try results.trace("\(coordinate(condition: condition))/gap")
    return Panel(
      title: "κ = \(condition.brief), first draw", x: Axis("iteration"),
      y: Axis("relative gap", scale: .log(), from: 1e-32, to: 1e32),
      legend: .outside,
      series: try methods.map {
        .line(x: try gap.coordinate("step"), y: try gap.column(["draw": 0, "method": .init($0)]), label: $0)
      })
  }

  private static func iterationsPanel(_ problems: [String], _ results: Results) throws -> Panel {
    let rho = try problems.map { try results.scalar("\($0)/rho") }
    let curves = try methods.prefix(3).map { method in
      let points = try zip(rho, problems).map { ($0, try iterations(results, $1, method, to: 1e-4)) }.filter { $0.1.isFinite }
      return Series.linesPoints(x: Column(points.map(\.0)), y: Column(points.map(\.1)), label: method)
    }
    return Panel(
      x: Axis("strong growth constant ρ", scale: .log()), y: Axis("iterations", scale: .log()), legend: .outside,
      series: curves + [.guide("30 * x**0.5", label: "∝ √ρ"), .guide("30 * x", label: "∝ ρ")])
  }

  /// Observed rates against those of the theorems: 1 / (rho kappa), 1 / (rho sqrt(kappa)), 1 / sqrt(rho kappa).
  private static func ratePanel(_ problems: [String], _ results: Results) throws -> Panel {
    let exponents = [(1.0, 1.0), (1, 0.5), (0.5, 0.5)]
    return Panel(
      x: Axis("rate of the theorem", unit: "1/iteration", scale: .log()),
      y: Axis("rate of the gap", unit: "1/iteration", scale: .log()), legend: .outside,
      series: try zip(methods, exponents).map { method, exponents in
        let points = try problems.map { problem in
          let (rho, kappa) = (try results.scalar("\(problem)/rho"), try results.scalar("\(problem)/kappa"))
          return (pow(rho, -exponents.0) * pow(kappa, -exponents.1), try rate(results, problem, method))
        }
        return .linesPoints(x: Column(points.map(\.0)), y: Column(points.map(\.1)), label: method)
      } + [.guide("x", label: "as predicted")])
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let ten = gaussian(batch: 10)
    let (skewed, even) = (coordinate(condition: 100), coordinate(condition: 1))
    let arrived = { (problem: String, method: String, threshold: Double) in
      try iterations(results, problem, method, to: threshold)
    }
    // What has not arrived needs more than all iterations.
    let atLeast = { (count: Double) in count.isNaN ? Double(settings.iterations) : count }
    let skewedGaps = try results.trace("\(skewed)/gap")
    let promised = try [10, 100].map { batch in
      let problem = gaussian(batch: batch)
      let scale = (try results.scalar("\(problem)/rho") * results.scalar("\(problem)/kappa")).squareRoot() * log(1e8)
      return Claim(
        "sqrt-rho-rate-gaussian-b\(batch)", "On Gaussian data the new tuning has the promised rate.",
        source: "strongly convex theorem",
        quantity: "iterations to 1e-8 over sqrt(rho kappa) ln(1e8), b = \(batch)",
        measured: try arrived(problem, "new tuning", 1e-8) / scale, expected: .atMost(2))
    }
    return [
      Claim(
        "new-beats-old", "The new tuning beats the old one by far.", source: "abstract",
        quantity: "iterations to 1e-4, old over new tuning, (G), b = 10",
        measured: atLeast(try arrived(ten, "old tuning", 1e-4)) / (try arrived(ten, "new tuning", 1e-4)), expected: .atLeast(3)),
      Claim(
        "new-beats-old-sgd", "And SGD.", source: "abstract", quantity: "iterations to 1e-2, SGD over new tuning, (G), b = 10",
        measured: atLeast(try arrived(ten, "SGD", 1e-2)) / (try arrived(ten, "new tuning", 1e-2)), expected: .above(5)),
    ] + promised + [
      Claim(
        "counterexample-new", "On sampled coordinates the new tuning diverges.", source: "limits of the sqrt(rho) claim",
        quantity: "gap after the last iteration over the first, (C), kappa = 100, median over draws",
        measured: median(try skewedGaps.lastValues(over: "draw", at: ["method": "new tuning"])),
        basis: try skewedGaps.lastValues(over: "draw", at: ["method": "old tuning"]), expected: .above(1e3)),
      Claim(
        "counterexample-old", "The old tuning converges there.", source: "limits of the sqrt(rho) claim",
        quantity: "least gap over the first, (C), kappa = 100, median over draws",
        measured: median(try skewedGaps.columns(over: "draw", at: ["method": "old tuning"]).map { quantile($0, 0) }),
        expected: .atMost(1e-8)),
      Claim(
        "coverage-bound", "No method is faster than the coordinates are drawn.", source: "limits of the sqrt(rho) claim",
        quantity: "iterations to 1e-2, new tuning over SGD, (C), kappa = 1",
        measured: atLeast(try arrived(even, "new tuning", 1e-2)) / (try arrived(even, "SGD", 1e-2)), expected: .above(1)),
    ]
  }

  /// The median over the draws of the iterations to a relative gap; NaN where most draws have not arrived.
  private static func iterations(_ results: Results, _ problem: String, _ method: String, to threshold: Double) throws -> Double {
    let gap = try results.trace("\(problem)/gap")
    let steps = try gap.coordinate("step").values
    let counts = try gap.columns(over: "draw", at: ["method": .init(method)]).map { gaps in
      firstHit(gaps) { $0 <= threshold }.map { steps[$0] } ?? .infinity
    }
    let middle = median(counts)
    return middle.isFinite ? middle : .nan
  }

  /// r of gap ~ exp(-r k), fitted on the second half of the iterations before the median gap first falls below 1e-20.
  private static func rate(_ results: Results, _ problem: String, _ method: String) throws -> Double {
    let gap = try results.trace("\(problem)/gap")
    let steps = try gap.coordinate("step").values
    let columns = try gap.columns(over: "draw", at: ["method": .init(method)])
    let middle = steps.indices.map { i in median(columns.map { $0[i] }) }
    let end = steps[(firstHit(middle) { $0 < 1e-20 } ?? steps.count) - 1]
    return -LineFit.exponential(x: steps, y: middle, over: end / 2...end).slope
  }
}
