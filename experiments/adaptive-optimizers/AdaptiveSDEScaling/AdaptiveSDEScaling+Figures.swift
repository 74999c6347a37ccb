import Diagnostics
import Notebook
import Plotting

extension AdaptiveSDEScaling {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    var figures = [
      Figure(
        "fig1", title: "The square-root rule keeps the dynamics", mirrors: "the square-root scaling rule",
        try rulePanel(.rmsprop, .squareRoot, results, settings), try rulePanel(.adam, .squareRoot, results, settings)),
      Figure(
        "fig2", title: "The linear rule does not", mirrors: "comparison with linear scaling",
        try rulePanel(.rmsprop, .linear, results, settings), try rulePanel(.adam, .linear, results, settings)),
      Figure(
        "fig3", title: "Largest deviation from the base batch size", mirrors: "comparison of the rules",
        try deviationPanel(.rmsprop, "RMSprop", results, settings), try deviationPanel(.adam, "Adam", results, settings)),
      try svagFigure(results, settings),
    ]
    if settings.network.steps > 0 { figures.append(try networkFigure(results, settings)) }
    return figures
  }

  /// E theta^2 against the base time for every batch size; RMSprop with its equation.
  private static func rulePanel(_ method: Method, _ rule: ScalingRule, _ results: Results, _ settings: Settings) throws -> Panel {
    let trace = try results.trace("\(method.rawValue)/square")
    let times = try baseTimes(of: trace, settings)
    var series = try kappas(method, settings).map { kappa in
      Series.line(
        x: times, y: try trace.column(["rule": .init(rule.rawValue), "kappa": .init(kappa)]), label: "κ = \(kappa)")
    }
    if method == .rmsprop {
      series.append(.line(x: times, y: try results.trace("sde/square").column(), label: "SDE", style: .look(6)))
    }
    return Panel(
      title: method == .adam ? "Adam" : "RMSprop", x: Axis("base steps κk"), y: Axis("E θ²"), legend: .outside, series: series)
  }

  private static func deviationPanel(_ method: Method, _ title: String, _ results: Results, _ settings: Settings) throws -> Panel
  {
    let kappas = kappas(method, settings).dropFirst()
    return Panel(
      title: title, x: Axis("batch size κ", scale: .log(base: 2)), y: Axis("max |E θ²(κ) − E θ²(1)|", scale: .log()),
      legend: .outside,
      series: try ScalingRule.allCases.map { rule in
        .linesPoints(
          x: Column(kappas.map(Double.init)),
          y: Column(try kappas.map { try deviation(method, rule, kappa: $0, results) }), label: rule.rawValue)
      })
  }

  private static func svagFigure(_ results: Results, _ settings: Settings) throws -> Figure {
    let trace = try results.trace("svag/square")
    let equation = try results.trace("sde/square").column().values
    let deviations = try settings.svag.map { l in largestDifference(try trace.column(["l": .init(l)]).values, equation) }
    return Figure(
      "fig4", title: "SVAG against the equation", mirrors: "SVAG experiments",
      Panel(
        x: Axis("SVAG's l", scale: .log(base: 2)), y: Axis("max |E θ²(SVAG) − E θ²(SDE)|", from: 0),
        series: [.linesPoints(x: Column(settings.svag.map(Double.init)), y: Column(deviations))]))
  }

  private static func networkFigure(_ results: Results, _ settings: Settings) throws -> Figure {
    let panel = { (measure: String, axis: Axis) in
      Panel(
        x: Axis("base steps κk"), y: axis, legend: .outside,
        series: try settings.adamKappas.map { kappa in
          let trace = try results.trace("network\(kappa)/\(measure)")
          let steps = try trace.coordinate("step").values
          let rate = Selector(try trace.coordinate("rate").values[0])
          let overSeeds = try steps.map { mean(try trace.values(at: ["step": .init($0), "rate": rate])) }
          return .line(x: Column(steps.map { $0 * Double(kappa) }), y: Column(overSeeds), label: "κ = \(kappa)")
        })
    }
    return Figure(
      "fig5", title: "Adam on digits by the square-root rule", mirrors: "training curves at several batch sizes",
      try panel("training loss", Axis("training loss, mean over seeds", scale: .log())),
      try panel("test accuracy", Axis("test accuracy, mean over seeds")))
  }

  private static func baseTimes(of trace: RecordedArray, _ settings: Settings) throws -> Column {
    Column(try trace.coordinate("step").values.map { $0 * Double(settings.interval) })
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let equation = largestDifference(
      try results.trace("sde/square").column().values,
      try results.trace("rmsprop/square").column(["rule": .init(ScalingRule.squareRoot.rawValue), "kappa": 1]).values)
    return try Method.allCases.flatMap { try ruleClaims($0, results, settings) } + [
      Claim(
        "sde-matches", "RMSprop follows its stochastic differential equation.", source: "SDE approximation theorem",
        quantity: "largest difference of E theta^2 over time, RMSprop at kappa = 1", measured: equation, expected: .atMost(0.06))
    ]
  }

  private static func ruleClaims(_ method: Method, _ results: Results, _ settings: Settings) throws -> [Claim] {
    let kappas = kappas(method, settings).dropFirst()
    let deviations = { (rule: ScalingRule) in try kappas.map { try deviation(method, rule, kappa: $0, results) } }
    let (squareRoot, linear, rateOnly) = try (deviations(.squareRoot), deviations(.linear), deviations(.rateOnly))
    let name = method.rawValue
    let quantity = "largest |E theta^2(kappa) - E theta^2(1)| over time"
    return [
      Claim(
        "sqrt-rule-\(name)", "The square-root rule keeps the dynamics.", source: "abstract, theorem on the scaling rule",
        quantity: "\(quantity), the worst kappa", measured: quantile(squareRoot, 1), expected: .atMost(0.06)),
      Claim(
        "linear-rule-fails-\(name)-kappa2", "The linear rule does not.", source: "comparison with linear scaling",
        quantity: "\(quantity), kappa = 2", measured: linear[0], expected: .atLeast(0.12)),
      Claim(
        "linear-rule-fails-\(name)-kappa4", "The linear rule does not.", source: "comparison with linear scaling",
        quantity: "\(quantity), kappa = 4", measured: linear[1], expected: .atLeast(0.3)),
      Claim(
        "linear-rule-fails-\(name)-increasing", "The larger the batch, the worse.", source: "comparison with linear scaling",
        quantity: "least growth of that maximum from one kappa to the next",
        measured: quantile(zip(linear.dropFirst(), linear).map { $0 - $1 }, 0), expected: .above(0)),
      Claim(
        "betas-must-scale-\(name)", "The square root of the rate alone does not keep them either.", source: "scaling rule",
        quantity: "\(quantity), rate alone, the best kappa", measured: quantile(rateOnly, 0), expected: .atLeast(0.1)),
    ]
  }

  private static func deviation(_ method: Method, _ rule: ScalingRule, kappa: Int, _ results: Results) throws -> Double {
    let trace = try results.trace("\(method.rawValue)/square")
    let of = { (kappa: Int) in try trace.column(["rule": .init(rule.rawValue), "kappa": .init(kappa)]).values }
    return largestDifference(try of(kappa), try of(1))
  }

  private static func largestDifference(_ a: [Double], _ b: [Double]) -> Double {
    quantile(zip(a, b).map { abs($0 - $1) }, 1)
  }
}
