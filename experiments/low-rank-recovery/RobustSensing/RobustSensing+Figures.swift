import Diagnostics
import Notebook
import Plotting

extension RobustSensing {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let (share, smallest) = (settings.shares[0], settings.scales.min() ?? .nan)
    let wide = settings.columns.max() ?? 0
    let error = try results.trace("l1/error")
    let squared = try results.trace("l2/error")
    let cosine = try results.trace("l1/cosine")
    let step = Axis("iteration t")
    let errorAxis = Axis("relative error ‖UUᵀ − X*‖ / ‖X*‖", scale: .log())
    let steps = try error.coordinate("step")
    let place = { (p: Double, columns: Int, scale: Double) -> [String: Selector] in
      ["p": .init(p), "columns": .init(columns), "scale": .init(scale)]
    }
    let model = { (p: Double) in p == 1 ? "dense, σ = \(settings.denseSigma.brief)" : "p = \(p.brief)" }
    return [
      Figure(
        "fig1", title: "A share \(share.brief) of outliers", mirrors: "sub-gradient method and squared loss",
        Panel(
          x: step, y: errorAxis, legend: .outside,
          series: try settings.columns.map { columns in
            .line(x: steps, y: try error.column(place(share, columns, smallest)), label: "ℓ₁, r′ = \(columns)")
          }
            + settings.columns.map { columns in
              .line(x: steps, y: try squared.column(place(share, columns, settings.squaredScale)), label: "ℓ₂, r′ = \(columns)")
            })),
      Figure(
        "fig2", title: "Last error against initial scale", mirrors: "final error as a power of the initial scale",
        Panel(
          x: Axis("initial scale α", scale: .log()), y: Axis("relative error after the last step", scale: .log()),
          legend: .outside,
          series: try settings.columns.map { columns in
            .linesPoints(
              x: Column(settings.scales),
              y: Column(try settings.scales.map { try last(error, place(share, columns, $0)) }), label: "r′ = \(columns)")
          })),
      Figure(
        "fig3", title: "Sign-RIP, r′ = \(settings.columns[0])", mirrors: "alignment of the sub-gradient",
        Panel(
          x: Axis("iteration t", scale: .log()), y: Axis("cosine of Q and X* − UUᵀ"), legend: .outside,
          series: try settings.scales.map { scale in
            .line(x: steps, y: try cosine.column(place(share, settings.columns[0], scale)), label: "α = \(scale.brief)")
          })),
      Figure(
        "fig4", title: "Noise models, α = \(smallest.brief), r′ = \(wide)", mirrors: "recovery at several noise levels",
        Panel(
          x: step, y: errorAxis, legend: .outside,
          series: try settings.noiseShares.map { p in
            .line(x: steps, y: try error.column(place(p, wide, smallest)), label: model(p))
          }),
        Panel(
          x: step, y: Axis("norm", scale: .log()), legend: .outside,
          series: try [("signal", "signal ‖VᵀU‖"), ("residual", "residual ‖V⊥ᵀU‖")].map { name, title in
            .line(
              x: steps, y: try results.trace("l1/\(name)").column(place(share, wide, smallest)),
              label: "\(title), \(model(share))")
          })),
    ]
  }

  private static func last(_ trace: RecordedArray, _ selection: [String: Selector]) throws -> Double {
    try trace.column(selection).values.last ?? .nan
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let (exact, wide) = (settings.rank, settings.columns.max() ?? 0)
    let error = try results.trace("l1/error")
    let place = { (columns: Int, scale: Double) -> [String: Selector] in
      ["p": 0.1, "columns": .init(columns), "scale": .init(scale)]
    }
    let absolute = try last(error, place(wide, 1e-4))
    let squared = try last(try results.trace("l2/error"), place(wide, settings.squaredScale))
    let arrival = { (columns: Int) in
      firstHit(try error.column(place(columns, 1e-3)).values) { $0 < 0.02 }.map(Double.init) ?? .nan
    }
    let exactErrors = try settings.scales.map { try last(error, place(exact, $0)) }
    let paths = try settings.scales.map { try error.column(place(exact, $0)).values }
    let cosines = try zip(settings.scales, paths).flatMap { scale, errors in
      let cosines = try results.trace("l1/cosine").column(place(exact, scale)).values
      return zip(errors, cosines).filter { (0.05...0.9).contains($0.0) }.map { $0.1 }
    }
    let wideRuns = "p = 0.1, r' = \(wide), alpha = 1e-4"
    return [
      Claim(
        "l1-recovers-l2-fails-l1", "The l1 loss recovers the matrix.", source: "abstract, theorem on outliers",
        quantity: "relative error after the last step, l1, \(wideRuns)", measured: absolute, expected: .atMost(1e-3)),
      Claim(
        "l1-recovers-l2-fails-l2", "The squared loss does not.", source: "abstract, theorem on outliers",
        quantity: "relative error after the last step, l2, p = 0.1, r' = \(wide)", measured: squared, expected: .atLeast(0.2)),
      Claim(
        "l1-recovers-l2-fails-ratio", "The l1 loss recovers the matrix where the squared loss fails.",
        source: "abstract, theorem on outliers", quantity: "relative error of l2 over that of l1", measured: squared / absolute,
        expected: .atLeast(200)),
      Claim(
        "rank-agnostic-speed", "The speed does not depend on the number of columns.", source: "abstract",
        quantity: "steps to an error below 0.02, r' = \(wide) over r' = \(exact), alpha = 1e-3",
        measured: try arrival(wide) / arrival(exact), expected: .atMost(1.25)),
      Claim(
        "error-falls-with-alpha", "The final error is a power of the initial scale.", source: "final error theorem",
        quantity: "relative error after the last step, alpha = 0.1 over alpha = 1e-4, r' = \(wide)",
        measured: try last(error, place(wide, 1e-1)) / absolute, expected: .atLeast(8)),
      Claim(
        "exact-rank-exact-recovery", "With as many columns as the rank recovery is exact.", source: "outlier theorem",
        quantity: "relative error after the last step, r' = \(exact), largest over scales", measured: quantile(exactErrors, 1),
        expected: .atMost(1e-4)),
      Claim(
        "sign-rip", "The sub-gradient points to the truth.", source: "Sign-RIP definition",
        quantity: "smallest cosine of Q and X* - U U^T where the error is in [0.05, 0.9], r' = \(exact), all scales",
        measured: quantile(cosines, 0), basis: paths.flatMap { $0 }, expected: .atLeast(0.7)),
    ]
  }
}
