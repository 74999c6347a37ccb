import Diagnostics
import Networks
import Notebook
import Plotting

extension WinnerTakeAllSampling {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let (error, mass) = (try results.tensor("product/error"), try results.tensor("mass"))
    let tuning = settings.fineTuning
    let last = mass.dimensions[1].count - 1
    var figures = [
      Figure(
        "fig1", title: "The heaviest of \(tuning.tokens) tokens, before fine-tuning",
        mirrors: "distribution of the probability mass",
        panels: try (0..<tuning.depth).map { block in
          Panel(
            title: "block \(block + 1)", x: Axis("heaviest tokens c", from: 0), y: Axis("probability $P_c$", from: 0, to: 1),
            legend: .outside,
            series: try TextClassifier.layers.map { layer in
              .line(
                x: try mass.coordinate("c"), y: try mass.column(["layer": .init("block \(block + 1), \(layer)")]), label: layer)
            } + [.guide("x/\(Double(last))", label: "c / k")])
        }),
      Figure(
        "fig2", title: "Errors of estimated products", mirrors: "variance of the estimators",
        panels: try settings.product.spreads.map { spread in
          Panel(
            title: "a = \(spread.formatted())", x: Axis("share k / M of terms"),
            y: Axis("squared error over |XY|²", scale: .log()), legend: .outside,
            series: try rules.flatMap { try error.banded(at: ["a": .init(spread), "rule": .init($0)], label: $0) })
        }),
      Figure(
        "fig3", title: "Fine-tuning", mirrors: "loss and accuracy of fine-tuning",
        panels: try tuning.shares.map { share in
          Panel(
            title: "k = \(share.formatted()) M", x: Axis("step"), y: Axis("mean loss of 20 steps", unit: "nats"),
            legend: .outside,
            series: try names(share).flatMap { try smoothedLosses(results, $0) })
        }
          + tuning.shares.map { share in
            Panel(
              title: "k = \(share.formatted()) M", x: Axis("step"), y: Axis("test accuracy"), legend: .outside,
              series: try names(share).flatMap { try results.trace("\($0)/accuracy").banded(label: $0) })
          }),
    ]
    if settings.product.spreads.contains(shown.spread), settings.product.shares.contains(shown.share) {
      let running = try results.tensor("product/running_bias")
      figures.append(
        Figure(
          "fig4", title: "Means of draws, a = \(shown.spread.formatted()), k = \(shown.share.formatted()) M", mirrors: "bias",
          Panel(
            x: Axis("draws", scale: .log()), y: Axis("squared bias over |XY|²", scale: .log()), legend: .outside,
            series: try rules.flatMap { try running.banded(at: ["rule": .init($0)], label: $0) }
              + [.guide("1/x", label: "1 / draws")])))
    }
    return figures
  }

  private static func names(_ share: Double) -> [String] {
    ["exact"] + ColumnRowSampling.Rule.allCases.map { WeightGradients.name($0, share) }
  }

  /// Means of 20 steps, median and range over seeds.
  private static func smoothedLosses(_ results: Results, _ name: String) throws -> [Series] {
    let losses = try results.tensor("loss").columns(at: ["gradients": .init(name)])
    let window = min(20, losses.first?.count ?? 1)
    let curves = losses.map { movingAverage($0, window: window) }
    let steps = Column((curves.first ?? []).indices.map { Double($0 + window) })
    let bands = steps.values.indices.map { i in quantiles(curves.map { $0[i] }, [0, 0.5, 1]) }
    return [
      .band(x: steps, lower: Column(bands.map { $0[0] }), upper: Column(bands.map { $0[2] })),
      .line(x: steps, y: Column(bands.map { $0[1] }), label: name),
    ]
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let product = settings.product
    let (error, formula, bias) = (
      try results.tensor("product/error"), try results.tensor("product/formula"), try results.tensor("product/bias")
    )
    // Over pairs of matrices; nothing where the run left the place out.
    let values = { (array: RecordedArray, rule: ColumnRowSampling.Rule, spread: Double, share: Double) -> [Double] in
      guard product.spreads.contains(spread), product.shares.contains(share) else { return [] }
      return try array.values(at: ["a": .init(spread), "share": .init(share), "rule": .init(rule.rawValue)])
    }
    let ratios = { (a: [Double], b: [Double]) in zip(a, b).map { $0 / $1 } }
    let largest = { (values: [Double]) in quantile(values, 1) }
    // Squared errors of the mean over those of one draw.
    let biases = { (rule: ColumnRowSampling.Rule) in
      try product.spreads.flatMap { spread in
        try product.shares.flatMap { ratios(try values(bias, rule, spread, $0), try values(error, rule, spread, $0)) }
      }
    }
    let unbiased = try (biases(.independent) + biases(.winnersTakeAll)).map { $0 * Double(product.draws) }
    let agreement = { (rule: ColumnRowSampling.Rule) in
      largest(ratios(try values(error, rule, 1, 0.3), try values(formula, rule, 1, 0.3)).map { abs($0 - 1) })
    }
    let gain = { (array: RecordedArray, spread: Double, share: Double) in
      ratios(try values(array, .winnersTakeAll, spread, share), try values(array, .independent, spread, share))
    }
    let tuning = settings.fineTuning
    let has = { (share: Double) in tuning.shares.contains(share) }
    let accuracy = { (name: String) in mean(try results.trace("\(name)/accuracy").lastValues()) }
    let stored = try results.tensor("stored_floats")
    let lastLoss = { (rule: ColumnRowSampling.Rule) in
      let losses = try results.tensor("loss").columns(at: ["gradients": .init(WeightGradients.name(rule, 0.1))])
      return mean(losses.flatMap { $0.suffix(50) })
    }
    let most = WeightGradients.name(.winnersTakeAll, 0.3)
    return [
      Claim(
        "unbiased", "CRS and WTA-CRS have no bias.", source: "theorem on the expectation",
        quantity: "largest |mean error|² over MSE / draws, over a, k and matrices", measured: largest(unbiased),
        expected: .atMost(3)),
      Claim(
        "unbiased-deterministic", "Taking the heaviest terms alone has.", source: "theorem on the expectation",
        quantity: "largest | |mean error|² / MSE - 1|, over a, k and matrices",
        measured: largest(try biases(.deterministic).map { abs($0 - 1) }), expected: .atMost(0.01)),
      Claim(
        "variance-formula", "The variance of CRS is (S - |G|²) / k.", source: "theorem on the variance",
        quantity: "largest |measured / formula - 1| over matrices, a = 1, k = 0.3 M", measured: try agreement(.independent),
        expected: .atMost(0.15)),
      Claim(
        "variance-formula-wta", "That of WTA-CRS has the rest of the terms in place of all.", source: "theorem on the variance",
        quantity: "largest |measured / formula - 1| over matrices, a = 1, k = 0.3 M", measured: try agreement(.winnersTakeAll),
        expected: .atMost(0.15)),
      Claim(
        "lower-variance", "The variance of WTA-CRS is lower.", source: "theorem on the variance",
        quantity: "largest ratio of variances over matrices, a = 1, k = 0.3 M", measured: largest(try gain(error, 1, 0.3)),
        expected: .atMost(0.8)),
      Claim(
        "lower-variance-heavy", "Much lower for heavy tails.", source: "theorem on the variance",
        quantity: "largest ratio of variances over matrices, a = 1.5, k = 0.3 M", measured: largest(try gain(error, 1.5, 0.3)),
        expected: .atMost(0.45)),
      Claim(
        "lower-variance-none", "It is the same where no term is heavy.", source: "theorem on the variance",
        quantity: "largest |ratio by formula - 1| over matrices, a = 0, k = 0.1 M",
        measured: largest(try gain(formula, 0, 0.1).map { abs($0 - 1) }), expected: .atMost(0.02)),
      Claim(
        "fine-tune-parity", "Fine-tuning hardly loses accuracy.", source: "experiments",
        quantity: "mean test accuracy with WTA-CRS, k = 0.3 M, less that with exact gradients",
        measured: has(0.3) ? try accuracy(most) - accuracy("exact") : .nan, expected: .atLeast(-0.03)),
      Claim(
        "fine-tune-parity-memory", "It keeps fewer numbers.", source: "experiments",
        quantity: "floats kept by WTA-CRS, k = 0.3 M, over those of exact gradients",
        measured: has(0.3)
          ? try stored.value(["gradients": .init(most)]) / stored.value(["gradients": "exact"]) : .nan, expected: .atMost(0.32)),
      Claim(
        "fine-tune-parity-loss", "With few tokens it trains as well as CRS at least.", source: "experiments",
        quantity: "mean training loss of the last 50 steps and all seeds, WTA-CRS over CRS, k = 0.1 M",
        measured: has(0.1) ? try lastLoss(.winnersTakeAll) / lastLoss(.independent) : .nan, expected: .atMost(1.05)),
    ]
  }
}
