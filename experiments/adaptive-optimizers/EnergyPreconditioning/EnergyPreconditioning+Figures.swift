import Diagnostics
import Notebook
import Plotting

extension EnergyPreconditioning {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    // A step that is too large is shrunk within a few iterations.
    let early = Axis("iteration k", scale: .log())
    return [
      Figure(
        "fig1", title: "Quadratic without a metric", mirrors: "convergence of the value for several step sizes",
        try panel("AEPG", "quadratic/excess", Axis("F − F*", scale: .log(), from: 1e-18, to: 1e6), results),
        try panel("fixed step", "quadratic/fixed_excess", Axis("F − F*", scale: .log(), from: 1e-18, to: 1e6), results)),
      Figure(
        "fig2", title: "Energy", mirrors: "the energy falls at any step size",
        try panel("quadratic", "quadratic/energy", Axis("energy r", scale: .log(), from: 1e-15), x: early, results),
        try panel("D-optimal design", "design/energy", Axis("energy r"), x: early, results),
        try panel(
          "Rosenbrock, Gauss-Newton metric", "rosenbrock/energy", Axis("energy r", scale: .log(), from: 1e-15), x: early, results),
        try panel(
          "Rosenbrock, no metric", "rosenbrock_plain/energy", Axis("energy r", scale: .log(), from: 1e-15), x: early, results)),
      try designFigure(results, settings), try pathFigure(results, settings),
      Figure(
        "fig5", title: "Effective step size", mirrors: "the energy adapts the step",
        try panel("quadratic", "quadratic/effective_rate", Axis("η r / ℓ", scale: .log(), from: 1e-15), x: early, results),
        try panel("D-optimal design", "design/effective_rate", Axis("η r / ℓ"), x: early, results),
        try panel(
          "Rosenbrock, Gauss-Newton metric", "rosenbrock/effective_rate", Axis("η r / ℓ", scale: .log(), from: 1e-15), x: early,
          results),
        try panel(
          "Rosenbrock, no metric", "rosenbrock_plain/effective_rate", Axis("η r / ℓ", scale: .log(), from: 1e-15), x: early,
          results)),
    ]
  }

  /// A trace against the iteration, a line for each rate.
  private static func panel(
    _ title: String, _ path: String, _ y: Axis, x: Axis = Axis("iteration k"), _ results: Results
  ) throws -> Panel {
    let trace = try results.trace(path)
    return Panel(
      title: title, x: x, y: y, legend: .outside,
      series: try trace.coordinate("rate").values.map { rate in
        .line(x: try trace.coordinate("step"), y: try trace.column(["rate": .init(rate)]), label: "η = \(rate.brief)")
      })
  }

  private static func designFigure(_ results: Results, _ settings: Settings) throws -> Figure {
    let final = try results.tensor("design/final")
    let optimum = try results.tensor("design/optimum")
    let best = settings.design.rates.max() ?? .nan
    return Figure(
      "fig3", title: "D-optimal design", mirrors: "Hessian-Riemannian descent on the simplex",
      try panel("value", "design/excess", Axis("F − F*", scale: .log()), results),
      Panel(
        title: "weights after the last step, η = \(best.brief)", x: Axis("design point i", isCount: true), y: Axis("weight xᵢ"),
        legend: .outside,
        series: [
          .points(x: try optimum.coordinate("point"), y: try optimum.column(), label: "optimum"),
          .points(x: try final.coordinate("coordinate"), y: try final.column(["rate": .init(best)]), label: "AEPG"),
        ]))
  }

  private static func pathFigure(_ results: Results, _ settings: Settings) throws -> Figure {
    let landscape = try results.tensor("landscape")
    let grid = Grid(Column(landscape.values), x: try landscape.coordinate("x"), y: try landscape.coordinate("y"))
    let panel = { (title: String, name: String) in
      let path = try results.trace("\(name)/path")
      return Panel(
        title: title, x: Axis("x₁", from: -1.6, to: 1.4), y: Axis("x₂", from: -0.6, to: 1.6), legend: .outside,
        series: [.contours(grid, levels: [1, 10, 100], style: .look(6))]
          + (try settings.rosenbrock.rates.enumerated().map { look, rate in
            .line(
              x: try path.column(["rate": .init(rate), "coordinate": 0]),
              y: try path.column(["rate": .init(rate), "coordinate": 1]),
              label: "η = \(rate.brief)", style: .look(look))
          }) + [.points(x: [1], y: [1], label: "minimum", style: .look(4))])
    }
    return Figure(
      "fig4", title: "Paths of AEPG over Rosenbrock's function", mirrors: "natural gradient and plain gradient",
      try panel("Gauss-Newton metric", "rosenbrock"), try panel("no metric", "rosenbrock_plain"))
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let names = ["quadratic", "design", "rosenbrock", "rosenbrock_plain"]
    let residuals = try names.flatMap { try results.trace("\($0)/identity_residual").values }
    let rises = try names.flatMap { name in
      let energy = try results.trace("\(name)/energy")
      return try energy.coordinate("rate").values.flatMap { rate in
        let values = try energy.column(["rate": .init(rate)]).values
        return zip(values, values.dropFirst()).map { $1 - $0 }
      }
    }
    let paths = try names.flatMap { name in
      let energy = try results.trace("\(name)/energy")
      return try energy.coordinate("rate").values.map { rate in
        let start = try energy.value(["rate": .init(rate), "step": 0])
        let path = try results.trace("\(name)/squared_path").column(["rate": .init(rate)]).values
        return path[path.count - 1] / (rate * start * start)
      }
    }
    let run = { (path: String, rate: Double) in try results.trace(path).column(["rate": .init(rate)]).values }
    let last = { (path: String, rate: Double) in try run(path, rate).last ?? .nan }
    let largestRate = settings.design.rates.max() ?? .nan
    let plain = "\(settings.quadratic.steps) steps, eta = 0.3"
    return [
      Claim(
        "energy-identity", "r² falls by (change of r)² + ||change of x||_A² / eta.", source: "energy-stability theorem",
        quantity: "largest residual over r_0², all problems, step sizes and steps", measured: quantile(residuals, 1),
        expected: .atMost(1e-12)),
      Claim(
        "unconditional-stability-energy", "The energy never rises, at any step size.", source: "energy-stability theorem",
        quantity: "largest change of r in a step, all runs", measured: quantile(rises, 1), expected: .atMost(0)),
      Claim(
        "unconditional-stability-path", "The path is bounded, at any step size.", source: "energy-stability theorem",
        quantity: "sum of ||change of x||_A² over eta r_0², the largest over all runs", measured: quantile(paths, 1),
        expected: .atMost(1)),
      Claim(
        "too-large-step-survives-fixed", "A fixed step that is too large diverges.", source: "numerical section",
        quantity: "largest finite F, quadratic, \(plain)",
        measured: try run("quadratic/fixed_excess", 0.3).filter(\.isFinite).max() ?? .nan,
        basis: try run("quadratic/excess", 0.3), expected: .above(1e6)),
      Claim(
        "too-large-step-survives", "With the energy it converges.", source: "numerical section",
        quantity: "F at the end, quadratic, \(plain)", measured: try last("quadratic/excess", 0.3), expected: .atMost(1e-6)),
      Claim(
        "simplex-kept-sum", "The iterates stay in the plane of the simplex.", source: "Hessian-Riemannian experiment",
        quantity: "largest |sum x - 1|", measured: quantile(try results.trace("design/sum").values.map { abs($0 - 1) }, 1),
        expected: .atMost(1e-10)),
      Claim(
        "simplex-kept-positive", "The iterates stay positive.", source: "Hessian-Riemannian experiment", quantity: "smallest x",
        measured: quantile(try results.trace("design/smallest").values, 0), expected: .above(0)),
      Claim(
        "simplex-kept-value", "They come close to the optimum.", source: "Hessian-Riemannian experiment",
        quantity: "F - F* at the end, eta = \(largestRate.brief)", measured: try last("design/excess", largestRate),
        expected: .atMost(5e-4)),
      Claim(
        "preconditioning-pays", "The Gauss-Newton metric reaches the minimum.", source: "natural-gradient experiments",
        quantity: "F at the end, Rosenbrock, eta = 0.01", measured: try last("rosenbrock/excess", 1e-2), expected: .atMost(1e-10)),
      Claim(
        "preconditioning-pays-plain", "Without a metric it is far.", source: "natural-gradient experiments",
        quantity: "F at the end, Rosenbrock, A = I, eta = 0.001", measured: try last("rosenbrock_plain/excess", 1e-3),
        expected: .atLeast(1e-3)),
    ]
  }
}
