import Diagnostics
import Notebook
import Plotting

extension TrainingJacobian {
  static let prototypes = "prototypes"

  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let groups = [prototypes, scannedDigits].filter { results.hasTensor("\($0)/singular values") }
    let network = "64-\(settings.hidden)-10 ReLU network"
    return [
      Figure(
        "fig1", title: "Singular values of the training Jacobian, \(network)", mirrors: "main figure, singular values",
        panels: try groups.map { try spectrumPanel($0, results, settings) }),
      Figure(
        "fig2", title: "Left and right singular vectors", mirrors: "alignment of singular vectors",
        panels: try groups.map { try alignmentPanel($0, results, settings) }),
      Figure(
        "fig3", title: "Bulks of two runs", mirrors: "overlap of bulks, real and shuffled labels, two seeds",
        panels: try groups.map { try overlapPanel($0, results, settings) }),
      Figure(
        "fig4", title: "Perturbation of the trained parameters", mirrors: "divergence against the norm of a perturbation",
        panels: try groups.flatMap { group in try inputKinds.map { try divergencePanel(group, $0, results, settings) } }),
      Figure(
        "fig5", title: "Singular values during training", mirrors: "singular values over time",
        panels: try groups.map { try timePanel($0, results, settings) }),
    ]
  }

  private static let place = Axis("place i")

  private static func spectrumPanel(_ group: String, _ results: Results, _ settings: Settings) throws -> Panel {
    let values = try results.tensor("\(group)/singular values")
    return Panel(
      title: group, x: place, y: Axis("singular value", scale: .log(), from: 1e-4), legend: .outside,
      series: try settings.runs.map { name, _, _ in
        .line(x: try values.coordinate("place"), y: try values.column(["run": .init(name)]), label: name)
      } + [.guide("1", label: "training leaves it as it is")])
  }

  private static func alignmentPanel(_ group: String, _ results: Results, _ settings: Settings) throws -> Panel {
    let alignment = try results.tensor("\(group)/alignment")
    let values = try spectrum(settings.reference, results, group).values
    // Where the bulk is, drawn as two lines.
    let bulk = values.indices.filter { abs(values[$0] - 1) <= bulkWidth }.map { Double($0 + 1) }
    var annotations: [Annotation] = []
    if let first = bulk.first, let last = bulk.last {
      annotations = [
        .verticalLine(x: first), .verticalLine(x: last), .text("bulk", x: (first + last) / 2, y: 0.1, centered: true),
      ]
    }
    return Panel(
      title: "\(group), \(settings.reference)", x: place, y: Axis("$|u_i · v_i|$", from: 0, to: 1.05), legend: .none,
      series: [
        .points(
          x: try alignment.coordinate("place"), y: try alignment.column(["run": .init(settings.reference)]))
      ],
      annotations: annotations)
  }

  private static func overlapPanel(_ group: String, _ results: Results, _ settings: Settings) throws -> Panel {
    let labels = [
      "labels": "real and shuffled labels", "seeds": "two seeds", "random": "bulk and random subspace",
    ]
    return Panel(
      title: group, x: Axis("place of the principal angle"), y: Axis("cosine of the angle", from: 0, to: 1.05), legend: .outside,
      series: try (settings.comparisons.map(\.name) + ["random"]).compactMap { name in
        guard results.hasTensor("\(group) bulks, \(name)/cosines") else { return nil }
        let cosines = try results.tensor("\(group) bulks, \(name)/cosines")
        return .linesPoints(x: try cosines.coordinate("place"), y: try cosines.column(), label: labels[name] ?? name)
      })
  }

  private static func divergencePanel(
    _ group: String, _ inputs: String, _ results: Results, _ settings: Settings
  ) throws -> Panel {
    let divergence = try results.tensor("\(group) perturbed/divergence")
    let labels = ["bulk": "bulk", "stable": "smallest \(settings.extremes)", "chaotic": "largest \(settings.extremes)"]
    return Panel(
      title: "\(group), on \(inputs)", x: Axis("norm of the perturbation", scale: .log()),
      y: Axis("divergence", unit: "nat", scale: .log(), from: 1e-11, to: 1e3), legend: .outside,
      series: try divergence.labels("region").flatMap { region in
        try divergence.banded(
          over: "draw", at: ["region": .init(region), "inputs": .init(inputs)], label: labels[region] ?? region)
      })
  }

  private static func timePanel(_ group: String, _ results: Results, _ settings: Settings) throws -> Panel {
    let values = try results.trace("\(group), \(settings.reference)/singular values")
    return Panel(
      title: "\(group), \(settings.reference)", x: Axis("step of SGD"), y: Axis("singular value", scale: .log()),
      legend: .outside,
      series: try values.labels("rank").map { rank in
        .linesPoints(x: try values.coordinate("step"), y: try values.column(["rank": .init(rank)]), label: rank)
      } + [.guide("\(settings.isDouble ? Double.ulpOfOne : Double(Float.ulpOfOne))", label: "precision of the numbers")])
  }

  /// The singular values of a run and |u_i . v_i|.
  private static func spectrum(
    _ run: String, _ results: Results, _ group: String
  ) throws -> (values: [Double], alignment: [Double]) {
    (
      try results.tensor("\(group)/singular values").column(["run": .init(run)]).values,
      try results.tensor("\(group)/alignment").column(["run": .init(run)]).values
    )
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let (values, alignment) = try spectrum(settings.reference, results, prototypes)
    let blank = try results.scalar("\(prototypes)/blank parameters")
    let share = { (isCounted: (Double) -> Bool) in Double(values.filter(isCounted).count) / Double(values.count) }
    let isUnchanged = { (s: Double) in abs(s - 1) <= 0.05 }
    let ofLive = (Double(values.filter(isUnchanged).count) - blank) / (Double(values.count) - blank)
    let bulk = zip(values, alignment).filter { abs($0.0 - 1) <= bulkWidth }.map(\.1)
    let stable = zip(values, alignment).filter { $0.0 < 0.9 }.map(\.1)
    let labels = try overlap("labels", results, blank: blank, parameters: values.count)
    let seeds = try overlap("seeds", results, blank: blank, parameters: values.count)
    let divergence = try unitDivergence(results, settings)
    let onImages = divergence("bulk", "images")
    let reference = "of \(settings.reference)"
    return [
      Claim(
        "three-regions", "Training expands a few directions.", source: "main figure",
        quantity: "largest singular value \(reference)", measured: values[0], expected: .above(3)),
      Claim(
        "three-regions-bulk", "A large bulk passes through unchanged.", source: "main figure",
        quantity: "share of |s - 1| <= 0.05 \(reference); \(percent(ofLive)) % without parameters of blank pixels",
        measured: share(isUnchanged), basis: values, expected: .atLeast(0.4)),
      Claim(
        "three-regions-stable", "Some directions contract.", source: "main figure", quantity: "share of s < 0.9 \(reference)",
        measured: share { $0 < 0.9 }, basis: values, expected: .atLeast(0.1)),
      Claim(
        "bulk-is-identity", "In the bulk left and right singular vectors agree.", source: "alignment of singular vectors",
        quantity: "median |u_i . v_i| over the bulk, |s - 1| <= 0.01", measured: median(bulk), basis: values,
        expected: .above(0.999)),
      Claim(
        "bulk-is-identity-more-than-stable", "More so than where directions contract.", source: "alignment of singular vectors",
        quantity: "that minus the median over the stable region, s < 0.9", measured: median(bulk) - median(stable),
        basis: values, expected: .above(0)),
      Claim(
        "label-independent", "The bulk hardly depends on the labels.", source: "overlap of bulks",
        quantity: "overlap of the bulks of real and shuffled labels; \(percent(labels.withoutBlank)) % without blank pixels",
        measured: labels.overlap, expected: .above(0.9)),
      Claim(
        "label-independent-chance", "More than by chance.", source: "overlap of bulks",
        quantity: "dimension of the larger bulk over the number of parameters", measured: labels.chance, expected: .below(0.4)),
      Claim(
        "seed-overlap", "Nor does it depend much on the seed.", source: "overlap of bulks",
        quantity: """
          overlap of the bulks of two seeds (\(percent(seeds.chance)) % by chance); \(percent(seeds.withoutBlank)) % without blank pixels
          """,
        measured: seeds.overlap, expected: .above(0.75)),
      Claim(
        "bulk-invisible", "On its data the network does not see a step within the bulk.", source: "perturbation test",
        quantity: "divergence on the images after a step of norm 1, mean over directions", measured: onImages,
        expected: .below(1e-3)),
      Claim(
        "bulk-invisible-but-on-noise", "It does on white noise.", source: "perturbation test",
        quantity: "divergence on white noise over that on the images", measured: divergence("bulk", "white noise") / onImages,
        expected: .atLeast(100)),
      Claim(
        "bulk-invisible-unlike-stable", "It sees a step along contracted directions.", source: "perturbation test",
        quantity: "divergence on the images along the \(settings.extremes) smallest singular values over that within the bulk",
        measured: divergence("stable", "images") / onImages, expected: .atLeast(100)),
    ]
  }

  private static func percent(_ share: Double) -> String { share.isFinite ? "\((1000 * share).rounded() / 10)" : "no" }

  /// The overlap of two bulks with m the smaller dimension, ||V1^T V2||² / m, and what it would be by chance; and the overlap among the
  /// other parameters than those of blank pixels, whose axes lie in both bulks: they are `blank` of the sum and of m.
  private static func overlap(
    _ name: String, _ results: Results, blank: Double, parameters: Int
  ) throws -> (overlap: Double, chance: Double, withoutBlank: Double) {
    guard results.hasTensor("\(prototypes) bulks, \(name)/cosines") else { return (.nan, .nan, .nan) }
    let squares = try results.tensor("\(prototypes) bulks, \(name)/cosines").values.map { $0 * $0 }
    let sizes = try results.tensor("\(prototypes) bulks, \(name)/dimensions").values
    let (sum, m) = (squares.reduce(0, +), Double(squares.count))
    return (sum / m, quantile(sizes, 1) / Double(parameters), (sum - blank) / (m - blank))
  }

  /// For perturbations of norm 1, by region and inputs; NaN where there is none.
  private static func unitDivergence(_ results: Results, _ settings: Settings) throws -> (String, String) -> Double {
    let divergence = try results.tensor("\(prototypes) perturbed/divergence")
    return { region, inputs in
      let values = try? divergence.values(over: "draw", at: ["region": .init(region), "inputs": .init(inputs), "length": 1])
      return mean(values ?? [])
    }
  }
}
