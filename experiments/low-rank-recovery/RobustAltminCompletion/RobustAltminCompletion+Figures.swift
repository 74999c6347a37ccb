import Diagnostics
import Foundation
import Notebook
import Plotting

extension RobustAltminCompletion {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let error = try results.trace("sweeps/error")
    let floors = try settings.epsilons.map { epsilon in
      quantiles(try finalErrors(error, Settings.name(epsilon: epsilon)), [0, 0.5, 1])
    }
    let operations = try results.tensor("operations")
    let counted = try ["exact", "iterations", "sketch"].map { try operations.column(["part": .init($0)]) }
    let ranks = try operations.coordinate("rank")
    let exactAndEpsilons =
      [(Settings.solverExact, "exact")] + settings.epsilons.map { (Settings.name(epsilon: $0), "ε = \(power($0))") }
    let exactAndIterations =
      [(Settings.solverExact, "exact")] + settings.iterations.map { (Settings.name(iterations: $0), "q = \($0)") }
    return [
      Figure(
        "fig1", title: "Row problems solved up to a relative error ε", mirrors: "the theorem's error model",
        try errorPanel(error, exactAndEpsilons)),
      Figure(
        "fig2", title: "Row problems solved by q preconditioned steps", mirrors: "the paper's fast solver",
        try errorPanel(error, exactAndIterations)),
      Figure(
        "fig3", title: "The floor is proportional to the inexactness", mirrors: "error tolerance of the theorem",
        Panel(
          x: Axis("relative error ε of a row's solution", scale: .log()), y: Axis("final error", scale: .log()), legend: .topLeft,
          series: [
            .errorBars(
              x: Column(settings.epsilons), y: Column(floors.map { $0[1] }), lower: Column(floors.map { $0[0] }),
              upper: Column(floors.map { $0[2] }), label: "median and range"),
            .guide("x", label: "error = ε"),
          ])),
      Figure(
        "fig4", title: "Operations of one half-sweep", mirrors: "O(|Ω| k) against O(|Ω| k²)",
        Panel(
          x: Axis("rank k", scale: .log()), y: Axis("additions and multiplications", scale: .log()),
          series: [
            .linesPoints(x: ranks, y: counted[0], label: "exact"),
            .linesPoints(
              x: ranks, y: Column(zip(counted[1].values, counted[2].values).map { $0 + $1 }),
              label: "q = \(settings.countedIterations), with the sketch"),
            .linesPoints(x: ranks, y: counted[1], label: "q = \(settings.countedIterations), its iterations"),
          ])),
    ]
  }

  private static func errorPanel(_ error: RecordedArray, _ solvers: [(name: String, label: String)]) throws -> Panel {
    Panel(
      x: Axis("half-sweep"), y: Axis("error ‖UVᵀ − M‖ / ‖M‖", scale: .log()), legend: .outside,
      series: try solvers.flatMap { try error.banded(at: ["solver": .init($0.name)], label: $0.label) })
  }

  private static func finalErrors(_ error: RecordedArray, _ solver: String) throws -> [Double] {
    try error.lastValues(at: ["solver": .init(solver)])
  }

  /// "10⁻⁴" as markup.
  private static func power(_ epsilon: Double) -> String { "$10^{\(Int(log10(epsilon).rounded()))}$" }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let error = try results.trace("sweeps/error")
    let exact = try error.columns(at: ["solver": .init(Settings.solverExact)])
    /// The error after a half-sweep, counted from 1; NaN when the run was shorter.
    let after = { (half: Int, errors: [Double]) in half < errors.count ? errors[half] : .nan }
    let rates = exact.map { pow(after(16, $0) / after(4, $0), 1.0 / 12) }
    let last = exact.map { after(27, $0) }

    let (fast, crude) = (settings.iterations.max() ?? 0, settings.iterations.min() ?? 0)
    let fastErrors = try error.columns(at: ["solver": .init(Settings.name(iterations: fast))])
    let crudeErrors = try error.columns(at: ["solver": .init(Settings.name(iterations: crude))])
    let ratios = zip(fastErrors, exact).map { after(12, $0) / after(12, $1) }

    let operations = try results.tensor("operations")
    let ranks = try operations.coordinate("rank").values
    let slope = { (part: String) in
      LineFit.powerLaw(x: ranks, y: try operations.column(["part": .init(part)]).values, over: 5...20).slope
    }
    return [
      Claim(
        "linear-convergence-rate", "With exact row problems the error contracts linearly.", source: "main theorem",
        quantity: "contraction per half-sweep, geometric mean over 4 to 16, of the seed farthest from 0.45",
        measured: farthest(rates, from: 0.45), expected: .within(0.3...0.6)),
      Claim(
        "linear-convergence-error", "With exact row problems the error goes to zero.", source: "main theorem",
        quantity: "error after half-sweep 27, largest of the seeds", measured: quantile(last, 1), expected: .below(1e-7)),
    ]
      + (try settings.epsilons.map { epsilon in
        let floors = try finalErrors(error, Settings.name(epsilon: epsilon)).map { $0 / epsilon }
        return Claim(
          "floor-proportional-to-eps-\(epsilon)", "Inexact row problems leave an error proportional to their inexactness.",
          source: "robust analysis", quantity: "final error over epsilon, of the seed farthest from 1.4",
          measured: farthest(floors, from: 1.4), expected: .within(0.5...4))
      }) + [
        Claim(
          "inexact-as-good-many-steps", "Accurate enough row problems are as good as exact ones.", source: "approximate updates",
          quantity: "error at half-sweep 12 with q = \(fast) over that of exact ones, of the seed farthest from 1",
          measured: farthest(ratios, from: 1), expected: .within(1 / 1.2...1.2)),
        Claim(
          "inexact-as-good-one-step", "A single step from zero is not accurate enough.", source: "approximate updates",
          quantity: "smallest error of any half-sweep with q = \(crude)", measured: quantile(crudeErrors.flatMap { $0 }, 0),
          expected: .atLeast(0.2)),
        Claim(
          "cost-order-k-iterative", "The iterative solver's cost is proportional to the rank.", source: "O(|Omega| k)",
          quantity: "log-log slope of its operations over k from 5 to 20, the sketch left out", measured: try slope("iterations"),
          expected: .atMost(1.4)),
        Claim(
          "cost-order-k-exact", "The exact solver's cost is proportional to the rank squared.", source: "O(|Omega| k²)",
          quantity: "log-log slope of its operations over k from 5 to 20", measured: try slope("exact"), expected: .atLeast(1.9)),
      ]
  }

  /// NaN when a value is: a claim on it then fails.
  private static func farthest(_ values: [Double], from center: Double) -> Double {
    values.contains(where: \.isNaN) ? .nan : values.max { abs($0 - center) < abs($1 - center) } ?? .nan
  }
}
