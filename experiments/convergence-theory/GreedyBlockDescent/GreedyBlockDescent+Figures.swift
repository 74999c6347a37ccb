import Diagnostics
import Notebook
import Plotting
import Solvers

extension GreedyBlockDescent {
  private static let iteration = Axis("iteration")
  private static let relativeGap = Axis("relative gap f(x) − f*", scale: .log())
  private static let ruleNames = ["random", "cyclic", "GS", "GSL", "GSD", "GSQ"]

  package static func figures(from results: Results) throws -> [Figure] {
    let partition = try results.trace("partitions/gap")
    let lattice = try results.trace("lattice/gap")
    return [
      Figure(
        "fig1", title: "Rules, gradient update", mirrors: "block selection rules with the gradient update",
        try rulesPanel(.gradient, "", results)),
      Figure(
        "fig2", title: "Rules and partitions, Newton update", mirrors: "block selection rules and partitions with Newton updates",
        try rulesPanel(.newton, "rules, sorted blocks", results),
        Panel(
          title: "partitions, rule GSD", x: iteration, y: relativeGap, legend: .outside,
          series: try partitions.flatMap { try partition.banded(at: ["partition": .init($0)], label: $0) })),
      Figure(
        "fig3", title: "Label propagation", mirrors: "tree blocks by message passing against small blocks",
        Panel(
          x: Axis("iteration", scale: .log()), y: Axis(relativeGap.label, scale: .log(), from: 1e-16), legend: .outside,
          series: try latticeBlocks.flatMap { try lattice.banded(at: ["blocks": .init($0)], from: 1, label: $0) })),
      Figure(
        "fig4", title: "LASSO with variable blocks", mirrors: "active-set identification and finite termination",
        try lassoGapPanel(results), try supportPanel(results)),
    ]
  }

  /// Medians alone: six bands would hide each other.
  private static func rulesPanel(_ update: BlockUpdate, _ title: String, _ results: Results) throws -> Panel {
    let gap = try results.trace("regression/gap")
    return Panel(
      title: title, x: iteration, y: Axis("\(relativeGap.label), median", scale: .log()), legend: .outside,
      series: try zip(BlockRule.allCases, ruleNames).map { rule, name in
        let columns = try gap.columns(at: ["update": .init(update.rawValue), "rule": .init(rule.rawValue)])
        return .line(
          x: try gap.coordinate("step"), y: Column((columns.first ?? []).indices.map { i in median(columns.map { $0[i] }) }),
          label: name)
      })
  }

  private static func lassoGapPanel(_ results: Results) throws -> Panel {
    let gap = try results.trace("lasso/gap")
    return Panel(
      title: "all problems", x: Axis("iteration", scale: .log()), y: Axis("relative gap F(x) − F*", scale: .log(), from: 1e-16),
      legend: .outside,
      series: try lassoBlocks.flatMap { try gap.banded(at: ["size": .init($0)], from: 1, label: "|b| = \($0)") })
  }

  private static func supportPanel(_ results: Results) throws -> Panel {
    let support = try results.trace("lasso/support")
    let places = 1..<min(60, try support.coordinate("step").values.count)
    return Panel(
      title: "first problem", x: Axis("iteration", scale: .log()),
      y: Axis("coordinates that are not zero", from: 0, isCount: true),
      legend: .outside,
      series: try lassoBlocks.map { size in
        let counts = try support.column(["seed": 0, "size": .init(size)]).values
        return .steps(x: Column(places.map(Double.init)), y: Column(Array(counts[places])), label: "|b| = \(size)")
      })
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let gap = try results.trace("regression/gap")
    let last = { (update: BlockUpdate, rule: BlockRule) in
      try gap.lastValues(at: ["update": .init(update.rawValue), "rule": .init(rule.rawValue)])
    }
    let least = { (a: [Double], b: [Double]) in quantile(zip(a, b).map { $0 / $1 }, 0) }
    let end = "gaps after \(settings.regression.iterations) iterations, the least over problems"
    let plain = try last(.newton, .gaussSouthwell)
    let diagonal = try last(.newton, .gaussSouthwellDiagonal)
    let elimination = try results.tensor("elimination/operations").values
    let sizes = try results.tensor("elimination/size").values
    let doubled = try lassoIterations(results, "2s")
    let single = try lassoIterations(results, "1")
    return [
      Claim(
        "curvature-aware-rules-gsl", "Rules that know the curvature of blocks beat Gauss-Southwell.",
        source: "figures on greedy rules",
        quantity: "GS over GSL, Newton update, \(end)", measured: least(plain, try last(.newton, .gaussSouthwellLipschitz)),
        expected: .atLeast(3)),
      Claim(
        "curvature-aware-rules-gsd", "Rules that know the curvature of blocks beat Gauss-Southwell.",
        source: "figures on greedy rules",
        quantity: "GS over GSD, Newton update, \(end)", measured: least(plain, diagonal), expected: .atLeast(3)),
      Claim(
        "curvature-aware-rules-random", "Greedy selection beats random selection.", source: "figures on greedy rules",
        quantity: "random over GSD, Newton update, \(end)", measured: least(try last(.newton, .random), diagonal),
        expected: .atLeast(10)),
      Claim(
        "newton-update-helps", "Newton updates beat gradient updates.", source: "update-rule figures",
        quantity: "gradient over Newton update, GSD, \(end)",
        measured: least(try last(.gradient, .gaussSouthwellDiagonal), diagonal),
        expected: .atLeast(4)),
      Claim(
        "max-progress-identity-decrease", "A Newton step on a block decreases f by g^T H^-1 g / 2.", source: "rule definition",
        quantity: "largest relative difference over all Newton runs and problems",
        measured: quantile(try results.trace("regression/identity_error").lastValues(), 1), expected: .atMost(1e-9)),
      Claim(
        "max-progress-identity-maximal", "No rule's next step makes more progress than that of GSQ.", source: "rule definition",
        quantity: "largest decrease of any rule over that of GSQ at the same iterate, over all Newton runs",
        measured: quantile(try results.trace("regression/largest_progress").lastValues(), 1), expected: .atMost(1)),
      Claim(
        "message-passing-exact-agreement", "Elimination on trees is exact.", source: "message-passing section",
        quantity: "largest relative difference from a dense solution",
        measured: quantile(try results.tensor("elimination/error").values, 1),
        expected: .atMost(1e-10)),
      Claim(
        "message-passing-exact-linear", "Its cost is linear in the number of unknowns.", source: "message-passing section",
        quantity: "operations per unknown, the most over sizes", measured: quantile(zip(elimination, sizes).map { $0 / $1 }, 1),
        expected: .atMost(8)),
      Claim(
        "finite-termination", "Blocks of twice the support end in few steps.", source: "superlinear and finite termination",
        quantity: "iterations until the support is found and the relative gap is below 1e-10, |b| = 2s, the most over problems",
        measured: quantile(doubled, 1), expected: .atMost(30)),
      Claim(
        "finite-termination-single", "Single coordinates need many more.", source: "superlinear and finite termination",
        quantity: "iterations with |b| = 1 over those with |b| = 2s, the least over problems", measured: least(single, doubled),
        expected: .atLeast(4)),
    ]
  }

  /// Iterations until the support is that of the solution and the relative gap is below 1e-10, for each problem; NaN where they did not suffice.
  private static func lassoIterations(_ results: Results, _ size: String) throws -> [Double] {
    let selection: [String: Selector] = ["size": .init(size)]
    let gaps = try results.trace("lasso/gap").columns(at: selection)
    let found = try results.trace("lasso/identified").columns(at: selection)
    return zip(gaps, found).map { gaps, found in
      firstHit(zip(gaps, found).map { $0 < 1e-10 && $1 == 1 ? 1 : 0 }) { $0 == 1 }.map(Double.init) ?? .nan
    }
  }
}
