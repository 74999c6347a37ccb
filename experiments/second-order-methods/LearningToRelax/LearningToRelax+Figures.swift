import Diagnostics
import Notebook
import Plotting

extension LearningToRelax {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    var figures = [
      try asymptoticFigure(results), try fixedFigure(settings, results), try contextFigure(settings, results),
      try gridFigure(settings, results),
    ]
    if !settings.heat.sides.isEmpty { figures.append(try heatFigure(settings, results)) }
    return figures
  }

  private static func asymptoticFigure(_ results: Results) throws -> Figure {
    let curves = [("iterations", "SOR"), ("estimate", "asymptotic count"), ("bound", "near-asymptotic bound")]
    return Figure(
      "fig1", title: "Iterations without a shift", mirrors: "comparison of bounds",
      Panel(
        x: Axis("relaxation parameter ω"), y: Axis("iterations", scale: .log()),
        series: try curves.map { name, label in
          let values = try results.tensor("asymptotics/\(name)")
          return .line(x: try values.coordinate("omega"), y: try values.column(), label: label)
        }))
  }

  /// Fixed parameters at their mean cost, and Tsallis-INF.
  private static func fixedFigure(_ settings: Settings, _ results: Results) throws -> Figure {
    try sequenceFigure("fig2", "Learning the relaxation parameter", "learning figure", settings) { shifts in
      let fixed = try results.tensor("fixed/\(shifts.rawValue)").column().values
      let rounds = Double(settings.rounds)
      return try zip(settings.fixed, fixed).map { omega, cost in
        .line(x: [0, cost * rounds / 1000], y: [rounds, 0], label: "ω = \(omega)")
      } + ["Tsallis-INF", "Tsallis-INF, exact"].map { try learningCurve(shifts, $0, settings, results) }
    }
  }

  private static func contextFigure(_ settings: Settings, _ results: Results) throws -> Figure {
    try sequenceFigure("fig3", "With the shift as context", "contextual figure", settings) { shifts in
      try SequenceMethods.names.map { try learningCurve(shifts, $0, settings, results) }
    }
  }

  private static func sequenceFigure(
    _ id: String, _ title: String, _ mirrors: String, _ settings: Settings, _ series: (ShiftDistribution) throws -> [Series]
  ) throws -> Figure {
    Figure(
      id, title: title, mirrors: mirrors,
      panels: try ShiftDistribution.allCases.map { shifts in
        Panel(
          title: "\(shifts.rawValue) variance", x: Axis("iterations, thousands"), y: Axis("systems that remain"),
          legend: .outside, series: try series(shifts))
      })
  }

  /// Systems that remain against iterations spent, mean over the trials.
  private static func learningCurve(
    _ shifts: ShiftDistribution, _ method: String, _ settings: Settings, _ results: Results
  ) throws -> Series {
    let cost = try results.trace("\(shifts.rawValue)/iterations")
    let spent = try cost.columns(over: "step", at: ["method": .init(method)]).map { mean($0) / 1000 }
    let remaining = try cost.coordinate("step").values.map { Double(settings.rounds) - $0 }
    return .line(x: Column(spent), y: Column(remaining), label: method)
  }

  private static func gridFigure(_ settings: Settings, _ results: Results) throws -> Figure {
    Figure(
      "fig4", title: "Mean iterations of \(settings.evaluated) systems", mirrors: "mean cost against ω",
      Panel(
        x: Axis("relaxation parameter ω"), y: Axis("mean iterations", scale: .log()),
        series: try ShiftDistribution.allCases.map { shifts in
          let grid = try results.tensor("grid/\(shifts.rawValue)")
          return .linesPoints(x: try grid.coordinate("omega"), y: try grid.column(), label: "\(shifts.rawValue) variance")
        }))
  }

  private static func heatFigure(_ settings: Settings, _ results: Results) throws -> Figure {
    let panels = try settings.heat.sides.map { side in
      let cost = try results.trace("heat\(side)/iterations")
      return Panel(
        title: "\(side) × \(side)", x: Axis("time step"), y: Axis("iterations so far"), legend: .outside,
        series: try cost.labels("method").map { method in
          .line(x: try cost.coordinate("step"), y: try cost.column(["method": .init(method)]), label: method)
        })
    }
    return Figure("fig5", title: "Heat equation, SSOR-preconditioned", mirrors: "heat equation", panels: panels)
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    return try ShiftDistribution.allCases.flatMap { try claims($0, settings, results) } + [try boundClaim(results)]
  }

  private static func claims(_ shifts: ShiftDistribution, _ settings: Settings, _ results: Results) throws -> [Claim] {
    let cost = try results.trace("\(shifts.rawValue)/iterations")
    let steps = try cost.coordinate("step").values
    let late = steps.firstIndex { $0 >= 2 * Double(settings.rounds) / 3 } ?? 0
    // Mean over trials and over the rounds from a recorded step on.
    let meanCost = { (method: String, start: Int) -> Double in
      let spent = try cost.columns(over: "trial", at: ["method": .init(method)]).map { ($0.last ?? .nan) - $0[start] }
      return mean(spent) / ((steps.last ?? .nan) - steps[start])
    }
    let fixed = zip(settings.fixed, try results.tensor("fixed/\(shifts.rawValue)").column().values).map { (omega: $0, cost: $1) }
    let best = fixed.min { $0.cost < $1.cost } ?? (.nan, .nan)
    let atOne = fixed.first { $0.omega == 1 }?.cost ?? .nan
    let random = mean(try results.tensor("grid/\(shifts.rawValue)").column().values)
    let tsallis = try meanCost("Tsallis-INF", 0)
    let (suffix, words) = (shifts.rawValue, "\(shifts.rawValue) variance")
    let matters =
      shifts == .lowVariance
      ? Claim(
        "omega-matters-low", "A good parameter saves most of the iterations.", source: "learning figure, legend",
        quantity: "mean iterations at omega = 1 over those at omega = 1.6, \(words)",
        measured: atOne / (fixed.first { $0.omega == 1.6 }?.cost ?? .nan), expected: .atLeast(3))
      : Claim(
        "omega-matters-high", "The best fixed parameter depends on the distribution.", source: "learning figure, legend",
        quantity: "fixed omega of the least mean iterations, \(words)", measured: best.omega, expected: .exactly(1.8))
    return [
      matters,
      Claim(
        "bandit-learns-random-\(suffix)", "Tsallis-INF beats random choices.", source: "regret theorem, learning figure",
        quantity: "its mean iterations over those of a uniformly random omega of its grid, \(words)",
        measured: tsallis / random, expected: .atMost(0.85)),
      Claim(
        "bandit-learns-one-\(suffix)", "Tsallis-INF beats Gauss and Seidel's iteration.",
        source: "regret theorem, learning figure",
        quantity: "its mean iterations over those of omega = 1, \(words)", measured: tsallis / atOne, expected: .atMost(0.5)),
      Claim(
        "bandit-learns-fixed-\(suffix)", "Tsallis-INF approaches the best fixed parameter.",
        source: "regret theorem, learning figure", quantity: "its mean iterations over those of the best fixed omega, \(words)",
        measured: tsallis / best.cost, expected: .atMost(1.75)),
      Claim(
        "instance-optimal-better-\(suffix)", "The best parameter of each instance beats any fixed one.",
        source: "contextual figure",
        quantity: "mean iterations of omega*(A_t) over those of the best fixed omega, \(words)",
        measured: try meanCost("instance-optimal", 0) / best.cost, expected: .atMost(0.75)),
      Claim(
        "context-helps-\(suffix)", "Knowing the shift helps.", source: "contextual figure",
        quantity: "mean iterations over the last third, Tsallis-INF-CB over Tsallis-INF, \(words)",
        measured: try meanCost("Tsallis-INF-CB", late) / meanCost("Tsallis-INF", late), expected: .atMost(0.97)),
    ]
  }

  private static func boundClaim(_ results: Results) throws -> Claim {
    let bound = try results.tensor("asymptotics/bound").column().values
    let actual = try results.tensor("asymptotics/iterations").column().values
    return Claim(
      "bound-valid", "The near-asymptotic bound holds.", source: "near-asymptotic lemma",
      quantity: "least bound less iterations over omega", measured: quantile(zip(bound, actual).map { $0 - $1 }, 0),
      expected: .atLeast(-1))
  }
}
