import Diagnostics
import Notebook
import Plotting

extension TraceStability {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    return [
      Figure(
        "fig1", title: "Diagonal network: where SGD and gradient descent end", mirrors: "trace of the Hessian against step size",
        try overRates(
          "trace", Axis("trace of the Hessian, tr(H)", scale: .log()), [.guide("2/x", label: "2/η")], results, settings),
        try overRates(
          "sharpness", Axis("top eigenvalue of the Hessian", scale: .log()), [.guide("2/x", label: "2/η")], results, settings),
        try overRates(
          "growth", Axis("growth per step of batch-1 SGD", scale: .log()), [.guide("1", label: "stable below 1")], results,
          settings),
        columns: 3),
      Figure(
        "fig2", title: "Diagonal network: what is found", mirrors: "norm and test error against step size",
        try overRates("l1_norm", Axis("$l_1$ norm of a b", scale: .log()), [], results, settings),
        try overRates("error", Axis("test error ‖ab − w*‖²", scale: .log()), [], results, settings)),
      Figure(
        "fig3", title: "The trace is a norm", mirrors: "proportionality of trace and norm",
        try proxyPanel("diagonal", "diagonal network", "‖a‖² + ‖b‖²", results, settings),
        try proxyPanel("relu", "ReLU network", "Σ(‖w‖² + a² d)/2", results, settings)),
      Figure(
        "fig4", title: "Loss, first data set", mirrors: "loss curves",
        try lossPanel("SGD", results, settings), try lossPanel("GD", results, settings)),
    ]
  }

  /// Medians and ranges over the converged seeds against the step size.
  private static func overRates(
    _ name: String, _ axis: Axis, _ guides: [Series], _ results: Results, _ settings: Settings
  ) throws -> Panel {
    Panel(
      x: Axis("step size η", scale: .log()), y: axis, legend: .outside,
      series: try methods.flatMap { method in
        let found = try minima(results, "diagonal", method, settings)
        let rates = rates(method, settings.diagonal).filter { rate in found.contains { $0.rate == rate } }
        let values = try rates.map { rate in
          let value = try results.tensor("diagonal/\(method)/\(name)")
          return try found.filter { $0.rate == rate }.map { try value.value(["seed": .init($0.seed), "eta": .init(rate)]) }
        }
        let bands = values.map { quantiles($0, [0, 0.5, 1]) }
        return [
          Series.band(x: Column(rates), lower: Column(bands.map { $0[0] }), upper: Column(bands.map { $0[2] })),
          .linesPoints(x: Column(rates), y: Column(bands.map { $0[1] }), label: method),
        ]
      } + guides)
  }

  private static func proxyPanel(
    _ network: String, _ title: String, _ label: String, _ results: Results, _ settings: Settings
  ) throws -> Panel {
    Panel(
      title: title, x: Axis("norm \(label)", from: 0), y: Axis("trace of the Hessian, tr(H)", from: 0),
      legend: .outside,
      series: try methods.map { method in
        let found = try minima(results, network, method, settings)
        return .points(x: Column(found.map(\.proxy)), y: Column(found.map(\.trace)), label: method)
      } + [.guide("x", label: "equal")])
  }

  private static func lossPanel(_ method: String, _ results: Results, _ settings: Settings) throws -> Panel {
    let loss = try results.trace("diagonal/\(method)/loss")
    let steps = try loss.coordinate("step").values.map { $0 * Double(chunk) }
    let rates = rates(method, settings.diagonal)
    let shown = [rates.first, rates[rates.count / 2], rates.last].compactMap { $0 }
    return Panel(
      title: method, x: Axis("step"), y: Axis("loss", scale: .log(), from: 1e-14, to: 1e3), legend: .outside,
      series: try shown.map { rate in
        .line(x: Column(steps), y: try loss.column(["seed": 0, "eta": .init(rate)]), label: "η = \(rate)")
      })
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let (sgd, gd) = (
      try minima(results, "diagonal", "SGD", settings), try minima(results, "diagonal", "GD", settings)
    )
    let taught = try minima(results, "relu", "SGD", settings)
    let bold = gd.filter { $0.rate >= 0.04 }
    let bound = "Minima of SGD with step size eta have a trace of at most 2/eta."
    let ratio = { (runs: [Minimum], large: Double, small: Double, value: (Minimum) -> Double) in
      mean(runs.filter { $0.rate == large }.map(value)) / mean(runs.filter { $0.rate == small }.map(value))
    }
    return [
      Claim(
        "sgd-trace-bound-diagonal", bound, source: "Theorem", quantity: "largest eta tr(H) of \(sgd.count) runs of SGD",
        measured: quantile(sgd.map { $0.rate * $0.trace }, 1), expected: .atMost(2)),
      Claim(
        "sgd-trace-bound-relu", bound, source: "Theorem", quantity: "largest eta tr(H) of \(taught.count) runs of SGD",
        measured: quantile(taught.map { $0.rate * $0.trace }, 1), expected: .atMost(2)),
      Claim(
        "gd-violates-trace", "Gradient descent stays at minima of larger trace.", source: "comparison in the figures",
        quantity: "smallest eta tr(H) of gradient descent with eta >= 0.04",
        measured: quantile(bold.map { $0.rate * $0.trace }, 0), expected: .above(4)),
      Claim(
        "gd-violates-trace-sharpness", "Gradient descent is bound by the top eigenvalue.", source: "comparison in the figures",
        quantity: "largest eta lambda_max of gradient descent with eta >= 0.04",
        measured: quantile(bold.map { $0.rate * $0.sharpness }, 1), expected: .atMost(2)),
      Claim(
        "large-step-shrinks-norm", "Large steps of SGD find minima of smaller trace.", source: "figure on diagonal networks",
        quantity: "mean tr(H) of SGD at eta = 0.016 over that at 0.0005",
        measured: ratio(sgd, 1.6e-2, 5e-4, \.trace), expected: .atMost(0.5)),
      Claim(
        "large-step-shrinks-norm-error", "Large steps of SGD generalize better.", source: "figure on diagonal networks",
        quantity: "mean test error of SGD at eta = 0.016 over that at 0.0005",
        measured: ratio(sgd, 1.6e-2, 5e-4) { $0.error ?? .nan }, expected: .atMost(0.4)),
      Claim(
        "gd-does-not", "Large steps of gradient descent do not.", source: "figure on diagonal networks",
        quantity: "mean tr(H) of gradient descent at eta = 0.08 over that at 0.001", measured: ratio(gd, 0.08, 1e-3, \.trace),
        expected: .atLeast(0.9)),
      Claim(
        "trace-is-norm", "The trace is a norm of the parameters.", source: "diagonal networks",
        quantity: "correlation of tr(H) with ||a||² + ||b||² over all diagonal runs",
        measured: pearsonCorrelation((sgd + gd).map(\.trace), (sgd + gd).map(\.proxy)), expected: .above(0.98)),
    ]
  }

  /// What a converged run has found.
  private struct Minimum {
    var rate: Double
    var seed: Int
    var trace: Double
    var sharpness: Double
    var proxy: Double
    /// Of diagonal networks.
    var error: Double?
  }

  private static func minima(_ results: Results, _ network: String, _ method: String, _ settings: Settings) throws -> [Minimum] {
    let names = ["final_loss", "trace", "sharpness", "proxy"] + (network == "diagonal" ? ["error"] : [])
    let arrays = try names.map { try results.tensor("\(network)/\(method)/\($0)") }
    let rates = rates(method, network == "diagonal" ? settings.diagonal : settings.relu)
    return try rates.flatMap { rate in
      try (0..<settings.seeds).compactMap { seed in
        let values = try arrays.map { try $0.value(["seed": .init(seed), "eta": .init(rate)]) }
        guard values[0] < settings.converged else { return nil }
        return Minimum(
          rate: rate, seed: seed, trace: values[1], sharpness: values[2], proxy: values[3], error: values.dropFirst(4).first)
      }
    }
  }
}
