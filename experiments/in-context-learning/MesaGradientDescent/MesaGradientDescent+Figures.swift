import Diagnostics
import Notebook
import Plotting

extension MesaGradientDescent {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let depths = settings.networks.enumerated().map { i, network in
      (network: network, id: i < 2 ? "fig\(i + 1)" : "fig5", mirrors: ["one-layer", "two-layer", "recurrent"][i])
    }
    var figures = try depths.map { network, id, mirrors in
      Figure(
        id, title: "Transformers of \(network.name)", mirrors: "the \(mirrors) figure",
        panels: [try lossPanel(network, settings, results)]
          + (try network.descents.map { try comparisonPanel(network, $0, settings, results) }),
        columns: network.descents.count + 1, panelWidth: 7.5)
    }
    figures.append(
      Figure(
        "fig3", title: "Inputs of other ranges, medians", mirrors: "the figure on other input ranges",
        panels: try settings.networks.map { try rangePanel($0, settings, results) }))
    figures.append(
      Figure(
        "fig4", title: "Trained weights, at the construction's scale", mirrors: "learned weights",
        try weightsPanel("weights/key query", "$W_K^T W_Q$ (column y is not read)", results),
        try weightsPanel("weights/output value", "$P W_V$ (only row y is read)", results), panelWidth: 10, panelHeight: 8))
    if results.hasTrace("sines, attention/test loss") {
      figures.append(
        Figure(
          "fig6", title: "Sines through an embedding", mirrors: "the figure on non-linear regression",
          Panel(
            x: Axis("step of Adam"), y: Axis("loss", scale: .log()), legend: .outside,
            series: try [("attention", "attention"), ("GD", "one step of GD")].flatMap { name, label in
              try results.trace("sines, \(name)/test loss").banded(at: ["rate": .init(settings.rate)], label: label)
            })))
    }
    return figures
  }

  private static func lossPanel(_ network: Network, _ settings: Settings, _ results: Results) throws -> Panel {
    Panel(
      title: "loss", x: Axis("step of Adam"), y: Axis("loss ½ E(ŷ − y)²"), legend: .outside,
      series: try results.trace("\(network.name)/test loss").banded(at: ["rate": .init(settings.rate)], label: "transformer")
        + network.descents.map { descent in
          let loss = try referenceLoss(network, descent, settings, results)
          return .line(x: [0, Double(settings.steps)], y: [loss, loss], label: "tuned \(descent)")
        })
  }

  private static func comparisonPanel(
    _ network: Network, _ descent: String, _ settings: Settings, _ results: Results
  ) throws -> Panel {
    let trace = { (measure: String, label: String, look: Int) in
      try results.trace("\(network.name)/\(measure) \(descent)").banded(
        at: ["rate": .init(settings.rate)], label: label, style: .look(look))
    }
    return Panel(
      title: "compared with \(descent)", x: Axis("step of Adam"), y: Axis("cosine"), y2: Axis("distance", from: 0),
      legend: .outside,
      series: try trace("sensitivity cosine with", "cosine of sensitivities", 0)
        + trace("difference from", "mean |ŷ − ŷ′| / σ(ŷ′), right", 1).map(\.onRightAxis)
        + trace("sensitivity distance from", "distance of sensitivities, right", 2).map(\.onRightAxis))
  }

  private static func rangePanel(_ network: Network, _ settings: Settings, _ results: Results) throws -> Panel {
    let reference = try results.tensor("\(network.name)/reference loss")
    return Panel(
      title: network.name, x: Axis("inputs in U(-α, α): α"), y: Axis("loss", scale: .log()), legend: .outside,
      series: try results.tensor("\(network.name)/loss").banded(label: "transformer")
        + network.descents.map {
          .linesPoints(
            x: try reference.coordinate("range"), y: try reference.column(["descent": .init($0)]), label: "tuned \($0)")
        },
      annotations: [.verticalLine(x: settings.bound, label: "training")])
  }

  /// A matrix of the first seed, its first row on top.
  private static func weightsPanel(_ path: String, _ title: String, _ results: Results) throws -> Panel {
    let matrix = try results.tensor(path)
    let entries = try matrix.labels("row")
    let rows = try entries.map { try matrix.column(["seed": 0, "row": .init($0)]).values }
    let places = entries.indices.map(Double.init)
    let ticks = { (names: [String]) in zip(places, names).map { Axis.Tick($0, $1) } }
    return Panel(
      title: title, x: Axis("column", ticks: ticks(entries)), y: Axis("row", ticks: ticks(entries.reversed())), legend: .none,
      series: [
        .heatMap(
          Grid(Column(rows.reversed().flatMap { $0 }), x: Column(places), y: Column(places)), color: ColorAxis("entry"))
      ])
  }

  private static func referenceLoss(
    _ network: Network, _ descent: String, _ settings: Settings, _ results: Results
  ) throws -> Double {
    try results.tensor("\(network.name)/reference loss").value(["range": .init(settings.bound), "descent": .init(descent)])
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let (one, two) = (settings.networks[0], settings.networks[1])
    let losses = { (network: Network) in
      try results.tensor("\(network.name)/loss").values(at: ["range": .init(settings.bound)])
    }
    let last = { (network: Network, measure: String) in
      try results.trace("\(network.name)/\(measure)").lastValues(at: ["rate": .init(settings.rate)])
    }
    let (oneStep, twoSteps) = (
      try referenceLoss(one, "GD", settings, results), try referenceLoss(two, "GD", settings, results)
    )
    let corrected = try referenceLoss(two, "GD++", settings, results)
    let ratios = try losses(one).map { $0 / oneStep }
    let between = try results.tensor("weights/interpolated loss").values.map { abs($0 / oneStep - 1) }
    let largest = { (values: [Double]) in quantile(values, 1) }
    let layer = "A trained layer takes a step of gradient descent."
    let beats = "Two trained layers beat two steps of gradient descent and match GD++."
    return [
      Claim(
        "one-layer-is-gd", layer, source: "Section 3",
        quantity: "loss over that of tuned GD, the ratio of all seeds farthest from 1",
        measured: ratios.contains(where: \.isNaN) ? .nan : ratios.max { abs($0 - 1) < abs($1 - 1) } ?? .nan,
        expected: .within(0.98...1.02)),
      Claim(
        "one-layer-is-gd-sensitivity", layer, source: "Section 3",
        quantity: "mean cosine of sensitivities, the least of all seeds",
        measured: quantile(try last(one, "sensitivity cosine with GD"), 0), expected: .atLeast(0.99)),
      Claim(
        "one-layer-is-gd-prediction", layer, source: "Section 3",
        quantity: "mean |ŷ_TF - ŷ_GD| over the standard deviation of ŷ_GD, the largest of all seeds",
        measured: largest(try last(one, "difference from GD")), expected: .atMost(0.1)),
      Claim(
        "construction-exact", "The constructed layer takes a step of gradient descent.", source: "Proposition 1",
        quantity: "largest distance from the step, random starts and rates", measured: try results.scalar("construction error"),
        expected: .atMost(1e-12)),
      Claim(
        "interpolates", "Trained and constructed weights can be averaged.", source: "Section 3",
        quantity: "|loss of averaged weights over that of tuned GD - 1|, the largest of all seeds",
        measured: largest(between), expected: .atMost(0.03)),
      Claim(
        "beats-plain-gd", beats, source: "Section 3", quantity: "loss over that of two tuned steps, the largest of all seeds",
        measured: largest(try losses(two)) / twoSteps, expected: .atMost(0.85)),
      Claim(
        "beats-plain-gd-matches-corrected", beats, source: "Section 3",
        quantity: "loss over that of two tuned steps of GD++, the largest of all seeds",
        measured: largest(try losses(two)) / corrected, expected: .atMost(1.05)),
      Claim(
        "beats-plain-gd-correction", beats, source: "Section 3", quantity: "loss of tuned GD++ over that of tuned GD, two steps",
        measured: corrected / twoSteps, expected: .atMost(0.9)),
      Claim(
        "beats-plain-gd-sensitivity", beats, source: "Section 3",
        quantity: "mean cosine of sensitivities with GD++, the least of all seeds",
        measured: quantile(try last(two, "sensitivity cosine with GD++"), 0), expected: .atLeast(0.95)),
    ]
  }
}
