import Diagnostics
import Notebook
import Plotting

extension TinyGradientSubspace {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let runs = settings.runs.map(\.name)
    // One draw of each kind of training.
    let shown = settings.runs.filter { $0.seed == 0 }.map(\.name)
    let compared = [runs.first, shown.dropFirst(2).first].compactMap { $0 }
    return [
      Figure(
        "fig1", title: "Share of the gradient in the top subspace", mirrors: "Figure 1, the main figure",
        panels: try (shown + [fullBatch]).map { try sharePanel("network", $0, results, settings) } + [
          try sharePanel("softmax", "softmax regression", results, settings)
        ]),
      Figure(
        "fig2", title: "Largest eigenvalues of the Hessian", mirrors: "eigenvalues during training",
        panels: try compared.map { try eigenvaluePanel($0, results, settings) }),
      Figure(
        "fig3", title: "Overlap of the top subspaces", mirrors: "overlap between subspaces at different times",
        panels: try compared.map { try overlapPanel($0, results, settings) }, panelHeight: 7),
      Figure(
        "fig4", title: "Gradient in the first eigenvectors", mirrors: "share of the gradient against the number of eigenvectors",
        panels: try compared.map { try cumulativePanel($0, results, settings) }),
    ]
  }

  private static func sharePanel(_ group: String, _ run: String, _ results: Results, _ settings: Settings) throws -> Panel {
    let column = { (name: String) in try results.tensor("\(group)/\(name)").column(["run": .init(run)]) }
    let steps = try results.tensor("\(group)/loss").coordinate("step")
    let parameters = try results.tensor("\(group)/gradient shares").coordinate("eigenvector").values.count
    return Panel(
      title: run, x: Axis("step"), y: Axis("share of ‖g‖²", from: 0, to: 1), y2: Axis("loss", scale: .log()), legend: .outside,
      series: [
        .line(x: steps, y: try column("top share"), label: "top k"),
        .line(x: steps, y: try column("bulk share"), label: "k + 1 to 2k"),
        .line(x: steps, y: try column("loss"), label: "loss, right").onRightAxis,
        .guide("\(Double(settings.classes) / Double(parameters))", label: "random, k/P"),
      ])
  }

  private static func eigenvaluePanel(_ run: String, _ results: Results, _ settings: Settings) throws -> Panel {
    let values = try results.tensor("network/eigenvalues")
    let k = settings.classes
    return Panel(
      title: run, x: Axis("step"), y: Axis("eigenvalue", scale: .log()), legend: .outside,
      series: try (1...3 * k).map { place in
        let group = (place - 1) / k
        return .line(
          x: try values.coordinate("step"), y: try values.column(["run": .init(run), "eigenvalue": .init(place)]),
          label: place % k == 1 ? ["1 to k", "k + 1 to 2k", "2k + 1 to 3k"][group] : "", style: .look(group))
      })
  }

  private static func overlapPanel(_ run: String, _ results: Results, _ settings: Settings) throws -> Panel {
    let overlap = try results.tensor("network/overlap")
    let steps = try overlap.coordinate("step")
    let rows = try steps.values.flatMap { try overlap.column(["run": .init(run), "step": .init($0)]).values }
    let half = Double(settings.interval) / 2
    let axis = { Axis($0, from: -half, to: Double(settings.steps) + half) }
    return Panel(
      title: run, x: axis("step"), y: axis("step"), legend: .none,
      series: [.heatMap(Grid(Column(rows), x: steps, y: steps), color: ColorAxis("overlap", from: 0, to: 1))])
  }

  private static func cumulativePanel(_ run: String, _ results: Results, _ settings: Settings) throws -> Panel {
    let shares = try results.tensor("network/gradient shares")
    let checkpoints = settings.checkpoints
    let times = [0, settings.interval, settings.settled, checkpoints[checkpoints.count - 1]].filter(checkpoints.contains)
    return Panel(
      title: run, x: Axis("number of eigenvectors", scale: .log()), y: Axis("share of ‖g‖²", from: 0, to: 1), legend: .outside,
      series: try times.map { step in
        var sum = 0.0
        let cumulative = try shares.column(["run": .init(run), "step": .init(step)]).values.map { share in
          sum += share
          return sum
        }
        return .line(x: try shares.coordinate("eigenvector"), y: Column(cumulative), label: "step \(step)")
      }, annotations: [.verticalLine(x: Double(settings.classes), label: "k")])
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let runs = settings.runs.map(\.name)
    let k = settings.classes
    let settled = settings.checkpoints.filter { $0 >= settings.settled }
    let meanShare = { (name: String, run: String) in
      let shares = try results.tensor("network/\(name)")
      return mean(try settled.map { try shares.value(["run": .init(run), "step": .init($0)]) })
    }
    let overlap = try results.tensor("network/overlap")
    let stability = { (run: String) in
      mean(
        try zip(settled, settled.dropFirst()).map {
          try overlap.value(["run": .init(run), "step": .init($0), "other": .init($1)])
        })
    }
    let slowest = settings.runs.first { $0.training.rate == 0.1 && $0.training.batchSize == 8 }?.name
    let eigenvalues = try results.tensor("network/eigenvalues")
    let gaps = try settings.checkpoints.filter { (200...300).contains($0) }.map { step in
      let value = { (place: Int) in
        try eigenvalues.value(["run": .init(slowest ?? ""), "step": .init(step), "eigenvalue": .init(place)])
      }
      return slowest == nil ? .nan : try value(k - 1) / value(k + 1)
    }
    let span = "from step \(settings.settled) on"
    return [
      Claim(
        "gradient-in-top-k", "The gradient lies mostly in the span of the top k eigenvectors.", source: "Section 2, Figure 1",
        quantity: "share of the gradient in the top k, mean \(span), the least of all runs of SGD",
        measured: quantile(try runs.map { try meanShare("top share", $0) }, 0), expected: .above(0.45)),
      Claim(
        "bulk-is-empty", "The next eigenvectors hold little of the gradient.", source: "Section 2",
        quantity: "share in eigenvectors k + 1 to 2k over that in the top k, means \(span), the largest of all runs",
        measured: quantile(try runs.map { try meanShare("bulk share", $0) / meanShare("top share", $0) }, 1),
        expected: .below(0.5)),
      Claim(
        "subspace-stable", "The top subspace hardly moves.", source: "Section 2, overlaps",
        quantity: "overlap of the top k subspaces \(settings.interval) steps apart, mean \(span), the least of all runs",
        measured: quantile(try runs.map(stability), 0), expected: .above(0.6)),
      Claim(
        "subspace-stable-small-rate", "The top subspace hardly moves.", source: "Section 2, overlaps",
        quantity: "the same for learning rate 0.1 and batches of 8", measured: try slowest.map(stability) ?? .nan,
        expected: .above(0.85)),
      Claim(
        "outlier-gap", "k - 1 eigenvalues stand out from the bulk.", source: "Section 2, spectrum",
        quantity: "eigenvalue k - 1 over eigenvalue k + 1 at learning rate 0.1 and batches of 8, mean over steps 200 to 300",
        measured: mean(gaps), expected: .above(2)),
    ]
  }
}
