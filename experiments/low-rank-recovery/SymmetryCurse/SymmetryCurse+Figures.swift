import Diagnostics
import Notebook
import Plotting

extension SymmetryCurse {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let steps = Axis("gradient steps T", scale: .log())
    let loss = Axis("loss ‖XXᵀ − M‖²", scale: .log(), from: 1e-31)
    let factorLoss = Axis("loss ‖FGᵀ − M‖²", scale: .log(), from: 1e-31)

    let symmetric = try results.trace("symmetric/loss")
    let curse = Panel(
      x: steps, y: loss,
      series: try settings.population.columns.map { k in
        let exact = k == settings.population.rank ? " = r" : ""
        return .line(
          x: try symmetric.coordinate("step"), y: try symmetric.column(["columns": .init(k)]), label: "k = \(k)\(exact)")
      } + [
        // A hundredth of the theory's tail for two spare columns, to run beside the curves.
        .guide("\(0.02 / pow2(2 * settings.rate)) * x**(-2)", label: "∝ T⁻²", from: 500)
      ])

    return [
      Figure("fig1", title: "Symmetric factors: the curse", mirrors: "symmetric parametrization, loss against T", curse),
      Figure(
        "fig2", title: "Asymmetric factors, unequal scales", mirrors: "asymmetric parametrization at several initial scales",
        try asymmetricPanel("asymmetric", results, factorLoss)),
      Figure(
        "fig3", title: "With one rebalancing step", mirrors: "asymmetric parametrization, rebalanced",
        try asymmetricPanel("rebalanced", results, factorLoss)),
      Figure(
        "fig4", title: "Rate against initial scale", mirrors: "the rate exp(-Omega(alpha² T)) of the theorem",
        try ratePanel(results)),
      Figure(
        "fig5", title: "Gaussian measurements", mirrors: "both parametrizations on measured matrices",
        try measuredPanel("symmetric_loss", "symmetric XXᵀ", results, loss),
        try measuredPanel("asymmetric_loss", "asymmetric FGᵀ", results, factorLoss)),
    ]
  }

  private static func asymmetricPanel(_ run: String, _ results: Results, _ loss: Axis) throws -> Panel {
    let settings: Settings = try results.settings()
    let trace = try results.trace("\(run)/loss")
    return Panel(
      x: Axis("gradient steps T"), y: loss,
      series: try settings.population.scales.map { scale in
        .line(x: try trace.coordinate("step"), y: try trace.column(["scale": .init(scale)]), label: "α = \(scale)")
      })
  }

  private static func ratePanel(_ results: Results) throws -> Panel {
    let plain = try rates(of: "asymmetric", results)
    let squaredScales = Column(plain.map { $0.scale * $0.scale })
    let anchor = plain[0]
    return Panel(
      x: Axis("squared initial scale α²", scale: .log()), y: Axis("rate of log loss", unit: "1/step", scale: .log()),
      series: [
        .linesPoints(x: squaredScales, y: Column(plain.map(\.rate)), label: "plain"),
        .linesPoints(x: squaredScales, y: Column(try rates(of: "rebalanced", results).map(\.rate)), label: "rebalanced"),
        .guide("\(anchor.rate / pow2(anchor.scale)) * x", label: "∝ α²"),
      ])
  }

  private static func measuredPanel(_ name: String, _ title: String, _ results: Results, _ loss: Axis) throws -> Panel {
    let settings: Settings = try results.settings()
    let trace = try results.trace("measured/\(name)")
    let series = try settings.measured.columns.enumerated().flatMap { look, k in
      try (0..<settings.measured.draws).map { draw in
        Series.line(
          x: try trace.coordinate("step"), y: try trace.column(["draw": .init(draw), "columns": .init(k)]),
          label: draw == 0 ? "k = \(k)" : "", style: .look(look))
      }
    }
    return Panel(title: title, x: Axis("gradient steps T", scale: .log()), y: loss, series: series)
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let population = settings.population
    let symmetric = try results.trace("symmetric/loss")
    let steps = try symmetric.coordinate("step").values
    let last = Double(population.symmetricSteps)

    var claims: [Claim] = []
    for k in population.columns where k > population.rank {
      let loss = try symmetric.column(["columns": .init(k)]).values
      claims.append(
        Claim(
          "one-over-T-squared-k\(k)", "With more columns than the rank the loss falls like 1/T².", source: "Omega(1/T²) theorem",
          quantity: "slope of log loss against log T over T in [\(last / 10), \(last)], k = \(k)",
          measured: LineFit.powerLaw(x: steps, y: loss, over: last / 10...last).slope, expected: .within(-2.15 ... -1.8)))
    }
    for k in population.columns where k > population.rank {
      let loss = try symmetric.value(["columns": .init(k), "step": .init(population.symmetricSteps)])
      claims.append(
        Claim(
          "tail-constant-k\(k)", "The tail is (k - r)/(2 eta T)².", source: "recursion of the spare block",
          quantity: "loss (2 eta T)²/(k - r) at T = \(population.symmetricSteps), k = \(k)",
          measured: loss * pow2(2 * settings.rate * last) / Double(k - population.rank), expected: .within(0.85...1.15)))
    }
    let exact = try symmetric.column(["columns": .init(population.rank)]).values
    claims.append(
      Claim(
        "exact-rank-linear", "With as many columns as the rank, gradient descent is linear.", source: "comparison in Figure 1",
        quantity: "loss of k = r at the first recorded step from T = 1000 on",
        measured: zip(steps, exact).first { $0.0 >= 1000 }?.1 ?? .nan, expected: .below(1e-24)))

    let plain = try rates(of: "asymmetric", results)
    let rebalanced = try rates(of: "rebalanced", results).map(\.rate)
    let slowest = plain.first { $0.scale == 0.2 }?.rate ?? .nan
    let middle = plain.first { $0.scale == 0.5 }?.rate ?? .nan
    return claims + [
      Claim(
        "rate-scales-alpha2", "Unequal scales restore a linear rate, proportional to alpha².",
        source: "exp(-Omega(alpha² T)) theorem",
        quantity: "rate at alpha = 0.5 over rate at alpha = 0.2 (theory 6.25)", measured: middle / slowest,
        expected: .within(4...15)),
      Claim(
        "rebalanced-alpha-free-agreement", "After rebalancing the rate does not depend on alpha.",
        source: "last theorem and figure",
        quantity: "largest over smallest rebalanced rate of the scales",
        measured: extremes(rebalanced).largest / extremes(rebalanced).smallest,
        expected: .atMost(1.3)),
      Claim(
        "rebalanced-alpha-free-gain", "After rebalancing the rate is much higher than the plain one.",
        source: "last theorem and figure",
        quantity: "smallest rebalanced rate over the plain rate at alpha = 0.2",
        measured: extremes(rebalanced).smallest / slowest,
        expected: .atLeast(10)),
    ]
  }

  /// The exponential rate r of loss ~ exp(-r T) for each scale, fitted on the second half of the time before the loss first falls below
  /// 1e-24: rounding flattens the curve there, and at the start the rank-r part still converges.
  private static func rates(of run: String, _ results: Results) throws -> [(scale: Double, rate: Double)] {
    let trace = try results.trace("\(run)/loss")
    let steps = try trace.coordinate("step").values
    return try trace.coordinate("scale").values.map { scale in
      let loss = try trace.column(["scale": .init(scale)]).values
      let end = steps[loss.firstIndex { $0 < 1e-24 } ?? steps.count - 1]
      return (scale, -LineFit.exponential(x: steps, y: loss, over: end / 2...end).slope)
    }
  }

  private static func pow2(_ x: Double) -> Double { x * x }

  /// Both NaN when a value is: a claim on them then fails.
  private static func extremes(_ values: [Double]) -> (smallest: Double, largest: Double) {
    (quantile(values, 0), quantile(values, 1))
  }
}
