import Diagnostics
import Notebook
import Plotting

extension DenseSketchRegression {
  private static let error = Axis("ρ∞, normalized largest error", scale: .log())

  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let kinds = SketchKind.all(nonzeros: settings.nonzeros)
    var figures = [
      try rowsFigure("fig1", "adversarial", kinds, results), try rowsFigure("fig2", "benign", kinds, results),
      try profileFigure(kinds, settings, results), try nonzerosFigure(settings, results),
      try productsFigure(settings, results), try sweepFigure(kinds, results),
    ]
    if results.hasTensor("kronecker/linf") {
      let linf = try results.tensor("kronecker/linf")
      figures.append(
        Figure(
          "fig7", title: "Product of two transforms on a Kronecker product", mirrors: "Kronecker regression",
          Panel(
            x: Axis("rows m of the sketch", scale: .log()), y: error,
            series: try linf.banded(over: "draw", label: "median and range"))))
    }
    return figures
  }

  /// Median and 0.9-quantile over the draws against m.
  private static func rowsFigure(_ id: String, _ problem: String, _ kinds: [SketchKind], _ results: Results) throws -> Figure {
    let panel = { (title: String, share: Double) in
      Panel(
        title: title, x: Axis("rows m of the sketch", scale: .log(base: 2)), y: error, legend: .outside,
        series: try kinds.map { kind in
          let linf = try results.tensor("\(kind.slug)/linf")
          let columns = try linf.columns(over: "rows", at: ["problem": .init(problem)])
          return .linesPoints(
            x: try linf.coordinate("rows"), y: Column(columns.map { quantile($0, share) }), label: kind.label)
        })
    }
    return Figure(
      id, title: "Largest error of a coordinate, \(problem) problem", mirrors: "the guarantee in every coordinate",
      try panel("median", 0.5), try panel("0.9-quantile", 0.9))
  }

  private static func profileFigure(_ kinds: [SketchKind], _ settings: Settings, _ results: Results) throws -> Figure {
    Figure(
      "fig3", title: "Errors of one draw, adversarial problem, m = \(settings.comparedRows)",
      mirrors: "where the error goes: spread evenly, or on few coordinates",
      Panel(
        x: Axis("place in descending order", scale: .log()), y: Axis("|x′ − x*|", scale: .log(), from: 1e-4), legend: .outside,
        series: try kinds.map { kind in
          let profile = try results.tensor("\(kind.slug)/profile")
          return .line(x: try profile.coordinate("place"), y: try profile.column(), label: kind.label)
        }))
  }

  private static func nonzerosFigure(_ settings: Settings, _ results: Results) throws -> Figure {
    let at: [String: Selector] = ["problem": "adversarial", "rows": .init(settings.comparedRows)]
    let sizes = try settings.nonzeros.map { s in
      quantiles(try results.tensor("\(SketchKind.sparse(s).slug)/linf").column(at).values, [0.5, 0.9])
    }
    let dense = median(try results.tensor("\(SketchKind.hadamard.slug)/linf").column(at).values)
    let nonzeros = Column(settings.nonzeros.map(Double.init))
    return Figure(
      "fig4", title: "From sparse to dense, adversarial problem, m = \(settings.comparedRows)",
      mirrors: "sparse sketches cannot achieve the bound",
      Panel(
        x: Axis("nonzeros s in a column", scale: .log(base: 2)), y: Axis(error.label, scale: .log(), from: dense / 2),
        series: [
          .linesPoints(x: nonzeros, y: Column(sizes.map { $0[0] }), label: "median"),
          .linesPoints(x: nonzeros, y: Column(sizes.map { $0[1] }), label: "0.9-quantile"),
          .guide("\(dense)", label: "SRHT, median"),
        ]))
  }

  private static func productsFigure(_ settings: Settings, _ results: Results) throws -> Figure {
    let panels = try ["random directions", "coordinates"].flatMap { pair in
      try comparedProducts.map { kind in
        Panel(
          title: "\(kind.label), \(pair)", x: Axis("(gᵀSᵀSh − gᵀh) √m"), y: Axis("draws", scale: .log(), from: 0.5),
          series: [
            .histogram(values: try results.tensor("\(kind.slug)/products").column(["pair": .init(pair)]), bins: 25)
          ])
      }
    }
    return Figure(
      "fig5", title: "Inner products of two unit vectors, m = \(settings.comparedRows)",
      mirrors: "oblivious coordinate-wise embedding property", panels: panels)
  }

  private static func sweepFigure(_ kinds: [SketchKind], _ results: Results) throws -> Figure {
    Figure(
      "fig6", title: "Median error with m = 8 d rows", mirrors: "row count nearly linear in d",
      Panel(
        x: Axis("unknowns d", scale: .log(base: 2)), y: error, legend: .outside,
        series: try kinds.map { kind in
          let sweep = try results.tensor("\(kind.slug)/sweep")
          return .linesPoints(
            x: try sweep.coordinate("dimension"), y: Column(try sweep.columns(over: "dimension").map(median)), label: kind.label)
        }))
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let medianError = { (kind: SketchKind, problem: String, rows: Int) in
      guard settings.rows.contains(rows), results.hasTensor("\(kind.slug)/linf") else { return Double.nan }
      return median(
        try results.tensor("\(kind.slug)/linf").column(["problem": .init(problem), "rows": .init(rows)]).values)
    }
    let sparseOverDense = { (problem: String, rows: Int) in
      try medianError(.sparse(1), problem, rows) / medianError(.hadamard, problem, rows)
    }
    let benign = try sparseOverDense("benign", 512)
    let sweep = try results.tensor("\(SketchKind.hadamard.slug)/sweep").columns(over: "dimension").map(median)
    let fails = try [512, 1024].map { rows in
      Claim(
        "sparse-fails-linf-m\(rows)", "A sparse sketch errs in some coordinate.",
        source: "lower bound: dense sketches are needed",
        quantity: "median rho_inf of CountSketch over that of SRHT, adversarial problem, m = \(rows)",
        measured: try sparseOverDense("adversarial", rows), expected: .atLeast(4))
    }
    return fails + [
      Claim(
        "benign-no-difference", "On a benign problem any sketch will do.", source: "contrast to the lower bound",
        quantity: "larger over smaller median rho_inf of CountSketch and SRHT, benign problem, m = 512",
        measured: quantile([benign, 1 / benign], 1), expected: .atMost(1.5)),
      Claim(
        "eps-rate", "The error falls like 1/sqrt(m).", source: "m of the order of d / eps²",
        quantity: "median rho_inf of SRHT at m = 256 over that at m = 1024, adversarial problem",
        measured: try medianError(.hadamard, "adversarial", 256) / medianError(.hadamard, "adversarial", 1024),
        expected: .within(2...4.5)),
      Claim(
        "linear-in-d", "Rows in proportion to d keep the error.", source: "nearly linear row count",
        quantity: "largest over smallest median rho_inf of SRHT for the d of the sweep, m = 8 d",
        measured: quantile(sweep, 1) / quantile(sweep, 0), expected: .atMost(2)),
      Claim(
        "fast-transform-product", "The fast transform is the product with the matrix.", source: "algorithm",
        quantity: "largest entry of their difference for unit vectors", measured: try results.scalar("transform/error"),
        expected: .atMost(1e-12)),
      Claim(
        "fast-transform-orthogonal", "The normalized matrix is orthogonal.", source: "algorithm",
        quantity: "largest entry of H^T H - I", measured: try results.scalar("transform/orthogonality"), expected: .atMost(1e-12)),
    ]
  }
}
