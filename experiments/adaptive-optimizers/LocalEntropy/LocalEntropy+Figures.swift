import Diagnostics
import Foundation
import Notebook
import Plotting

extension LocalEntropy {
  package static func figures(from results: Results) throws -> [Figure] {
    [try landscapeFigure(results), try curvatureFigure(results), try escapeFigure(results), try digitsFigure(results)]
  }

  /// Shifted so that the least value is 0.
  private static func landscapeFigure(_ results: Results) throws -> Figure {
    let (loss, entropy) = (try results.tensor("loss"), try results.tensor("entropy"))
    let shifted = { (values: [Double]) in Column(values.map { $0 - quantile(values, 0) }) }
    let x = try loss.coordinate("x")
    return Figure(
      "fig1", title: "A rough parabola and its local entropy", mirrors: "Figure 2",
      Panel(
        x: Axis("x"), y: Axis("value above the minimum"), legend: .outside,
        series: try [.line(x: x, y: shifted(loss.column().values), label: "f")]
          + [100, 10, 3, 1, 0.3].map { g in
            .line(x: x, y: shifted(try entropy.column(["coupling": .init(g)]).values), label: "F, g = \(g.brief)")
          }))
  }

  private static func curvatureFigure(_ results: Results) throws -> Figure {
    let entropy = try results.tensor("entropy")
    let couplings = try entropy.coordinate("coupling")
    let largest = try couplings.values.map { try curvature(of: entropy, at: ["coupling": .init($0)]) }
    let rough = try curvature(of: results.tensor("loss"), at: [:])
    return Figure(
      "fig2", title: "Smoothness of the local entropy", mirrors: "lemma on smoothness",
      Panel(
        x: Axis("coupling g", scale: .log()), y: Axis("largest curvature on [−1, 1]", scale: .log(), to: 50), legend: .outside,
        series: [
          .linesPoints(x: couplings, y: Column(largest), label: "local entropy F"),
          .guide("x/(1 + x)", label: "parabola without ripples, g/(1 + g)"), .guide("\(rough)", label: "f"),
        ]))
  }

  private static func escapeFigure(_ results: Results) throws -> Figure {
    let names = ["GD": "gradient descent", "Langevin": "Langevin SGD", "Entropy": "Entropy-SGD"]
    let values = try ["GD", "Langevin", "Entropy"].map { (method: $0, values: try finalValues($0, results)) }
    let largest = quantile(values.flatMap(\.values), 1)
    return Figure(
      "fig3", title: "Where descent into the rough bowl ends", mirrors: "escape from rough minima",
      panels: values.map { method, values in
        Panel(
          title: names[method] ?? method, x: Axis("final f", from: 0, to: (largest / 5).rounded(.up) * 5),
          y: Axis("starts", isCount: true), legend: .none, series: [.histogram(values: Column(values), bins: 15)])
      }, columns: 3, panelWidth: 6)
  }

  private static func digitsFigure(_ results: Results) throws -> Figure {
    let methods = [("digits SGD", "SGD"), ("digits Entropy", "Entropy-SGD")]
    return Figure(
      "fig4", title: "Digits: median and range over seeds", mirrors: "Figure 1",
      Panel(
        title: "training", x: Axis("gradient evaluations"), y: Axis("training loss", scale: .log()),
        series: try methods.flatMap { name, label in
          let loss = try results.trace("\(name)/training loss")
          return try loss.banded(at: ["rate": .init(loss.coordinate("rate").values[0])], label: label)
        }),
      Panel(
        title: "Hessian at the end", x: Axis("eigenvalue", from: -0.2), y: Axis("density", scale: .log(), from: 1e-5),
        legend: .none,
        series: try methods.flatMap { try results.tensor("\($0.0)/spectrum").banded(label: $0.1) }))
  }

  /// Second differences, the largest.
  private static func curvature(of array: RecordedArray, at place: [String: Selector]) throws -> Double {
    let (x, f) = (try array.coordinate("x").values, try array.column(place).values)
    let h = x[1] - x[0]
    let second = { (i: Int) -> Double in (f[i + 1] - 2 * f[i] + f[i - 1]) / (h * h) }
    return quantile((1..<f.count - 1).map(second), 1)
  }

  private static func finalValues(_ method: String, _ results: Results) throws -> [Double] {
    try results.trace("\(method) descent/value").lastValues()
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    try [identityClaim(results)] + smoothingClaims(results) + escapeClaims(results) + [quadraticClaim(results)]
  }

  private static func identityClaim(_ results: Results) throws -> Claim {
    let (entropy, pull) = (try results.tensor("entropy"), try results.tensor("pull"))
    let x = try entropy.coordinate("x").values
    let errors = try [0.3, 1, 3].flatMap { g in
      let place: [String: Selector] = ["coupling": .init(g)]
      let (f, gradient) = (try entropy.column(place).values, try pull.column(place).values)
      let error = { (i: Int) -> Double in abs((f[i + 1] - f[i - 1]) / (x[i + 1] - x[i - 1]) - gradient[i]) }
      return (1..<f.count - 1).map(error)
    }
    return Claim(
      "gradient-identity", "The gradient of the local entropy is g (x - <x'>).", source: "Eq. 7",
      quantity: "largest |dF/dx - g (x - <x'>)|, dF/dx by central differences, g = 0.3, 1, 3", measured: quantile(errors, 1),
      expected: .atMost(1e-3))
  }

  private static func smoothingClaims(_ results: Results) throws -> [Claim] {
    let entropy = try results.tensor("entropy")
    let minima = { (array: RecordedArray, place: [String: Selector]) in
      let f = try array.column(place).values
      return Double((1..<f.count - 1).filter { f[$0] < f[$0 - 1] && f[$0] < f[$0 + 1] }.count)
    }
    let statement = "The local entropy of a rough function is smooth where the coupling is weak."
    let source = "Figure 2, lemma on smoothness"
    return [
      Claim(
        "smoothing", statement, source: source, quantity: "local minima of F at g = 0.3",
        measured: try minima(entropy, ["coupling": 0.3]), expected: .exactly(1)),
      Claim(
        "smoothing-curvature", statement, source: source, quantity: "largest curvature of F at g = 0.3",
        measured: try curvature(of: entropy, at: ["coupling": 0.3]), expected: .atMost(0.3)),
      Claim(
        "smoothing-strong-coupling", statement, source: source, quantity: "local minima of F at g = 100",
        measured: try minima(entropy, ["coupling": 100]), expected: .atLeast(3)),
    ]
  }

  private static func escapeClaims(_ results: Results) throws -> [Claim] {
    let final = { (method: String) in mean(try finalValues(method, results)) }
    let entropy = try final("Entropy")
    let claim = { (suffix: String, quantity: String, measured: Double, expected: Expectation) in
      Claim(
        "escapes-rough-minima\(suffix)", "Descent on the local entropy passes over narrow minima.", source: "abstract",
        quantity: quantity, measured: measured, expected: expected)
    }
    return [
      claim("", "mean final f of Entropy-SGD", entropy, .atMost(1)),
      claim("-gd", "mean final f of Entropy-SGD over that of gradient descent", entropy / (try final("GD")), .atMost(0.15)),
      claim(
        "-langevin", "mean final f of Entropy-SGD over that of Langevin SGD", entropy / (try final("Langevin")), .atMost(0.5)),
    ]
  }

  private static func quadraticClaim(_ results: Results) throws -> Claim {
    let estimated = try results.tensor("quadratic_gradient").column().values
    let exact = try results.tensor("quadratic_exact").column().values
    return Claim(
      "quadratic-rule", "On a quadratic the local entropy has the Hessian g H (H + g)^-1.", source: "Gaussian integral",
      quantity: "largest relative error of a component of the estimated gradient",
      measured: quantile(
        zip(estimated, exact).map { abs($0 / $1 - 1) }, 1), expected: .atMost(0.05))
  }
}
