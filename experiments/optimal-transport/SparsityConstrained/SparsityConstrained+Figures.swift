import Diagnostics
import Notebook
import Plotting

extension SparsityConstrained {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let gamma = settings.gammas[settings.gammas.count - 1]
    let last = settings.cardinalities[settings.cardinalities.count - 1]
    let maps =
      [try heatMap("exact", results.tensor("baselines/plan"), ["method": "exact"], settings)]
      + (try [1, 2, 4, last].map { k in
        try heatMap("k = \(k)", results.tensor("planar/plan"), ["gamma": .init(gamma), "cardinality": .init(k)], settings)
      }) + [try heatMap("Sinkhorn", results.tensor("baselines/plan"), ["method": "sinkhorn"], settings)]
    let maximum = try results.tensor("planar/maximum")
    let duals = try settings.gammas.map { gamma in
      let limit = try limit(results, settings, gamma)
      return Panel(
        title: "γ = \(gamma.brief)", x: cardinalityAxis(settings.cardinalities), y: Axis("maximum of S"), legend: .outside,
        series: [
          .linesPoints(
            x: try maximum.coordinate("cardinality"), y: try maximum.column(["gamma": .init(gamma)]), label: "semi-dual"),
          .guide("\(limit)", label: "exact cost + γ/2 ‖b‖²"),
        ])
    }
    let values = try results.trace("adam/value")
    let gaps = try settings.gammas.map { gamma in
      Panel(
        title: "γ = \(gamma.brief)", x: Axis("iteration of Adam", scale: .log()),
        y: Axis("S* − S(α)", scale: .log(), from: 1e-7), legend: .outside,
        series: try settings.cardinalities.map { k in
          let place: [String: Selector] = ["gamma": .init(gamma), "cardinality": .init(k)]
          let best = try maximum.value(place)
          return .line(
            x: try values.coordinate("step"), y: Column(try values.column(place).values.map { best - $0 }), label: "k = \(k)")
        })
    }
    let counted = Panel(
      x: cardinalityAxis(settings.cardinalities), y: Axis("iterations", from: 0, isCount: true), legend: .outside,
      series: try settings.gammas.map { gamma in
        let iterations = try settings.cardinalities.map { k in
          let place: [String: Selector] = ["gamma": .init(gamma), "cardinality": .init(k)]
          let best = try maximum.value(place)
          return firstHit(try values.column(place).values) { best - $0 <= 1e-3 }.map(Double.init) ?? .nan
        }
        return .linesPoints(
          x: Column(settings.cardinalities.map(Double.init)), y: Column(iterations), label: "γ = \(gamma.brief)")
      })
    return [
      Figure(
        "fig1", title: "Plans, γ = \(gamma.brief)", mirrors: "plans between the exact and the quadratic one", panels: maps,
        columns: 3, panelWidth: 6, panelHeight: 7),
      Figure("fig2", title: "Maximum of the semi-dual", mirrors: "relaxation order in k", panels: duals),
      Figure("fig3", title: "Gradient ascent on the semi-dual", mirrors: "smoothness against sparsity", panels: gaps),
      Figure(
        "fig4", title: "Entries in a column of the plan", mirrors: "cardinality of the columns",
        panels: try counts(results, settings), columns: 3, panelWidth: 6.5),
      Figure(
        "fig5", title: "Adam's iterations to a gap of 0.001, where reached", mirrors: "smoothness against sparsity", counted),
    ]
  }

  private static func cardinalityAxis(_ cardinalities: [Int]) -> Axis {
    Axis("k", scale: .log(), ticks: cardinalities.map { Axis.Tick(Double($0), "\($0)") })
  }

  private static func heatMap(
    _ title: String, _ plans: RecordedArray, _ place: [String: Selector], _ settings: Settings
  ) throws -> Panel {
    let rows = try (0..<settings.sources).flatMap { try plans.column(place.merging(["source": .init($0)]) { $1 }).values }
    return Panel(
      title: title, x: Axis("target", isCount: true), y: Axis("source", isCount: true), legend: .none,
      series: [
        .heatMap(
          Grid(Column(rows), x: try plans.coordinate("target"), y: try plans.coordinate("source")),
          color: ColorAxis("T", from: 0, to: 1 / Double(settings.sources)))
      ])
  }

  private static func counts(_ results: Results, _ settings: Settings) throws -> [Panel] {
    let panel = { (title: String, path: String, place: [String: Selector], cardinalities: [Int]) in
      let plans = try results.tensor(path)
      let entries = try cardinalities.map { k in
        try entriesOfColumns(plans, place.merging(["cardinality": .init(k)]) { $1 }).map(Double.init)
      }
      let x = Column(cardinalities.map(Double.init))
      let most = quantile(entries.flatMap { $0 }, 1)
      return Panel(
        title: title, x: cardinalityAxis(cardinalities), y: Axis("entries > 10⁻¹²", from: 0, to: most + 2, isCount: true),
        legend: .outside,
        series: [
          .band(x: x, lower: Column(entries.map { quantile($0, 0) }), upper: Column(entries.map { quantile($0, 1) })),
          .linesPoints(x: x, y: Column(entries.map(mean)), label: "mean and range over columns"),
          .guide("x", label: "k", to: most + 2),
        ])
    }
    return try settings.gammas.map { gamma in
      try panel("planar, γ = \(gamma.brief)", "planar/plan", ["gamma": .init(gamma)], settings.cardinalities)
    } + [try panel("routing, γ = \(settings.routing.gamma.brief)", "routing/plan", [:], settings.routing.cardinalities)]
  }

  /// How many entries of each column are above 1e-12.
  private static func entriesOfColumns(_ plans: RecordedArray, _ place: [String: Selector]) throws -> [Int] {
    try plans.coordinate("target").values.map { target in
      try plans.column(place.merging(["target": .init(target)]) { $1 }).values.filter { $0 > 1e-12 }.count
    }
  }

  /// What the maximum of S is for k = 1: the exact cost and (gamma/2) |b|².
  private static func limit(_ results: Results, _ settings: Settings, _ gamma: Double) throws -> Double {
    try results.scalar("baselines/exact_cost") + gamma / 2 / Double(settings.targets)
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let (gammas, cardinalities) = (settings.gammas, settings.cardinalities)
    let last = cardinalities[cardinalities.count - 1]
    let plans = try results.tensor("planar/plan")
    let value = { (path: String, gamma: Double, k: Int) in
      try results.tensor("planar/\(path)").value(["gamma": .init(gamma), "cardinality": .init(k)])
    }
    let excess = try gammas.flatMap { gamma in
      try cardinalities.flatMap { k in
        try entriesOfColumns(plans, ["gamma": .init(gamma), "cardinality": .init(k)]).map { Double($0 - k) }
      }
    }
    let (routing, baselines) = (try results.tensor("routing/plan"), try results.tensor("baselines/plan"))
    let routes = try settings.routing.cardinalities.flatMap { k in
      try entriesOfColumns(routing, ["cardinality": .init(k)]).map { Double($0 - k) }
    }
    let dense = try entriesOfColumns(baselines, ["method": "sinkhorn"])
    let exact = try results.scalar("baselines/exact_cost")
    let ends = try gammas.map { abs(try value("maximum", $0, 1) - limit(results, settings, $0)) / exact }
    let gaps = try gammas.map { try abs(value("primal", $0, last) / value("maximum", $0, last) - 1) }
    let rises = try gammas.flatMap { gamma in
      try zip(cardinalities.dropFirst(), cardinalities).map { try value("maximum", gamma, $0) - value("maximum", gamma, $1) }
    }
    let sparse = try entriesOfColumns(plans, ["gamma": 1, "cardinality": .init(last)])
    return [
      Claim(
        "cardinality", "No column of a plan has more than k entries.", source: "formulation",
        quantity: "largest number of entries > 1e-12 in a column minus k, over all plans", measured: quantile(excess + routes, 1),
        basis: plans.values + routing.values, expected: .atMost(0)),
      Claim(
        "cardinality-sinkhorn", "Sinkhorn's plan is dense.", source: "formulation",
        quantity: "smallest number of entries > 1e-12 in a column", measured: quantile(dense.map(Double.init), 0),
        basis: baselines.values, expected: .exactly(Double(settings.sources))),
      Claim(
        "k1-is-ot", "With one entry in a column the semi-dual is that of plain transport.", source: "limit case k = 1",
        quantity: "|max S - (gamma/2) |b|² - exact cost| / exact cost, the larger of both gammas", measured: quantile(ends, 1),
        expected: .atMost(0.006)),
      Claim(
        "kfull-is-quadratic", "Without a constraint the plan is that of quadratic regularization.",
        source: "limit case and strong duality", quantity: "|T 1 - a|_1, the larger of both gammas",
        measured: quantile(try gammas.map { try value("row_error", $0, last) }, 1), expected: .atMost(2e-3)),
      Claim(
        "kfull-is-quadratic-duality", "Without a constraint the duality gap is zero.", source: "limit case and strong duality",
        quantity: "relative gap of <T, C> + (gamma/2) |T|² and max S, the larger of both gammas", measured: quantile(gaps, 1),
        expected: .atMost(1e-3)),
      Claim(
        "monotone-in-k", "A weaker constraint has a smaller optimum.", source: "relaxation order of the constraint",
        quantity: "largest rise of max S from one k to the next, both gammas", measured: quantile(rises, 1),
        expected: .atMost(1e-5)),
      Claim(
        "monotone-in-k-gap", "The constraint matters at strong regularization.", source: "relaxation order of the constraint",
        quantity: "max S at k = 1 minus at k = m, gamma = 10", measured: try value("maximum", 10, 1) - value("maximum", 10, last),
        expected: .above(0.1)),
      Claim(
        "inactive-constraint", "At weak regularization the quadratic plan is sparse by itself.",
        source: "quadratic regularization already sparse", quantity: "most entries of a column without a constraint, gamma = 1",
        measured: quantile(sparse.map(Double.init), 1), basis: plans.values, expected: .atMost(5)),
      Claim(
        "inactive-constraint-value", "A constraint that is not active changes nothing.",
        source: "quadratic regularization already sparse", quantity: "|max S at k = 8 minus at k = m|, gamma = 1",
        measured: try abs(value("maximum", 1, 8) - value("maximum", 1, last)), expected: .atMost(1e-6)),
    ]
  }
}
