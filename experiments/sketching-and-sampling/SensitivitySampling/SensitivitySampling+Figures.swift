import Diagnostics
import Foundation
import Notebook
import Plotting

extension SensitivitySampling {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    var figures = try MatrixKind.allCases.map { try distortionFigure($0, settings, results) }
    figures += [try rowsFigure(settings, results), try totalsFigure(settings, results)]
    if results.hasTensor("scaling/rows") { figures.append(try scalingFigure(settings.scaling, results)) }
    return figures
  }

  private static func distortionFigure(_ matrix: MatrixKind, _ settings: Settings, _ results: Results) throws -> Figure {
    let distortion = try results.tensor("schemes/distortion")
    return Figure(
      "fig1-\(matrix.rawValue)", title: "Median distortion, \(matrix.rawValue) matrix",
      mirrors: "distortion against the number of rows",
      panels: try settings.powers.map { p in
        Panel(
          title: "p = \(p.brief)", x: Axis("rows m", scale: .log()), y: Axis("distortion", scale: .log()), legend: .outside,
          series: try SamplingScheme.allCases.map { scheme in
            let at: [String: Selector] = [
              "matrix": .init(matrix.rawValue), "p": .init(p), "scheme": .init(scheme.rawValue),
            ]
            return .linesPoints(
              x: try distortion.coordinate("kept"), y: Column(try distortion.columns(over: "kept", at: at).map(median)),
              label: scheme.rawValue)
          })
      }, columns: max(1, settings.powers.count), panelWidth: 6.5, panelHeight: 5)
  }

  private static func rowsFigure(_ settings: Settings, _ results: Results) throws -> Figure {
    let places = Column((1...settings.count).map(Double.init))
    let sorted = { (name: String, at: [String: Selector]) in
      Column(try results.tensor(name).column(at).values.sorted(by: >))
    }
    return Figure(
      "fig2", title: "Sensitivities in descending order", mirrors: "sensitivities beside leverage scores",
      panels: try MatrixKind.allCases.map { matrix in
        let at: [String: Selector] = ["matrix": .init(matrix.rawValue)]
        return Panel(
          title: matrix.rawValue, x: Axis("row, in descending order", scale: .log()),
          y: Axis("sensitivity", scale: .log(), from: 1e-6),
          legend: .outside,
          series: try settings.powers.map { p in
            let at = at.merging(["p": .init(p)]) { $1 }
            return .line(x: places, y: try sorted("schemes/exact", at), label: "p = \(p.brief)")
          } + [.linesPoints(x: places, y: try sorted("leverage", at), label: "leverage score")])
      }, columns: 3, panelWidth: 6.5, panelHeight: 5)
  }

  private static func totalsFigure(_ settings: Settings, _ results: Results) throws -> Figure {
    let totals = try results.tensor("totals/sensitivity")
    let d = settings.dimension
    return Figure(
      "fig3", title: "Total sensitivity", mirrors: "total sensitivity and its bounds",
      Panel(
        x: Axis("exponent p"), y: Axis("total sensitivity S", from: 0), legend: .outside,
        series: try MatrixKind.allCases.map { matrix in
          .linesPoints(
            x: try totals.coordinate("p"), y: try totals.column(["matrix": .init(matrix.rawValue)]), label: matrix.rawValue)
        } + [.guide("\(d)", label: "d", to: 2), .guide("\(d)**(x / 2)", label: "$d^{p/2}$", from: 2)]))
  }

  private static func scalingFigure(_ scaling: Scaling, _ results: Results) throws -> Figure {
    let (totals, rows) = (try results.tensor("scaling/total"), try results.tensor("scaling/rows"))
    return Figure(
      "fig4", title: "Rows for a distortion of 1/4", mirrors: "sample complexity against the total sensitivity",
      panels: try scaling.powers.map { p in
        let curves = try totals.labels("matrix").map { matrix -> (label: String, s: Column, m: Column) in
          let at: [String: Selector] = ["matrix": .init(matrix), "p": .init(p)]
          return (matrix, try totals.column(at), try rows.column(at))
        }
        // The guides start where the first curve does.
        let (s, m) = (curves[0].s.values.first ?? 1, curves[0].m.values.first ?? 1)
        let exponent = p < 2 ? 2 / p : 2 - 2 / p
        let guide =
          m.isFinite ? [Series.guide("\(m) * (x / \(s))**(\(exponent))", label: p < 2 ? "$S^{2/p}$" : "$S^{2-2/p}$")] : []
        let product = m.isFinite ? [Series.guide("\(m) * (x / \(s))**2", label: "∝ S d with d ∝ S")] : []
        return Panel(
          title: "p = \(p.brief)", x: Axis("total sensitivity S", scale: .log()), y: Axis("rows m", scale: .log()),
          series: curves.map { .linesPoints(x: $0.s, y: $0.m, label: $0.label) } + guide + product)
      }, columns: 3, panelWidth: 6.5, panelHeight: 5)
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    return try leverageClaims(settings, results) + totalClaims(settings, results) + distortionClaims(settings, results)
      + splitClaims(settings, results)
  }

  private static func leverageClaims(_ settings: Settings, _ results: Results) throws -> [Claim] {
    var (gap, totals) = (Double.nan, [Double.nan])
    if settings.powers.contains(2) {
      let net = try results.tensor("schemes/net")
      let pairs = try MatrixKind.allCases.map { matrix in
        let at: [String: Selector] = ["matrix": .init(matrix.rawValue)]
        return (
          try net.column(at.merging(["p": 2]) { $1 }).values, try results.tensor("leverage").column(at).values
        )
      }
      gap = quantile(pairs.flatMap { zip($0.0, $0.1).map { abs($0 - $1) / $1 } }, 1)
      totals = pairs.map { abs($0.0.reduce(0, +) - 3) }
    }
    return [
      Claim(
        "leverage-at-p2", "For p = 2 sensitivities are leverage scores.", source: "known identity",
        quantity: "largest |sigma - tau| / tau over rows and matrices, sigma over a net", measured: gap, expected: .atMost(0.02)),
      Claim(
        "leverage-at-p2-total", "For p = 2 they add up to d.", source: "known identity",
        quantity: "largest |S - 3| over matrices, p = 2, over a net", measured: quantile(totals, 1), expected: .atMost(0.05)),
    ]
  }

  private static func totalClaims(_ settings: Settings, _ results: Results) throws -> [Claim] {
    let totals = { (p: Double) -> [Double] in
      guard settings.powers.contains(p) else { return [.nan] }
      let exact = try results.tensor("schemes/exact")
      return try exact.columns(over: "matrix", at: ["p": .init(p)]).map { $0.reduce(0, +) }
    }
    return [
      Claim(
        "total-sensitivity-bounds-p1", "For p < 2 the total sensitivity is at most d.", source: "preliminaries",
        quantity: "largest S over matrices, p = 1", measured: quantile(try totals(1), 1), expected: .atMost(3)),
      Claim(
        "total-sensitivity-bounds-p3-lower", "For p > 2 the total sensitivity is at least d.", source: "preliminaries",
        quantity: "smallest S over matrices, p = 3", measured: quantile(try totals(3), 0), expected: .atLeast(3)),
      Claim(
        "total-sensitivity-bounds-p3-upper", "For p > 2 the total sensitivity is at most d^(p/2).", source: "preliminaries",
        quantity: "largest S over matrices, p = 3", measured: quantile(try totals(3), 1), expected: .atMost(pow(3, 1.5))),
    ]
  }

  private static func distortionClaims(_ settings: Settings, _ results: Results) throws -> [Claim] {
    let distortion = try results.tensor("schemes/distortion")
    let medianDistortion = { (matrix: MatrixKind, p: Double, scheme: SamplingScheme, kept: Int) -> Double in
      guard settings.kept.contains(kept), settings.powers.contains(p) else { return .nan }
      return median(
        try distortion.column([
          "matrix": .init(matrix.rawValue), "p": .init(p), "scheme": .init(scheme.rawValue), "kept": .init(kept),
        ]).values)
    }
    let uniform = try settings.powers.map { try medianDistortion(.outlier, $0, .uniform, 400) }
    let sensitive = try settings.powers.map { try medianDistortion(.outlier, $0, .sensitivity, 400) }
    let falls = try [MatrixKind.outlier, .smooth].flatMap { matrix in
      try [1.0, 2, 3].map { p in
        Claim(
          "root-m-\(matrix.rawValue)-p\(p.brief)", "The distortion falls like 1/sqrt(m).", source: "eps^-2 in the theorems",
          quantity:
            "median distortion at m = 100 over that at m = 400, sensitivity sampling, \(matrix.rawValue) matrix, p = \(p.brief)",
          measured: try medianDistortion(matrix, p, .sensitivity, 100) / medianDistortion(matrix, p, .sensitivity, 400),
          expected: .within(1.5...4))
      }
    }
    return [
      Claim(
        "uniform-fails", "Uniform sampling misses an outlying row.", source: "motivation",
        quantity: "least median distortion over p, uniform sampling, outlier matrix, m = 400", measured: quantile(uniform, 0),
        expected: .atLeast(0.5)),
      Claim(
        "uniform-fails-sensitivity", "Sensitivity sampling keeps it.", source: "motivation",
        quantity: "largest median distortion over p, sensitivity sampling, outlier matrix, m = 400",
        measured: quantile(sensitive, 1), expected: .atMost(0.12)),
    ] + falls
  }

  private static func splitClaims(_ settings: Settings, _ results: Results) throws -> [Claim] {
    let change = try results.tensor("split/change")
    let largest = { (name: String) in quantile(try change.column(["quantity": .init(name)]).values, 1) }
    return [
      Claim(
        "split-rows-norm", "Splitting rows keeps the norm.", source: "flattening argument",
        quantity: "largest relative difference of |A x|_p over 50 x and p", measured: try largest("norm"),
        expected: .atMost(1e-12)),
      Claim(
        "split-rows-sensitivity", "It divides each sensitivity by the number of copies.", source: "flattening argument",
        quantity: "largest |4 sigma' / sigma - 1| over rows and p", measured: try largest("sensitivity"), expected: .atMost(1e-6)),
      Claim(
        "split-rows-total", "It keeps the total sensitivity.", source: "flattening argument",
        quantity: "largest |S' / S - 1| over p", measured: try largest("total"), expected: .atMost(1e-6)),
    ]
  }
}
