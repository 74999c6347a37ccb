import Diagnostics
import Notebook
import Plotting

extension TargetSurrogates {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    return [
      try outerFigure(results, settings), try stochasticFigure(results, settings.stochastic), try timeFigure(results, settings),
      try segmentFigure(results),
    ]
  }

  private static func label(_ m: Int) -> String { m == 0 ? "m = ∞" : "m = \(m)" }

  private static func outerFigure(_ results: Results, _ settings: Settings) throws -> Figure {
    let (gap, loss) = (try results.trace("regression/gap"), try results.trace("network/loss"))
    let outer = Axis("outer step (gradients of the loss)")
    return Figure(
      "fig1", title: "All data: inner steps spare gradients", mirrors: "deterministic experiments",
      Panel(
        title: "logistic regression, median over data sets", x: outer, y: Axis("h − h*", scale: .log(), from: 1e-14),
        legend: .outside,
        series: try settings.regression.inner.enumerated().flatMap { look, m in
          // The line without its band: the data sets differ more than the methods.
          try gap.banded(at: ["m": .init(m)], label: label(m), style: .look(look)).suffix(1)
        }),
      Panel(
        title: "squared loss of a network", x: outer, y: Axis("loss", scale: .log()), legend: .outside,
        series: try settings.network.inner.enumerated().map { look, m in
          .line(
            x: try loss.coordinate("step"), y: try loss.column(["m": .init(m)]), label: label(m), style: .look(look))
        }))
  }

  private static func stochasticFigure(_ results: Results, _ settings: Stochastic) throws -> Figure {
    let gap = Axis("h − h*", scale: .log())
    let surrogates = try results.trace("decreasing/gap")
    let baselines = try [("sgd", "SGD", settings.rates), ("adam", "Adam", settings.adamRates), ("sls", "SLS", [10])].enumerated()
      .flatMap { look, method in
        let trace = try results.trace("\(method.0)/gap")
        let finals = try method.2.map { mean(try trace.lastValues(at: ["rate": .init($0)])) }
        let best = method.2[finals.indices.min { finals[$0] < finals[$1] } ?? 0]
        let rate = method.2.count > 1 ? ", rate \(best.brief)" : ""
        return try trace.banded(at: ["rate": .init(best)], from: 1, label: method.1 + rate, style: .look(look + 3))
      }
    return Figure(
      "fig2", title: "Batches, median and range over seeds", mirrors: "stochastic experiments",
      Panel(
        title: "η = \(settings.eta.brief) / √(t + 1)", x: Axis("gradient calls"), y: gap, legend: .outside,
        series: try settings.inner.enumerated().flatMap { look, m in
          try surrogates.banded(at: ["m": .init(m)], from: 1, label: "SSO, \(label(m))", style: .look(look))
        } + baselines),
      Panel(
        title: "constant η, \(label(settings.inner.last ?? 0))", x: Axis("gradient calls"), y: gap, legend: .outside,
        series: try [("constant", settings.eta), ("quartered", settings.eta / 4)].enumerated().flatMap { look, run in
          let trace = try results.trace("\(run.0)/gap")
          return try trace.banded(
            at: ["m": .init(settings.inner.last ?? 0)], from: 1, label: "η = \(run.1.brief)", style: .look(look))
        }))
  }

  private static func timeFigure(_ results: Results, _ settings: Settings) throws -> Figure {
    let gap = try results.trace("regression/gap")
    let seconds = try results.timing("step")
    return Figure(
      "fig3", title: "Time, with an extra cost of each gradient of the loss", mirrors: "expensive gradients",
      panels: try [0, 1e-3, 1e-2].map { extra in
        Panel(
          title: "\((extra * 1000).brief) ms a gradient", x: Axis("time", unit: "s", scale: .log()),
          y: Axis("h − h*", scale: .log(), from: 1e-10), legend: .outside,
          series: try settings.regression.inner.map { m in
            let each = try seconds.value(["m": .init(m)]) + extra
            let gaps = try gap.column(["m": .init(m), "seed": 0]).values
            return .line(
              x: Column(gaps.indices.dropFirst().map { Double($0) * each }), y: Column(Array(gaps.dropFirst())), label: label(m))
          })
      }, columns: 3)
  }

  private static func segmentFigure(_ results: Results) throws -> Figure {
    let segment = try results.tensor("segment")
    return Figure(
      "fig4", title: "From the start to the surrogate's minimum (at 1) and beyond", mirrors: "surrogate as a bound",
      Panel(
        x: Axis("share of the way"), y: Axis("value", to: 2), legend: .topLeft,
        series: try segment.labels("curve").map {
          .line(x: try segment.coordinate("place"), y: try segment.column(["curve": .init($0)]), label: $0)
        }))
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let gap = try results.trace("regression/gap")
    let inner = settings.regression.inner
    let runs = try inner.map { (m: $0, gaps: try gap.columns(at: ["m": .init($0)])) }
    let increases = runs.flatMap { run in run.gaps.flatMap { gaps in zip(gaps.dropFirst(), gaps).map { $0 - $1 } } }
    // Where a run does not arrive, it took more than all of its steps: a lower bound.
    let outer = { (m: Int) in
      (runs.first { $0.m == m }?.gaps ?? []).map { gaps in Double(firstHit(gaps) { $0 <= 1e-4 } ?? gaps.count) }
    }
    let ratio = { (m: Int, reference: Int) in median(zip(outer(m), outer(reference)).map { $0 / $1 }) }
    let final = { (name: String, m: Int) in mean(try results.trace("\(name)/gap").lastValues(at: ["m": .init(m)])) }
    let most = settings.stochastic.inner.last ?? 0
    // Averages over seeds of the middle and the last third of a long run with a constant step.
    let long = try results.trace("quartered/gap").columns(at: ["m": .init(most)])
    let third = { (range: (Int) -> Range<Int>) in mean(long.flatMap { Array($0[range($0.count)]) }) }
    return [
      Claim(
        "majorisation-bound", "The surrogate bounds the loss.", source: "upper-bound proposition",
        quantity: "largest h - g_t at the inner end points, every m",
        measured: quantile(try results.trace("regression/violation").values, 1), expected: .atMost(1e-12)),
      Claim(
        "majorisation-descent", "The loss never increases.", source: "upper-bound proposition",
        quantity: "largest increase of h over an outer step, every m", measured: quantile(increases, 1),
        expected: .atMost(1e-12)),
      Claim(
        "fewer-gradients-m20", "Inner steps spare gradients.", source: "deterministic experiments",
        quantity: "outer steps to a gap of 1e-4, m = 20 over m = 1, median over data sets", measured: ratio(20, 1),
        basis: gap.values, expected: .atMost(0.2)),
      Claim(
        "fewer-gradients-m100", "A hundred inner steps are as good as all.", source: "deterministic experiments",
        quantity: "outer steps to a gap of 1e-4, m = 100 over m infinite, median over data sets",
        measured: ratio(100, 0), basis: gap.values,
        expected: .atMost(1.1)),
      Claim(
        "m1-is-gd", "One inner step is gradient descent.", source: "definition",
        quantity: "largest difference of the iterates from gradient descent, all steps",
        measured: quantile(try results.trace("regression/difference").values, 1), expected: .atMost(1e-12)),
      Claim(
        "stochastic-gain", "Inner steps pay with batches too.", source: "SSO experiments",
        quantity: "final gap, mean over seeds, m = 1 over m = 20",
        measured: try final("decreasing", 1) / final("decreasing", 20), expected: .atLeast(3)),
      Claim(
        "noise-floor", "With a constant step the gap stops at a level that falls with the step.", source: "SSO theorem",
        quantity: "final gap, mean over seeds, eta = 4 over eta = 1 run three times as long",
        measured: try final("constant", most) / final("quartered", most), expected: .atLeast(1.5)),
      Claim(
        "noise-floor-stays", "It does not go to zero.", source: "SSO theorem",
        quantity: "mean gap of the last third of the run with eta = 1 over that of the middle third",
        measured: third { $0 * 2 / 3..<$0 } / third { $0 / 3..<$0 * 2 / 3 }, expected: .atLeast(0.5)),
    ]
  }
}
