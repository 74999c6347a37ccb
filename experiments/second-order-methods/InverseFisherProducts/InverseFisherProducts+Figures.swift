import Diagnostics
import Notebook
import Plotting

extension InverseFisherProducts {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    return [
      try lossFigure(results, settings.training), try pruningFigure(results), try costFigure(results, settings.cost),
      try errorFigure(results),
    ]
  }

  /// Each optimizer at the rate with the lowest final training loss.
  private static func lossFigure(_ results: Results, _ training: Training) throws -> Figure {
    let seconds = try results.timing("step")
    let runs = try order.map { name in
      let rates = ["momentum": training.momentumRates, "adam": training.adamRates, "mfac": training.rates][name] ?? []
      let loss = try results.trace("\(name)/training loss")
      let finals = try rates.map { mean(try loss.lastValues(at: ["rate": .init($0)])) }
      let best = rates[finals.indices.min { finals[$0] < finals[$1] } ?? 0]
      // One step of the grid steps all its runs.
      let time = try seconds.value(["method": .init(name)]) / Double(rates.count * training.seeds)
      return (name: name, loss: loss, rate: best, time: time)
    }
    let panel = { (title: String, x: Axis, from: Int, scale: (Double) -> Double) in
      Panel(
        title: title, x: x, y: Axis("training loss", scale: .log()), legend: .outside,
        series: try runs.enumerated().flatMap { look, run in
          let steps = try run.loss.coordinate("step").values.map { $0 * scale(run.time) }
          return try run.loss.banded(
            x: Column(steps), at: ["rate": .init(run.rate)], from: from,
            label: "\(methods[run.name] ?? run.name), rate \(run.rate.brief)",
            style: .look(look))
        })
    }
    return Figure(
      "fig1", title: "Training loss, median and range over seeds", mirrors: "optimizer comparison",
      try panel("by step", Axis("step"), 0) { _ in 1 },
      try panel("by time", Axis("time of a run", unit: "s", scale: .log()), 1) { $0 })
  }

  private static func pruningFigure(_ results: Results) throws -> Figure {
    let accuracy = try results.tensor("pruning/accuracy")
    let dense = try results.tensor("pruning/dense")
    return Figure(
      "fig2", title: "One-shot pruning, median and range over networks", mirrors: "one-shot pruning",
      panels: try order.map { method in
        Panel(
          title: "trained by \(methods[method] ?? method)", x: Axis("share of weights removed"),
          y: Axis("accuracy on held-out images"), legend: .outside,
          series: try pruners.enumerated().flatMap { look, pruner in
            try accuracy.banded(at: ["method": .init(method), "pruner": .init(pruner)], label: pruner, style: .look(look))
          } + [.guide("\(median(try dense.values(at: ["method": .init(method)])))", label: "not pruned")])
      }, columns: 3)
  }

  private static func costFigure(_ results: Results, _ cost: Cost) throws -> Figure {
    let time = try results.timing("product")
    let seconds = Axis("time of a product", unit: "s", scale: .log())
    let first = (time.values.first ?? .nan) / Double(cost.dimensions.first ?? 1)
    return Figure(
      "fig3", title: "Time of one dynamic product", mirrors: "O(dm + m²) a product",
      Panel(
        x: Axis("dimension d", scale: .log()), y: seconds, legend: .topLeft,
        series: try cost.gradients.map { m in
          .linesPoints(x: try time.coordinate("d"), y: try time.column(["m": .init(m)]), label: "m = \(m)")
        } + [.guide("\(first / 2)*x", label: "linear")]),
      Panel(
        x: Axis("gradients m", scale: .log(base: 2)), y: seconds, legend: .outside,
        series: try cost.dimensions.map { d in
          .linesPoints(x: try time.coordinate("m"), y: try time.column(["d": .init(d)]), label: "d = \(Double(d).brief)")
        }))
  }

  private static func errorFigure(_ results: Results) throws -> Figure {
    let error = try results.tensor("identities/product")
    return Figure(
      "fig4", title: "Errors against a dense solve", mirrors: "exactness of both algorithms",
      Panel(
        x: Axis("damping λ", scale: .log()), y: Axis("relative error of F⁻¹x", scale: .log()), legend: .outside,
        series: try error.labels("kind").map { kind in
          .linesPoints(x: try error.coordinate("damping"), y: try error.column(["kind": .init(kind)]), label: kind)
        }))
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let (identities, training) = (settings.identities, settings.training)
    let damping = Selector(identities.damping)
    let product = try results.tensor("identities/product")
    let count = try results.tensor("cost/count")
    let counted = { (d: Int) in try count.value(["d": .init(d), "m": 64]) }
    let hasBoth = Set([10_000, 100_000]).isSubset(of: settings.cost.dimensions)
    let accuracy = try results.tensor("pruning/accuracy")
    let shares = [0.5, 0.7, 0.8].filter { settings.pruning.sparsities.contains($0) }
    let meanAccuracy = { (pruner: String) in
      mean(try shares.flatMap { try accuracy.values(at: ["method": "mfac", "pruner": .init(pruner), "sparsity": .init($0)]) })
    }
    let energy = try results.trace("mfac/largest energy")
    let loss = try results.trace("mfac/training loss")
    let twoEpochs = 2 * Double(training.images / training.batchSize)
    let place = firstHit(try loss.coordinate("step").values) { $0 >= twoEpochs }
    let lossRatios = try loss.columns(at: ["rate": 0.03]).map { losses in place.map { losses[$0] / losses[0] } ?? .nan }
    return try ["static", "dynamic"].map { kind in
      Claim(
        "exact-inverse-\(kind)", "The \(kind) algorithm's product is that of the inverse.", source: "algorithms and derivations",
        quantity: "relative error against a dense solve, m = \(identities.gradients), d = \(identities.dimension)",
        measured: try product.value(["damping": damping, "kind": .init(kind)]), expected: .atMost(1e-9))
    } + [
      Claim(
        "exact-inverse-directions", "V = B G.", source: "derivation of the dynamic algorithm",
        quantity: "relative difference of B G from the recursion's V",
        measured: try results.tensor("identities/directions").value(["damping": damping]), expected: .atMost(1e-10)),
      Claim(
        "exact-inverse-pivots", "The factorization holds the recursion's q.", source: "derivation of the dynamic algorithm",
        quantity: "relative difference of the two",
        measured: try results.tensor("identities/pivots").value(["damping": damping]), expected: .atMost(1e-12)),
      Claim(
        "sliding-window", "Gradients can be replaced for ever.", source: "dynamic algorithm",
        quantity: "relative error against a dense solve on the window after \(identities.replacements) replacements",
        measured: try results.trace("window/error").column().values.last ?? .nan, expected: .atMost(1e-8)),
      Claim(
        "linear-in-d", "A product costs O(dm + m^2).", source: "O(dm + m^2)",
        quantity: "counted multiply-adds at d = 1e5 over those at d = 1e4, m = 64",
        measured: hasBoth ? try counted(100_000) / counted(10_000) : .nan, expected: .within(9.5...10.5)),
      Claim(
        "pruning-gain", "M-FAC prunes better than magnitude in one shot.", source: "pruning tables",
        quantity: "accuracy of M-FAC less that of magnitude, mean over 50, 70, 80 % and the networks that M-FAC trained",
        measured: try meanAccuracy("M-FAC") - meanAccuracy("magnitude"), expected: .atLeast(0.005)),
      Claim(
        "bounded-direction-energy", "g^T F^-1 g is at most m when g is in the window.", source: "algorithm",
        quantity: "largest g^T F^-1 g over m, all steps of all runs",
        measured: quantile(energy.values, 1) / Double(training.window), expected: .atMost(1)),
      Claim(
        "bounded-direction-loss", "M-FAC trains.", source: "optimization section",
        quantity: "training loss after two epochs over that at the start, rate 0.03, largest over seeds",
        measured: quantile(lossRatios, 1), expected: .below(0.3)),
    ]
  }
}
