import Diagnostics
import Foundation
import Notebook
import Plotting

extension OptimisticMirrorDescent {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let horizon = Axis("horizon T", scale: .log())
    let noise = try results.tensor("noise/outcome")
    let anchor =
      mean(try regrets(noise, "noise", settings.horizons[0], settings.sigmas[0], "optimistic", "static"))
      / Double(settings.horizons[0]).squareRoot()
    let strong = try results.trace("strong/regret")
    let newton = try results.trace("newton/regret")
    let corrupted = try results.tensor("corrupted/regret")
    return [
      Figure(
        "fig1", title: "Noise alone, median and range over seeds", mirrors: "convex case: regret against T",
        Panel(
          x: horizon, y: Axis("regret", scale: .log()), legend: .outside,
          series: try settings.sigmas.flatMap { sigma in
            try ["optimistic", "plain"].flatMap { method in
              try noise.banded(
                at: ["noise_sigma": .init(sigma), "method": .init(method), "quantity": "static"],
                label: "σ = \(sigma.brief), \(method)")
            }
          } + [.guide("\(anchor)*x**0.5", label: "∝ √T")])),
      Figure(
        "fig2", title: "Switching directions", mirrors: "switching environments; worst case of the hint",
        try switchingPanel("switching", "\(settings.segments) stretches", "dynamic", results, settings),
        try switchingPanel("alternating", "a flip every round", "static", results, settings)),
      Figure(
        "fig3", title: "Logarithmic regret, median and range over seeds", mirrors: "strongly convex and exp-concave cases",
        Panel(
          title: "|x − c|²/2", x: Axis("rounds", scale: .log()), y: Axis("regret"), legend: .outside,
          series: try settings.strongSigmas.flatMap { sigma in
            try strong.banded(over: "strong_seed", at: ["sigma": .init(sigma)], from: 1, label: "σ = \(sigma.brief)")
          }),
        Panel(
          title: "squared loss, online Newton", x: Axis("rounds", scale: .log()), y: Axis("regret"), legend: .outside,
          series: try newton.banded(from: 1, label: "regret"))),
      Figure(
        "fig4", title: "Regret over its bound, mean over seeds", mirrors: "convex theorem: O(√(σ² + Σ²))",
        Panel(x: horizon, y: Axis("regret / √(σ² + Σ²)", from: 0), legend: .outside, series: try boundSeries(results, settings))),
      Figure(
        "fig5", title: "Corrupted rounds, median and range over seeds", mirrors: "corrupted stochastic corollary",
        Panel(
          x: Axis("corrupted rounds C"), y: Axis("regret"), legend: .outside,
          series: try settings.strongSigmas.flatMap { sigma in
            try corrupted.banded(over: "strong_seed", at: ["sigma": .init(sigma)], label: "σ = \(sigma.brief)")
          })),
    ]
  }

  /// One value for each seed.
  private static func regrets(
    _ outcome: RecordedArray, _ name: String, _ horizon: Int, _ sigma: Double, _ method: String, _ quantity: String
  ) throws -> [Double] {
    try outcome.values(
      at: ["horizon": .init(horizon), "\(name)_sigma": .init(sigma), "method": .init(method), "quantity": .init(quantity)])
  }

  private static func switchingPanel(
    _ name: String, _ title: String, _ regret: String, _ results: Results, _ settings: Settings
  ) throws -> Panel {
    let outcome = try results.tensor("\(name)/outcome")
    return Panel(
      title: title, x: Axis("horizon T", scale: .log()), y: Axis("\(regret) regret", scale: .log()), legend: .outside,
      series: try settings.switchingSigmas.flatMap { sigma in
        try ["optimistic", "plain"].flatMap { method in
          try outcome.banded(
            at: ["\(name)_sigma": .init(sigma), "method": .init(method), "quantity": .init(regret)],
            label: "σ = \(sigma.brief), \(method)")
        }
      })
  }

  private static func boundSeries(_ results: Results, _ settings: Settings) throws -> [Series] {
    let cases = [
      ("noise", settings.sigmas, "static"), ("switching", settings.switchingSigmas, "dynamic"),
      ("alternating", settings.switchingSigmas, "static"),
    ]
    return try cases.flatMap { name, sigmas, regret -> [Series] in
      let outcome = try results.tensor("\(name)/outcome")
      return try sigmas.map { sigma -> Series in
        let ratios = try settings.horizons.map { horizon -> Double in
          let value = { (quantity: String) in mean(try regrets(outcome, name, horizon, sigma, "optimistic", quantity)) }
          return try value(regret) / (value("drift") + value("variance")).squareRoot()
        }
        return .linesPoints(
          x: Column(settings.horizons.map(Double.init)), y: Column(ratios), label: "\(name), σ = \(sigma.brief)")
      }
    }
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let noise = try results.tensor("noise/outcome")
    let horizons = settings.horizons
    let noiseRegrets = { (sigma: Double) -> [Double] in
      guard settings.sigmas.contains(sigma) else { return horizons.map { _ in .nan } }
      return try horizons.map { mean(try regrets(noise, "noise", $0, sigma, "optimistic", "static")) }
    }
    let (small, large) = (try noiseRegrets(0.1), try noiseRegrets(1))
    let switching = try results.tensor("switching/outcome")
    let switched = { (method: String) -> [Double] in
      guard settings.switchingSigmas.contains(0) else { return horizons.map { _ in .nan } }
      return try horizons.map { mean(try regrets(switching, "switching", $0, 0, method, "dynamic")) }
    }
    let (optimistic, plain) = (try switched("optimistic"), try switched("plain"))
    let xs = horizons.map(Double.init)
    let growth = try increments(results, settings)
    return zip(horizons, zip(small, large)).map { horizon, regrets in
      Claim(
        "scales-with-sigma-T\(horizon)", "The regret is proportional to the noise.", source: "convex bound in sigma_{1:T}",
        quantity: "regret at sigma = 1 over regret at sigma = 0.1, T = \(horizon), means over seeds",
        measured: regrets.1 / regrets.0,
        expected: .within(8...12))
    }
      + [("0.1", small), ("1", large)].map { sigma, regrets in
        Claim(
          "sqrt-T-under-noise-sigma\(sigma)", "Under noise the regret grows like sqrt(T).", source: "convex bound in sigma_{1:T}",
          quantity: "slope of log mean regret against log T, sigma = \(sigma)",
          measured: LineFit.powerLaw(x: xs, y: regrets).slope,
          expected: .within(0.3...0.65))
      } + [
        Claim(
          "drift-not-horizon-constant", "Regret follows the drift, not the horizon.",
          source: "Sigma_{1:T} dependence, dynamic regret section",
          quantity: "largest relative deviation of the optimistic dynamic regret from its mean over T, sigma = 0",
          measured: quantile(optimistic.map { abs($0 / mean(optimistic) - 1) }, 1), expected: .atMost(0.05)),
        Claim(
          "drift-not-horizon-plain", "That of plain descent follows the horizon.",
          source: "Sigma_{1:T} dependence, dynamic regret section",
          quantity: "slope of log dynamic regret of plain descent against log T, sigma = 0",
          measured: LineFit.powerLaw(x: xs, y: plain).slope, expected: .within(0.4...0.6)),
        Claim(
          "drift-not-horizon-gain", "The difference is large.", source: "Sigma_{1:T} dependence, dynamic regret section",
          quantity: "dynamic regret of plain over optimistic descent, T = 8000, sigma = 0",
          measured: horizons.firstIndex(of: 8000).map { plain[$0] / optimistic[$0] } ?? .nan, expected: .atLeast(5)),
        Claim(
          "log-under-strong-convexity-first", "Under strong convexity the regret grows like log T.",
          source: "strongly convex theorem",
          quantity: "increment of the mean regret from T = 500 to 2000, sigma = 1", measured: growth.first,
          expected: .within(0.3...2)),
        Claim(
          "log-under-strong-convexity-second", "Under strong convexity the regret grows like log T.",
          source: "strongly convex theorem",
          quantity: "increment of the mean regret from T = 2000 to 8000, sigma = 1", measured: growth.second,
          expected: .within(0.3...2)),
        Claim(
          "log-under-strong-convexity-ratio", "Equal factors of T add equally.", source: "strongly convex theorem",
          quantity: "second increment over first, sigma = 1", measured: growth.second / growth.first, expected: .within(0.4...2.5)
        ),
      ]
      + (try settings.strongSigmas.map { sigma in
        Claim(
          "corruption-additive-sigma\(sigma.brief)", "A corrupted round costs a constant at most.",
          source: "corrupted stochastic corollary",
          quantity: "(regret at C = 80 - regret at C = 0) / 80, mean over seeds, sigma = \(sigma.brief)",
          measured: try corruptionCost(results, settings, sigma), expected: .atMost(4))
      })
  }

  /// Of the mean regret of (c) at sigma = 1; NaN where the run does not have the rounds.
  private static func increments(_ results: Results, _ settings: Settings) throws -> (first: Double, second: Double) {
    let regret = try results.trace("strong/regret")
    let rounds = try regret.coordinate("step").values
    guard settings.strongSigmas.contains(1), [500.0, 2000, 8000].allSatisfy(rounds.contains) else { return (.nan, .nan) }
    let at = { (round: Int) in mean(try regret.values(over: "strong_seed", at: ["sigma": 1, "step": .init(round)])) }
    return (try at(2000) - at(500), try at(8000) - at(2000))
  }

  private static func corruptionCost(_ results: Results, _ settings: Settings, _ sigma: Double) throws -> Double {
    guard settings.corrupted.contains(0), settings.corrupted.contains(80) else { return .nan }
    let regret = try results.tensor("corrupted/regret")
    let at = { (count: Int) in
      mean(try regret.values(over: "strong_seed", at: ["sigma": .init(sigma), "corrupted": .init(count)]))
    }
    return (try at(80) - at(0)) / 80
  }
}
