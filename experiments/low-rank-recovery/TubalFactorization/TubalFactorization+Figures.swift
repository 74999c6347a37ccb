import Diagnostics
import Notebook
import Plotting

extension TubalFactorization {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let test = try results.trace("descent/test_error")
    let steps = try test.coordinate("step")
    let wide: [String: Selector] = ["columns": 50, "scale": 1e-5]
    let values = try results.trace("descent/singular_values")
    let step = Axis("iteration t")
    let slices = Tubal.distinctSlices(settings.tubes)
    return [
      Figure(
        "fig1", title: "Two phases, R = 50, α = 10⁻⁵", mirrors: "spectral phase and convergence phase",
        Panel(
          x: step, y: Axis("relative error, or sine", scale: .log()), legend: .outside,
          series: try [
            ("train_error", "train error"), ("test_error", "test error"), ("sine", "sine of the largest principal angle"),
          ].map { .line(x: steps, y: try results.trace("descent/\($0.0)").column(wide), label: $0.1) })),
      Figure(
        "fig2", title: "Last test error", mirrors: "test error against the initial scale",
        Panel(
          x: Axis("initial scale α", scale: .log()), y: Axis("relative test error", scale: .log()), legend: .outside,
          series: try [10, 50].map { columns in
            .linesPoints(
              x: Column(settings.scales), y: Column(try settings.scales.map { try last(test, columns, $0) }),
              label: "R = \(columns)")
          })),
      Figure(
        "fig3", title: "Test error, α = 10⁻⁵", mirrors: "over-parameterization",
        Panel(
          x: step, y: Axis("relative test error", scale: .log()), legend: .outside,
          series: try settings.columns.map { columns in
            .line(x: steps, y: try test.column(["columns": .init(columns), "scale": 1e-5]), label: "R = \(columns)")
          })),
      Figure(
        "fig4", title: "Singular values of U, R = 50, α = 10⁻⁵",
        mirrors: "growth of the singular tubes, one panel a Fourier slice",
        panels: try (0..<slices).map { slice in
          Panel(
            title: "Fourier slice \(slice)", x: step, y: Axis("singular value", scale: .log()), legend: .outside,
            series: try (1...settings.rank + 1).map { index in
              .line(
                x: steps, y: try values.column(wide.merging(["slice": .init(slice), "index": .init(index)]) { $1 }),
                label: "σ\(index)")
            })
        }),
    ]
  }

  private static func last(_ test: RecordedArray, _ columns: Int, _ scale: Double) throws -> Double {
    try test.column(["columns": .init(columns), "scale": .init(scale)]).values.last ?? .nan
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let test = try results.trace("descent/test_error")
    let steps = try test.coordinate("step").values
    /// sigma_i / sigma_j of U with R = 50, a number for each Fourier slice.
    let ratios = { (i: Int, j: Int, scale: Double, step: Double) in
      let values = try results.trace("descent/singular_values")
      return try (0..<Tubal.distinctSlices(settings.tubes)).map { slice in
        let place: [String: Selector] = ["columns": 50, "scale": .init(scale), "slice": .init(slice), "step": .init(step)]
        let value = { (index: Int) in try values.value(place.merging(["index": .init(index)]) { $1 }) }
        return try value(i) / value(j)
      }
    }
    let end = steps.last ?? .nan
    let spare = settings.rank + 1
    let fitted = firstHit(try test.column(["columns": 50, "scale": 1e-5]).values) { $0 < 0.95 }
    let errors = try [10, 50].map { try last(test, $0, 1e-5) }
    return [
      Claim(
        "small-init-helps", "The test error falls with the initial scale.", source: "theorem, figure on initial scales",
        quantity: "last test error at alpha = 1e-1 over that at alpha = 1e-5, R = 50",
        measured: try last(test, 50, 1e-1) / errors[1],
        expected: .atLeast(20)),
      Claim(
        "low-tubal-rank-small", "From a small start the factor has nearly the tubal rank of the truth.",
        source: "implicit bias to low tubal rank",
        quantity: "sigma_\(spare) / sigma_\(spare - 1) at the end, R = 50, alpha = 1e-5, largest over Fourier slices",
        measured: quantile(try ratios(spare, spare - 1, 1e-5, end), 1), expected: .atMost(0.06)),
      Claim(
        "low-tubal-rank-large", "From a large start it has not.",
        source: "implicit bias to low tubal rank",
        quantity: "sigma_\(spare) / sigma_\(spare - 1) at the end, R = 50, alpha = 0.5, smallest over Fourier slices",
        measured: quantile(try ratios(spare, spare - 1, 0.5, end), 0), expected: .atLeast(0.15)),
      Claim(
        "rank-insensitive", "The test error hardly depends on R.", source: "figure on over-parameterization",
        quantity: "the larger over the smaller last test error at R = 10 and R = 50, alpha = 1e-5",
        measured: quantile(errors, 1) / quantile(errors, 0), expected: .atMost(3)),
      Claim(
        "two-phases-aligned", "Alignment precedes fitting.", source: "spectral and convergence phases",
        quantity:
          "largest sigma_1 / sigma_\(spare) over Fourier slices at the first t with a test error below 0.95, R = 50, alpha = 1e-5",
        measured: try fitted.map { quantile(try ratios(1, spare, 1e-5, steps[$0]), 1) } ?? .nan, expected: .atLeast(50)),
      Claim(
        "two-phases-start", "At the start nothing is aligned.", source: "spectral and convergence phases",
        quantity: "largest sigma_1 / sigma_\(spare) over Fourier slices at t = 0, R = 50, alpha = 1e-5",
        measured: quantile(try ratios(1, spare, 1e-5, 0), 1), expected: .below(2)),
      Claim(
        "t-product-identities-transpose", "(A * B)^T = B^T * A^T", source: "definition of the t-product",
        quantity: "largest entry of the difference, random tensors", measured: try results.scalar("identities/transpose"),
        expected: .atMost(1e-12)),
      Claim(
        "t-product-identities-unit", "A * I = A", source: "definition of the t-product",
        quantity: "largest entry of the difference, random tensors", measured: try results.scalar("identities/unit"),
        expected: .atMost(1e-12)),
    ]
  }
}
