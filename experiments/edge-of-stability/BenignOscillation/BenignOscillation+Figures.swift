import Diagnostics
import Notebook
import Plotting

extension BenignOscillation {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let rates = [settings.small, settings.smooth, settings.oscillating, settings.large]
    let step = Axis("step of SGD")
    return [
      Figure(
        "fig1", title: "Output at the strong points", mirrors: "training dynamics of y f, small and large steps",
        panels: try [settings.small, settings.large].map { rate in
          Panel(
            title: "η = \(rate)", x: step, y: Axis("y f of the last strong point drawn", from: 0), legend: .none,
            series: [try line("margin", rate, seed: 0, results)], annotations: [.horizontalLine(y: 1, label: "1")])
        }),
      Figure(
        "fig2", title: "Growth of the features", mirrors: "inner products of weights and features",
        try growthPanel("strong feature", "strong_alignment", "$max_r$ ⟨$w_r$, u⟩", rates, results),
        try growthPanel("weak feature", "weak_alignment", "$max_r$ ⟨$w_r$, v⟩", rates, results)),
      Figure(
        "fig3", title: "The residual accumulates", mirrors: "sum of residuals over the iterations",
        Panel(
          x: step, y: Axis("sum of 1 − y f over the strong points drawn"), legend: .outside,
          series: try rates.flatMap {
            try results.trace("sgd/shortfall").banded(at: ["eta": .init($0)], label: "η = \($0)")
          })),
      Figure(
        "fig4", title: "Tests with the weak feature alone", mirrors: "test accuracy against the step size",
        try accuracyPanel(results, settings)),
    ]
  }

  private static func line(_ name: String, _ rate: Double, seed: Int, _ results: Results) throws -> Series {
    let trace = try results.trace("sgd/\(name)")
    return .line(
      x: try trace.coordinate("step"), y: try trace.column(["eta": .init(rate), "seed": .init(seed)]),
      style: Style(look: 0, width: 0.6))
  }

  private static func growthPanel(
    _ title: String, _ name: String, _ label: String, _ rates: [Double], _ results: Results
  ) throws -> Panel {
    Panel(
      title: title, x: Axis("step of SGD"), y: Axis(label, scale: .log()), legend: .outside,
      series: try rates.flatMap { try results.trace("sgd/\(name)").banded(at: ["eta": .init($0)], label: "η = \($0)") })
  }

  private static func accuracyPanel(_ results: Results, _ settings: Settings) throws -> Panel {
    let cells = try settings.rates.map { rate in
      (rate: rate, values: try boundedRuns(results, rate).map { try last("test_accuracy", rate, $0, results) })
    }
    let points = cells.flatMap { cell in cell.values.map { (cell.rate, $0) } }
    let means = cells.filter { !$0.values.isEmpty }.map { ($0.rate, mean($0.values)) }
    return Panel(
      x: Axis("step size η"), y: Axis("test accuracy", from: 0.45, to: 1.02), legend: .outside,
      series: [
        .points(x: Column(points.map(\.0)), y: Column(points.map(\.1)), label: "run that did not diverge"),
        .line(x: Column(means.map(\.0)), y: Column(means.map(\.1)), label: "mean"),
      ])
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let at = { (name: String, rate: Double) in
      try boundedRuns(results, rate).map { try last(name, rate, $0, results) }
    }
    let (small, large) = (settings.small, settings.large)
    let flags = try results.tensor("bounded").values(at: ["eta": .init(large)])
    let misses = "Small steps fit the training data, yet not the weak feature."
    let learns = "Large steps learn the weak feature."
    let bias = "Oscillation leaves a residual that is positive in the mean."
    let weakTests = try at("test_accuracy", large)
    return [
      Claim(
        "small-eta-misses-weak", misses, source: "Theorem on small learning rates",
        quantity: "largest accuracy on weak-only tests, eta = \(small)", measured: quantile(try at("test_accuracy", small), 1),
        expected: .below(0.8)),
      Claim(
        "small-eta-misses-weak-sign", misses, source: "Theorem on small learning rates",
        quantity: "lowest sign accuracy on the training points, eta = \(small)",
        measured: quantile(try at("train_accuracy", small), 0), expected: .exactly(1)),
      Claim(
        "small-eta-misses-weak-error", misses, source: "Theorem on small learning rates",
        quantity: "largest mean squared training error, eta = \(small)",
        measured: quantile(try at("train_error", small), 1), expected: .below(1e-2)),
      Claim(
        "large-eta-learns-weak", learns, source: "Theorem on large learning rates",
        quantity: "mean accuracy on weak-only tests, eta = \(large)", measured: mean(weakTests), expected: .above(0.9)),
      Claim(
        "large-eta-learns-weak-lowest", learns, source: "Theorem on large learning rates",
        quantity: "lowest accuracy on weak-only tests, eta = \(large)", measured: quantile(weakTests, 0),
        expected: .atLeast(0.8)),
      Claim(
        "large-eta-learns-weak-bounded", learns, source: "Theorem on large learning rates",
        quantity: "share of the runs with eta = \(large) that do not diverge",
        measured: mean(flags), expected: .atLeast(0.6)),
      Claim(
        "large-eta-learns-weak-sign", learns, source: "Theorem on large learning rates",
        quantity: "lowest sign accuracy on the training points, eta = \(large)",
        measured: quantile(try at("train_accuracy", large), 0), expected: .exactly(1)),
      Claim(
        "weak-margin-ratio", "The weak feature grows much larger with large steps.", source: "growth of <w, v>",
        quantity: "mean max <w, v> at eta = \(large) over that at \(small)",
        measured: mean(try at("weak_alignment", large)) / mean(try at("weak_alignment", small)), expected: .above(5)),
      Claim(
        "residual-bias", bias, source: "mean residual of oscillating runs",
        quantity: "smallest mean of 1 - y f on strong points drawn, eta = \(settings.oscillating)",
        measured: quantile(try meanResiduals(results, settings.oscillating, settings), 0), expected: .above(0.004)),
      Claim(
        "residual-bias-smooth", bias, source: "mean residual of smooth runs",
        quantity: "largest mean of 1 - y f on strong points drawn, eta = \(settings.smooth)",
        measured: quantile(try meanResiduals(results, settings.smooth, settings), 1), expected: .below(0.001)),
    ]
  }

  private static func boundedRuns(_ results: Results, _ rate: Double) throws -> [Int] {
    try results.tensor("bounded").values(at: ["eta": .init(rate)]).enumerated().filter { $0.element != 0 }.map(\.offset)
  }

  private static func last(_ name: String, _ rate: Double, _ seed: Int, _ results: Results) throws -> Double {
    try results.trace("sgd/\(name)").column(["eta": .init(rate), "seed": .init(seed)]).values.last ?? .nan
  }

  /// Of each run that did not diverge, between two recorded steps; NaN when they are not there.
  private static func meanResiduals(_ results: Results, _ rate: Double, _ settings: Settings) throws -> [Double] {
    let (shortfall, draws) = (try results.trace("sgd/shortfall"), try results.trace("sgd/strong_draws"))
    let steps = try shortfall.coordinate("step").values
    let places = settings.residualSteps.map { step in steps.firstIndex(of: Double(step)) }
    return try boundedRuns(results, rate).map { seed in
      guard places.count == 2, let first = places[0], let last = places[1] else { return .nan }
      let place: [String: Selector] = ["eta": .init(rate), "seed": .init(seed)]
      let change = { (values: [Double]) in values[last] - values[first] }
      return change(try shortfall.column(place).values) / change(try draws.column(place).values)
    }
  }
}
