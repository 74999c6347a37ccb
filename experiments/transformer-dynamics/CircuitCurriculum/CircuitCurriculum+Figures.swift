import Diagnostics
import Notebook
import Plotting

extension CircuitCurriculum {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let runs = try runs(results)
    let pictures = try [
      circuitPanels(
        "donor", "donor, p = \(settings.sourceModulus)", runs[0], Int(exactly: results.scalar("donor/seed")) ?? 0, results),
      circuitPanels(
        "successor", "C, p = \(settings.targetModulus)", runs[3], Int(exactly: results.scalar("successor/seed")) ?? 0, results),
    ]
    return [
      Figure(
        "fig1", title: "Test accuracy of every seed, sorted", mirrors: "sorted accuracies over seeds",
        Panel(
          x: Axis("rank of the seed", isCount: true), y: Axis("test accuracy at the end", from: 0, to: 1.02), legend: .outside,
          series: try runs.map { run in
            let values = try run.accuracies(results).sorted()
            return .linesPoints(x: Column((1...values.count).map(Double.init)), y: Column(values), label: run.label)
          })),
      Figure(
        "fig2", title: "Test accuracy during training, every seed", mirrors: "training curves",
        panels: try runs.map { run in
          let trace = try results.trace("\(run.path)/accuracy")
          let steps = try trace.coordinate("step").values
          let batches = Double(settings.trainingSequences / settings.batchSize)
          return Panel(
            title: run.label, x: Axis("epoch"), y: Axis("test accuracy", from: 0, to: 1.02), legend: .none,
            series: try trace.columns(at: ["way": .init(run.way)]).map {
              .line(x: Column(steps.map { $0 / batches }), y: Column($0), style: Style(look: 0, width: 0.5, isSolid: true))
            })
        }),
      Figure(
        "fig3", title: "The circuit in the plane", mirrors: "the visualization of the circuit",
        panels: pictures.flatMap { $0 }, columns: 3, panelWidth: 8, panelHeight: 6.5),
      Figure(
        "fig4", title: "Seeds that succeed", mirrors: "the gain of the curriculum",
        Panel(
          x: Axis(""), y: Axis("share of seeds with test accuracy above 0.7", from: 0, to: 1.02), legend: .none,
          series: [
            .bars(
              categories: runs.map { $0.label.replacing(": ", with: "\n") },
              groups: [BarGroup("", Column(try runs.map { try share($0, results) { $0 > successful } }))])
          ])),
    ] + (try ablationFigure(results, settings))
  }

  /// The test accuracy above which a seed of the target modulus has learned it, as in the claims.
  private static var successful: Double { 0.7 }

  /// One way of training.
  private struct Training {
    var path, way, label: String

    func accuracies(_ results: Results) throws -> [Double] {
      try results.trace("\(path)/accuracy").lastValues(at: ["way": .init(way)])
    }
  }

  /// The source modulus, then the ways to the target modulus.
  private static func runs(_ results: Results) throws -> [Training] {
    let settings: Settings = try results.settings()
    let source = "p = \(settings.sourceModulus)"
    return [Training(path: "source", way: source, label: source)]
      + Regime.allCases.map { Training(path: "target", way: $0.rawValue, label: $0.rawValue) }
  }

  private static func share(_ run: Training, _ results: Results, _ condition: (Double) -> Bool) throws -> Double {
    mean(try run.accuracies(results).map { $0.isFinite ? condition($0) ? 1 : 0 : .nan })
  }

  /// Embeddings with the way they went, attention, and the answers in the plane.
  private static func circuitPanels(
    _ name: String, _ label: String, _ run: Training, _ seed: Int, _ results: Results
  ) throws -> [Panel] {
    let settings: Settings = try results.settings()
    // A donor of a later round has a loop of its own.
    let round = Int(exactly: try results.scalar("donor/round")) ?? 0
    let path = name == "donor" && round > 0 ? "source, round \(round + 1)" : run.path
    let embedding = try results.trace("\(path)/embedding")
    let points = try embedding.labels("point")
    let way = { (point: String, axis: Int) in
      try embedding.column(["way": .init(run.way), "seed": .init(seed), "point": .init(point), "axis": .init(axis)])
    }
    let ends = { (chosen: [String], axis: Int) in Column(try chosen.map { try way($0, axis).values.last ?? .nan }) }
    let tokens = points.filter { $0.hasPrefix("token") }.prefix(name == "donor" ? settings.sourceModulus : settings.targetModulus)
    let positions = points.filter { $0.hasPrefix("position") }
    let groups = [
      (label: "tokens", points: Array(tokens)), (label: "positions 1 to k", points: Array(positions.prefix(settings.summands))),
      (label: "other positions", points: Array(positions.dropFirst(settings.summands))),
    ]
    let paths = try groups.enumerated().flatMap { look, group in
      try group.points.map { point in
        Series.line(x: try way(point, 0), y: try way(point, 1), style: Style(look: look, width: 0.4, isSolid: true))
      }
    }
    let marks = try groups.enumerated().map { look, group in
      Series.points(x: try ends(group.points, 0), y: try ends(group.points, 1), label: group.label, style: .look(look))
    }
    return [
      Panel(
        title: "\(label): embeddings", x: Axis("first coordinate"), y: Axis("second coordinate"), legend: .outside,
        series: paths + marks),
      try attentionPanel(name, label, results, settings), try answerPanel(name, label, results),
    ]
  }

  private static func attentionPanel(_ name: String, _ label: String, _ results: Results, _ settings: Settings) throws -> Panel {
    let attention = try results.tensor("\(name)/attention")
    let shown = 0..<min(24, settings.pictured, settings.testSequences)
    let rows = try shown.map { try attention.column(["sequence": .init($0)]).values }
    let places = (1...settings.length).map(Double.init)
    return Panel(
      title: "\(label): attention",
      x: Axis("position", ticks: stride(from: 1, through: settings.length, by: 2).map { Axis.Tick(Double($0), "\($0)") }),
      y: Axis("test sequence", isCount: true), legend: .none,
      series: [
        .heatMap(
          Grid(Column(rows.flatMap { $0 }), x: Column(places), y: Column(shown.map { Double($0 + 1) })),
          color: ColorAxis("attention", from: 0))
      ])
  }

  /// The answer everywhere, and what attention reads from sequences, by their right answers.
  private static func answerPanel(_ name: String, _ label: String, _ results: Results) throws -> Panel {
    let labels = try results.tensor("\(name)/label").column().values
    let output = try results.tensor("\(name)/output")
    let (x, y) = (try output.column(["axis": 0]).values, try output.column(["axis": 1]).values)
    let classes = Set(labels).sorted()
    let points = classes.map { value in
      let chosen = labels.indices.filter { labels[$0] == value }
      return Series.points(x: Column(chosen.map { x[$0] }), y: Column(chosen.map { y[$0] }), label: "sum \(Int(value))")
    }
    let answer = try results.tensor("\(name)/answer")
    let reach = try answer.coordinate("x").values.last
    let axis = { (label: String) in Axis(label, from: reach.map { -$0 }, to: reach) }
    return Panel(
      title: "\(label): answers", x: axis("first coordinate"), y: axis("second coordinate"), legend: .outside,
      series: [
        .heatMap(
          Grid(Column(answer.values), x: try answer.coordinate("x"), y: try answer.coordinate("y")), color: ColorAxis("answer"))
      ] + points)
  }

  /// Nothing where no ablation was run.
  private static func ablationFigure(_ results: Results, _ settings: Settings) throws -> [Figure] {
    let studies: [(name: String, scale: Axis.Scale)] = [
      ("batch size", .log(base: 2)), ("learning rate", .log()), ("hidden units", .log(base: 2)),
    ].filter { results.hasTensor("ablation/over \($0.name)") }
    guard !studies.isEmpty else { return [] }
    let panels = try studies.map { study in
      let array = try results.tensor("ablation/over \(study.name)")
      let x = try array.coordinate(study.name)
      let accuracies = try array.columns()
      let successes = x.values.indices.map { place in
        mean(accuracies.map { $0[place] >= settings.donorAccuracy ? 1 : 0 })
      }
      return Panel(
        x: Axis(study.name, scale: study.scale), y: Axis("p = \(settings.sourceModulus): accuracy, share", from: 0, to: 1.02),
        legend: .outside,
        series: try array.banded(label: "test accuracy")
          + [.linesPoints(x: x, y: Column(successes), label: "share of seeds from \(settings.donorAccuracy) on")])
    }
    return [Figure("fig5", title: "Ablations from scratch", mirrors: "the ablations", panels: panels, columns: 3, panelWidth: 7)]
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let runs = try runs(results)
    let source = try runs[0].accuracies(results)
    let means = try runs.map { mean(try $0.accuracies(results)) }
    let similarities = try zip(
      runs[3].accuracies(results), results.tensor("profile/similarity").values(at: ["way": .init(runs[3].way)])
    ).filter { $0.0 > successful }.map(\.1)
    let bimodal = "A seed either finds the circuit or stays at chance."
    let helps = "Transferring the circuit of an easier modulus makes many more seeds succeed."
    return [
      Claim(
        "bimodal", bimodal, source: "the figure of training curves",
        quantity: "share of p = 2 seeds with test accuracy in (0.6, 0.95)",
        measured: try share(runs[0], results) { $0 > 0.6 && $0 < 0.95 }, expected: .atMost(0.3)),
      Claim(
        "bimodal-best", bimodal, source: "the figure of training curves", quantity: "best test accuracy of the p = 2 seeds",
        measured: quantile(source, 1), expected: .atLeast(0.99)),
      Claim(
        "bimodal-failures", bimodal, source: "the figure of training curves",
        quantity: "share of p = 2 seeds with test accuracy of at most 0.6", measured: try share(runs[0], results) { $0 <= 0.6 },
        expected: .atLeast(0.5)),
      Claim(
        "curriculum-helps", helps, source: "the figure of the curriculum", quantity: "mean test accuracy at p = 3, B less A",
        measured: means[2] - means[1], expected: .atLeast(0.2)),
      Claim(
        "curriculum-helps-circuit", helps, source: "the figure of the curriculum",
        quantity: "mean test accuracy at p = 3, C less A", measured: means[3] - means[1], expected: .atLeast(0.15)),
      Claim(
        "curriculum-helps-scratch-share", helps, source: "the figure of the curriculum",
        quantity: "share of seeds with test accuracy above 0.7 at p = 3, A",
        measured: try share(runs[1], results) { $0 > successful }, expected: .atMost(0.25)),
      Claim(
        "curriculum-helps-transfer-share", helps, source: "the figure of the curriculum",
        quantity: "share of seeds with test accuracy above 0.7 at p = 3, B",
        measured: try share(runs[2], results) { $0 > successful }, expected: .atLeast(0.35)),
      Claim(
        "shared-circuit", "The attention of the easier modulus is that of the target modulus.", source: "Section 4, transfer",
        quantity: "cosine of mean attention with the donor's, averaged over the seeds of C above 0.7",
        measured: mean(similarities), basis: try runs[3].accuracies(results), expected: .atLeast(0.9)),
    ]
  }
}
