import Diagnostics
import Notebook
import Plotting

extension StarDomain {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    return [
      Figure(
        "fig1", title: "Loss along segments, mean and range", mirrors: "loss between star, sources and held-out networks",
        panels: try settings.widths.map { try pathPanel($0, results, settings) }),
      Figure(
        "fig2", mirrors: "barrier against the number of sources", try countPanel(results, settings)),
      Figure(
        "fig3", title: "Test loss on the principal plane through the star, networks projected onto it",
        mirrors: "loss landscape around the star",
        panels: try settings.widths.map { try planePanel($0, results, settings) }, panelHeight: 7),
      Figure(
        "fig4", title: "Predictions, mean over stars", mirrors: "uncertainty by averaging over the star domain",
        panels: try settings.widths.flatMap { width in
          try [("nll", "negative log-likelihood"), ("ece", "expected calibration error")].map { measure, label in
            try calibrationPanel(width, measure, label, results, settings)
          }
        }),
    ]
  }

  /// The star with all sources.
  private static func fullKind(_ settings: Settings) -> String { kind(settings.sources) }

  private static func pathPanel(_ width: Int, _ results: Results, _ settings: Settings) throws -> Panel {
    let line = try results.tensor("\(group(width))/line")
    let stars = { (networks: Range<Int>) in
      try networks.flatMap { network in
        try line.columns(over: "seed", at: ["kind": .init(fullKind(settings)), "network": .init(network)])
      }
    }
    let regular = try results.tensor("\(group(width))/regular/line")
    let curves = [
      ("regular to regular", try regular.columns(over: "pair")), ("star to source", try stars(0..<settings.sources)),
      ("star to held-out", try stars(settings.sources..<settings.sources + settings.heldOut)),
    ]
    let t = try line.coordinate("t")
    return Panel(
      title: "h = \(width)", x: Axis("position t on the segment", from: 0, to: 1), y: Axis("test loss", from: 0),
      legend: .outside,
      series: curves.enumerated().flatMap { look, curve in
        let places = t.values.indices.map { i in curve.1.map { $0[i] } }
        return [
          Series.band(
            x: t, lower: Column(places.map { quantile($0, 0) }), upper: Column(places.map { quantile($0, 1) }),
            style: .look(look)),
          .line(x: t, y: Column(places.map { mean($0) }), label: curve.0, style: .look(look)),
        ]
      })
  }

  private static func countPanel(_ results: Results, _ settings: Settings) throws -> Panel {
    let width = settings.widths[0]
    let numbers = counts(width, settings)
    let barriers = try numbers.map { try heldOutBarriers(width, kind($0), results, settings) }
    let counts = Column(numbers.map { Double($0) })
    let longer = mean(try heldOutBarriers(width, kind(0), results, settings))
    return Panel(
      title: "Barrier to held-out networks, h = \(width)", x: Axis("number of sources n", from: 0, isCount: true),
      y: Axis("loss barrier", from: 0), legend: .outside,
      series: [
        .band(x: counts, lower: Column(barriers.map { quantile($0, 0) }), upper: Column(barriers.map { quantile($0, 1) })),
        .linesPoints(x: counts, y: Column(barriers.map { mean($0) }), label: "star: mean and range"),
        .line(x: counts, y: Column(counts.values.map { _ in longer }), label: "no source, trained as long"),
        .guide("\(try regularBarrier(width, results))", label: "regular to regular"),
      ])
  }

  private static func planePanel(_ width: Int, _ results: Results, _ settings: Settings) throws -> Panel {
    let loss = try results.tensor("\(group(width))/plane/loss")
    let networks = try results.tensor("\(group(width))/plane/networks")
    let places = { (axis: String, range: Range<Int>) in
      Column(Array(try networks.column(["coordinate": .init(axis)]).values[range]))
    }
    let (sources, all) = (settings.sources, settings.sources + settings.heldOut)
    let (x, y) = (try loss.coordinate("x"), try loss.coordinate("y"))
    let axis = { (name: String, places: Column) in
      // From edge to edge of the cells.
      let (low, high) = (places.values.min() ?? 0, places.values.max() ?? 0)
      let half = (high - low) / Double(2 * max(1, places.values.count - 1))
      return Axis(name, from: low - half, to: high + half)
    }
    return Panel(
      title: "h = \(width)", x: axis("first principal direction", x), y: axis("second principal direction", y),
      legend: .outside,
      series: [
        .heatMap(Grid(Column(loss.values), x: x, y: y), color: ColorAxis("test loss", scale: .log())),
        .contours(Grid(Column(loss.values), x: x, y: y), levels: [0.01, 0.1, 1]),
        .points(x: [0], y: [0], label: "star", style: .look(1)),
        .points(x: try places("x", 0..<sources), y: try places("y", 0..<sources), label: "sources", style: .look(2)),
        .points(x: try places("x", sources..<all), y: try places("y", sources..<all), label: "held-out", style: .look(3)),
      ])
  }

  private static func calibrationPanel(
    _ width: Int, _ measure: String, _ label: String, _ results: Results, _ settings: Settings
  ) throws -> Panel {
    let groups = [
      (group(width), settings.task.prefersMNIST ? "MNIST if there" : "noise \(settings.task.noise)"),
      (harderGroup(width), "noise \(settings.harderNoise)"),
    ]
    return Panel(
      title: "h = \(width)", x: Axis(""), y: Axis(label, from: 0), legend: .outside,
      series: [
        .bars(
          categories: predictors,
          groups: try groups.map { name, label in
            let values = try results.tensor("\(name)/calibration/\(measure)")
            return BarGroup(label, Column(try predictors.map { mean(try values.values(at: ["predictor": .init($0)])) }))
          })
      ])
  }

  // MARK: Barriers

  /// To each held-out network from each star of a kind.
  private static func heldOutBarriers(
    _ width: Int, _ kind: String, _ results: Results, _ settings: Settings
  ) throws -> [Double] {
    let barrier = try results.tensor("\(group(width))/barrier")
    return try (settings.sources..<settings.sources + settings.heldOut).flatMap { network in
      try barrier.values(at: ["kind": .init(kind), "network": .init(network)])
    }
  }

  /// The mean over all pairs of regular networks.
  private static func regularBarrier(_ width: Int, _ results: Results) throws -> Double {
    mean(try results.tensor("\(group(width))/regular/barrier").column().values)
  }

  /// Of each star and source the loss in the middle of the segment, less twice the mean of its ends.
  private static func midpointExcess(_ width: Int, _ results: Results, _ settings: Settings) throws -> [Double] {
    let line = try results.tensor("\(group(width))/line")
    return try (0..<settings.sources).flatMap { network in
      try line.columns(at: ["kind": .init(fullKind(settings)), "network": .init(network)]).map { losses in
        // An even number of points has no middle: the two beside it.
        let middle = (losses[(losses.count - 1) / 2] + losses[losses.count / 2]) / 2
        return middle - (losses[0] + losses[losses.count - 1])
      }
    }
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let trained = "A star model is as good as the networks that it is joined to."
    let connected = "The star is joined to networks that it was not trained with."
    let byWidth = try settings.widths.flatMap { width in
      let accuracies = try results.tensor("\(group(width))/accuracy").values(at: ["kind": .init(fullKind(settings))])
      let regular = mean(try results.tensor("\(group(width))/regular_accuracy").column().values)
      let heldOut = try heldOutBarriers(width, fullKind(settings), results, settings)
      let between = try regularBarrier(width, results)
      return [
        Claim(
          "star-model-trained-h\(width)", trained, source: "Starlight algorithm",
          quantity:
            "largest distance of a star's test accuracy from the regular networks' mean, h = \(width)",
          measured: quantile(accuracies.map { abs($0 - regular) }, 1), expected: .atMost(0.02)),
        Claim(
          "star-model-trained-midpoints-h\(width)", trained, source: "Starlight algorithm",
          quantity:
            "test loss in the middle of a segment to a source less twice the ends' mean, the largest, h = \(width)",
          measured: quantile(try midpointExcess(width, results, settings), 1), expected: .below(0.05)),
        Claim(
          "held-out-connected-h\(width)", connected, source: "abstract: linearly connected with other solutions",
          quantity:
            "mean barrier from star to held-out over that between regular networks, matched, h = \(width)",
          measured: mean(heldOut) / between, expected: .atMost(0.4)),
        Claim(
          "every-held-out-h\(width)", connected, source: "abstract: linearly connected with other solutions",
          quantity:
            "largest barrier from star to held-out over the mean between regular networks, h = \(width)",
          measured: quantile(heldOut, 1) / between, expected: .below(1)),
      ]
    }
    let width = settings.widths[0]
    let counts = counts(width, settings)
    let least = counts.min() ?? settings.sources
    let (few, all) = (
      mean(try heldOutBarriers(width, kind(least), results, settings)),
      mean(try heldOutBarriers(width, fullKind(settings), results, settings))
    )
    return byWidth + [
      Claim(
        "more-sources-help", "With more sources the star is better joined to held-out networks.",
        source: "ablation of the number of sources",
        quantity:
          "mean held-out barrier of \(settings.sources) sources over that of \(least), h = \(width)",
        measured: all / few, expected: .below(1))
    ]
  }
}
