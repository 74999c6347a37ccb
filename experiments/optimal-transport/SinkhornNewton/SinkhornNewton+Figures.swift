import Diagnostics
import Foundation
import Notebook
import Plotting

extension SinkhornNewton {
  private static let titles = [
    ("assignment", "random assignment"), ("points", "point clouds"), ("squared", "images, squared distance"),
    ("l1", "images, l1 distance"),
  ]

  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let iteration = Axis("iteration", scale: .log())
    let warmups = settings.assignment.warmups
    let stepped = { (quantity: String, transform: (Double) -> Double) in
      try warmups.enumerated().map { look, warmup in
        let values = try results.tensor("assignment/newton\(warmup)/\(quantity)")
        return Series.linesPoints(
          x: try values.coordinate("newton_step"), y: Column(try values.column().values.map(transform)), label: "N₁ = \(warmup)",
          style: .look(look))
      }
    }
    let outside = try results.tensor("assignment/outside")
    let sparsity = Panel(
      x: Axis("k", isCount: true), y: Axis("share of P outside its k·n largest entries", scale: .log(), from: 1e-12, to: 1),
      legend: .outside,
      series: try outside.labels("stage").map { stage in
        .linesPoints(
          x: try outside.coordinate("kept"), y: try outside.column(["stage": .init(stage)]),
          label: stage == "solution" ? "solution" : "\(stage) sweeps")
      })
    return [
      Figure(
        "fig1", title: "Random assignment", mirrors: "random linear program",
        Panel(
          x: iteration, y: error, legend: .outside,
          series: try series(results, "assignment", settings) { try iterations("assignment/\($0)/error") })),
      Figure(
        "fig2", title: "Transport between images", mirrors: "MNIST with squared and l1 costs",
        panels: try titles.suffix(2).map { name, title in
          Panel(
            title: title, x: iteration, y: error, legend: .outside,
            series: try series(results, name, settings) { try iterations("\(name)/\($0)/error") })
        }),
      Figure(
        "fig3", title: "Marginal error against time", mirrors: "run time",
        panels: try titles.map { name, title in
          Panel(
            title: title, x: Axis("time", unit: "s", scale: .log()), y: error, legend: .outside,
            series: try series(results, name, settings) { run in
              (try results.timing("\(name)/\(run)/seconds").column(), try results.tensor("\(name)/\(run)/error").column())
            })
        }),
      Figure("fig4", title: "Approximate sparsity of the plan", mirrors: "approximate sparsity of the Hessian", sparsity),
      Figure(
        "fig5", title: "Newton steps, random assignment", mirrors: "cost of the Newton stage",
        Panel(
          title: "conjugate gradients", x: Axis("Newton step", isCount: true), y: Axis("steps", isCount: true), legend: .outside,
          series: try stepped("products") { $0 }),
        Panel(
          title: "line search", x: Axis("Newton step", isCount: true), y: Axis("halvings of the step", from: -0.5, isCount: true),
          legend: .outside, series: try stepped("damping") { -log2($0) })),
    ]

    func iterations(_ path: String) throws -> (x: Column, y: Column) {
      let values = try results.tensor(path)
      return (try values.coordinate("iteration"), try values.column())
    }
  }

  private static let error = Axis("marginal error e", scale: .log(), from: 1e-13)

  /// One line for each solver of a case, the same look in all figures.
  private static func series(
    _ results: Results, _ name: String, _ settings: Settings, _ columns: (String) throws -> (x: Column, y: Column)
  ) throws -> [Series] {
    let runs = [
      ("sinkhorn", "Sinkhorn"), ("newton20", "SNS, N₁ = 20"), ("newton100", "SNS, N₁ = 100"), ("newton0", "Newton alone"),
    ]
    return try (runs + [("lbfgs", "L-BFGS")]).enumerated().compactMap { look, run in
      guard results.hasTensor("\(name)/\(run.0)/error") else { return nil }
      let (x, y) = try columns(run.0)
      return .line(x: x, y: y, label: run.1, style: .look(look))
    }
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let errors = { (path: String) in try results.tensor("\(path)/error").column().values }
    let sinkhorn = try errors("assignment/sinkhorn")
    // e after the sweeps, then after each Newton step.
    let newton = Array(try errors("assignment/newton20").dropFirst(19))
    let points = try results.tensor("points/newton100/error")
    let needed = firstHit(try points.column().values) { $0 <= 1e-9 }.map { Double($0 + 1) } ?? .nan
    let alone = firstHit(try errors("points/sinkhorn")) { $0 <= 1e-9 }.map { $0 + 1 } ?? settings.sweeps
    let outside = { (k: Int) in try results.tensor("assignment/outside").value(["stage": "solution", "kept": .init(k)]) }
    let rate = sinkhorn.count >= 1000 ? pow(sinkhorn[999] / sinkhorn[499], 1.0 / 500) : .nan
    let costs = try ["newton20", "sinkhorn"].map { try results.scalar("assignment/\($0)/cost") }
    return [
      Claim(
        "iteration-speedup", "After 20 sweeps a few Newton steps converge.", source: "random assignment figure",
        quantity: "Newton steps to e <= 1e-10", measured: firstHit(newton) { $0 <= 1e-10 }.map(Double.init) ?? .nan,
        basis: newton, expected: .atMost(20)),
      Claim(
        "iteration-speedup-sinkhorn", "Sinkhorn alone is still far away.", source: "random assignment figure",
        quantity: "e after 2000 sweeps", measured: sinkhorn.count >= 2000 ? sinkhorn[1999] : .nan, expected: .atLeast(1e-9)),
      Claim(
        "point-cloud-speedup", "On point clouds sweeps and Newton steps together are few.", source: "image and point figures",
        quantity: "iterations to e <= 1e-9, 100 sweeps among them", measured: needed,
        basis: try points.column().values, expected: .atMost(160)),
      Claim(
        "point-cloud-speedup-ratio", "Sinkhorn alone needs many times as many.", source: "image and point figures",
        quantity: "Sinkhorn's sweeps to e <= 1e-9, at most those made, over those iterations", measured: Double(alone) / needed,
        basis: try points.column().values + errors("points/sinkhorn"), expected: .atLeast(8)),
      Claim(
        "approximate-sparsity", "At the solution few entries carry the plan.", source: "approximate-sparsity theorem",
        quantity: "share of mass outside the 4 n largest entries", measured: try outside(4), expected: .atMost(5e-3)),
      Claim(
        "approximate-sparsity-2n", "At the solution few entries carry the plan.", source: "approximate-sparsity theorem",
        quantity: "share of mass outside the 2 n largest entries", measured: try outside(2), expected: .atMost(0.15)),
      Claim(
        "superlinear-vs-linear", "The Newton stage contracts fast.", source: "abstract",
        quantity: "median of e's factors in the Newton stage after 20 sweeps",
        measured: median(zip(newton.dropFirst(), newton).map { $0 / $1 }), expected: .atMost(0.3)),
      Claim(
        "superlinear-vs-linear-sinkhorn", "Sinkhorn contracts slowly.", source: "abstract",
        quantity: "mean factor of e in sweeps 500 to 1000", measured: rate, expected: .atLeast(0.99)),
      Claim(
        "same-solution", "Both end at the same plan.", source: "same optimum", quantity: "|<C, P_SNS> - <C, P_Sinkhorn>|",
        measured: abs(costs[0] - costs[1]), expected: .atMost(1e-6)),
    ]
  }
}
