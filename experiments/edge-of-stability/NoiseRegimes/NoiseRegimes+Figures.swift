import Diagnostics
import Foundation
import Notebook
import Plotting

extension NoiseRegimes {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let scaling = settings.scaling
    let hottest = scaling.temperatures.last ?? .nan
    let points = Axis("training points P", scale: .log())
    return [
      Figure(
        "fig1", title: "Signal against the training set's size, T = \(hottest.brief)",
        mirrors: "scaling of the perceptron's weights with P",
        Panel(
          x: points, y: Axis("signal $w_1$", scale: .log()), legend: .outside,
          series: try scaling.exponents.flatMap { chi in
            let slope = 1 / Double(1 + chi)
            let (p, means) = (scaling.samples(chi).map(Double.init), try geometricMeans("chi-\(chi)/signal", hottest, results))
            let anchor = (means.first ?? .nan) / pow(p.first ?? .nan, slope)
            return try banded("chi-\(chi)/signal", hottest, label: "χ = \(chi)", results)
              + [.guide("\(anchor)*x**\(slope)", label: chi == 0 ? "∝ $P^{1/(1+χ)}$" : "", to: p.last)]
          })),
      Figure(
        "fig2", title: "Signal and noise in units of T", mirrors: "collapse of signal and noise",
        Panel(
          title: "signal", x: points, y: Axis("$w_1$ / T", scale: .log()), legend: .outside,
          series: try collapsed("signal", settings, results)),
        Panel(
          title: "noise", x: points, y: Axis("|$w_⊥$| / T", scale: .log()), legend: .outside,
          series: try collapsed("noise", settings, results))),
      Figure(
        "fig3", title: "With a margin: κ = \(settings.crossover.margin), P = \(settings.crossover.samples)",
        mirrors: "crossover at the critical temperature",
        try crossoverPanel("signal", Axis("signal $w_1$", scale: .log()), results),
        try crossoverPanel("steps", Axis("steps $t^*$ to fit all points", scale: .log()), results)),
      Figure(
        "fig4", title: "Networks: test error", mirrors: "phase diagram over alpha and T",
        panels: try settings.network.samples.map { try errorPanel($0, settings.network, results) }),
      Figure(
        "fig5", title: "Networks: change of the weights at the end", mirrors: "weight change against T",
        panels: try settings.network.scales.map { try changePanel($0, settings.network, results) }, columns: 3,
        panelWidth: 6.5),
    ]
  }

  /// Median and range over the seeds against P.
  private static func banded(_ name: String, _ temperature: Double, label: String, _ results: Results) throws -> [Series] {
    try results.tensor(name).banded(at: ["temperature": .init(temperature)], label: label)
  }

  /// Both temperatures of every chi, in units of the temperature.
  private static func collapsed(_ name: String, _ settings: Settings, _ results: Results) throws -> [Series] {
    try settings.scaling.exponents.enumerated().flatMap { look, chi in
      try settings.scaling.temperatures.enumerated().map { i, t in
        let values = try geometricMeans("chi-\(chi)/\(name)", t, results).map { $0 / t }
        let (p, label) = (Column(settings.scaling.samples(chi).map(Double.init)), "χ = \(chi), T = \(t.brief)")
        return i == 0
          ? Series.line(x: p, y: Column(values), label: label, style: .look(look))
          : .points(x: p, y: Column(values), label: label, style: .look(look))
      }
    }
  }

  private static func crossoverPanel(_ name: String, _ axis: Axis, _ results: Results) throws -> Panel {
    let tensor = try results.tensor("crossover/\(name)")
    let samples = try tensor.coordinate("samples").values[0]
    return Panel(
      x: Axis("temperature T = η/B", scale: .log()), y: axis, legend: .none,
      series: try tensor.banded(at: ["samples": .init(samples)]))
  }

  private static func errorPanel(_ samples: Int, _ settings: Network, _ results: Results) throws -> Panel {
    let tensor = try results.tensor("network-\(samples)/test_error")
    let values = try settings.scales.flatMap { alpha in
      try settings.temperatures.map { mean(try tensor.values(at: ["alpha": .init(alpha), "temperature": .init($0)])) }
    }
    return Panel(
      title: "P = \(samples)", x: Axis("temperature T", scale: .log()), y: Axis("scale α", scale: .log()),
      series: [
        .heatMap(
          Grid(Column(values), x: Column(settings.temperatures), y: Column(settings.scales)),
          color: ColorAxis("test error"))
      ])
  }

  private static func changePanel(_ alpha: Double, _ settings: Network, _ results: Results) throws -> Panel {
    Panel(
      title: "α = \(alpha.brief)", x: Axis("temperature T", scale: .log()),
      y: Axis("|$w_t$ − $w_0$| / |$w_0$|", scale: .log(), from: 0.01, to: 1),
      legend: .outside,
      series: try settings.samples.flatMap {
        try results.tensor("network-\($0)/change").banded(at: ["alpha": .init(alpha)], label: "P = \($0)")
      })
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let scaling = settings.scaling
    let theory = "scaling argument, w_1 ~ T P^(1/(1+chi))"
    let slopes = try scaling.exponents.flatMap { try temperatureSlopes(chi: $0, settings, results) }
    let hottest = scaling.temperatures.last ?? .nan
    let slopeInP = { (chi: Int) -> Double in
      guard scaling.exponents.contains(chi) else { return .nan }
      return LineFit.powerLaw(
        x: scaling.samples(chi).map(Double.init), y: try geometricMeans("chi-\(chi)/signal", hottest, results)
      ).slope
    }
    let spread = { (name: String, chi: Int) in
      try scaling.temperatures.map { t in
        let means = try geometricMeans("chi-\(chi)/\(name)", t, results)
        return quantile(means, 1) / quantile(means, 0)
      }
    }
    let flat = "The noise does not depend on P, the signal does."
    let plateau = try settings.crossover.temperatures.map {
      mean(try results.tensor("crossover/signal").values(at: crossoverPlace($0, settings)))
    }
    let (first, second) = plateau.count > 1 ? (plateau[0], plateau[1]) : (.nan, .nan)
    let linear = "The signal is proportional to the temperature."
    let power = "The signal grows as a power of P that the density at the boundary sets."
    let cold = "Below T_c the signal does not depend on the temperature."
    return [
      Claim(
        "signal-linear-in-T-least", linear, source: theory, quantity: "least slope of log w_1 in log T, over chi and P",
        measured: quantile(slopes, 0), expected: .within(0.95...1.05)),
      Claim(
        "signal-linear-in-T-greatest", linear, source: theory,
        quantity: "greatest slope of log w_1 in log T, over chi and P",
        measured: quantile(slopes, 1), expected: .within(0.95...1.05)),
      Claim(
        "signal-power-in-P-chi-0", power, source: theory,
        quantity: "slope of the geometric mean of w_1 in P, chi = 0, T = \(hottest.brief)",
        measured: try slopeInP(0), expected: .within(0.65...1.1)),
      Claim(
        "signal-power-in-P-chi-1", power, source: theory,
        quantity: "slope of the geometric mean of w_1 in P, chi = 1, T = \(hottest.brief)",
        measured: try slopeInP(1), expected: .within(0.3...0.6)),
      Claim(
        "signal-power-in-P-difference", power, source: theory, quantity: "slope of chi = 0 less that of chi = 1",
        measured: try slopeInP(0) - slopeInP(1), expected: .above(0.2)),
      Claim(
        "noise-flat-in-P", flat, source: "stationarity of w_perp",
        quantity: "largest ratio of |w_perp| at two P, over chi and T",
        measured: quantile(try scaling.exponents.flatMap { try spread("noise", $0) }, 1), expected: .below(1.8)),
    ]
      + (try scaling.exponents.map { chi in
        Claim(
          "noise-flat-in-P-signal-chi-\(chi)", flat, source: theory,
          quantity: "least ratio of the greatest to the least w_1 over P, over T, chi = \(chi)",
          measured: quantile(try spread("signal", chi), 0), expected: .above(2.5))
      }) + [
        Claim(
          "low-T-plateau", cold, source: "critical temperature", quantity: "relative difference of w_1 at the two lowest T",
          measured: abs(second / first - 1), expected: .below(0.15)),
        Claim(
          "low-T-plateau-above", cold, source: "critical temperature", quantity: "w_1 at the highest T over that at the lowest",
          measured: (plateau.last ?? .nan) / first, expected: .above(20)),
      ]
      + (try [0, 1].map { chi in
        Claim(
          "harder-with-P-chi-\(chi)", "More points take longer to fit.", source: "training time t*",
          quantity: "P from 256 at which the mean number of steps falls, over T, chi = \(chi)",
          measured: try falls(chi: chi, settings, results), expected: .exactly(0))
      })
  }

  /// exp of the mean logarithm over the seeds, for every P.
  private static func geometricMeans(_ name: String, _ temperature: Double, _ results: Results) throws -> [Double] {
    let columns = try results.tensor(name).columns(at: ["temperature": .init(temperature)])
    return (columns.first ?? []).indices.map { i in exp(mean(columns.map { log($0[i]) })) }
  }

  private static func crossoverPlace(_ temperature: Double, _ settings: Settings) -> [String: Selector] {
    ["samples": .init(settings.crossover.samples), "temperature": .init(temperature)]
  }

  /// The slope of the logarithm of the geometric mean of w_1 in that of T, for every P.
  private static func temperatureSlopes(chi: Int, _ settings: Settings, _ results: Results) throws -> [Double] {
    let temperatures = settings.scaling.temperatures
    let means = try temperatures.map { try geometricMeans("chi-\(chi)/signal", $0, results) }
    return settings.scaling.samples(chi).indices.map { p in
      LineFit.powerLaw(x: temperatures, y: means.map { $0[p] }).slope
    }
  }

  /// How often the mean number of steps does not grow from one P to the next, from P = 256 on; NaN with less than two such P.
  private static func falls(chi: Int, _ settings: Settings, _ results: Results) throws -> Double {
    let samples = settings.scaling.exponents.contains(chi) ? settings.scaling.samples(chi).filter { $0 >= 256 } : []
    guard samples.count > 1 else { return .nan }
    let steps = try results.tensor("chi-\(chi)/steps")
    return Double(
      try settings.scaling.temperatures.reduce(0) { sum, t in
        let means = try samples.map { mean(try steps.values(at: ["samples": .init($0), "temperature": .init(t)])) }
        return sum + zip(means, means.dropFirst()).filter { !($1 > $0) }.count
      })
  }
}
