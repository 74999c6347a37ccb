import Diagnostics
import Notebook
import Plotting

extension QuadraticRegression {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let epsilons = settings.planar.epsilons
    let shown = epsilons.indices.filter { $0.isMultiple(of: 2) }.map { epsilons[$0] }
    let offsets = try planarEnds(results, settings).map { ($0.epsilon, (2 - $0.lambda) / $0.epsilon) }
    let edge: Annotation = .horizontalLine(y: 2, label: "2")
    let (planar, phase) = (try results.trace("planar/lambda"), try results.trace("phase/lambda"))
    let t = Axis("iteration t", scale: .log())
    return [
      Figure(
        "fig1", title: "Two parameters: sharpening, then the edge", mirrors: "trajectories of the two-parameter model",
        Panel(
          title: "from the start, every second iteration", x: t, y: Axis("eigenvalue λ"), legend: .outside,
          series: try shown.map { try line(phase, ["epsilon": .init($0)], "ε = \($0)", from: 1) }, annotations: [edge]),
        Panel(
          title: "to the end", x: t, y: Axis("eigenvalue λ"), legend: .outside,
          series: try shown.map { epsilon in
            let end = settings.planar.horizon / epsilon
            return try line(planar, ["epsilon": .init(epsilon)], "ε = \(epsilon)", from: 1, until: end)
          }, annotations: [edge])),
      Figure(
        "fig2", title: "Distance of the limit from 2", mirrors: "limit of lambda against epsilon",
        Panel(
          x: Axis("ratio ε", scale: .log(), from: 2e-3, to: 5e-2), y: Axis("(2 − λ)/ε at the end", from: 0.45, to: 0.6),
          series: [.linesPoints(x: Column(offsets.map(\.0)), y: Column(offsets.map(\.1)), label: "measured")],
          annotations: [.horizontalLine(y: 0.5, label: "1/2")])),
      Figure(
        "fig3", title: "Phase portrait, every second iteration", mirrors: "phase portrait of the two-step dynamics",
        Panel(
          x: Axis("residual z"), y: Axis("eigenvalue $T_0$"), legend: .outside,
          series: try shown.map { epsilon in
            .line(
              x: try results.trace("phase/residual").column(["epsilon": .init(epsilon)]),
              y: try phase.column(["epsilon": .init(epsilon)]), label: "ε = \(epsilon)")
          }, annotations: [edge])),
      Figure(
        "fig4", title: "Random models, D = \(settings.random.outputs), P = \(settings.random.parameters)",
        mirrors: "eigenvalue and loss of random quadratic models",
        try randomPanel("lambda", Axis("eigenvalue ηλ", from: 0, to: 5), [edge], results, settings),
        try randomPanel("loss", Axis("loss", scale: .log(), from: 1e-12, to: 1e2), [], results, settings)),
      Figure(
        "fig5", title: "How much the models sharpen", mirrors: "sharpening against the size of the residual",
        Panel(
          x: Axis("standard deviation of z at the start"), y: Axis("largest λ over the first", scale: .log()),
          legend: .outside,
          series: try Set(settings.random.eigenvalues).sorted().map { eigenvalue in
            let runs = try randomRuns(results, settings).filter { $0.start == eigenvalue && $0.isFinite }
            return .points(
              x: Column(runs.map(\.residual)), y: Column(runs.map { $0.peak / eigenvalue }), label: "λ₀ = \(eigenvalue)")
          })),
    ]
  }

  private static func line(
    _ trace: RecordedArray, _ place: [String: Selector], _ label: String, from: Double = 0, until: Double = .infinity,
    style: Style = .automatic
  ) throws -> Series {
    let points = zip(try trace.coordinate("step").values, try trace.column(place).values).filter { from...until ~= $0.0 }
    return .line(x: Column(points.map(\.0)), y: Column(points.map(\.1)), label: label, style: style)
  }

  /// The curves of all seeds, one look for each setting.
  private static func randomPanel(
    _ name: String, _ axis: Axis, _ annotations: [Annotation], _ results: Results, _ settings: Settings
  ) throws -> Panel {
    let trace = try results.trace("random/\(name)")
    return Panel(
      x: Axis("gradient step t"), y: axis, legend: .outside,
      series: try settings.random.residuals.indices.flatMap { i in
        try (0..<settings.random.seeds).map { seed in
          let setting = label(ofSetting: i, settings.random)
          return try line(
            trace, ["seed": .init(seed), "setting": .init(setting)], seed == 0 ? setting : "",
            style: Style(look: i, width: 0.6, isSolid: true))
        }
      }, annotations: annotations)
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let ends = try planarEnds(results, settings)
    let peaks = try results.tensor("peak").values
    let first = try settings.planar.epsilons.map {
      try results.trace("planar/lambda").column(["epsilon": .init($0)]).values.first ?? .nan
    }
    let (gridPeaks, gridEnds) = (try results.tensor("grid/peak").values, try results.tensor("grid/end").values)
    let sharpened = zip(gridPeaks, gridEnds).filter { $0.0 > 2.2 || $0.0.isNaN }
    let runs = try randomRuns(results, settings)
    let settled = runs.filter { $0.loss < 1e-2 && $0.peak > 2 }.map(\.end)
    let limit = "The kernel's eigenvalue ends at 2 less half of epsilon."
    let settle = "The eigenvalue starts below 2, rises above it, and ends below it at a minimum."
    let edge = "Random quadratic models that sharpen end at the edge of stability."
    let diverged = runs.filter { !$0.isFinite }.count
    return ends.map {
      Claim(
        "edge-offset-half-eps-\($0.epsilon)", limit, source: "two-dimensional theorem",
        quantity: "(2 - lambda) / epsilon at the end, epsilon = \($0.epsilon)",
        measured: (2 - $0.lambda) / $0.epsilon, expected: .within(0.49...0.56))
    } + [
      Claim(
        "sharpen-then-settle-start", settle, source: "figure of trajectories", quantity: "largest lambda of a start",
        measured: quantile(first, 1), expected: .below(2)),
      Claim(
        "sharpen-then-settle-peak", settle, source: "figure of trajectories", quantity: "smallest peak of lambda",
        measured: quantile(peaks, 0), expected: .above(2.5)),
      Claim(
        "sharpen-then-settle-end", settle, source: "figure of trajectories", quantity: "largest lambda at the end",
        measured: quantile(ends.map(\.lambda), 1), expected: .below(2)),
      Claim(
        "sharpen-then-settle-residual", settle, source: "figure of trajectories", quantity: "largest |z| at the end",
        measured: quantile(ends.map { abs($0.residual) }, 1), expected: .below(1e-6)),
      Claim(
        "basin", "Starts that sharpen beyond the edge all end close to it.", source: "two-dimensional theorem",
        quantity: "largest (2 - lambda) / epsilon at the end among the grid's starts whose lambda exceeds 2.2",
        measured: quantile(sharpened.map { (2 - $0.1) / settings.planar.gridEpsilon }, 1), expected: .below(1.2)),
      Claim(
        "basin-count", "Starts that sharpen beyond the edge are many.", source: "two-dimensional theorem",
        quantity: "starts of the \(gridPeaks.count) whose lambda exceeds 2.2", measured: Double(sharpened.count),
        basis: gridPeaks, expected: .atLeast(15)),
      Claim(
        "high-dim-edge-lowest", edge, source: "high-dimensional experiment",
        quantity: "smallest final lambda of runs with loss < 0.01 that exceeded 2 (\(diverged) of \(runs.count) runs diverged)",
        measured: quantile(settled, 0), expected: .within(1.94...2.005)),
      Claim(
        "high-dim-edge-highest", edge, source: "high-dimensional experiment",
        quantity: "largest final lambda of runs with loss < 0.01 that exceeded 2",
        measured: quantile(settled, 1), expected: .within(1.94...2.005)),
      Claim(
        "high-dim-edge-count", edge, source: "high-dimensional experiment",
        quantity: "runs with loss < 0.01 that exceeded 2", measured: Double(settled.count), expected: .atLeast(4)),
      Claim(
        "recursion-exact", "Gradient descent is closed in residual and Jacobian.", source: "equations of motion",
        quantity: "largest relative difference from gradient descent on the parameters",
        measured: quantile(try results.trace("explicit/difference").column().values, 1), expected: .atMost(1e-9)),
    ]
  }

  private static func planarEnds(
    _ results: Results, _ settings: Settings
  ) throws -> [(epsilon: Double, lambda: Double, residual: Double)] {
    try settings.planar.epsilons.map { epsilon in
      let last = try ["lambda", "residual"].map {
        try results.trace("planar/\($0)").column(["epsilon": .init(epsilon)]).values.last ?? .nan
      }
      return (epsilon, last[0], last[1])
    }
  }

  private struct RandomRun {
    var residual: Double
    /// lambda at the start.
    var start: Double
    var peak: Double
    var end: Double
    var loss: Double

    var isFinite: Bool { end.isFinite && loss.isFinite }
  }

  private static func randomRuns(_ results: Results, _ settings: Settings) throws -> [RandomRun] {
    let random = settings.random
    return try random.residuals.indices.flatMap { i in
      try (0..<random.seeds).map { seed in
        let place: [String: Selector] = ["seed": .init(seed), "setting": .init(label(ofSetting: i, random))]
        let lambda = try results.trace("random/lambda").column(place).values
        return RandomRun(
          residual: random.residuals[i], start: random.eigenvalues[i], peak: lambda.filter(\.isFinite).max() ?? .nan,
          end: lambda.last ?? .nan, loss: try results.trace("random/loss").column(place).values.last ?? .nan)
      }
    }
  }
}
