import Diagnostics
import Notebook
import Plotting

extension AdaGradFullAdaptivity {
  package static func figures(from results: Results) throws -> [Figure] {
    [
      try rateFigure("fig1", "Value at the mean iterate (convex)", "convex_adagrad/value", "f(mean iterate)", 1e-6, results),
      try rateFigure(
        "fig2", "Mean squared gradient (convex)", "convex_adagrad/squared_gradient", "mean ‖∇f‖²", nil, results),
      try rateFigure(
        "fig2b", "Mean squared gradient (non-convex)", "nonconvex_adagrad/squared_gradient", "mean ‖∇f‖²", nil, results),
      try tuningFigure(results), try tailFigure(results),
    ]
  }

  /// Median and range over the chains against the number of steps, for each noise level.
  private static func rateFigure(
    _ id: String, _ title: String, _ path: String, _ label: String, _ from: Double?, _ results: Results
  ) throws -> Figure {
    let trace = try results.trace(path)
    return Figure(
      id, title: title, mirrors: "convergence rates for low and high noise",
      panels: try [1.0, 10].map { rate in
        Panel(
          title: "η = \(rate.brief)", x: Axis("step T", scale: .log()), y: Axis(label, scale: .log(), from: from),
          legend: .outside,
          series: try trace.labels("noise").flatMap { level in
            // A point at T = 0 has no place on the logarithmic axis.
            try trace.banded(
              over: "chain", at: ["noise": .init(level), "rate": .init(rate)], from: 1, label: "(s₀, s₁) = \(level)")
          })
      })
  }

  private static func tuningFigure(_ results: Results) throws -> Figure {
    let methods = [("adagrad", "AdaGrad-Norm"), ("sgd", "SGD, η"), ("decaying_sgd", "SGD, η/√t")]
    let panel = { (problem: String, quantity: String, title: String, label: String, range: (Double, Double)) in
      Panel(
        title: title, x: Axis("step size η", scale: .log()),
        y: Axis(label, scale: .log(), from: range.0, to: range.1), legend: .outside,
        series: try methods.map { method, name in
          let trace = try results.trace("\(problem)_\(method)/\(quantity)")
          let rates = try trace.coordinate("rate")
          let final = try rates.values.map { rate in
            median(try overChains(trace, ["noise": "(1, 0)", "rate": .init(rate)]).last ?? [])
          }
          return .linesPoints(x: rates, y: Column(final), label: name)
        })
    }
    return Figure(
      "fig3", title: "After the last step, against η: noise (1, 0); no mark where diverged",
      mirrors: "adaptivity against tuned SGD",
      try panel("convex", "value", "convex", "f(mean iterate)", (1e-6, 1e6)),
      try panel("nonconvex", "squared_gradient", "non-convex", "mean ‖∇f‖²", (1e-3, 1e3)))
  }

  private static func tailFigure(_ results: Results) throws -> Figure {
    let final = try overChains(results.trace("convex_tails/squared_gradient"), ["noise": "(1, 1)", "rate": 1]).last ?? []
    return Figure(
      "fig4", title: "Mean squared gradient after the last step: noise (1, 1), η = 1", mirrors: "high-probability bounds",
      Panel(
        x: Axis("mean ‖∇f‖² over the run"), y: Axis("chains", from: 0, isCount: true), legend: .none,
        series: [.histogram(values: Column(final), bins: 30)],
        annotations: [
          .verticalLine(x: median(final), label: "median"), .verticalLine(x: quantile(final, 0.99), label: "99%"),
        ]))
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let gradient = try results.trace("convex_adagrad/squared_gradient")
    let value = try results.trace("convex_adagrad/value")
    let slope = { (level: String, rate: Double) in
      LineFit.powerLaw(
        x: try gradient.coordinate("step").values,
        y: try overChains(gradient, ["noise": .init(level), "rate": .init(rate)]).map(mean), over: 300.0...
      ).slope
    }
    let quantity = "slope of log mean ||grad||² against log T from T = 300 on, mean over chains, eta = "
    let values = try [0.1, 1, 10].map { try overChains(value, ["noise": "(1, 0)", "rate": .init($0)]).map(mean) }
    let gains = values.map { $0[0] / $0[$0.count - 1] }
    let diverged = try overChains(
      results.trace("convex_sgd/value"), ["noise": "(1, 0)", "rate": .init(2.2 / smoothness)])
    let final = try overChains(results.trace("convex_tails/squared_gradient"), ["noise": "(1, 1)", "rate": 1]).last ?? []
    var claims: [Claim] = []
    for rate in [1.0, 10] {
      claims.append(
        Claim(
          "low-noise-rate-eta\(rate.brief)", "Without noise the rate is 1/T.", source: "theorem, 1/T term",
          quantity: quantity + rate.brief, measured: try slope("(0, 0)", rate), expected: .near(-1, tolerance: 0.07)))
      claims.append(
        Claim(
          "affine-noise-keeps-rate-eta\(rate.brief)", "Noise in proportion to the gradient keeps the rate.",
          source: "affine variance result", quantity: quantity + rate.brief, measured: try slope("(0, 1)", rate),
          expected: .near(-1, tolerance: 0.1)))
    }
    return claims + [
      Claim(
        "high-noise-rate", "With high noise the rate is 1/sqrt(T).", source: "theorem, 1/sqrt(T) term", quantity: quantity + "10",
        measured: try slope("(20, 0)", 10), expected: .within(-0.75 ... -0.3)),
      Claim(
        "no-tuning-adagrad", "Every step size works.", source: "adaptivity to unknown parameters",
        quantity:
          "f(x_0) over f at the mean iterate after \(settings.steps) steps, the smallest over eta = 0.1, 1, 10, means over chains",
        measured: quantile(gains, 0), expected: .above(50)),
      Claim(
        "no-tuning-sgd", "SGD with a step a little too large does not.", source: "adaptivity to unknown parameters",
        quantity: "largest finite f at the mean iterate with constant steps 2.2/L",
        measured: diverged.flatMap { $0 }.filter(\.isFinite).max() ?? .nan, basis: values.flatMap { $0 },
        expected: .above(1e6)),
      Claim(
        "high-probability", "Hardly a chain is much worse than the others.", source: "high-probability bounds",
        quantity: "99% quantile over median of the mean squared gradient at the end",
        measured: quantile(final, 0.99) / median(final), expected: .atMost(3)),
    ]
  }

  /// For each recorded step the values of the chains at one place.
  private static func overChains(_ trace: RecordedArray, _ place: [String: Selector]) throws -> [[Double]] {
    let columns = try trace.columns(over: "chain", at: place)
    return try trace.coordinate("step").values.indices.map { step in columns.map { $0[step] } }
  }
}
