import Diagnostics
import Notebook
import Plotting

extension IncrementalRank {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let narrow = settings.narrowColumns
    return [
      Figure(
        "fig1", title: "Distance from the best rank-s solutions, \(settings.wideColumns) columns",
        mirrors: "relative error against every Z*_s, one panel for each initial scale",
        panels: try settings.scales.map { try errorPanel(results, "over", scale: $0) }),
      Figure(
        "fig2", title: "Fewer columns than the rank: \(narrow)", mirrors: "the under-parameterized runs",
        panels: try settings.scales.map { try errorPanel(results, "under", scale: $0) }),
      Figure(
        "fig3", title: "How close it comes", mirrors: "least relative error against the initial scale",
        Panel(
          x: Axis("initial scale α", scale: .log()), y: Axis("least Eₛ on the way", scale: .log()), legend: .outside,
          series: try (1..<settings.spectrum.count).map { s in
            .linesPoints(
              x: Column(settings.scales), y: Column(try settings.scales.map { try closest(results, scale: $0, s).error }),
              label: "s = \(s)")
          })),
      Figure(
        "fig4", title: "Eigenvalues of UUᵀ", mirrors: "the staircase of incremental learning",
        panels: try [1e-1, 1e-3].filter(settings.scales.contains).map { scale in
          let spectrum = try results.trace("over_spectrum/eigenvalues")
          return Panel(
            title: "α = \(scale.brief)", x: Axis("gradient steps t", to: Double(settings.steps) / 2),
            y: Axis("eigenvalue of UUᵀ"),
            legend: .outside,
            series: try (1...settings.spectrum.count).map { index in
              .line(
                x: try spectrum.coordinate("step"), y: try spectrum.column(["scale": .init(scale), "index": .init(index)]),
                label: "λ\(index)")
            })
        }),
    ]
  }

  private static func errorPanel(_ results: Results, _ name: String, scale: Double) throws -> Panel {
    let settings: Settings = try results.settings()
    let error = try results.trace("\(name)/error")
    return Panel(
      title: "α = \(scale.brief)", x: Axis("gradient steps t", to: Double(settings.steps(from: scale))),
      y: Axis("Eₛ = ‖UUᵀ − Z*ₛ‖² / ‖Z*ₛ‖²", scale: .log(), from: 1e-12, to: 10), legend: .outside,
      series: try (1...settings.spectrum.count).map { s in
        .line(
          x: try error.coordinate("step"), y: try error.column(["scale": .init(scale), "s": .init(s)]), label: "s = \(s)",
          style: .look(s - 1))
      })
  }

  /// The least E_s of the over-parameterized run, and when it is reached.
  private static func closest(_ results: Results, scale: Double, _ s: Int) throws -> (error: Double, step: Double) {
    let settings: Settings = try results.settings()
    let error = try results.trace("over/error")
    let errors = try error.column(["scale": .init(scale), "s": .init(s)]).values.prefix(settings.steps(from: scale) + 1)
    guard let best = errors.indices.min(by: { errors[$0] < errors[$1] }), !errors.contains(where: \.isNaN) else {
      return (.nan, .nan)
    }
    return (errors[best], try error.coordinate("step").values[best])
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let times = try (1...3).map { try closest(results, scale: 1e-3, $0).step }
    let ratio = { (s: Int) in try closest(results, scale: 1e-1, s).error / closest(results, scale: 1e-4, s).error }
    let firstTimes = try [1e-1, 1e-2, 1e-3, 1e-4].map { try closest(results, scale: $0, 1).step }
    let columns = settings.narrowColumns
    let under = try results.trace("under/error")
    let limits = try settings.scales.map { scale in
      try under.value(["scale": .init(scale), "s": .init(columns), "step": .init(settings.steps(from: scale))])
    }
    let distance = try results.tensor("under/distance")
    let closeness = try settings.scales.map { scale in
      try distance.value(["scale": .init(scale), "from": "svd"]) / distance.value(["scale": .init(scale), "from": "best"])
    }
    return [
      Claim(
        "visits-in-order", "The best rank-1, rank-2 and rank-3 solutions are visited one after the other.",
        source: "main theorem",
        quantity: "the smaller of t_2 - t_1 and t_3 - t_2, alpha = 1e-3",
        measured: quantile([times[1] - times[0], times[2] - times[1]], 0),
        expected: .atLeast(50)),
      Claim(
        "closer-with-smaller-alpha-rank1", "The smaller the start, the closer it comes.", source: "theorem, Figure 1",
        quantity: "least E_1 at alpha = 1e-1 over that at alpha = 1e-4", measured: try ratio(1), expected: .atLeast(10)),
      Claim(
        "closer-with-smaller-alpha-rank2", "The smaller the start, the closer it comes.", source: "theorem, Figure 1",
        quantity: "least E_2 at alpha = 1e-1 over that at alpha = 1e-4", measured: try ratio(2), expected: .atLeast(50)),
      Claim(
        "log-time", "The first visit is later by a constant for each decade of the initial scale.",
        source: "phase length log(1/alpha)",
        quantity: "largest deviation of the increments of t_1, alpha = 1e-1 to 1e-4, from their mean, over it",
        measured: largestDeviation(ofIncrements: firstTimes), expected: .atMost(0.25)),
      Claim(
        "under-parameterised-limit", "With fewer columns than the rank the best solution of that rank is the limit.",
        source: "under-parameterized theorem",
        quantity: "E_\(columns) after the last step, \(columns) columns, largest over scales",
        measured: quantile(limits, 1), expected: .below(1e-10)),
      Claim(
        "not-svd-truncation-distance", "The best solutions are not the truncations of the truth.", source: "landscape section",
        quantity: "|Z*_2 - SVD_2(Z*)| / |Z*_2|", measured: try results.tensor("best/svd_distance").value(["lower_rank": 2]),
        expected: .atLeast(0.02)),
      Claim(
        "not-svd-truncation-limit", "The run ends at the best solution, not at the truncation.", source: "landscape section",
        quantity: "distance of the last iterate from SVD_\(columns)(Z*) over that from Z*_\(columns), smallest over scales",
        measured: quantile(closeness, 0), expected: .atLeast(100)),
    ]
  }
}
