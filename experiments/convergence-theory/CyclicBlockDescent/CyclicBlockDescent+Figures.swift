import Diagnostics
import Notebook
import Plotting

extension CyclicBlockDescent {
  private static let labels = [
    "cyclic": "cyclic", "random": "random order", "gradient": "gradient descent", "reduced-cyclic": "cyclic, variance-reduced",
    "page": "PAGE, one block",
  ]

  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let gap = try results.trace("linear/gap")
    let objective = Axis("objective F(x)")
    return [
      Figure(
        "fig1", title: "Objective", mirrors: "cyclic and randomized block descent against gradient descent",
        try panel("objective", objective, deterministic, settings, results, until: 100)),
      Figure(
        "fig2", title: "Gradient mapping", mirrors: "stationarity against passes",
        try panel("mapping", Axis("norm of the gradient mapping", scale: .log()), deterministic, settings, results, isLog: true)),
      Figure(
        "fig3", title: "Variance reduction", mirrors: "objective against component gradients",
        try panel("objective", objective, ["cyclic", "gradient"] + reduced, settings, results, until: settings.passes)),
      Figure(
        "fig4", title: "Least squares of rank \(settings.rank) in \(settings.dimension) dimensions",
        mirrors: "linear rate under PL",
        Panel(
          x: Axis("cycle"), y: Axis("relative gap f(x) − f*", scale: .log(), from: 1e-16), legend: .none,
          series: try gap.banded(label: "cyclic"))),
    ]
  }

  /// One line for each problem, over its own passes.
  private static func panel(
    _ name: String, _ axis: Axis, _ methods: [String], _ settings: Settings, _ results: Results, until end: Double = .infinity,
    isLog: Bool = false
  ) throws -> Panel {
    Panel(
      x: Axis("passes over the data", scale: isLog ? .log() : .linear), y: axis, legend: .outside,
      series: try methods.enumerated().flatMap { look, method in
        try (0..<settings.seeds).map { seed in
          let (passes, values) = try curve(results, method, name, seed)
          let places = passes.indices.filter { passes[$0] <= end && (!isLog || passes[$0] > 0) }
          return Series.line(
            x: Column(places.map { passes[$0] }), y: Column(places.map { values[$0] }),
            label: seed == 0 ? labels[method, default: method] : "", style: .look(look))
        }
      })
  }

  private static func curve(
    _ results: Results, _ method: String, _ name: String, _ seed: Int
  ) throws -> (passes: [Double], values: [Double]) {
    let place: [String: Selector] = ["seed": .init(seed)]
    return (
      try results.trace("\(method)/passes").column(place).values, try results.trace("\(method)/\(name)").column(place).values
    )
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let seeds = Array(0..<settings.seeds)
    let objective = { (method: String, passes: Double) in try seeds.map { try value(results, method, seed: $0, after: passes) } }
    let best = try seeds.map { seed in
      quantile(try (deterministic + reduced).flatMap { try curve(results, $0, "objective", seed).values }, 0)
    }
    let excess = { (method: String, passes: Double) in zip(try objective(method, passes), best).map { $0 - $1 } }
    let difference = { (a: [Double], b: [Double]) in quantile(zip(a, b).map { $0 - $1 }, 1) }
    let slopes = try seeds.map { seed in
      let (passes, norms) = try curve(results, "cyclic", "mapping", seed)
      let least = norms.indices.map { quantile(Array(norms[...$0]), 0) }
      return LineFit.powerLaw(x: passes, y: least.map { $0 * $0 }, over: 10...400).slope
    }
    let gap = try results.trace("linear/gap")
    let fits = try gap.columns().map { gaps in
      let places = gaps.indices.filter { (1e-10...1e-2).contains(gaps[$0]) }
      return LineFit.exponential(x: places.map(Double.init), y: places.map { gaps[$0] }).rSquared
    }
    return [
      Claim(
        "cyclic-beats-gd", "Cyclic block descent beats proximal gradient descent.", source: "experiments",
        quantity: "F - F_best of gradient descent over that of cyclic after 100 passes, the least over problems",
        measured: quantile(zip(try excess("gradient", 100), try excess("cyclic", 100)).map { $0 / $1 }, 0), expected: .atLeast(2)),
      Claim(
        "cyclic-as-good-as-random", "Cyclic order is as good as random order.", source: "remark on cyclic and random order",
        quantity: "F(cyclic) - F(random) after 50 passes, the most over problems",
        measured: difference(try objective("cyclic", 50), try objective("random", 50)), expected: .atMost(0.01)),
      Claim(
        "rate-1-over-K", "The squared gradient mapping falls at least like 1/K.", source: "P-CCD theorem",
        quantity: "log-log slope of min over k <= K of its squared norm, K = 10...400, cyclic, the largest over problems",
        measured: quantile(slopes, 1), expected: .atMost(-0.9)),
      Claim(
        "vr-saves-gradients", "Variance reduction saves gradients.", source: "VRO-CCD complexity",
        quantity: "F(variance-reduced) - F(cyclic) after 25 passes, the most over problems",
        measured: difference(try objective("reduced-cyclic", 25), try objective("cyclic", 25)), expected: .atMost(-0.01)),
      Claim(
        "pl-linear", "Under the Polyak-Lojasiewicz inequality convergence is linear.", source: "PL theorem",
        quantity: "R² of log gap against the cycle between gaps of 1e-2 and 1e-10, the least over problems",
        measured: quantile(fits, 0), basis: gap.values, expected: .atLeast(0.98)),
    ]
  }

  /// F at the last cycle that is within the passes; NaN when the run has not got so far.
  private static func value(_ results: Results, _ method: String, seed: Int, after passes: Double) throws -> Double {
    let (done, values) = try curve(results, method, "objective", seed)
    guard let last = done.last, last >= passes - 1e-9, let place = done.lastIndex(where: { $0 <= passes + 1e-9 }) else {
      return .nan
    }
    return values[place]
  }
}
