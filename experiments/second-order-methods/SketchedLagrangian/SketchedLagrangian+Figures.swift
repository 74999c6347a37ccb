import Diagnostics
import Notebook
import Plotting

extension SketchedLagrangian {
  package static func figures(from results: Results) throws -> [Figure] {
    [
      try residualFigure(results), try stepFigure(results), try innerFigure(results), try meritFigure(results),
    ]
  }

  private static let outer = Axis("outer step")

  private static func residualFigure(_ results: Results) throws -> Figure {
    let panel = { (title: String, name: String, others: [Series]) in
      let residual = try results.trace("\(name)/residual")
      return Panel(
        title: title, x: outer, y: Axis("KKT residual ‖R‖", scale: .log()), legend: .outside,
        series: try residual.labels("method").enumerated().flatMap { look, method in
          try active(results, name, method, "residual", .look(look))
        } + others)
    }
    let multipliers = try results.trace("multipliers/residual")
    return Figure(
      "fig1", title: "KKT residual, median and range over seeds", mirrors: "convergence of the inexact methods",
      try panel(
        "logistic regression", "regression",
        [
          .line(
            x: try multipliers.coordinate("step"), y: try multipliers.column(), label: "method of multipliers", style: .look(5))
        ]), try panel("eigenvector", "eigenvector", []), try panel("control", "control", []), columns: 3)
  }

  private static func stepFigure(_ results: Results) throws -> Figure {
    Figure(
      "fig2", title: "Accepted step sizes, logistic regression", mirrors: "step sizes",
      Panel(
        x: outer, y: Axis("step size α", scale: .log(base: 2), to: 2), legend: .outside,
        series: try results.trace("regression/step size").labels("method").enumerated().flatMap { look, method in
          try active(results, "regression", method, "step size", .look(look), from: 1)
        }))
  }

  private static func innerFigure(_ results: Results) throws -> Figure {
    Figure(
      "fig3", title: "Inner iterations, logistic regression", mirrors: "cost of the sketched solvers",
      Panel(
        x: outer, y: Axis("inner iterations of the step", scale: .log()), legend: .outside,
        series: try ["block", "block, tightened", "Kaczmarz", "MINRES"].enumerated().flatMap { look, method in
          try active(results, "regression", method, "inner", .look(look + 1), from: 1)
        }))
  }

  private static func meritFigure(_ results: Results) throws -> Figure {
    let panel = { (title: String, y: Axis, names: [(String, String)]) in
      Panel(
        title: title, x: outer, y: y, legend: .outside,
        series: try names.enumerated().flatMap { look, name in
          try active(results, "regression", "block", name.0, .look(look), label: name.1)
        })
    }
    return Figure(
      "fig4", title: "Gaussian blocks, constant θ, logistic regression", mirrors: "merit, objective and feasibility",
      try panel("", Axis("value"), [("merit", "merit"), ("objective", "objective f")]),
      try panel("", Axis("infeasibility ‖c‖", scale: .log()), [("infeasibility", "infeasibility")]))
  }

  /// A trace of a method up to the step at which the last of its seeds is done: median and range over seeds.
  private static func active(
    _ results: Results, _ name: String, _ method: String, _ quantity: String, _ style: Style, from: Int = 0, label: String? = nil
  ) throws -> [Series] {
    let last = Int(exactly: quantile(try results.trace("\(name)/steps").lastValues(at: ["method": .init(method)]), 1)) ?? 0
    let columns = try results.trace("\(name)/\(quantity)").columns(at: ["method": .init(method)])
    let places = Array(from...max(from, last)).filter { $0 < columns[0].count }
    let bands = places.map { place in quantiles(columns.map { $0[place] }, [0, 0.5, 1]) }
    let x = Column(places.map(Double.init))
    return [
      .band(x: x, lower: Column(bands.map { $0[0] }), upper: Column(bands.map { $0[2] }), style: style),
      .line(x: x, y: Column(bands.map { $0[1] }), label: label ?? method, style: style),
    ]
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let residual = try results.trace("regression/residual")
    let methods = try residual.labels("method")
    let goal = { (method: String) in
      method == "Kaczmarz" ? settings.regression.kaczmarzResidual : settings.regression.residual
    }
    let arrivals = try methods.flatMap { method in
      try residual.columns(at: ["method": .init(method)]).map { values in
        firstHit(values) { $0 <= goal(method) }.map(Double.init) ?? .infinity
      }
    }
    let lastSteps = try methods.flatMap { try lastStepSizes(results, $0, count: 5) }
    let outer = { (method: String) in
      mean(
        try residual.columns(at: ["method": .init(method)]).map { values in
          guard let near = firstHit(values, { $0 <= 1e-2 }), let end = firstHit(values, { $0 <= 1e-10 }) else { return .nan }
          return Double(end - near)
        })
    }
    let groups = ["regression", "eigenvector", "control"]
    let excess = try groups.flatMap { try ofSteps(results, $0, ["linear residual", "allowed"]).map { $0[0] / $0[1] } }
    let descent = try groups.flatMap { try ofSteps(results, $0, ["descent"]).map { $0[0] } }
    return [
      Claim(
        "converges", "Every solver reaches its tolerance.", source: "global convergence theorem",
        quantity: "outer steps to the tolerance, largest over solvers and seeds", measured: quantile(arrivals, 1),
        expected: .atMost(60)),
      Claim(
        "unit-steps", "Near the solution unit steps are taken.", source: "local theorem",
        quantity: "least of the last five step sizes of every run", measured: quantile(lastSteps, 0), expected: .exactly(1)),
      Claim(
        "tightening-accelerates", "Tightened accuracy makes convergence superlinear.", source: "superlinear theorem",
        quantity: "outer steps from 1e-2 to 1e-10, mean over seeds, theta tightened over theta constant",
        measured: try outer("block, tightened") / outer("block"), expected: .atMost(0.7)),
      Claim(
        "inexactness-respected", "Every linear system is solved as accurately as asked.", source: "adaptive design",
        quantity: "largest |K d + R| / (theta |R|), all problems, solvers, seeds and steps", measured: quantile(excess, 1),
        expected: .atMost(1)),
      Claim(
        "inexactness-respected-descent", "Every direction satisfies the descent inequality.", source: "adaptive design",
        quantity: "least -<grad L_eta, d> / ((eta2 / 2) |R|^2), all problems, solvers, seeds and steps",
        measured: quantile(descent, 0), expected: .atLeast(1)),
      Claim(
        "eigenvector", "The solution on the sphere is an eigenvector.", source: "sanity instance",
        quantity: "largest |A x - (x A x) x| over solvers and seeds",
        measured: quantile(try results.tensor("eigenvector/residual").values, 1), expected: .atMost(1e-7)),
    ]
  }

  /// The last step sizes of each seed's run.
  private static func lastStepSizes(_ results: Results, _ method: String, count: Int) throws -> [Double] {
    let sizes = try results.trace("regression/step size").columns(at: ["method": .init(method)])
    let steps = try results.trace("regression/steps").lastValues(at: ["method": .init(method)])
    return zip(sizes, steps).flatMap { sizes, steps in
      guard let last = Int(exactly: steps), sizes.indices.contains(last) else { return ArraySlice([Double.nan]) }
      return sizes[...last].dropFirst().suffix(count)
    }
  }

  /// The values of several traces at every step that was taken.
  private static func ofSteps(_ results: Results, _ name: String, _ quantities: [String]) throws -> [[Double]] {
    let steps = try results.trace("\(name)/steps")
    var values: [[Double]] = []
    for method in try steps.labels("method") {
      let columns = try quantities.map { try results.trace("\(name)/\($0)").columns(at: ["method": .init(method)]) }
      for (seed, counts) in try steps.columns(at: ["method": .init(method)]).enumerated() {
        for k in counts.indices.dropFirst() where !(counts[k] <= counts[k - 1]) { values.append(columns.map { $0[seed][k] }) }
      }
    }
    return values
  }
}
