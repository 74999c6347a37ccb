import Diagnostics
import Notebook
import Plotting

extension AttentionSupportVectors {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let radii = try results.tensor("path/radius").column().values
    let sweep = try results.tensor("sweep/share")
    let iteration = Axis("iteration", scale: .log())
    let onCorrelation = Axis("correlation with the machine", to: 1.02)
    let parametrizations = [(name: "direct", label: "training W"), (name: "factored", label: "training K and Q")]
    return [
      Figure(
        "fig1", title: "Directions of W and of support vector machines", mirrors: "the convergence figure",
        panels: try parametrizations.map { name, label in
          let steps = try results.trace("\(name)/weights").coordinate("step").values
          return Panel(
            title: label, x: iteration, y: onCorrelation, legend: .outside,
            series: try [
              ("frobenius", "least Frobenius norm, selected tokens"), ("nuclear", "least nuclear norm, selected tokens"),
              ("worst", "least Frobenius norm, worst tokens"),
            ].flatMap { kind, label in
              band(
                steps, try correlations("\(name)/weights", "\(name)/\(kind) machine", settings, results), from: 1,
                label: label)
            })
        } + [
          Panel(
            title: "regularization path", x: Axis("radius R", scale: .log()), y: onCorrelation, legend: .outside,
            series: try [("optimal", "optimal tokens"), ("selected", "selected tokens")].flatMap { kind, label in
              band(
                [0] + radii, try correlations("path/weights", "path/\(kind) machine", settings, results), from: 1,
                label: "least Frobenius norm, \(label)")
            })
        ], columns: 3, panelWidth: 7.5),
      Figure(
        "fig2", title: "Tokens that training W selects, \(settings.sweep.seeds) data sets",
        mirrors: "the figure on over-parameterization",
        Panel(
          x: Axis("dimension d"), y: Axis("share of the runs", from: 0, to: 1), legend: .outside,
          series: [
            .bars(
              categories: settings.sweep.dimensions.map(String.init),
              groups: try Outcome.allCases.map { outcome in
                BarGroup(outcome.rawValue, try sweep.column(["outcome": .init(outcome.rawValue)]))
              })
          ])),
      Figure(
        "fig3", title: "Attention to the selected token", mirrors: "saturation of the softmax",
        panels: try parametrizations.map { name, label in
          let trace = try results.trace("\(name)/attention")
          let selected = try results.tensor("\(name)/selected")
          let seeds = try (0..<settings.seeds).map { seed in
            let columns = try (0..<settings.sequences).map { i in
              let token = try selected.value(["seed": .init(seed), "sequence": .init(i)])
              return try trace.column(["seed": .init(seed), "sequence": .init(i), "token": .init(token)]).values
            }
            return columns[0].indices.map { step in mean(columns.map { $0[step] }) }
          }
          return Panel(
            title: label, x: iteration, y: Axis("probability, mean of the sequences", from: 0, to: 1.02), legend: .none,
            series: band(try trace.coordinate("step").values, seeds, from: 1, label: ""))
        }),
      Figure(
        "fig4", title: "Singular values of W over its least margin", mirrors: "beside the paper: ranks of the solutions",
        Panel(
          x: Axis("place", isCount: true), y: Axis("singular value", scale: .log(), from: 1e-5), legend: .outside,
          series: try parametrizations.flatMap { name, label in
            try results.tensor("\(name)/singular values").banded(label: label)
          })),
    ]
  }

  private static func band(_ x: [Double], _ seeds: [[Double]], from: Int, label: String) -> [Series] {
    let places = x.indices.dropFirst(from)
    let bands = places.map { i in quantiles(seeds.map { $0[i] }, [0, 0.5, 1]) }
    let x = Column(places.map { x[$0] })
    return [
      .band(x: x, lower: Column(bands.map { $0[0] }), upper: Column(bands.map { $0[2] })),
      .line(x: x, y: Column(bands.map { $0[1] }), label: label),
    ]
  }

  /// <W, W'> / (||W|| ||W'||) of every recorded step, for each seed; NaN where W is zero.
  private static func correlations(
    _ weights: String, _ machine: String, _ settings: Settings, _ results: Results
  ) throws -> [[Double]] {
    let (w, machine) = (try results.trace(weights).values, try results.tensor(machine).values)
    let size = settings.dimension * settings.dimension
    let product = { (a: ArraySlice<Double>, b: ArraySlice<Double>) in zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    return (0..<settings.seeds).map { seed in
      let target = machine[seed * size..<(seed + 1) * size]
      return stride(from: seed * size, to: w.count, by: settings.seeds * size).map { start in
        let matrix = w[start..<start + size]
        return product(matrix, target) / (product(matrix, matrix) * product(target, target)).squareRoot()
      }
    }
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let last = { (name: String, kind: String) in
      try correlations("\(name)/weights", "\(name)/\(kind) machine", settings, results).map { $0.last ?? .nan }
    }
    let direct = try last("direct", "frobenius")
    let hardest = { (name: String) in
      let trace = try results.trace("\(name)/attention")
      let rows = settings.seeds * settings.sequences
      let end = Array(trace.values.suffix(rows * settings.length))
      return quantile((0..<rows).map { row in quantile(Array(end[row * settings.length..<(row + 1) * settings.length]), 1) }, 0)
    }
    let spectra = { (name: String) in try results.tensor("\(name)/singular values").columns() }
    let pairs = zip(try spectra("direct"), try spectra("factored"))
    let shares = { (d: Int) in
      settings.sweep.dimensions.contains(d)
        ? try results.tensor("sweep/share").value(["d": .init(d), "outcome": .init(Outcome.global.rawValue)]) : .nan
    }
    let (few, many) = (try shares(2), try shares(50))
    let direction = "Training W converges in direction to the support vector machine of the selected tokens."
    let saturates = "Every sequence ends with all attention on one token."
    let low = "Training K and Q gives a W of lower rank than training W."
    let wins = "With many dimensions the optimal tokens win."
    return [
      Claim(
        "svm-direction", direction, source: "theorem on gradient descent",
        quantity: "correlation with the machine of least Frobenius norm, the mean of all seeds", measured: mean(direct),
        expected: .atLeast(0.95)),
      Claim(
        "svm-direction-every-seed", direction, source: "theorem on gradient descent",
        quantity: "correlation with the machine of least Frobenius norm, the least of all seeds", measured: quantile(direct, 0),
        expected: .atLeast(0.9)),
      Claim(
        "svm-direction-baseline", direction, source: "theorem on gradient descent",
        quantity: "correlation with the machine of the worst tokens, the largest of all seeds",
        measured: quantile(try last("direct", "worst"), 1), expected: .atMost(0.5)),
      Claim(
        "hard-selection", saturates, source: "theorem on gradient descent",
        quantity: "largest attention of a sequence, training W, the least of all sequences and seeds",
        measured: try hardest("direct"), expected: .atLeast(1 - 1e-6)),
      Claim(
        "hard-selection-factored", saturates, source: "theorem on gradient descent",
        quantity: "largest attention of a sequence, training K and Q, the least of all sequences and seeds",
        measured: try hardest("factored"), expected: .atLeast(1 - 1e-6)),
      Claim(
        "kq-low-rank", low, source: "theorem on the nuclear norm",
        quantity: "‖W‖* / ‖W‖ of training K and Q over that of training W, the largest of all seeds",
        measured: quantile(pairs.map { ratio($1) / ratio($0) }, 1), expected: .atMost(0.8)),
      Claim(
        "kq-low-rank-numerical", low, source: "theorem on the nuclear norm",
        quantity: "numerical rank of training W less that of training K and Q, the least of all seeds",
        measured: quantile(pairs.map { rank($0, settings) - rank($1, settings) }, 0), expected: .atLeast(2)),
      Claim(
        "overparam-global", wins, source: "the figure on over-parameterization",
        quantity: "share of runs with all optimal tokens at d = 50", measured: many, expected: .atLeast(0.9)),
      Claim(
        "overparam-global-rise", wins, source: "the figure on over-parameterization",
        quantity: "that share less the one at d = 2", measured: many - few, expected: .atLeast(0.3)),
    ]
  }

  /// rho = ||W||_* / ||W||_F.
  private static func ratio(_ spectrum: [Double]) -> Double {
    spectrum.reduce(0, +) / spectrum.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  private static func rank(_ spectrum: [Double], _ settings: Settings) -> Double {
    Double(spectrum.count { $0 > settings.rankThreshold * spectrum[0] })
  }
}
