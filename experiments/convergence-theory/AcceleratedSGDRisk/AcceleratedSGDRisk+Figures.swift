import Diagnostics
import Foundation
import Notebook
import Plotting

extension AcceleratedSGDRisk {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let samples = Axis("samples N", scale: .log())
    return [
      Figure(
        "fig1", title: "Excess risk by the place of the initial error", mirrors: "excess risk of SGD and ASGD against N",
        try riskPanel("large eigenvalues", [label(ofCoordinate: 1), halves[0]], withNoise: true, results, samples),
        try riskPanel("small eigenvalues", [label(ofCoordinate: 10), label(ofCoordinate: 20)], withNoise: true, results, samples)),
      Figure(
        "fig2", title: "Bias by coordinate, N = \(settings.comparedSamples)",
        mirrors: "eigen-subspaces on which each method has the smaller bias",
        Panel(
          x: Axis("coordinate i of the initial error", scale: .log()), y: Axis("bias error", scale: .log()),
          series: try methods.flatMap { method in
            let risks = try settings.coordinates.map {
              try risk(results, label(ofCoordinate: $0), method, samples: settings.comparedSamples)
            }
            return banded(x: Column(settings.coordinates.map(Double.init)), risks, label: method)
          })),
      Figure(
        "fig3", title: "Variance error", mirrors: "variance error against N",
        try riskPanel("", [varianceRun], withNoise: false, results, samples)),
      Figure("fig4", title: "Mean dynamics", mirrors: "eigenvalues of A_i", try factorPanel(results)),
    ]
  }

  /// Bias, or bias and variance together: the noise is independent of the start, so the expectations add.
  private static func riskPanel(
    _ title: String, _ starts: [String], withNoise: Bool, _ results: Results, _ samples: Axis
  ) throws -> Panel {
    let settings: Settings = try results.settings()
    return Panel(
      title: title, x: samples, y: Axis(withNoise ? "excess risk" : "variance error", scale: .log()), legend: .outside,
      series: try starts.flatMap { start in
        try methods.flatMap { method in
          let risks = try settings.sampleCounts.map { count in
            let bias = try risk(results, start, method, samples: count)
            let noise = withNoise ? try risk(results, varianceRun, method, samples: count) : (0, 0)
            return (bias.mean + noise.0, (bias.error * bias.error + noise.1 * noise.1).squareRoot())
          }
          let place = starts.count == 1 ? "" : ", \(start)"
          return banded(x: Column(settings.sampleCounts.map(Double.init)), risks, label: method + place)
        }
      })
  }

  private static func factorPanel(_ results: Results) throws -> Panel {
    let factors = try results.tensor("factors")
    return Panel(
      x: Axis("eigenvalue", scale: .log()), y: Axis("1 − contraction factor", scale: .log()),
      series: try zip(methods, ["1 − |1 − δλ|, SGD", "1 − ρ(A), ASGD"]).map { method, label in
        .line(
          x: try factors.coordinate("eigenvalue"),
          y: Column(try factors.column(["method": .init(method)]).values.map { 1 - $0 }), label: label)
      })
  }

  /// Means with bands of one standard error.
  private static func banded(x: Column, _ risks: [(mean: Double, error: Double)], label: String) -> [Series] {
    [
      .band(x: x, lower: Column(risks.map { $0.mean - $0.error }), upper: Column(risks.map { $0.mean + $0.error })),
      .line(x: x, y: Column(risks.map(\.mean)), label: label),
    ]
  }

  /// Mean excess risk over the repetitions with its standard error.
  private static func risk(
    _ results: Results, _ start: String, _ method: String, samples: Int
  ) throws -> (mean: Double, error: Double) {
    let values = try results.tensor("excess").values(
      over: "repetition", at: ["start": .init(start), "method": .init(method), "samples": .init(samples)])
    return (mean(values), standardError(values))
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let ratio = { (start: String, samples: Int) in
      try risk(results, start, "SGD", samples: samples).mean / risk(results, start, "ASGD", samples: samples).mean
    }
    let bias = { (i: Int) in try ratio(label(ofCoordinate: i), settings.comparedSamples) }
    let count = settings.comparedSamples
    let agreements = try [6, 10, 20, 40].filter { i in
      let l = pow(Double(i), -settings.decay)
      let predicted = log(abs(1 - settings.rates.delta * l) / settings.rates.spectralRadius(eigenvalue: l))
      return try log(bias(i)) * predicted > 0
    }
    return try [10, 20].map { i in
      Claim(
        "small-eigenspace-asgd-wins-i\(i)", "Acceleration removes an error in directions of small eigenvalues faster.",
        source: "result (i)", quantity: "bias error of SGD over ASGD, error in coordinate \(i), N = \(count)",
        measured: try bias(i), expected: .atLeast(10))
    } + [
      Claim(
        "large-eigenspace-sgd-wins", "SGD removes an error in the direction of the largest eigenvalue faster.",
        source: "result (i)", quantity: "bias error of ASGD over SGD, error in coordinate 1, N = \(count)",
        measured: 1 / (try bias(1)), expected: .atLeast(1.5)),
      Claim(
        "variance-larger", "The variance error of accelerated SGD is larger.", source: "result (ii)",
        quantity: "variance error of ASGD over SGD, the least over N",
        measured: quantile(try settings.sampleCounts.map { 1 / (try ratio(varianceRun, $0)) }, 0), expected: .atLeast(1.2)),
      Claim(
        "crossover-predicted", "The contraction factors of the mean dynamics say which method has the smaller bias.",
        source: "eigen-subspace analysis",
        quantity: "coordinates of 6, 10, 20, 40 where the sign of log(bias ratio) is that of log(|1 - delta l| / rho(A))",
        measured: Double(agreements.count), expected: .exactly(4)),
    ]
  }
}
