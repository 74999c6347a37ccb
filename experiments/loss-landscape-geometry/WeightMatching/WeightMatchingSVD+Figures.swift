import Diagnostics
import Notebook
import Plotting

extension WeightMatchingSVD {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let widths = settings.widths
    return [
      Figure(
        "fig1", title: "Loss between two networks, median and range over pairs",
        mirrors: "loss along the segment before and after weight matching",
        panels: try widths.map { try linePanel($0, results, settings) }, columns: 3),
      Figure(
        "fig2", title: "Matching removes the barrier, not the distance", mirrors: "table of distances and barriers",
        try barPanel("distance", "distance ‖a − b‖, mean over pairs", results, settings),
        try barPanel("barrier", "loss barrier, mean over pairs", results, settings)),
      Figure(
        "fig3", title: "Singular values of layer 2, first pair", mirrors: "distribution of singular values",
        panels: try widths.map { try valuePanel($0, results) }, columns: 3),
      Figure(
        "fig4", title: "Singular vectors, means over tenths of them and over pairs", mirrors: "alignment of singular vectors",
        panels: try widths.flatMap { width in try (1...3).map { try alignmentPanel(width, layer: $0, results) } }, columns: 3,
        panelHeight: 5),
      Figure(
        "fig5", title: "Averages of networks, h = \(settings.mergedWidth)", mirrors: "merging of several networks",
        try mergePanel(results)),
    ]
  }

  private static func linePanel(_ width: Int, _ results: Results, _ settings: Settings) throws -> Panel {
    let line = try results.tensor("\(group(width))/line")
    return Panel(
      title: "h = \(width)", x: Axis("position t on the segment", from: 0, to: 1), y: Axis("test loss", from: 0),
      legend: .outside,
      series: try matchings(width, settings).enumerated().flatMap { look, matching in
        try line.banded(over: "pair", at: ["matching": .init(matching)], label: matching, style: .look(look))
      })
  }

  private static func barPanel(_ name: String, _ label: String, _ results: Results, _ settings: Settings) throws -> Panel {
    let kinds = matchings + (settings.straightThrough.widths.isEmpty ? [] : [straightThroughName])
    return Panel(
      x: Axis(""), y: Axis(label, from: 0), legend: .outside,
      series: [
        .bars(
          categories: settings.widths.map { "h = \($0)" },
          groups: try kinds.map { kind in
            BarGroup(
              kind,
              Column(
                try settings.widths.map { width in
                  guard matchings(width, settings).contains(kind) else { return .nan }
                  return mean(try results.tensor("\(group(width))/\(name)").values(over: "pair", at: ["matching": .init(kind)]))
                }))
          })
      ])
  }

  private static func valuePanel(_ width: Int, _ results: Results) throws -> Panel {
    let values = try results.tensor("\(group(width))/layer2/singular_values")
    let index = try values.coordinate("index")
    let column = { (network: String) in try values.column(["pair": 0, "network": .init(network)]) }
    let matched = try column("matched b")
    let shown = Array(stride(from: 0, to: index.values.count, by: max(1, index.values.count / 16)))
    return Panel(
      title: "h = \(width)", x: Axis("index i"), y: Axis("singular value $σ_i$", from: 0), legend: .outside,
      series: [
        .line(x: index, y: try column("a"), label: "a"), .line(x: index, y: try column("b"), label: "b"),
        .points(
          x: Column(shown.map { index.values[$0] }), y: Column(shown.map { matched.values[$0] }), label: "b after matching"),
      ])
  }

  private static func alignmentPanel(_ width: Int, layer: Int, _ results: Results) throws -> Panel {
    let alignment = try results.tensor("\(group(width))/layer\(layer)/alignment")
    let index = try alignment.coordinate("index").values
    // Ten bins at most: single vectors are noise.
    let bins = (0..<min(10, index.count)).map { bin in
      let count = min(10, index.count)
      return index.count * bin / count..<index.count * (bin + 1) / count
    }
    return Panel(
      title: "h = \(width), layer \(layer)", x: Axis("index i"), y: Axis("alignment", from: 0), legend: .outside,
      series: try [(matchings[0], "before"), (matchings[2], "after")].map { matching, label in
        let columns = try alignment.columns(over: "pair", at: ["matching": .init(matching)])
        return .linesPoints(
          x: Column(bins.map { mean($0.map { index[$0] }) }),
          y: Column(bins.map { bin in mean(columns.flatMap { $0[bin] }) }), label: label)
      })
  }

  private static func mergePanel(_ results: Results) throws -> Panel {
    guard results.hasTensor("merge/accuracy") else { return Panel(x: Axis("networks"), y: Axis("test accuracy"), series: []) }
    let accuracy = try results.tensor("merge/accuracy")
    return Panel(
      x: Axis(""), y: Axis("test accuracy, mean over \(accuracy.dimensions[1].count) merges", from: 0, to: 1), legend: .outside,
      series: [
        .bars(
          categories: ["one network", "two", "three"],
          groups: try accuracy.labels("matching").map { matching in
            BarGroup(matching, Column(try (1...3).map { try merged(results, matching, $0) }))
          })
      ])
  }

  private static func merged(_ results: Results, _ matching: String, _ networks: Int) throws -> Double {
    guard results.hasTensor("merge/accuracy") else { return .nan }
    return mean(
      try results.tensor("merge/accuracy").values(
        over: "triple", at: ["matching": .init(matching), "networks": .init(networks)]))
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let widths = settings.widths
    let layers = widths.flatMap { width in (1...3).map { "\(group(width))/layer\($0)" } }
    let largestChange = { (precision: String) in
      quantile(
        try layers.flatMap { try results.tensor("\($0)/change").values(over: "pair", at: ["precision": .init(precision)]) }, 1)
    }
    let pairs = { (width: Int, name: String, matching: String) in
      try results.tensor("\(group(width))/\(name)").values(over: "pair", at: ["matching": .init(matching)])
    }
    // 1 - after / before for every pair of every width.
    let reductions = { (name: String) in
      try widths.flatMap { width in
        zip(try pairs(width, name, matchings[0]), try pairs(width, name, matchings[2])).map { 1 - $1 / $0 }
      }
    }
    let distances = try reductions("distance")
    let gaps = zip(try reductions("barrier"), distances).map { $0 - $1 }
    let rises = try widths.filter { $0 >= 128 }.flatMap { width in
      try (1...2).map { layer in
        let groups = try results.tensor("\(group(width))/layer\(layer)/group_alignment")
        return try ["leading", "trailing"].map { end in
          let alignment = { (matching: String) in
            mean(try groups.values(over: "pair", at: ["matching": .init(matching), "group": .init(end)]))
          }
          return try alignment(matchings[2]) / alignment(matchings[0])
        }
      }
    }
    let invariance = "Singular values do not change under permutation."
    let barely = "Matching hardly reduces the distance."
    let leading = "Matching aligns the leading singular vectors."
    return [
      Claim(
        "sv-invariant", invariance, source: "abstract: singular values",
        quantity: "largest change of a singular value, all layers, Float",
        measured: try largestChange("Float"), expected: .below(1e-5)),
      Claim(
        "sv-invariant-double", invariance, source: "abstract: singular values",
        quantity: "largest change of a singular value, all layers, Double",
        measured: try largestChange("Double"), expected: .below(1e-10)),
      Claim(
        "sv-invariant-function", "A permutation does not change the function.", source: "permutation symmetry",
        quantity: "largest change of a logit on the test images, Float",
        measured: quantile(
          try widths.flatMap { try results.tensor("\(group($0))/function_change").column().values }, 1), expected: .below(1e-4)),
    ]
      + widths.map { width in
        Claim(
          "barrier-collapses-h\(width)", "After weight matching the segment has low loss.",
          source: "abstract: linear mode connectivity",
          quantity: "mean barrier after matching over that before, h = \(width)",
          measured: (try? mean(pairs(width, "barrier", matchings[2])) / mean(pairs(width, "barrier", matchings[0]))) ?? .nan,
          expected: .atMost(0.3))
      } + [
        Claim(
          "distance-barely-moves", barely, source: "abstract: distance", quantity: "least reduction of the distance, all pairs",
          measured: quantile(distances, 0), expected: .within(0.05...0.25)),
        Claim(
          "distance-barely-moves-largest", barely, source: "abstract: distance",
          quantity: "largest reduction of the distance, all pairs",
          measured: quantile(distances, 1), expected: .within(0.05...0.25)),
        Claim(
          "distance-barely-moves-gap", barely, source: "abstract: distance",
          quantity: "relative reduction of the barrier less that of the distance, least of all pairs",
          measured: quantile(gaps, 0), expected: .above(0.4)),
        Claim(
          "leading-vectors-align", leading, source: "abstract: singular vectors",
          quantity: "alignment of the leading vectors after over before, layers 1 and 2, h >= 128, the least",
          measured: quantile(rises.map { $0[0] }, 0), expected: .above(1.25)),
        Claim(
          "leading-vectors-align-trailing", leading, source: "abstract: singular vectors",
          quantity: "factor of the leading vectors less that of the trailing, layers 1 and 2, h >= 128, the least",
          measured: quantile(rises.map { $0[0] - $0[1] }, 0), expected: .above(0)),
        Claim(
          "three-way-merge", "Three matched networks can be averaged.", source: "abstract: three or more models",
          quantity: "test accuracy of the average of three, matched less unmatched, h = \(settings.mergedWidth)",
          measured: try merged(results, matchings[2], 3) - merged(results, matchings[0], 3), expected: .above(0.1)),
      ]
  }
}
