import Diagnostics
import Notebook
import Plotting

extension DeepConjugateDirections {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let loss = try results.trace("training/loss")
    return [
      try residualFigure("fig1", "trained-size", "n = \(settings.side)", settings, results),
      try sizeFigure(settings, results),
      Figure(
        "fig3", title: "Training", mirrors: "training loss",
        Panel(
          x: Axis("step"), y: Axis("mean ‖r − a A f(r)‖²", scale: .log()),
          series: [.line(x: try loss.coordinate("step"), y: try loss.column(), label: "")])),
      try productFigure(settings, results),
      try residualFigure("fig5", "larger", "n = \(settings.largeSide), network of n = \(settings.side)", settings, results),
      try residualFigure("fig6", "obstacles", "n = \(settings.side) with obstacles", settings, results),
    ]
  }

  /// One right-hand side of each kind.
  private static func residualFigure(
    _ id: String, _ group: String, _ title: String, _ settings: Settings, _ results: Results
  ) throws -> Figure {
    let residual = try results.tensor("\(group)/residual")
    let panels = try ["random", "smooth", "point source"].enumerated().map { kind, name in
      Panel(
        title: name, x: Axis("iteration"), y: Axis("relative residual", scale: .log(), from: settings.tolerance / 10),
        legend: .outside,
        series: try residual.labels("method").map { method in
          .line(
            // Iteration 0 has no place on the logarithmic axis: everything starts at 1.
            x: try residual.coordinate("iteration"),
            y: try residual.column(["method": .init(method), "right": .init(kind * settings.rightSides)]), label: method)
        }, annotations: [.horizontalLine(y: settings.tolerance)])
    }
    return Figure(
      id, title: "Convergence, \(title)", mirrors: "convergence figures", panels: panels, columns: 3, panelWidth: 6.5,
      panelHeight: 5.5)
  }

  private static func sizeFigure(_ settings: Settings, _ results: Results) throws -> Figure {
    let sizes: Column = [Double(settings.side), Double(settings.largeSide)]
    return Figure(
      "fig2", title: "Iterations to \(settings.tolerance.powerOfTen), mean and range", mirrors: "resolution generalisation",
      Panel(
        x: Axis("points along a side n", from: 0), y: Axis("iterations", from: 0),
        series: try [DirectionMethod.conjugateGradients, .incompleteCholesky, .deep].flatMap { method -> [Series] in
          let counts = try ["trained-size", "larger"].map { try iterations(results, $0, method) }
          return [
            .band(x: sizes, lower: Column(counts.map { quantile($0, 0) }), upper: Column(counts.map { quantile($0, 1) })),
            .linesPoints(x: sizes, y: Column(counts.map(mean)), label: method.rawValue),
          ]
        }))
  }

  private static func productFigure(_ settings: Settings, _ results: Results) throws -> Figure {
    let product = try results.tensor("trained-size/product")
    let methods: [DirectionMethod] = [.deep, .untrained, .withoutOrthogonality]
    return Figure(
      "fig4", title: "Successive directions, random right-hand side", mirrors: "A-orthogonality of the directions",
      Panel(
        x: Axis("iteration k", scale: .log()), y: Axis("|dₖ₊₁ᵀ A dₖ| / (‖dₖ₊₁‖ ‖dₖ‖)", scale: .log(), from: 1e-20),
        legend: .outside,
        series: try methods.map { method in
          .line(
            x: try product.coordinate("pair"), y: try product.column(["method": .init(method.rawValue), "right": 0]),
            label: method == .withoutOrthogonality ? "m = 0" : method.rawValue)
        }))
  }

  /// Of every right-hand side, NaN where the limit came first.
  private static func iterations(_ results: Results, _ group: String, _ method: DirectionMethod) throws -> [Double] {
    try results.tensor("\(group)/iterations").column(["method": .init(method.rawValue)]).values
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let share = { (group: String) in
      mean(try iterations(results, group, .deep)) / mean(try iterations(results, group, .conjugateGradients))
    }
    let products = try ["trained-size", "larger", "obstacles"].flatMap { group in
      try results.tensor("\(group)/product").columns(over: "right", at: ["method": .init(DirectionMethod.deep.rawValue)])
        .flatMap { $0.filter { !$0.isNaN } }
    }
    let rises = try results.tensor("trained-size/rise").column(["method": .init(DirectionMethod.untrained.rawValue)]).values
    return [
      Claim(
        "fewer-iterations", "The network saves most of the iterations.", source: "convergence figures",
        quantity: "mean iterations of DCDM over those of CG, n = \(settings.side)", measured: try share("trained-size"),
        expected: .atMost(0.35)),
      Claim(
        "conjugacy", "Successive directions are A-orthogonal.", source: "algorithm",
        quantity: "largest |d_(k+1)^T A d_k| over the lengths in the norm of A, over all solutions by DCDM",
        measured: quantile(products, 1), expected: .atMost(1e-8)),
      Claim(
        "identity-gives-cg", "With f = identity and m = 1 it is CG.", source: "derivation",
        quantity: "largest relative difference of residual norms over 40 iterations",
        measured: try results.scalar("comparison/difference"), expected: .atMost(1e-8)),
      // Rounding of an error is some 1e-16 of the first one; the line search allows no rise but that.
      Claim(
        "network-independent-correctness", "Whatever the network, the error never rises.",
        source: "optimality of the line search",
        quantity: "largest rise of the error in the norm of A in one iteration over the first error, untrained network",
        measured: quantile(rises, 1), expected: .atMost(1e-12)),
      Claim(
        "generalises-in-size", "The network serves larger grids unchanged.", source: "resolution generalisation",
        quantity: "mean iterations of DCDM over those of CG, n = \(settings.largeSide)", measured: try share("larger"),
        expected: .atMost(0.5)),
    ]
  }
}
