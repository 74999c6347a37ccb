import Diagnostics
import Notebook
import Plotting

extension OutlierAlignment {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let mixture = settings.mixture
    return [
      Figure(
        "fig1", title: "Alignment of the rows of W, k = \(mixture.classes) Gaussians",
        mirrors: "alignment of SGD with the outlier eigenspaces over time",
        panels: [
          try spanPanel(mixture.main, results, mixture), try dimensionPanel(results, mixture),
          try spanPanel(mixture.contrast, results, mixture), try accuracyPanel(results, mixture),
        ]),
      Figure(
        "fig2", title: "Eigenvalues of the Hessian's block of class 1, \(mixture.main)", mirrors: "spectra with outliers",
        panels: try [0, 1].map { try spectrumPanel($0, results, mixture) }),
      Figure(
        "fig3", title: "Cosine between a row of W and the eigenvectors of its block, \(mixture.main)",
        mirrors: "heat maps of inner products over time",
        panels: try (0..<min(4, mixture.classes)).map { try componentPanel($0, results, mixture) }),
      Figure(
        "fig4", title: "Exclusive or, d = \(settings.exclusiveOr.dimension)",
        mirrors: "first and second layer, successful and failed runs",
        panels: try exclusiveOrPanels(results, settings.exclusiveOr)),
    ]
  }

  private static let time = Axis("steps / d")

  private static func alignmentAxis(_ label: String = "alignment") -> Axis { Axis(label, from: 0, to: 1.02) }

  /// What a random subspace would give: sqrt(k/d).
  private static func chance(_ dimension: Int, _ settings: MixtureSettings) -> Double {
    (Double(settings.classes) / Double(dimension)).squareRoot()
  }

  private static func spanPanel(_ name: String, _ results: Results, _ settings: MixtureSettings) throws -> Panel {
    let alignment = try results.tensor("mixture/alignment")
    let labels = ["top k of $H_c$", "top k of $G_c$", "span of the means"]
    return Panel(
      title: name, x: time, y: alignmentAxis(), legend: .outside,
      series: try zip(spans, labels).flatMap { span, label in
        try alignment.banded(at: ["case": .init(name), "span": .init(span)], label: label)
      } + [.guide("\(chance(settings.dimension, settings))", label: "random subspace, √(k/d)")])
  }

  private static func dimensionPanel(_ results: Results, _ settings: MixtureSettings) throws -> Panel {
    let alignment = try results.tensor("mixture/alignment")
    return Panel(
      title: "top k of $H_c$ in several dimensions", x: time, y: alignmentAxis(), legend: .outside,
      series: try settings.cases.filter { $0.precision == settings.precision }.flatMap { name, _, _ in
        try alignment.banded(at: ["case": .init(name), "span": "Hessian"], label: name)
      })
  }

  private static func accuracyPanel(_ results: Results, _ settings: MixtureSettings) throws -> Panel {
    let accuracy = try results.tensor("mixture/accuracy")
    return Panel(
      title: "accuracy", x: time, y: alignmentAxis("accuracy on points held out"), legend: .outside,
      series: try [settings.main, settings.contrast].flatMap { try accuracy.banded(at: ["case": .init($0)], label: $0) })
  }

  private static func spectrumPanel(_ place: Int, _ results: Results, _ settings: MixtureSettings) throws -> Panel {
    let values = try results.tensor("spectrum/first class").column(["when": .init(["start", "end"][place])]).values
    let title = ["at the start", "after \(settings.times.max() ?? 0) d steps"][place]
    return Panel(
      title: title, x: Axis("eigenvalue"), y: Axis("eigenvalues", scale: .log(), from: 0.5), legend: .topRight,
      series: [
        .histogram(values: Column(values), bins: 60, label: "all of $H_1$"),
        .points(
          x: Column(Array(values.prefix(settings.classes))), y: Column(values.prefix(settings.classes).map { _ in 0.7 }),
          label: "the k largest", style: .look(1)),
      ])
  }

  private static func componentPanel(_ c: Int, _ results: Results, _ settings: MixtureSettings) throws -> Panel {
    let components = try results.tensor("mixture/components")
    let places = Array(1...settings.places)
    let values = try places.flatMap { place in
      try components.column(["case": .init(settings.main), "seed": 0, "class": .init(c), "place": .init(place)]).values
    }
    let columns = settings.times.indices.map(Double.init)
    return Panel(
      title: "class \(c + 1)",
      x: Axis(
        "steps / d", from: -0.5, to: Double(columns.count) - 0.5, ticks: zip(columns, settings.times).map { .init($0, "\($1)") }),
      y: Axis("eigenvector, the largest first", from: 0.5, to: Double(settings.places) + 0.5, isCount: true), legend: .none,
      series: [
        .heatMap(
          Grid(Column(values), x: Column(columns), y: Column(places.map(Double.init))),
          color: ColorAxis("cosine with the row", from: 0, to: 1))
      ], annotations: [.horizontalLine(y: Double(settings.classes) + 0.5)])
  }

  // MARK: Exclusive or

  /// Runs of one width, by their accuracy at the end.
  private static func outcomes(_ width: Int, _ results: Results) throws -> (successful: [Int], failed: [Int]) {
    let accuracies = try results.tensor("exclusive or \(width)/accuracy").lastValues()
    let successful = accuracies.indices.filter { accuracies[$0] > 0.95 }
    return (successful, accuracies.indices.filter { !successful.contains($0) })
  }

  private static func exclusiveOrPanels(_ results: Results, _ settings: ExclusiveOr) throws -> [Panel] {
    let groups = try settings.widths.flatMap { width in
      let (successful, failed) = try outcomes(width, results)
      return [("learned", successful), ("failed", failed)].filter { !$0.1.isEmpty }.map { outcome, runs in
        (width: width, runs: runs, label: "K = \(width), \(outcome) (\(runs.count))")
      }
    }
    let curves = { (name: String) in
      try groups.flatMap { width, runs, label in
        let array = try results.tensor("exclusive or \(width)/\(name)")
        let columns = try array.columns()
        return band(x: try array.coordinate("time"), runs.map { columns[$0] }, label: label)
      }
    }
    let eigenvalues = try groups.flatMap { width, runs, label in
      let array = try results.tensor("exclusive or \(width)/second layer eigenvalues")
      let columns = try array.columns(at: ["time": .init(settings.times.max() ?? 0)])
      // Zeros of a block without full rank have no place on the axis.
      return band(x: try array.coordinate("place"), runs.map { columns[$0].map { max($0, 1e-9) } }, label: label)
    }
    return [
      Panel(
        title: "first layer, top 2 of each block", x: time, y: alignmentAxis(), legend: .outside,
        series: try curves("first layer")
          + [.guide("\((2 / Double(settings.dimension)).squareRoot())", label: "random subspace, √(2/d)")]),
      Panel(
        title: "second layer, top 4", x: time, y: alignmentAxis(), legend: .outside, series: try curves("second layer")),
      Panel(
        title: "second layer at the end", x: Axis("eigenvalue, the largest first", isCount: true),
        y: Axis("eigenvalue of the block of v", scale: .log()), legend: .outside, series: eigenvalues),
      Panel(
        title: "accuracy", x: time, y: Axis("accuracy on points held out", from: 0.4, to: 1.02), legend: .outside,
        series: try curves("accuracy")),
    ]
  }

  /// The median of several curves in their whole range.
  private static func band(x: Column, _ curves: [[Double]], label: String) -> [Series] {
    let bands = x.values.indices.map { i in quantiles(curves.map { $0[i] }, [0, 0.5, 1]) }
    return [
      .band(x: x, lower: Column(bands.map { $0[0] }), upper: Column(bands.map { $0[2] })),
      .line(x: x, y: Column(bands.map { $0[1] }), label: label),
    ]
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let mixture = settings.mixture
    let alignment = try results.tensor("mixture/alignment")
    let last = mixture.times.max() ?? 0
    // Of all runs, at a time that may not have been recorded.
    let aligned = { (name: String, span: String, time: Int) -> [Double] in
      guard mixture.times.contains(time) else { return [] }
      return try alignment.values(at: ["case": .init(name), "span": .init(span), "time": .init(time)])
    }
    let accuracy = try results.tensor("mixture/accuracy").lastValues(at: ["case": .init(mixture.main)])
    let clocks = try mixture.cases.filter { $0.precision == mixture.precision }.map { mean(try aligned($0.name, "Hessian", 10)) }
    let gaps = try outlierGaps(results, mixture, at: last)
    let wide = settings.exclusiveOr.widths.max() ?? 0
    let learned = try outcomes(wide, results).successful
    let rows = try results.tensor("exclusive or \(wide)/first layer").lastValues()
    let runs = "of \(mixture.seeds) runs with \(mixture.main)"
    return [
      Claim(
        "starts-unaligned", "At the start the rows are not aligned.", source: "k Gaussians",
        quantity: "alignment with the top k of H_c at t = 0, mean over classes, the largest \(runs)",
        measured: quantile(try aligned(mixture.main, "Hessian", 0), 1), expected: .below(0.25)),
      Claim(
        "aligns-in-O(d)", "Within O(d) steps each row lies in the outliers' eigenspace of its Hessian block.",
        source: "theorem on k Gaussians",
        quantity: "alignment with the top k of H_c at t = 20 d, mean over classes, the least \(runs)",
        measured: quantile(try aligned(mixture.main, "Hessian", 20), 0), expected: .above(0.8)),
      Claim(
        "aligns-in-O(d)-gradients", "The same for the second moment of the gradients.", source: "theorem on k Gaussians",
        quantity: "alignment with the top k of G_c at t = 20 d, mean over classes, the least \(runs)",
        measured: quantile(try aligned(mixture.main, "gradients", 20), 0), expected: .above(0.78)),
      Claim(
        "aligns-in-O(d)-accuracy", "By then the mixture is learned.", source: "k Gaussians",
        quantity: "accuracy on points held out at the end, the least \(runs)", measured: quantile(accuracy, 0),
        expected: .above(0.98)),
      Claim(
        "same-clock", "The time scale is d.", source: "theorem on k Gaussians, steps of order d",
        quantity: "largest difference of the alignments with H_c at t = 10 d between dimensions, means over classes and runs",
        measured: quantile(clocks, 1) - quantile(clocks, 0), expected: .below(0.1)),
      Claim(
        "k-outliers", "k eigenvalues stand out at the end.", source: "theorem on k Gaussians",
        quantity: "eigenvalue k over k + 1 of H_c at t = \(last) d, the least over classes \(runs)",
        measured: quantile(gaps.outliers, 0), expected: .above(2.5)),
      Claim(
        "k-outliers-no-more", "No further eigenvalue stands out.", source: "theorem on k Gaussians",
        quantity: "eigenvalue k + 1 over k + 2 of H_c at t = \(last) d, the largest over classes \(runs)",
        measured: quantile(gaps.bulk, 1), expected: .below(1.3)),
      Claim(
        "xor-rank-two", "First-layer rows lie in the top two eigenvectors of their blocks.",
        source: "theorem on the exclusive or",
        quantity: """
          alignment at the end, mean over rows above half the largest norm, the least of the \(learned.count) runs with K = \(wide) \
          that learned (at least 3 needed)
          """,
        measured: learned.count < 3 ? .nan : quantile(learned.map { rows[$0] }, 0), expected: .above(0.8)),
    ]
  }

  /// Eigenvalue k over k + 1, and k + 1 over k + 2, of every class and run.
  private static func outlierGaps(
    _ results: Results, _ settings: MixtureSettings, at time: Int
  ) throws -> (outliers: [Double], bulk: [Double]) {
    let (values, k) = (try results.tensor("mixture/eigenvalues"), settings.classes)
    let columns = try (0..<k).flatMap { c in
      try values.columns(at: ["case": .init(settings.main), "class": .init(c), "time": .init(time)])
    }
    return (columns.map { $0[k - 1] / $0[k] }, columns.map { $0[k] / $0[k + 1] })
  }
}
