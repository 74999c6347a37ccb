import Diagnostics
import Notebook
import Plotting

extension AdaptiveBatchAdaGrad {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    var figures = [
      try gradientFigure("fig1", "Gradient against steps, α = 1", "", bySamples: false, results, settings),
      try gradientFigure("fig2", "Gradient against samples, α = 1", "", bySamples: true, results, settings),
      try sizeFigure(results, settings), try finalFigure(results, settings),
    ]
    if results.hasTrace("digits_norm/batch_size") {
      figures.append(
        try gradientFigure("fig5", "Logistic regression on digits, α = 1", "digits_", bySamples: true, results, settings))
    }
    return figures
  }

  private static let methods = [("norm", "AdaGrad-Norm, norm test"), ("coordinates", "AdaGrad, coordinate-wise test")]

  /// Medians over the seeds, of adaptive and constant batches.
  private static func gradientFigure(
    _ id: String, _ title: String, _ prefix: String, bySamples: Bool, _ results: Results, _ settings: Settings
  ) throws -> Figure {
    Figure(
      id, title: title, mirrors: "convergence of adaptive and constant batch sizes",
      panels: try methods.map { method, name in
        let gradient = try results.trace("\(prefix)\(method)/squared_gradient")
        let samples = try results.trace("\(prefix)\(method)/samples")
        return Panel(
          title: name, x: Axis(bySamples ? "samples processed" : "step k", scale: .log()),
          y: Axis("‖∇f‖²", scale: .log(), from: 1e-32), legend: .outside,
          series: try gradient.labels("schedule").flatMap { schedule in
            let place: [String: Selector] = ["schedule": .init(schedule), "rate": 1]
            let x = bySamples ? try overSeeds(samples, place, 0.5) : try gradient.coordinate("step").values
            // The start, at 0, has no place on the logarithmic axis.
            let band = { (share: Double) in Column(Array(try overSeeds(gradient, place, share).dropFirst())) }
            let drawn = Column(Array(x.dropFirst()))
            let line = Series.line(x: drawn, y: try band(0.5), label: greek(schedule))
            return bySamples ? [line] : [.band(x: drawn, lower: try band(0), upper: try band(1)), line]
          })
      })
  }

  private static func sizeFigure(_ results: Results, _ settings: Settings) throws -> Figure {
    Figure(
      "fig3", title: "Batch size, α = 1, median over the seeds", mirrors: "growth of the batch size",
      panels: try methods.map { method, name in
        let size = try results.trace("\(method)/batch_size")
        return Panel(
          title: name, x: Axis("step k", scale: .log()),
          y: Axis("batch size", scale: .log(), from: 4, to: 2 * Double(settings.samples)),
          legend: .outside,
          series: try adaptive(settings).map { schedule in
            let values = try overSeeds(size, ["schedule": .init(schedule), "rate": 1], 0.5)
            return .steps(
              x: Column(Array(try size.coordinate("step").values.dropFirst())), y: Column(Array(values.dropFirst())),
              label: greek(schedule))
          })
      })
  }

  private static func finalFigure(_ results: Results, _ settings: Settings) throws -> Figure {
    Figure(
      "fig4", title: "Gradient after the last step against α", mirrors: "robustness to the step size",
      panels: try methods.map { method, name in
        let gradient = try results.trace("\(method)/squared_gradient")
        return Panel(
          title: name, x: Axis("step size α", scale: .log()), y: Axis("‖∇f‖² at the end", scale: .log()), legend: .outside,
          series: try gradient.labels("schedule").map { schedule in
            let final = try settings.rates.map { rate in
              try overSeeds(gradient, ["schedule": .init(schedule), "rate": .init(rate)], 0.5).last ?? .nan
            }
            return .linesPoints(x: Column(settings.rates), y: Column(final), label: greek(schedule))
          })
      })
  }

  private static func greek(_ schedule: String) -> String { schedule.replacing("eta", with: "η") }

  private static func adaptive(_ settings: Settings) -> [String] {
    settings.tolerances.map { Schedule.adaptive(tolerance: $0, first: settings.firstSize).label }
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let gradient = try results.trace("norm/squared_gradient")
    let steps = try gradient.coordinate("step").values
    let overSchedule = { (schedule: String) in
      try gradient.columns(at: ["schedule": .init(schedule), "rate": 1])
    }
    // The running mean after k steps has the gradients at x_0, ..., x_(k-1).
    let slope = { (schedule: String) in
      median(
        try overSchedule(schedule).map { values in
          var sum = 0.0
          let means = values.dropLast().enumerated().map { i, value in
            sum += value
            return sum / Double(i + 1)
          }
          return LineFit.powerLaw(x: Array(steps.dropFirst()), y: means, over: 20.0...).slope
        })
    }
    let late = { (schedule: String) in
      median(try overSchedule(schedule).map { $0.suffix(20).reduce(0, +) / 20 })
    }
    let size = { (method: String, step: Int) in
      median(
        try results.trace("\(method)/batch_size").columns(at: ["schedule": "eta = 0.5", "rate": 0.3]).map { $0[step] })
    }
    let sizes = try results.trace("norm/batch_size")
    let growths = try adaptive(settings).map { try sizes.columns(at: ["schedule": .init($0), "rate": 1]) }
    let firstFull = growths.map { runs in
      median(runs.map { values in firstHit(values) { $0 >= Double(settings.samples) }.map { steps[$0] } ?? .infinity })
    }
    let ratio = { (method: String) in try size("coordinates", 10) / size(method, 10) }
    return [
      Claim(
        "rate-one-over-k", "With growing batches the gradient falls like 1/K.", source: "theorem, rate O(1/K)",
        quantity:
          "slope of log running mean of ||grad||² against log k over 20..\(settings.steps), alpha = 1, eta = 0.5, median over seeds",
        measured: try slope("eta = 0.5"), expected: .near(-1, tolerance: 0.12)),
      Claim(
        "constant-batch-slower-rate", "With constant batches it falls more slowly.", source: "contrast with O(1/sqrt K)",
        quantity: "the same slope for b = 64", measured: try slope("b = 64"), expected: .atLeast(-0.85)),
      Claim(
        "constant-batch-slower-floor", "With constant batches it ends at a floor.", source: "contrast with O(1/sqrt K)",
        quantity: "mean ||grad||² over the last 20 steps, b = 64, alpha = 1, median over seeds", measured: try late("b = 64"),
        expected: .atLeast(1e-4)),
      Claim(
        "constant-batch-slower-adaptive", "With growing batches there is none.", source: "contrast with O(1/sqrt K)",
        quantity: "mean ||grad||² over the last 20 steps, eta = 0.5, alpha = 1, median over seeds",
        measured: try late("eta = 0.5"),
        expected: .atMost(1e-12)),
      Claim(
        "eta-controls-growth", "A larger eta lets batches grow later.", source: "definition of the test",
        quantity: "how often the step at which b first is n falls from one eta to the next, alpha = 1",
        measured: Double(zip(firstFull, firstFull.dropFirst()).count { $0 > $1 }), basis: growths.flatMap { $0.flatMap { $0 } },
        expected: .exactly(0)),
      Claim(
        "coordinate-wise-stricter", "The coordinate-wise test asks for larger batches.", source: "section on AdAdaGrad",
        quantity:
          "b_10 of AdaGrad with it over b_10 of AdaGrad-Norm with the norm test, alpha = 0.3, eta = 0.5, medians over seeds",
        measured: try ratio("norm"), expected: .atLeast(2)),
      Claim(
        "coordinate-wise-stricter-same-rule", "Also with the same rule.", source: "section on AdAdaGrad",
        quantity: "b_10 of AdaGrad with it over b_10 of AdaGrad with the norm test", measured: try ratio("diagonal_norm"),
        expected: .atLeast(2)),
    ]
  }

  /// A quantile over the seeds, for each step.
  private static func overSeeds(_ trace: RecordedArray, _ place: [String: Selector], _ share: Double) throws -> [Double] {
    let seeds = try trace.columns(at: place)
    return seeds[0].indices.map { step in quantile(seeds.map { $0[step] }, share) }
  }
}
