import Diagnostics
import Foundation
import Notebook
import Plotting

extension HeavyTailedClasses {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    return [
      Figure(
        "fig1", title: "Overall training loss", mirrors: "Figure 1",
        try overallPanel("momentum", "GD with momentum", results), try overallPanel("adam", "Adam", results)),
      Figure(
        "fig2", title: "Loss of groups of classes × samples", mirrors: "Figure 2",
        try groupPanel("momentum", settings.momentumRate, "GD with momentum", results),
        try groupPanel("adam", settings.adamRate, "Adam", results)),
      Figure(
        "fig3", title: "Time to learn a class", mirrors: "the theorem on gradient and sign flow", try modelPanel(results)),
      Figure(
        "fig4", title: "Curvature follows the gradient, classes × samples",
        mirrors: "correlation of gradients and Hessian blocks",
        try hessianPanel(results)),
    ]
  }

  private static func overallPanel(_ name: String, _ title: String, _ results: Results) throws -> Panel {
    let loss = try results.trace("\(name)/loss")
    return Panel(
      title: title, x: Axis("iteration"), y: Axis("mean cross-entropy", from: 0),
      series: try loss.coordinate("rate").values.map { rate in
        .line(x: try loss.coordinate("step"), y: try loss.column(["rate": .init(rate)]), label: "α = \(rate.brief)")
      })
  }

  private static func groupPanel(_ name: String, _ rate: Double, _ title: String, _ results: Results) throws -> Panel {
    let trace = try results.trace("\(name)/group_loss")
    let groups = try trace.coordinate("group").values.count
    return Panel(
      title: title, x: Axis("iteration"), y: Axis("mean cross-entropy", from: 0), legend: .outside,
      series: try (0..<groups).map { i in
        .line(
          x: try trace.coordinate("step"), y: try trace.column(["rate": .init(rate), "group": .init(i)]),
          label: "\(1 << i) × \(1 << (groups - i))")
      })
  }

  private static func modelPanel(_ results: Results) throws -> Panel {
    let model = try results.settings(as: Settings.self).model
    let descent = try hittingTimes("model_descent", results)
    let sign = try hittingTimes("model_sign", results)
    let frequencies = Column(descent.frequencies)
    return Panel(
      x: Axis("class frequency π", scale: .log()), y: Axis("iterations until loss < \(model.threshold)", scale: .log(), from: 5),
      series: [
        .points(x: frequencies, y: Column(descent.times), label: "gradient descent, α = \(model.descentRate.brief)"),
        .points(x: frequencies, y: Column(sign.times), label: "sign descent, α = \(model.signRate)"),
        .guide("\(descent.times[0] * descent.frequencies[0]) / x", label: "∝ 1/π"),
      ])
  }

  private static func hessianPanel(_ results: Results) throws -> Panel {
    let step = try results.settings(as: Settings.self).hessianEvery
    let groups = try results.settings(as: Settings.self).groups
    let (gradients, traces) = try (atStep("gradient_norm", step, results), atStep("trace", step, results))
    return Panel(
      x: Axis("gradient norm of the class", scale: .log()), y: Axis("trace of its Hessian block", scale: .log()),
      legend: .outside,
      series: (0..<groups).map { i in
        let classes = (1 << i) - 1..<(2 << i) - 1
        return .points(
          x: Column(Array(gradients[classes])), y: Column(Array(traces[classes])), label: "\(1 << i) × \(1 << (groups - i))")
      })
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let descent = try hittingTimes("model_descent", results)
    let sign = try hittingTimes("model_sign", results).times
    let settings: Settings = try results.settings()
    let classes = Double((1 << settings.groups) - 1)
    let adam = try results.trace("adam/loss").column(["rate": .init(settings.adamRate)]).values
    let adamRatios = try groupRatios("adam", settings.adamRate, results)
    let losses = { (name: String, rate: Double) in try results.trace("\(name)/loss").column(["rate": .init(rate)]).values }
    let gap = { (name: String, rate: Double) in
      let loss = try losses(name, rate)
      let ratios = try groupRatios(name, rate, results)
      return firstHit(loss) { $0 < log(classes) / 2 }.map { ratios[$0] } ?? .nan
    }
    return [
      Claim(
        "gd-time-inverse-frequency", "Gradient descent learns a class in time proportional to 1/frequency.",
        source: "theorem on gradient flow", quantity: "log-log slope of the hitting time against the class frequency",
        measured: LineFit.powerLaw(x: descent.frequencies, y: descent.times).slope, expected: .near(-1, tolerance: 0.08)),
      Claim(
        "sign-frequency-free", "Sign descent learns all classes at the same speed.", source: "theorem on sign flow",
        quantity: "largest over smallest hitting time", measured: quantile(sign, 1) / quantile(sign, 0), expected: .atMost(1.05)),
      Claim(
        "gap-at-half-loss-momentum", "At half the loss gradient descent is far behind on rare classes.",
        source: "Figures 1 and 2",
        quantity: "loss of the rarest over that of the most frequent group when the mean first is below log(C)/2, GD+m 0.1",
        measured: try gap("momentum", settings.momentumRate), basis: try losses("momentum", settings.momentumRate),
        expected: .atLeast(2.5)),
      Claim(
        "gap-at-half-loss-adam", "At half the loss Adam is not.", source: "Figures 1 and 2",
        quantity: "loss of the rarest over that of the most frequent group when the mean first is below log(C)/2, Adam 1e-3",
        measured: try gap("adam", settings.adamRate), basis: adam, expected: .atMost(2)),
      Claim(
        "adam-order-free-end-order", "In the end Adam knows the rarest classes better than the most frequent one.",
        source: "Figure 2", quantity: "loss of the rarest over that of the most frequent group after the last iteration",
        measured: adamRatios[adamRatios.count - 1], expected: .below(1)),
      Claim(
        "adam-order-free-end-loss", "In the end Adam knows the rarest classes better than the most frequent one.",
        source: "Figure 2", quantity: "mean loss after the last iteration", measured: adam[adam.count - 1],
        expected: .atMost(0.8)),
      Claim(
        "hessian-gradient-correlation", "Gradient and Hessian of a class are large or small together.",
        source: "section on correlated gradients and Hessians",
        quantity: "rank correlation over classes of gradient norm and trace of the Hessian block, GD+m at iteration 50",
        measured: spearmanCorrelation(
          try atStep("gradient_norm", 50, results), try atStep("trace", 50, results)), expected: .atLeast(0.8)),
    ]
  }

  /// The first iteration at which the loss of each class is below the threshold; NaN where it never is.
  private static func hittingTimes(_ name: String, _ results: Results) throws -> (frequencies: [Double], times: [Double]) {
    let threshold = try results.settings(as: Settings.self).model.threshold
    let trace = try results.trace("\(name)/class_loss")
    let frequencies = try trace.coordinate("frequency").values
    let times = try frequencies.map { frequency in
      firstHit(try trace.column(["frequency": .init(frequency)]).values) { $0 < threshold }.map(Double.init) ?? .nan
    }
    return (frequencies, times)
  }

  /// Loss of the rarest over loss of the most frequent group, at every iteration.
  private static func groupRatios(_ name: String, _ rate: Double, _ results: Results) throws -> [Double] {
    let trace = try results.trace("\(name)/group_loss")
    let rarest = try trace.coordinate("group").values.count - 1
    let of = { (group: Int) in try trace.column(["rate": .init(rate), "group": .init(group)]).values }
    return zip(try of(rarest), try of(0)).map { $0 / $1 }
  }

  /// A number of each class at one iteration.
  private static func atStep(_ name: String, _ step: Int, _ results: Results) throws -> [Double] {
    let trace = try results.trace("hessian/\(name)")
    return try trace.coordinate("class").values.map { try trace.value(["step": .init(step), "class": .init($0)]) }
  }
}
