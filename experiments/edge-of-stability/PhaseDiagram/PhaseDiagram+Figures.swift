import Diagnostics
import Foundation
import Notebook
import Plotting

extension PhaseDiagram {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let temperatures = settings.linear.temperatures
    let byTemperature = temperatures.indices.sorted { temperatures[$0] < temperatures[$1] }
    let shown = [byTemperature.first, byTemperature.dropFirst(byTemperature.count / 2).first, byTemperature.last]
    return [
      Figure(
        "fig1", title: "Linear student: eigenvalues of $W^T W$", mirrors: "spectrum around a degenerate target",
        panels: try shown.compactMap(\.self).map { try histogramPanel($0, results, settings) }, columns: 3, panelWidth: 6.5),
      Figure(
        "fig2", title: "Variance of the spectrum", mirrors: "linear scaling with the temperature",
        try variancePanel(results, settings)),
      Figure(
        "fig3", title: "Level repulsion", mirrors: "spacing distribution and the Wigner surmise",
        try spacingPanel(results, settings)),
      Figure(
        "fig4", title: "Phase maps of tanh networks; white cells diverge", mirrors: "phase diagram over temperature and disorder",
        panels: try [("growth", "R = $s_1$ / $s_1(0)$"), ("change", "D = |S − $S_0$| / |$S_0$|"), ("loss", "final loss")].map {
          try mapPanel($0, label: $1, results, settings.tanh)
        }, columns: 3, panelWidth: 7),
      Figure(
        "fig5", title: "The four largest singular values and the bulk's middle", mirrors: "singular values in each regime",
        panels: try [("ordered", 1, 0.2), ("frozen", 1, 2), ("unstable", 4, 0.2)].compactMap {
          try trajectoryPanel($0, temperature: $1, scale: $2, results, settings.tanh)
        }, columns: 3, panelWidth: 6.5),
    ]
  }

  private static func histogramPanel(_ pair: Int, _ results: Results, _ settings: Settings) throws -> Panel {
    let values = try linearSpectra(pair, results, settings).flatMap(\.self)
    let (low, high, bins) = (quantile(values, 0), quantile(values, 1), 40)
    let variance = Double(settings.linear.size + 1) * settings.linear.temperatures[pair]
    let x = (0...100).map { low + (high - low) * Double($0) / 100 }
    let scale = Double(values.count) * (high - low) / Double(bins)
    return Panel(
      title: "T = \(settings.linear.temperatures[pair])", x: Axis("eigenvalue"), y: Axis("samples", from: 0), legend: .outside,
      series: [
        .histogram(values: Column(values), bins: bins, label: "SGD"),
        .line(
          x: Column(x), y: Column(x.map { scale * SpectrumStatistics.semicircleDensity($0 - 1, variance: variance) }),
          label: "semicircle"),
      ])
  }

  private static func variancePanel(_ results: Results, _ settings: Settings) throws -> Panel {
    let langevin = try results.trace("langevin/spectrum")
    let temperatures = try langevin.coordinate("temperature").values
    let simulated = try temperatures.map { temperature in
      let steps = try langevin.coordinate("step").values
      let interval = steps.count > 1 ? steps[1] : 1
      return sampleVariance(
        try chains(langevin, at: ["temperature": .init(temperature)], from: Double(settings.langevin.burnIn) * interval)
          .flatMap(\.self))
    }
    return Panel(
      x: Axis("temperature T = a/b", scale: .log()), y: Axis("variance of the eigenvalues", scale: .log()), legend: .outside,
      series: [
        .points(
          x: Column(settings.linear.temperatures), y: Column(try variances(results, settings)), label: "SGD, linear student"),
        .points(x: Column(temperatures), y: Column(simulated), label: "Langevin equation"),
        .guide("\(settings.linear.size + 1)*x", label: "(N + 1) T"),
      ])
  }

  private static func spacingPanel(_ results: Results, _ settings: Settings) throws -> Panel {
    let spacings = try settings.linear.rates.indices.flatMap {
      SpectrumStatistics.unfoldedSpacings(try linearSpectra($0, results, settings))
    }
    let width = 0.1
    let edges = (0...30).map { Double($0) * width }
    let density = edges.map { edge in
      Double(spacings.filter { edge..<edge + width ~= $0 }.count) / (Double(spacings.count) * width)
    }
    let s = (0...150).map { Double($0) / 50 }
    return Panel(
      x: Axis("spacing s in units of its mean", from: 0, to: 3), y: Axis("density", from: 0), legend: .outside,
      series: [
        .steps(x: Column(edges), y: Column(density), label: "SGD, all runs"),
        .line(x: Column(s), y: Column(s.map(SpectrumStatistics.wignerSurmise)), label: "Wigner surmise"),
        .line(x: Column(s), y: Column(s.map { exp(-$0) }), label: "independent levels"),
      ])
  }

  /// The mean over the runs of a cell that did not diverge; a hole where most did.
  private static func mapPanel(_ name: String, label: String, _ results: Results, _ settings: Tanh) throws -> Panel {
    let (tensor, diverged) = (try results.tensor("tanh/\(name)"), try results.tensor("tanh/diverged"))
    let values = try settings.scales.flatMap { scale in
      try settings.temperatures.map { temperature in
        let place: [String: Selector] = ["temperature": .init(temperature), "scale": .init(scale)]
        let flags = try diverged.values(at: place)
        guard median(flags) < 0.5 else { return Double.nan }
        return mean(zip(try tensor.values(at: place), flags).filter { $0.1 == 0 }.map(\.0))
      }
    }
    return Panel(
      title: label, x: Axis("temperature T", scale: .log()), y: Axis("initial variance $s_w^2$", scale: .log()),
      series: [
        .heatMap(
          Grid(Column(values), x: Column(settings.temperatures), y: Column(settings.scales.map { $0 * $0 })),
          color: ColorAxis(scale: .log()))
      ])
  }

  /// Of the first start; nil when the settings have no such cell.
  private static func trajectoryPanel(
    _ regime: String, temperature: Int, scale: Double, _ results: Results, _ settings: Tanh
  ) throws -> Panel? {
    guard settings.rates.indices.contains(temperature), settings.scales.contains(scale) else { return nil }
    let trace = try results.trace("tanh-\(temperature)/singular_values")
    let steps = try trace.coordinate("step").values
    return Panel(
      title: "\(regime): T = \(settings.temperatures[temperature]), $s_w$ = \(scale.brief)",
      x: Axis("step of SGD", scale: .log()),
      y: Axis("singular value", scale: .log()), legend: .outside,
      series: try [0, 1, 2, 3, settings.width / 2].filter { $0 < settings.width }.map { place in
        let values = try trace.column(["scale": .init(scale), "seed": 0, "place": .init(place)]).values
        return .line(
          x: Column(Array(steps.dropFirst())), y: Column(Array(values.dropFirst())), label: "$s_{\(place + 1)}$")
      })
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let temperatures = settings.linear.temperatures
    let variances = try variances(results, settings)
    let equal = zip(temperatures, variances).filter { abs($0.0 / 1.25e-3 - 1) < 1e-9 }.map(\.1)
    let ratios = try settings.linear.rates.indices.flatMap { try linearSpectra($0, results, settings) }
    let cell = { (name: String, temperature: Double, scales: (Double) -> Bool) -> [Double] in
      guard let exact = settings.tanh.temperatures.first(where: { abs($0 / temperature - 1) < 1e-9 }) else { return [] }
      let tensor = try results.tensor("tanh/\(name)")
      return try settings.tanh.scales.filter(scales).flatMap {
        try tensor.values(at: ["temperature": .init(exact), "scale": .init($0)])
      }
    }
    let (warm, hot) = (6.25e-3, 0.5)
    let sum = { (values: [Double]) in values.isEmpty ? Double.nan : values.reduce(0, +) }
    let hotRuns = try cell("diverged", hot) { _ in true }
    let critical = try settings.tanh.scales.map { try criticalTemperature($0, results, settings.tanh) }
    let regimes = "Three regimes separate in the plane of temperature and initial variance."
    let lowers = "Stronger disorder lowers the temperature at which SGD diverges."
    return [
      Claim(
        "linear-scaling-collapse", "The stationary spectrum depends on step and batch size by their ratio only.",
        source: "Langevin limit", quantity: "relative spread of the variance over the \(equal.count) pairs with T = 1.25e-3",
        measured: equal.count > 1 ? quantile(equal, 1) / quantile(equal, 0) - 1 : .nan, expected: .atMost(0.08)),
      Claim(
        "variance-proportional-T", "Its variance is proportional to the temperature.", source: "Wigner semicircle",
        quantity: "slope of log variance in log T", measured: LineFit.powerLaw(x: temperatures, y: variances).slope,
        expected: .within(0.95...1.08)),
      Claim(
        "level-repulsion", "Eigenvalues repel as in the Gaussian orthogonal ensemble.", source: "Dyson Brownian motion",
        quantity: "mean ratio of neighbouring gaps", measured: SpectrumStatistics.meanGapRatio(ratios),
        expected: .within(0.5...0.57)),
      Claim(
        "three-regimes-ordered-growth", regimes, source: "phase diagram",
        quantity: "least R at T = \(warm) over s_w <= 0.2 and starts",
        measured: quantile(try cell("growth", warm) { $0 <= 0.2 }, 0),
        expected: .above(2)),
      Claim(
        "three-regimes-ordered-gap", regimes, source: "phase diagram",
        quantity: "least s_1/s_2 at T = \(warm) over s_w <= 0.2 and starts",
        measured: quantile(try cell("gap", warm) { $0 <= 0.2 }, 0),
        expected: .above(2)),
      Claim(
        "three-regimes-frozen", regimes, source: "phase diagram",
        quantity: "largest D at T = \(warm) over s_w >= 1 and starts",
        measured: quantile(try cell("change", warm) { $0 >= 1 }, 1),
        expected: .below(0.05)),
      Claim(
        "three-regimes-bounded", regimes, source: "phase diagram", quantity: "runs that diverge at T = \(warm)",
        measured: sum(try cell("diverged", warm) { _ in true }), expected: .exactly(0)),
      Claim(
        "three-regimes-unstable", regimes, source: "phase diagram",
        quantity: "runs of the \(hotRuns.count) that do not diverge at T = \(hot)",
        measured: sum(hotRuns.map { 1 - $0 }), expected: .exactly(0)),
      Claim(
        "disorder-lowers-Tc", lowers, source: "phase diagram",
        quantity: "neighbours in s_w at which the lowest diverging T rises",
        measured: Double(zip(critical, critical.dropFirst()).filter { $1 > $0 }.count),
        basis: try results.tensor("tanh/diverged").values, expected: .exactly(0)),
      Claim(
        "disorder-lowers-Tc-ratio", lowers, source: "phase diagram",
        quantity: "lowest diverging T at the smallest s_w over that at the largest",
        measured: (critical.first ?? .nan) / (critical.last ?? .nan), expected: .atLeast(4)),
    ]
  }

  /// The sampled spectra of a linear student, after the burn-in.
  private static func linearSpectra(_ pair: Int, _ results: Results, _ settings: Settings) throws -> [[Double]] {
    let (rate, batchSize) = (settings.linear.rates[pair], settings.linear.batchSizes[pair])
    let trace = try results.trace("\(path(rate: rate, batchSize: batchSize))/spectrum")
    return try chains(trace, from: Double(settings.linear.burnIn) / rate + 0.5)
  }

  /// The spectra of all chains at the steps from one on.
  private static func chains(
    _ trace: RecordedArray, at place: [String: Selector] = [:], from first: Double
  ) throws -> [[Double]] {
    let size = trace.dimensions.last?.count ?? 0
    let sampled = try trace.coordinate("step").values.enumerated().filter { $0.element >= first }.map(\.offset)
    let count = trace.dimensions.first { $0.name == "chain" }?.count ?? 0
    return try (0..<count).flatMap { chain in
      let columns = try (0..<size).map { i in
        try trace.column(place.merging(["chain": .init(chain), "eigenvalue": .init(i)]) { $1 }).values
      }
      return sampled.map { step in columns.map { $0[step] } }
    }
  }

  private static func variances(_ results: Results, _ settings: Settings) throws -> [Double] {
    try settings.linear.rates.indices.map { sampleVariance(try linearSpectra($0, results, settings).flatMap(\.self)) }
  }

  /// The lowest temperature at which most runs diverge; infinite when there is none.
  private static func criticalTemperature(_ scale: Double, _ results: Results, _ settings: Tanh) throws -> Double {
    let diverged = try results.tensor("tanh/diverged")
    return try settings.temperatures.sorted().first {
      median(try diverged.values(at: ["temperature": .init($0), "scale": .init(scale)])) > 0.5
    } ?? .infinity
  }
}
