import Diagnostics
import Notebook
import Plotting

extension SGDGapFormula {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let models = models(in: results)
    let eta = Axis("step size η", scale: .log())
    return [
      Figure(
        "fig1", title: "Growth of the gap in one step", mirrors: "gap formula, against the step size",
        panels: try models.map { model in
          try panel(
            model, eta, Axis("growth of the gap", scale: .log()), "\(model)/gap", "eta", results,
            guide: "\(try results.scalar("\(model)/trace") / Double(settings.samples)) * x", "η Tr C / N")
        }),
      Figure(
        "fig2", title: "Growth of the gap against the number of samples", mirrors: "gap formula, 1/N",
        panels: try models.map { model in
          try panel(
            model, Axis("samples N", scale: .log()), Axis("growth of the gap", scale: .log()), "\(model)/gap_by_samples",
            "samples",
            results, guide: "\(try results.scalar("\(model)/trace") * settings.eta) / x", "η Tr C / N")
        }),
      Figure(
        "fig3", title: "Full-batch descent minus SGD", mirrors: "comparison of SGD and gradient descent at second order",
        panels: try models.map { model in
          let factor = try results.scalar("\(model)/drift") / Double(2 * settings.samples)
          return try panel(
            "\(model), two steps", eta, Axis("\(factor < 0 ? "−" : "")difference of test losses", scale: .log()),
            "\(model)/difference", "eta", results, sign: factor < 0 ? -1 : 1, guide: "\(abs(factor)) * x**2", "η²/(2N) μ · ∇Tr C")
        } + [try stepsPanel(results, settings), try signsPanel(results, settings)]),
      Figure(
        "fig4", title: "Tr C along a run of online SGD", mirrors: "the covariance along training",
        Panel(
          x: Axis("step"), y: Axis("Tr C"),
          series: try models.map { model in
            let trace = try results.trace("\(model)/trace_along_run")
            return .line(x: try trace.coordinate("step"), y: try trace.column(), label: model)
          })),
    ]
  }

  private static func models(in results: Results) -> [String] {
    ["logistic", "network", "softmax"].filter { results.hasTensor("\($0)/trace") }
  }

  /// Measured means with bars of two standard errors beside the prediction.
  private static func panel(
    _ title: String, _ x: Axis, _ y: Axis, _ path: String, _ dimension: String, _ results: Results, sign: Double = 1,
    guide: String, _ label: String
  ) throws -> Panel {
    let (means, errors) = (try results.tensor(path), try results.tensor("\(path)_error").values)
    let values = means.values.map { sign * $0 }
    return Panel(
      title: title, x: x, y: y,
      series: [
        .errorBars(
          x: try means.coordinate(dimension), y: Column(values), lower: Column(zip(values, errors).map { $0 - 2 * $1 }),
          upper: Column(zip(values, errors).map { $0 + 2 * $1 }), label: "measured ± 2 s.e."),
        .guide(guide, label: label),
      ])
  }

  /// Every pair of updates contributes: T (T - 1) / 2 of them.
  private static func stepsPanel(_ results: Results, _ settings: Settings) throws -> Panel {
    let pair = settings.eta * settings.eta / Double(2 * settings.stepSamples) * (try results.scalar("logistic/drift"))
    let sign = pair < 0 ? -1.0 : 1
    return try panel(
      "logistic, T steps, η = \(settings.eta)", Axis("steps T", scale: .log(base: 2)),
      Axis("\(sign < 0 ? "−" : "")difference of test losses", scale: .log()), "steps/difference", "steps", results, sign: sign,
      guide: "\(abs(pair)) * x * (x - 1) / 2", "T(T−1)/2 pairs")
  }

  private static func signsPanel(_ results: Results, _ settings: Settings) throws -> Panel {
    let (means, errors) = (try results.tensor("signs/difference").values, try results.tensor("signs/difference_error").values)
    let predictions = try predictedDifferences(results, settings)
    return Panel(
      title: "logistic, random θ", x: Axis("predicted difference, 10⁻⁵"), y: Axis("measured difference, 10⁻⁵"),
      series: [
        .errorBars(
          x: Column(predictions.map { 1e5 * $0 }), y: Column(means.map { 1e5 * $0 }),
          lower: Column(zip(means, errors).map { 1e5 * ($0 - 2 * $1) }),
          upper: Column(zip(means, errors).map { 1e5 * ($0 + 2 * $1) }),
          label: "measured ± 2 s.e."),
        .guide("x", label: "prediction"),
      ])
  }

  private static func predictedDifferences(_ results: Results, _ settings: Settings) throws -> [Double] {
    let factor = settings.eta * settings.eta / Double(2 * settings.samples)
    return try results.tensor("signs/drift").values.map { factor * $0 }
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let eta = settings.eta
    let gap = try results.tensor("logistic/gap").value(["eta": .init(eta)])
    let bySamples = try results.tensor("logistic/gap_by_samples")
    let difference = try results.tensor("logistic/difference")
    let etas = try difference.coordinate("eta").values
    let drift = try results.scalar("logistic/drift")
    let (signs, errors) = (try results.tensor("signs/difference").values, try results.tensor("signs/difference_error").values)
    let predictions = try predictedDifferences(results, settings)
    let significant = signs.indices.filter { abs(predictions[$0]) > 4 * errors[$0] }
    let agreeing = significant.filter { signs[$0] * predictions[$0] > 0 }
    return [
      Claim(
        "gap-formula", "One step widens the gap by eta Tr C / N.", source: "gap formula",
        quantity: "measured growth over eta Tr C / N, logistic model, eta = \(eta)",
        measured: gap / (eta * (try results.scalar("logistic/trace")) / Double(settings.samples)), expected: .within(0.95...1.05)),
      Claim(
        "gap-inverse-N", "The growth is inversely proportional to the number of samples.", source: "gap formula",
        quantity: "log-log slope of the growth against N, logistic model",
        measured: LineFit.powerLaw(x: try bySamples.coordinate("samples").values, y: bySamples.values).slope,
        expected: .within(-1.1 ... -0.9)),
      Claim(
        "sgd-vs-gd-second-order", "Two full-batch steps and two SGD steps differ by eta²/(2N) mu . grad Tr C.",
        source: "SGD-GD comparison", quantity: "measured E[L(GD) - L(SGD)] over the prediction, logistic model, eta = \(eta)",
        measured: (try difference.value(["eta": .init(eta)])) / (eta * eta / Double(2 * settings.samples) * drift),
        expected: .within(0.85...1.1)),
      Claim(
        "quadratic-in-eta", "The difference is of second order in the step size.", source: "SGD-GD comparison",
        quantity: "log-log slope of |L(GD) - L(SGD)| against eta on 0.05...0.2",
        measured: LineFit.powerLaw(x: etas, y: difference.values.map(abs), over: 0.05...0.2).slope, expected: .within(1.8...2.1)),
      Claim(
        "sign-agrees", "Which method is better follows from the sign of mu . grad Tr C.", source: "decorrelation interpretation",
        quantity: "share of the theta with |prediction| > 4 standard errors at which the signs agree",
        measured: Double(agreeing.count) / Double(significant.count), basis: signs + errors + predictions,
        expected: .exactly(1)),
    ]
  }
}
