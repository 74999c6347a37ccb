import Diagnostics
import Notebook
import Plotting

extension ClippingBias {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    var figures = [
      try exactFigure(results), try fixedPointFigure(results, settings.noise), try chainsFigure(results, settings.noise),
      try logisticFigure("fig4", "logistic", "Logistic regression, one sample a step", results, settings.logistic),
    ]
    if results.hasTrace("w1a/gradient_norm") {
      figures.append(
        try logisticFigure("fig5", "w1a", "Logistic regression on w1a, one sample a step", results, settings.logistic))
    }
    return figures
  }

  private static func exactFigure(_ results: Results) throws -> Figure {
    let norm = try results.trace("exact/gradient_norm")
    return Figure(
      "fig1", title: "Exact gradients: clipping costs a transient", mirrors: "deterministic convergence for several thresholds",
      Panel(
        x: Axis("iteration"), y: Axis("gradient norm ‖∇f(x)‖", scale: .log(), from: 1e-7),
        series: try norm.coordinate("threshold").values.map { c in
          .line(
            x: try norm.coordinate("step"), y: try norm.column(["threshold": .init(c)]),
            label: c.isFinite ? "c = \(c.brief)" : "no clipping")
        }))
  }

  private static func fixedPointFigure(_ results: Results, _ noise: Noise) throws -> Figure {
    let points = try results.tensor("fixed_points")
    let c = Axis("threshold c", scale: .log(base: 2))
    let probability = try points.coordinate("probability")
    return Figure(
      "fig2", title: "Bias of clipped SGD under the worst noise", mirrors: "lower bound of the stochastic bias",
      Panel(
        title: "largest bias", x: c, y: Axis("largest |x| over p", scale: .log(), from: 0.005, to: 2),
        series: [
          .linesPoints(
            x: Column(noise.thresholds), y: Column(try noise.thresholds.map { try largestBias(points, $0) }), label: "measured"),
          .guide("\(noise.sigma * noise.sigma / 4)/x", label: "σ²/(4c)"),
          .guide("\(noise.sigma * noise.sigma)/x", label: "min(σ, σ²/c)"),
        ]),
      Panel(
        title: "bias against p", x: Axis("probability p of the rare outcome", scale: .log()),
        y: Axis("fixed point x", scale: .log(), from: 1e-3), legend: .outside,
        series: try noise.thresholds.map { c in
          .line(x: probability, y: try points.column(["threshold": .init(c)]), label: "c = \(c.brief)")
        }))
  }

  private static func chainsFigure(_ results: Results, _ noise: Noise) throws -> Figure {
    let mean = try results.tensor("chains/mean")
    let error = try results.tensor("chains/standard_error")
    let panel = { (kind: String, title: String, legend: Legend) in
      Panel(
        title: title, x: Axis("step size η", scale: .log(), from: 0.003, to: 0.2), y: Axis("mean of x", from: -0.02, to: 0.16),
        legend: legend,
        series: try noise.simulated.map { c in
          let place: [String: Selector] = ["noise": .init(kind), "threshold": .init(c)]
          let y = try mean.column(place)
          let bars = try zip(y.values, error.column(place).values).map { (low: $0 - 2 * $1, high: $0 + 2 * $1) }
          return .errorBars(
            x: try mean.coordinate("rate"), y: y, lower: Column(bars.map(\.low)), upper: Column(bars.map(\.high)),
            label: "c = \(c.brief)")
        },
        annotations: (kind == "two-point" ? noise.simulated.map { noise.sigma * noise.sigma / (4 * $0) } : [0]).map {
          .horizontalLine(y: $0)
        })
    }
    return Figure(
      "fig3", title: "Mean of the iterates, ±2 standard errors", mirrors: "smaller steps do not remove the bias",
      try panel("two-point", "two-point noise, p = σ²/(4c²), and σ²/(4c)", .outside),
      try panel("Gaussian", "Gaussian noise", .outside))
  }

  private static func logisticFigure(
    _ id: String, _ name: String, _ title: String, _ results: Results, _ logistic: Logistic
  ) throws -> Figure {
    let norm = try results.trace("\(name)/gradient_norm")
    let bias = try results.tensor("\(name)/bias")
    let steps = try norm.coordinate("step").values
    let plateau = { (place: [String: Selector]) in
      mean(try zip(steps, norm.column(place).values).filter { $0.0 >= steps[steps.count - 1] / 2 }.map(\.1))
    }
    let panel = { (title: String, label: String, legend: Legend, value: ([String: Selector]) throws -> Double) in
      Panel(
        title: title, x: Axis("threshold c", scale: .log()), y: Axis(label, scale: .log()), legend: legend,
        series: try logistic.rates.flatMap { eta in
          let overSeeds = try logistic.thresholds.map { c in
            try (0..<logistic.seeds).map { try value(["threshold": .init(c), "rate": .init(eta), "seed": .init($0)]) }
          }
          return [
            Series.band(
              x: Column(logistic.thresholds), lower: Column(overSeeds.map { quantile($0, 0) }),
              upper: Column(overSeeds.map { quantile($0, 1) })),
            .linesPoints(x: Column(logistic.thresholds), y: Column(overSeeds.map(median)), label: "η = \(eta.brief)"),
          ]
        })
    }
    return Figure(
      id, title: title, mirrors: "gradient norm at the end against the threshold",
      try panel("mean of the last half", "gradient norm", .outside, plateau),
      try panel("at the mean iterate of the last half", "gradient norm", .outside) { try bias.value($0) })
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let norm = try results.trace("exact/gradient_norm")
    let iterations = { (c: Double, epsilon: Double) in
      firstHit(try norm.column(["threshold": .init(c)]).values) { $0 <= epsilon }.map(Double.init) ?? .nan
    }
    let extra = { (c: Double, epsilon: Double) in try iterations(c, epsilon) - iterations(.infinity, epsilon) }
    let spreads = try settings.exact.thresholds.map { c in
      let costs = try [1e-2, 1e-4, 1e-6].map { try extra(c, $0) }
      return quantile(costs, 1) - quantile(costs, 0)
    }
    let points = try results.tensor("fixed_points")
    let mean = try results.tensor("chains/mean")
    let sigma = settings.noise.sigma
    let worstOf = { (kind: String, measure: (_ mean: Double, _ c: Double) -> Double) in
      quantile(
        try settings.noise.simulated.flatMap { c in
          try mean.column(["noise": .init(kind), "threshold": .init(c)]).values.map { measure($0, c) }
        }, 1)
    }
    return [
      Claim(
        "transient-only", "With exact gradients clipping costs a number of iterations that does not depend on the accuracy.",
        source: "deterministic theorem, higher-order term",
        quantity: "spread of N(c, eps) - N(inf, eps) over eps = 1e-2, 1e-4, 1e-6, the largest over c",
        measured: quantile(spreads, 1), expected: .atMost(3)),
      Claim(
        "transient-scales", "The transient grows like 1/c.", source: "1/c dependence",
        quantity: "extra iterations at c = 0.2 over those at c = 1, eps = 1e-6", measured: try extra(0.2, 1e-6) / extra(1, 1e-6),
        expected: .atLeast(4)),
    ]
      + (try [2.0, 4, 8, 16].map { c in
        Claim(
          "bias-law-c\(c.brief)", "Under the worst noise the bias is sigma²/(4c).", source: "lower bound, Theta(sigma²/c)",
          quantity: "largest |x| over p, times c/sigma²", measured: try largestBias(points, c) * c / (sigma * sigma),
          expected: .near(0.25, tolerance: 0.005))
      }) + [
        Claim(
          "step-size-irrelevant", "Smaller steps do not reduce the bias.", source: "abstract (ii)",
          quantity: "relative distance of the mean of x from sigma²/(4c), the largest over c and eta",
          measured: try worstOf("two-point") { abs($0 / (sigma * sigma / (4 * $1)) - 1) }, expected: .atMost(0.1)),
        Claim(
          "symmetric-unbiased", "Symmetric noise of the same size has no bias.", source: "discussion of noise assumptions",
          quantity: "|mean of x|, the largest over c and eta", measured: try worstOf("Gaussian") { mean, _ in abs(mean) },
          expected: .atMost(0.02)),
      ]
  }

  private static func largestBias(_ points: RecordedArray, _ c: Double) throws -> Double {
    quantile(try points.column(["threshold": .init(c)]).values.map { abs($0) }, 1)
  }
}
