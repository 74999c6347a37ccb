import Diagnostics
import Foundation
import Notebook
import Plotting

extension AnnealedGradientNoise {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let digits = digits(settings.digits)
    var figures = [
      Figure(
        "fig1", title: "Five layers from zeros", mirrors: "training from zero initialization", try lossPanel(zero, results)),
      Figure(
        "fig2", title: "Twenty layers from N(0, 0.1²)", mirrors: "training of 20 layers", try lossPanel(deep, results)),
      Figure(
        "fig3", title: "Noise and gradient", mirrors: "Eq. 1",
        try noisePanel(zero[1], "from zeros, η = 0.01", results), try noisePanel(deep[2], "20 layers, η = 0.3, clip 1", results)),
      try accuracyFigure(zero + deep + good + digits, results),
    ]
    if !digits.isEmpty {
      figures.append(
        Figure(
          "fig5", title: "Twenty layers on digits, Adam", mirrors: "20-layer MNIST table", try lossPanel(digits, results)))
    }
    return figures
  }

  private static func lossPanel(_ cases: [Case], _ results: Results) throws -> Panel {
    Panel(
      x: Axis("step"), y: Axis("training loss", from: 0), legend: .outside,
      series: try cases.flatMap { item in
        try overSeeds("\(item.name)/loss", item.variance == 0 ? "no noise" : "η = \(item.variance)", results)
      })
  }

  private static func noisePanel(_ item: Case, _ title: String, _ results: Results) throws -> Panel {
    Panel(
      title: title, x: Axis("step"), y: Axis("norm, deviation", scale: .log(), from: 1e-3), legend: .outside,
      series: try overSeeds("\(item.name)/gradient_norm", "norm of the gradient", results)
        + overSeeds("\(item.name)/noise_deviation", "deviation of the noise", results)
        + [.guide("sqrt(\(item.variance)*(1+x)**(-0.55))", label: "Eq. 1")])
  }

  /// Median and range over seeds.
  private static func overSeeds(_ path: String, _ label: String, _ results: Results) throws -> [Series] {
    let trace = try results.trace(path)
    let seeds = try trace.coordinate("seed").values.map { try trace.column(["seed": .init($0)]).values }
    let steps = try trace.coordinate("step")
    let at = { (share: Double) in Column(steps.values.indices.map { i in quantile(seeds.map { $0[i] }, share) }) }
    return [.band(x: steps, lower: at(0), upper: at(1)), .line(x: steps, y: at(0.5), label: label)]
  }

  private static func accuracyFigure(_ cases: [Case], _ results: Results) throws -> Figure {
    let finals = try cases.map { try finalAccuracies($0, results) }
    let labels = cases.map { item in
      let start = item.name.prefix { $0 != "_" }
      return "\(start)\nη = \(item.variance)"
    }
    return Figure(
      "fig4", title: "Final accuracy, mean and range over seeds", mirrors: "tables of accuracies",
      Panel(
        x: Axis(""), y: Axis("held-out accuracy", from: 0, to: 1),
        series: [
          .bars(
            categories: labels,
            groups: [
              BarGroup(
                "", Column(finals.map(mean)),
                errors: (Column(finals.map { quantile($0, 0) }), Column(finals.map { quantile($0, 1) })))
            ])
        ]), panelWidth: 14)
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let stuck = try results.trace("\(zero[0].name)/largest_weight").values
    let accuracies = { (item: Case) in try finalAccuracies(item, results) }
    let noisy = (zero + deep + good).filter { $0.variance > 0 }
    return [
      Claim(
        "zero-init-stuck-weights", "From zeros SGD alone never moves a hidden weight.", source: "section on zero initialization",
        quantity: "largest magnitude of a hidden weight over all steps and seeds", measured: quantile(stuck, 1),
        expected: .exactly(0)),
      Claim(
        "zero-init-stuck-accuracy", "From zeros SGD alone learns nothing.", source: "section on zero initialization",
        quantity: "held-out accuracy, the best seed", measured: quantile(try accuracies(zero[0]), 1), expected: .atMost(0.2)),
      Claim(
        "noise-frees-zero-init", "With noise it learns.", source: "table on poor initialization",
        quantity: "held-out accuracy with eta = 0.01, the worst seed", measured: quantile(try accuracies(zero[1]), 0),
        expected: .atLeast(0.9)),
      Claim(
        "deep-simple-init-plain", "Twenty layers from simple weights are stuck.", source: "20-layer table",
        quantity: "held-out accuracy without noise, the best seed", measured: quantile(try accuracies(deep[0]), 1),
        expected: .atMost(0.2)),
      Claim(
        "deep-simple-init-noise", "Noise frees twenty layers.", source: "20-layer table",
        quantity: "mean held-out accuracy with eta = 0.3 and clipping at 1", measured: mean(try accuracies(deep[2])),
        expected: .atLeast(0.6)),
      Claim(
        "schedule", "The variance of the noise is eta / (1 + t)^0.55.", source: "Eq. 1",
        quantity: "largest relative error of the noise's deviation at steps 0, 100, 1000, over all runs",
        measured: quantile(try noisy.flatMap { try scheduleErrors($0, results) }, 1), expected: .atMost(0.03)),
      Claim(
        "harmless-when-good", "From a good start noise does no harm.", source: "experiments with good initialization",
        quantity: "mean held-out accuracy with eta = 0.01 less that without noise",
        measured: mean(try accuracies(good[1])) - mean(try accuracies(good[0])), expected: .atLeast(-0.02)),
    ]
  }

  private static func finalAccuracies(_ item: Case, _ results: Results) throws -> [Double] {
    try results.trace("\(item.name)/accuracy").lastValues()
  }

  /// |deviation / sqrt(eta / (1 + t)^0.55) - 1| of all seeds, at those steps that the run reached.
  private static func scheduleErrors(_ item: Case, _ results: Results) throws -> [Double] {
    let trace = try results.trace("\(item.name)/noise_deviation")
    let steps = try [0, 100, 1000].filter(trace.coordinate("step").values.contains)
    return try trace.coordinate("seed").values.flatMap { seed in
      try steps.map { step in
        let expected = (item.variance / pow(1 + step, 0.55)).squareRoot()
        return abs(try trace.value(["seed": .init(seed), "step": .init(step)]) / expected - 1)
      }
    }
  }
}
