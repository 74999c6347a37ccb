import Diagnostics
import Foundation
import Notebook
import Plotting

extension KroneckerAttention {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let error = try results.tensor("output_error")
    let needed = try results.tensor("needed_degree")
    let accuracy = try results.tensor("accuracy")
    let dimension = settings.accuracy.dimension
    let degrees = try needed.columns(over: "bound").map(median)
    return [
      Figure(
        "fig1", title: "Error of the polynomial, n = \(settings.accuracy.count)", mirrors: "accuracy against degree (ours)",
        Panel(
          x: Axis("degree g", isCount: true), y: Axis("largest error of the output", scale: .log()), legend: .outside,
          series: try settings.accuracy.bounds.flatMap {
            try error.banded(at: ["bound": .init($0)], label: "B = \($0.formatted())")
          })),
      Figure(
        "fig2", title: "Time of one attention, one thread", mirrors: "cost (ours)",
        Panel(
          x: Axis("tokens n", scale: .log(base: 2)), y: Axis("time", unit: "s", scale: .log()), legend: .outside,
          series: try ["direct", "fast"].flatMap { name in
            let fit = try timeFit(name, results)
            return try results.timing("\(name)_time").banded(
              over: "round", label: String(format: "\(name), slope %.2f", fit.slope))
          })),
      Figure(
        "fig3", title: "Degree needed for an error of 1/n²", mirrors: "threshold theorem",
        Panel(
          x: Axis("bound B of the entries", from: 0), y: Axis("degree g", from: 0), legend: .none, series: try needed.banded()),
        Panel(
          x: Axis("bound B of the entries", from: 0), y: Axis("rank r = C(d + g, g)", scale: .log()), legend: .none,
          series: [.linesPoints(x: try needed.coordinate("bound"), y: Column(degrees.map { rank(dimension, $0) }))])),
      Figure(
        "fig4", title: "Matching triples", mirrors: "separation of third-order and pairwise attention",
        Panel(
          x: Axis("modulus M"), y: Axis("test accuracy", from: 0, to: 1), legend: .outside,
          series: [
            .bars(
              categories: settings.matching.moduli.map { "\($0)" },
              groups: try heads.map { head in
                BarGroup(head, Column(try accuracy.columns(over: "modulus", at: ["head": .init(head)]).map(mean)))
              })
          ])),
    ]
  }

  /// C(d + g, g), by its logarithm.
  private static func rank(_ d: Int, _ g: Double) -> Double {
    exp(lgamma(Double(d) + g + 1) - lgamma(Double(d) + 1) - lgamma(g + 1)).rounded()
  }

  /// The law of the median times: over the four largest n of the fast computation, over all of the direct one.
  private static func timeFit(_ name: String, _ results: Results) throws -> LineFit {
    let times = try results.timing("\(name)_time")
    let lengths = try times.coordinate("n_\(name)").values
    let medians = try times.columns(over: "n_\(name)").map(median)
    let used = name == "fast" ? 4 : lengths.count
    return .powerLaw(x: lengths.suffix(used), y: medians.suffix(used))
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let error = try results.tensor("output_error")
    // [seeds][degrees]; nothing where the run left the bound out.
    let curves = { (bound: Double) -> [[Double]] in
      settings.accuracy.bounds.contains(bound) ? try error.columns(at: ["bound": .init(bound)]) : []
    }
    let (one, two) = (try curves(1), try curves(2))
    // Of seven steps from degree 1 to 8.
    let falls = one.flatMap { $0.count >= 8 ? [pow($0[0] / $0[7], 1.0 / 7)] : [] }
    let last = one.flatMap { $0.dropFirst(7).prefix(1) }
    let ratios = zip(one, two).flatMap { $0.count >= 4 ? [$1[3] / $0[3]] : [] }
    let exponential = try results.tensor("exponential_error")
    let bounded = try settings.accuracy.bounds.flatMap { try exponential.columns(at: ["bound": .init($0)]).flatMap { $0 } }
    let accuracy = try results.tensor("accuracy")
    let third = try settings.matching.moduli.flatMap { try accuracy.values(at: ["modulus": .init($0), "head": .init(heads[0])]) }
    let pairwise =
      settings.matching.moduli.contains(64) ? try accuracy.values(at: ["modulus": 64, "head": .init(heads[1])]) : []
    return [
      Claim(
        "kronecker-identity", "Sums over pairs of keys fall apart into products.", source: "key lemma",
        quantity: "relative difference of (U2 x U3)ᵀ(V1 x V2) from its Hadamard form, n = \(settings.accuracy.identityCount)",
        measured: try results.scalar("identity_error"), expected: .atMost(1e-12)),
      Claim(
        "error-bound", "The polynomial errs as Taylor's theorem says.", source: "lemma on the polynomial",
        quantity: "largest |p_g - exp| over e^X X^(g+1)/(g+1)!, all B, g and seeds", measured: quantile(bounded, 1),
        expected: .atMost(1)),
      Claim(
        "error-bound-rate", "Every degree helps when entries are small.", source: "upper bound",
        quantity: "smallest over seeds of the geometric mean fall of the output error per degree, g = 1 to 8, B = 1",
        measured: quantile(falls, 0), expected: .atLeast(5)),
      Claim(
        "error-bound-final", "A low degree suffices when entries are small.", source: "upper bound",
        quantity: "largest output error over seeds, g = 8, B = 1", measured: quantile(last, 1), expected: .atMost(1e-9)),
      Claim(
        "bounded-entries-matter", "It does not when they are larger.", source: "threshold theorem",
        quantity: "smallest over seeds of the output error at B = 2 over that at B = 1, g = 4", measured: quantile(ratios, 0),
        expected: .atLeast(1000)),
      Claim(
        "cost-exponents", "The fast computation is almost linear.", source: "upper bound",
        quantity: "log-log slope of the median time over the four largest n", measured: try timeFit("fast", results).slope,
        expected: .within(0.8...1.25)),
      Claim(
        "cost-exponents-direct", "The direct one is cubic.", source: "introduction",
        quantity: "log-log slope of the median time over all n", measured: try timeFit("direct", results).slope,
        expected: .within(2.6...3.3)),
      Claim(
        "triples", "One head over pairs of keys finds triples.", source: "abstract",
        quantity: "smallest accuracy over M and seeds", measured: quantile(third, 0), expected: .atLeast(0.99)),
      Claim(
        "triples-pairwise", "One ordinary head does not.", source: "abstract",
        quantity: "largest accuracy over seeds of the trained head, M = 64", measured: quantile(pairwise, 1),
        expected: .atMost(0.85)),
    ]
  }
}
