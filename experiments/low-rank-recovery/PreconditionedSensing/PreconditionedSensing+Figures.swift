import Diagnostics
import Notebook
import Plotting

extension PreconditionedSensing {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let compared = Selector(settings.comparedScale)
    let step = Axis("iteration t")
    let error = Axis("relative error ‖XXᵀ − M‖ / ‖M‖", scale: .log(), from: 1e-16, to: 1e2)
    // Four condition numbers tell the story; the full preset has more.
    let drawn = settings.conditions.filter { [1, 2, 5, 10, 100].contains($0) }
    let panel = { (title: String, name: String, y: Axis) in
      Panel(
        title: title, x: step, y: y, legend: .outside,
        series: try drawn.enumerated().flatMap { look, kappa in
          try results.trace("\(name)/error").banded(
            at: ["kappa": .init(kappa), "scale": compared], label: "κ = \(kappa.brief)", style: .look(look))
        })
    }
    let middle = settings.conditions.contains(5) ? 5 : settings.conditions[0]
    let scaled = try results.trace("scaled/error")
    let spectrum = try results.trace("scaled/singular_values")
    return [
      Figure(
        "fig1", title: "Error, median and range over draws", mirrors: "Figure 1: ScaledGD(λ) and gradient descent",
        try panel("ScaledGD(λ)", "scaled", error), try panel("gradient descent", "plain", error),
        try panel("ScaledGD without damping", "undamped", Axis(error.label, scale: .log(), from: 1e-16)),
        columns: 2),
      Figure(
        "fig2", title: "Iterations to an error of 10⁻³", mirrors: "dependence of the iteration count on κ",
        Panel(
          x: Axis("condition number κ of the true factor", scale: .log()),
          y: Axis("iterations", scale: .log()),
          series: try [("scaled", "ScaledGD(λ)"), ("plain", "gradient descent")].map { name, title in
            let reached = try settings.conditions.compactMap { kappa -> (Double, Double)? in
              let counts = try iterations(results, name, to: 1e-3, ["kappa": .init(kappa), "scale": compared])
              return counts.contains(where: \.isNaN) ? nil : (kappa, median(counts))
            }
            return .linesPoints(x: Column(reached.map(\.0)), y: Column(reached.map(\.1)), label: title)
          })),
      Figure(
        "fig3", title: "Initial scales, κ = \(middle.brief)", mirrors: "final error as a power of the initial scale",
        Panel(
          x: step, y: error,
          series: try settings.scales.flatMap { scale in
            try scaled.banded(at: ["kappa": .init(middle), "scale": .init(scale)], label: "α = \(scale.brief)")
          })),
      Figure(
        "fig4", title: "Singular values of X, κ = \(settings.conditions[1].brief), first draw",
        mirrors: "alignment, then growth; spare directions stay small",
        Panel(
          x: step, y: Axis("singular value", scale: .log()),
          series: try (1...settings.columns).map { index in
            .line(
              x: try spectrum.coordinate("step"),
              y: try spectrum.column([
                "seed": 0, "kappa": .init(settings.conditions[1]), "scale": compared, "index": .init(index),
              ]),
              label: index > settings.rank ? "σ\(index), spare" : "σ\(index)")
          })),
    ]
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let compared = Selector(settings.comparedScale)
    let needed = { (name: String, kappa: Double) in
      try iterations(results, name, to: 1e-3, ["kappa": .init(kappa), "scale": compared])
    }
    let error = try results.trace("scaled/error")
    let plain = try results.trace("plain/error")
    let at200 = { (scale: Double) in try error.values(at: ["kappa": 5, "scale": .init(scale), "step": 200]) }
    let ratios = { (a: [Double], b: [Double]) in zip(a, b).map { $0 / $1 } }
    let leastPlain = try plain.columns(at: ["kappa": 5, "scale": compared]).map { quantile($0, 0) }
    let waiting = try settings.scales.map { try iterations(results, "scaled", to: 1e-1, ["kappa": 2, "scale": .init($0)]) }
    let deviations = waiting[0].indices.map { seed in
      largestDeviation(ofIncrements: waiting.map { $0[seed] })
    }
    let spectrum = try results.trace("scaled/singular_values")
    let last = { (index: Int) in
      try spectrum.values(at: ["kappa": 2, "scale": compared, "index": .init(index), "step": .init(settings.steps)])
    }
    return [
      Claim(
        "kappa-free", "With damping the number of iterations does not depend on the condition number.",
        source: "main theorem, Figure 1",
        quantity: "iterations to 1e-3 at kappa = 10 over those at kappa = 1, median over draws",
        measured: median(ratios(try needed("scaled", 10), try needed("scaled", 1))), expected: .atMost(1.5)),
      Claim(
        "gd-suffers-slower", "Gradient descent slows down with the condition number.", source: "Figure 1",
        quantity: "iterations to 1e-3 at kappa = 2 over those at kappa = 1, gradient descent, median over draws",
        measured: median(ratios(try needed("plain", 2), try needed("plain", 1))), expected: .atLeast(2.5)),
      Claim(
        "gd-suffers-misses", "At kappa = 5 gradient descent does not arrive.", source: "Figure 1",
        quantity: "least error within \(settings.descentSteps) iterations at kappa = 5, median over draws",
        measured: median(leastPlain), expected: .above(1e-2)),
      Claim(
        "gd-suffers-scaled", "There ScaledGD arrives after 100.", source: "Figure 1",
        quantity: "error after 100 iterations at kappa = 5, median over draws",
        measured: median(try error.values(at: ["kappa": 5, "scale": compared, "step": 100])), expected: .below(1e-4)),
      Claim(
        "alpha-controls-error-100x", "The final error falls as a power of the initial scale.", source: "final error bound",
        quantity: "error at t = 200, kappa = 5, alpha = 1e-4 over alpha = 1e-6, median over draws",
        measured: median(ratios(try at200(1e-4), try at200(1e-6))), expected: .atLeast(20)),
      Claim(
        "alpha-controls-error-1e6x", "The final error falls as a power of the initial scale.", source: "final error bound",
        quantity: "error at t = 200, kappa = 5, alpha = 1e-2 over alpha = 1e-8, median over draws",
        measured: median(ratios(try at200(1e-2), try at200(1e-8))), expected: .atLeast(1e3)),
      Claim(
        "log-alpha-waiting", "The waiting time is logarithmic in the initial scale.", source: "O(log) iteration bound",
        quantity:
          "largest deviation of the three increments of iterations to 0.1, kappa = 2, from their mean, over it; median over draws",
        measured: median(deviations), expected: .atMost(0.3)),
      Claim(
        "no-overfit", "The spare directions stay small.", source: "exact-recovery theorem",
        quantity: "sigma_4 / sigma_3 of X at the end, kappa = 2, median over draws",
        measured: median(ratios(try last(settings.rank + 1), try last(settings.rank))), expected: .atMost(1e-2)),
    ]
  }

  /// The first iteration with an error of at most `threshold`, for each draw; NaN where there is none.
  private static func iterations(
    _ results: Results, _ name: String, to threshold: Double, _ selection: [String: Selector]
  ) throws -> [Double] {
    try results.trace("\(name)/error").columns(at: selection).map { errors in
      firstHit(errors) { $0 <= threshold }.map(Double.init) ?? .nan
    }
  }
}
