import Diagnostics
import Notebook
import Plotting

extension GramsSignMagnitude {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let rate = settings.rates[0]
    var figures = [
      Figure(
        "fig1", title: "(w₁/2)² + (w₂/10)² at η = 0.03", mirrors: "Figures 1 and 2", try pathPanel(results),
        try convexPanel(results)),
      Figure(
        "fig2", title: "Descent of three steps from the same moments, along Grams", mirrors: "theorems on loss descent",
        Panel(
          x: Axis("step"), y: Axis("⟨g, u⟩, mean of 20 steps"), legend: .outside,
          series: try [("grams", "Grams"), ("cautious", "cautious Adam, not rescaled"), ("adam", "Adam")].map { name, label in
            try smooth("network_grams/descent_\(name)", rate, label, results)
          })),
      Figure(
        "fig3", title: "Training of the network", mirrors: "training curves",
        panels: try settings.rates.map { rate in
          Panel(
            title: "η = \(rate)", x: Axis("step"), y: Axis("training loss, mean of 20 steps", from: 0), legend: .outside,
            series: try Method.allCases.map { try smooth("network_\($0.slug)/loss", rate, $0.rawValue, results) })
        }),
      Figure(
        "fig4", title: "Momentum against the gradient, network, η = \(rate)", mirrors: "motivation",
        Panel(
          x: Axis("step"), y: Axis("share of coordinates with mg < 0", from: 0), legend: .outside,
          series: try Method.allCases.map { try smooth("network_\($0.slug)/opposed", rate, $0.rawValue, results) })),
    ]
    if settings.languageSteps > 0 {
      figures.append(
        Figure(
          "fig5", title: "Training of a small language model", mirrors: "training curves of language models",
          Panel(
            x: Axis("step"), y: Axis("training loss, mean of 20 steps"), legend: .outside,
            series: try Method.allCases.map { try smooth("language_\($0.slug)/loss", rate, $0.rawValue, results) })))
    }
    return figures
  }

  /// Adam's steps do not see a coordinate's scale, so both coordinates move alike: one of them shows the path.
  private static func pathPanel(_ results: Results) throws -> Panel {
    Panel(
      title: "path: w₁ (w₂ moves alike)", x: Axis("step", from: 0, to: 200), y: Axis("w₁"), legend: .outside,
      series: try Method.allCases.map { method in
        let trace = try results.trace("convex_\(method.slug)/position")
        return .line(
          x: try trace.coordinate("step"), y: try trace.column(["seed": 0, "rate": 0.03, "coordinate": 1]),
          label: method.rawValue)
      })
  }

  private static func convexPanel(_ results: Results) throws -> Panel {
    Panel(
      title: "value", x: Axis("step"), y: Axis("f(w)", scale: .log(), from: 1e-30), legend: .outside,
      series: try Method.allCases.map { method in
        let trace = try results.trace("convex_\(method.slug)/loss")
        return .line(x: try trace.coordinate("step"), y: try trace.column(["seed": 0, "rate": 0.03]), label: method.rawValue)
      })
  }

  /// A trace averaged over seeds and over 20 steps.
  private static func smooth(_ path: String, _ rate: Double, _ label: String, _ results: Results) throws -> Series {
    let trace = try results.trace(path)
    let seeds = try trace.coordinate("seed").values.map { try trace.column(["seed": .init($0), "rate": .init(rate)]).values }
    let steps = try trace.coordinate("step").values
    let averages = steps.indices.map { i in seeds.reduce(0) { $0 + $1[i] } / Double(seeds.count) }
    let window = min(20, steps.count)
    return .line(x: Column(Array(steps.dropFirst(window - 1))), y: Column(movingAverage(averages, window: window)), label: label)
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let problems = ["convex", "network", "language"].filter { results.hasTrace("\($0)_grams/loss") }
    let values = { (name: String) in
      try problems.flatMap { problem in
        try Method.allCases.flatMap { try results.trace("\(problem)_\($0.slug)/\(name)").values }
      }
    }
    let (grams, cautious, adam) = try (values("descent_grams"), values("descent_cautious"), values("descent_adam"))
    // The largest of the three is the scale; where the gradient vanishes they are all 0.
    let margin = { (larger: [Double], smaller: [Double]) in
      quantile(zip(zip(larger, smaller), grams).map { $1 == 0 ? 0 : ($0.0 - $0.1) / $1 }, 0)
    }
    let convex = { (rate: Double, step: Int) in
      let f = { (method: Method) in
        try results.trace("convex_\(method.slug)/loss").value(["seed": 0, "rate": .init(rate), "step": .init(step)])
      }
      return try f(.grams) / f(.adam)
    }
    return [
      Claim(
        "descent-order-grams", "Grams descends at least as much as cautious Adam.", source: "theorems on loss descent",
        quantity: "least (<g, Grams> - <g, cautious>) / <g, Grams> over all steps and runs", measured: margin(grams, cautious),
        expected: .atLeast(-1e-12)),
      Claim(
        "descent-order-cautious", "Cautious Adam descends at least as much as Adam.", source: "theorems on loss descent",
        quantity: "least (<g, cautious> - <g, Adam>) / <g, Grams> over all steps and runs", measured: margin(cautious, adam),
        expected: .atLeast(-1e-12)),
      Claim(
        "always-aligned-sign", "Grams goes against the gradient in every coordinate.", source: "definition",
        quantity: "least product of gradient and step, over coordinates, steps and runs",
        measured: quantile(try values("least_alignment"), 0), expected: .atLeast(0)),
      Claim(
        "always-aligned-size", "Grams moves every coordinate as far as Adam.", source: "definition",
        quantity: "largest difference of the sizes over the largest size, where the gradient is not 0",
        measured: quantile(try values("size_error"), 1), expected: .atMost(1e-12)),
      Claim(
        "no-oscillation", "Without oscillation Grams is far ahead.", source: "Figure 2",
        quantity: "f of Grams over f of Adam at step 200, learning rate 0.03", measured: try convex(0.03, 200),
        expected: .atMost(1e-6)),
      Claim(
        "convex-lr001", "And at a smaller rate, later.", source: "Figure 2",
        quantity: "f of Grams over f of Adam at step 600, learning rate 0.01", measured: try convex(0.01, 600),
        expected: .atMost(1e-6)),
    ]
  }
}
