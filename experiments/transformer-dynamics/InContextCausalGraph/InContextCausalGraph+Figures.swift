import Diagnostics
import Foundation
import Notebook
import Plotting

extension InContextCausalGraph {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let graphs = settings.graphs
    let columns = graphs.count == 3 ? 3 : 2
    return [
      Figure(
        "fig1", title: "Loss of the transformer", mirrors: "test loss during training",
        panels: try graphs.map { graph in
          let bayes = try results.tensor("bayes").value(["graph": .init(graph.rawValue)])
          return Panel(
            title: graph.rawValue, x: Axis("step of SGD"), y: Axis("test loss", unit: "nats", from: 0.95 * bayes),
            legend: .outside,
            series: try results.trace("training/test loss").banded(at: ["graph": .init(graph.rawValue)], label: "transformer") + [
              .line(x: Column([0, Double(settings.steps)]), y: Column([bayes, bayes]), label: "Bayes"),
              .guide("log(\(settings.vocabulary))", label: "uniform: ln S"),
            ])
        }, columns: columns, panelWidth: 7.5),
      Figure(
        "fig2", title: "Position block of $A_1$, and the graph", mirrors: "the learned first attention layer",
        panels: try graphs.flatMap { graph in
          let scores = try matrix("model/A1 positions", graph, results)
          let parents = try parents(graph, results)
          let edges = (0..<settings.length).map { i in (0..<settings.length).map { $0 <= i ? ($0 == parents[i] ? 1.0 : 0) : .nan }
          }
          let seen = scores.enumerated().map { i, row in row.enumerated().map { j, score in j <= i ? score : .nan } }
          return [
            positionPanel("\(graph.rawValue): A₁", seen, "score", settings),
            positionPanel("\(graph.rawValue): parents", edges, "edge", settings),
          ]
        }, panelWidth: 7, panelHeight: 6),
      Figure(
        "fig3", title: "$A_2$", mirrors: "the learned second attention layer",
        panels: try graphs.map { try blocksPanel($0, results, settings) }, columns: columns, panelWidth: 9, panelHeight: 7),
      Figure(
        "fig4", title: "What the gradient at $A_1 = 0$ sees", mirrors: "the lemma on the gradient of the first layer",
        panels: try graphs.flatMap { graph in
          try [("warm", "W, A₂ after the warm-up"), ("theorem", "the theorem's W, A₂")].map { probe, label in
            try scatterPanel("\(graph.rawValue): \(label)", probe, graph, results)
          }
        }),
    ]
  }

  /// Rows of an array of the first seed.
  private static func matrix(_ path: String, _ graph: Graph, seed: Int? = 0, _ results: Results) throws -> [[Double]] {
    let settings: Settings = try results.settings()
    var selection: [String: Selector] = ["graph": .init(graph.rawValue)]
    if let seed { selection["seed"] = .init(seed) }
    return try (1...settings.length).map { i in
      try results.tensor(path).column(selection.merging(["position": .init(i)]) { $1 }).values
    }
  }

  /// Of every position, counted from 0; negative for none.
  private static func recordedParents(_ graph: Graph, _ results: Results) throws -> [Double] {
    try results.tensor("tree/parents").column(["graph": .init(graph.rawValue)]).values
  }

  /// Of every position, counted from 0; nil for none.
  private static func parents(_ graph: Graph, _ results: Results) throws -> [Int?] {
    try recordedParents(graph, results).map { $0 < 0 ? nil : Int(exactly: $0) }
  }

  /// A matrix of positions with its first row on top.
  private static func positionPanel(_ title: String, _ rows: [[Double]], _ label: String, _ settings: Settings) -> Panel {
    let places = Column((1...settings.length).map(Double.init))
    let named = stride(from: 1, through: settings.length, by: settings.length > 10 ? 3 : 1)
    return Panel(
      title: title, x: Axis("earlier position j", ticks: named.map { Axis.Tick(Double($0), "\($0)") }),
      y: Axis("position i", ticks: named.map { Axis.Tick(Double(settings.length + 1 - $0), "\($0)") }), legend: .none,
      series: [.heatMap(Grid(Column(rows.reversed().flatMap { $0 }), x: places, y: places), color: ColorAxis(label))])
  }

  /// A2 with its first row on top, named by blocks.
  private static func blocksPanel(_ graph: Graph, _ results: Results, _ settings: Settings) throws -> Panel {
    let array = try results.tensor("model/A2")
    let rows = try array.labels("row").map { row in
      try array.column(["graph": .init(graph.rawValue), "seed": 0, "row": .init(row)]).values
    }
    let count = rows.count
    let (s, t) = (Double(settings.vocabulary), Double(settings.length))
    let middles = [
      ("token", (s + 1) / 2), ("place", s + (t + 1) / 2), ("copied\ntoken", s + t + (s + 1) / 2),
      ("copied\nplace", 2 * s + t + (t + 1) / 2),
    ]
    let places = Column((1...count).map(Double.init))
    return Panel(
      title: graph.rawValue, x: Axis("feature of a token", ticks: middles.map { Axis.Tick($1, $0) }),
      y: Axis("feature of the last token", ticks: middles.map { Axis.Tick(Double(count + 1) - $1, $0) }), legend: .none,
      series: [.heatMap(Grid(Column(rows.reversed().flatMap { $0 }), x: places, y: places), color: ColorAxis("score"))])
  }

  /// Entries j < i of minus the gradient against the dependence of the two positions.
  private static func scatterPanel(_ title: String, _ probe: String, _ graph: Graph, _ results: Results) throws -> Panel {
    let gradient = try matrix("probe/\(probe)", graph, results)
    let dependence = try matrix("probe/dependence", graph, seed: nil, results)
    let parents = try parents(graph, results)
    let pairs = parents.indices.dropLast().flatMap { i in (0..<i).map { (i, $0) } }
    let points = { (isParent: Bool, label: String) in
      let chosen = pairs.filter { (parents[$0.0] == $0.1) == isParent }
      return Series.points(
        x: Column(chosen.map { dependence[$0.0][$0.1] }), y: Column(chosen.map { gradient[$0.0][$0.1] * 1e3 }), label: label)
    }
    return Panel(
      title: title, x: Axis("dependence $I_{χ²}$(i, j)"), y: Axis("minus gradient at (i, j)", unit: "$10^{-3}$"),
      legend: .outside,
      series: [points(false, "other j < i"), points(true, "parent of i"), .guide("0")])
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let forests = settings.graphs.filter { $0 == .forest }
    return try claims(settings.graphs.filter { $0 != .forest }, suffix: "", results)
      + (forests.isEmpty ? [] : claims(forests, suffix: "-forest", results))
  }

  /// The claims, about some of the graphs.
  private static func claims(_ graphs: [Graph], suffix: String, _ results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let loss = try results.trace("training/test loss")
    let onParents = try results.trace("training/parent attention")
    let each = { (array: RecordedArray) in try graphs.map { try array.columns(at: ["graph": .init($0.rawValue)]) } }
    let attention = try each(onParents).flatMap { $0 }
    let gaps = try zip(graphs, each(loss)).flatMap { graph, columns in
      let bayes = try results.tensor("bayes").value(["graph": .init(graph.rawValue)])
      return columns.map { (($0.last ?? .nan) - bayes) / (log(Double(settings.vocabulary)) - bayes) }
    }
    let found = { (path: String) in mean(try graphs.flatMap { try parentsFound(path, $0, results) }) }
    let tree = "Gradient descent writes the latent tree into the first attention layer."
    let sees = "The gradient of the first layer's scores is largest at the parent, where positions depend on each other most."
    let measured = "the figure of learned attention"
    return [
      Claim(
        "tree-recovered\(suffix)", tree, source: "Theorem 4.4 and \(measured)",
        quantity: "share of positions with a parent at which the first layer's largest attention j < i is on the parent",
        measured: try found("model/attention"), expected: .exactly(1)),
      Claim(
        "sharp-edges\(suffix)", tree, source: measured,
        quantity: "mean attention on the parent at the end, the least of all graphs and seeds",
        measured: quantile(attention.map { $0.last ?? .nan }, 0), expected: .atLeast(0.6)),
      Claim(
        "sharp-edges-start\(suffix)", tree, source: measured,
        quantity: "mean attention on the parent before the first step, the largest of all graphs",
        measured: quantile(attention.map { $0.first ?? .nan }, 1), expected: .atMost(0.35)),
      Claim(
        "near-bayes\(suffix)", "The trained transformer predicts as Bayes' rule does that knows the tree.",
        source: "the figure of losses", quantity: "(loss - Bayes) / (ln S - Bayes), the largest of all graphs and seeds",
        measured: quantile(gaps, 1), expected: .atMost(results.preset == .full ? 0.05 : 0.12)),
      Claim(
        "gradient-sees-parents\(suffix)", sees, source: "lemma on the gradient of A1",
        quantity: "share of positions with a parent at which minus the gradient is largest there, W and A2 after the warm-up",
        measured: try found("probe/warm"), expected: .atLeast(0.8)),
      Claim(
        "gradient-sees-parents-theorem\(suffix)", sees, source: "lemma on the gradient of A1",
        quantity: "the same with the theorem's W and A2", measured: try found("probe/theorem"), expected: .atLeast(0.8)),
      Claim(
        "gradient-sees-parents-dependence\(suffix)", sees, source: "data processing inequality",
        quantity: "share of positions with a parent whose chi-squared mutual information is largest with it",
        measured: try found("probe/dependence"), expected: .exactly(1)),
    ]
  }

  /// For every position with a parent, and every seed: 1 where the row's largest entry j < i is the parent's, else 0; NaN where the
  /// parent is no earlier position.
  private static func parentsFound(_ path: String, _ graph: Graph, _ results: Results) throws -> [Double] {
    let array = try results.tensor(path)
    let seeds = array.dimensions.first { $0.name == "seed" }.map { (0..<$0.count).map(Optional.some) } ?? [nil]
    return try seeds.flatMap { seed in
      let rows = try matrix(path, graph, seed: seed, results)
      return try recordedParents(graph, results).enumerated().compactMap { i, parent -> Double? in
        if parent < 0 { return nil }
        guard let p = Int(exactly: parent), p < i else { return .nan }
        return (0..<i).allSatisfy { $0 == p || rows[i][$0] < rows[i][p] } ? 1.0 : 0
      }
    }
  }
}
