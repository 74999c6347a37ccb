import Diagnostics
import Foundation
import Notebook
import Plotting

extension ParametricLensLearning {
  private static let optimizers = ["gradient descent", "momentum", "Nesterov", "Nesterov at p", "Adagrad", "Adam"]

  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let prefixes = ["", "iris "].filter { results.hasTrace("\($0)cross-entropy Adam/loss") }
    let losses = try prefixes.flatMap { prefix in
      try Loss.allCases.map { try lossPanel($0, prefix, results) }
    }
    let laws = try results.tensor("laws/real")
    let worst = try realLawNames.map { law in log10(max(quantile(try laws.column(["law": .init(law)]).values, 1), 1e-18)) + 18 }
    return [
      Figure("fig1", title: "Six optimizer lenses", mirrors: "optimiser examples", panels: losses),
      Figure(
        "fig2", title: "Laws on random lenses: the largest of \(settings.draws) draws", mirrors: "RDC axioms, laws of Para(Lens)",
        Panel(
          x: Axis(""),
          y: Axis(
            "discrepancy", from: 0, to: 10,
            ticks: stride(from: 0.0, through: 10, by: 2).map { .init($0, $0 == 0 ? "0" : "$10^{\(Int($0) - 18)}$") }),
          series: [.bars(categories: realLawNames, groups: [BarGroup("", Column(worst))])]),
        panelWidth: 14),
      Figure(
        "fig3", title: "Boolean functions, one pass", mirrors: "Boolean circuits: reverse derivative over Z₂",
        try circuitPanel(
          "all functions of \(settings.boolean.bits) bits", results, [("table", "lookup table"), ("products", "products of ≤ 2")]),
        try circuitPanel("functions of \(settings.boolean.manyBits) bits", results, [("large_table", "lookup table")])),
      try dreams(results, settings.dreaming),
    ]
  }

  private static func lossPanel(_ loss: Loss, _ prefix: String, _ results: Results) throws -> Panel {
    Panel(
      title: prefix + loss.rawValue, x: Axis("full-batch step"), y: Axis("training loss", scale: .log()), legend: .outside,
      series: try optimizers.map { name in
        let trace = try results.trace("\(prefix)\(loss.rawValue) \(name)/loss")
        return .line(x: try trace.coordinate("step"), y: try trace.column(), label: name)
      })
  }

  private static func circuitPanel(_ title: String, _ results: Results, _ models: [(name: String, label: String)]) throws -> Panel
  {
    Panel(
      title: title, x: Axis("examples seen", isCount: true), y: Axis("share of right rows", from: 0, to: 1.05), legend: .outside,
      series: try models.flatMap { model -> [Series] in
        let shares = try results.tensor("circuits/\(model.name)")
        let columns = try shares.columns(over: "\(model.name)_function")
        let seen = try shares.coordinate("\(model.name)_seen")
        let over = { (statistic: ([Double]) -> Double) in
          Column(seen.values.indices.map { i in statistic(columns.map { $0[i] }) })
        }
        return [
          .line(x: seen, y: over { mean($0) }, label: "\(model.label), mean"),
          .line(x: seen, y: over { quantile($0, 0) }, label: "\(model.label), least"),
        ]
      })
  }

  private static func dreams(_ results: Results, _ dreaming: Dreaming) throws -> Figure {
    let images = try results.tensor("dreaming/image")
    let probability = try results.trace("dreaming/probability")
    let panels = try dreaming.classes.map { label in
      let rows = try images.coordinate("row").values
      let columns = try rows.map { try images.column(["class": .init(label), "row": .init($0)]).values }
      let last = try probability.column(["class": .init(label)]).values.last ?? .nan
      return Panel(
        title: "class \(label), probability \(String(format: "%.3f", last))", x: Axis("column"), y: Axis("row, from below"),
        // The first row of pixels is the upper one.
        series: [
          .heatMap(
            Grid(Column(columns.reversed().flatMap { $0 }), x: try images.coordinate("column"), y: Column(rows)),
            color: ColorAxis("pixel"))
        ])
    }
    return Figure("fig4", title: "Dreamed inputs", mirrors: "deep dreaming", panels: panels, panelWidth: 8, panelHeight: 6)
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let real = try results.tensor("laws/real")
    let boolean = try results.tensor("laws/boolean")
    let largest = { (path: String) in quantile(try results.trace(path).column().values, 1) }
    let runs = Loss.allCases.flatMap { loss in optimizers.map { "\(loss.rawValue) \($0)" } }
    let replaced = Loss.allCases.map { "\($0.rawValue) Nesterov at p" }
    let apart = try Loss.allCases.map { loss in
      let pair = try ["momentum", "Nesterov"].map { try results.trace("\(loss.rawValue) \($0)/loss").column().values }
      return quantile(zip(pair[0], pair[1]).map { abs($0 - $1) }, 1)
    }
    let table = try results.tensor("circuits/table").lastValues(over: "table_function")
    return [
      Claim(
        "lens-laws-reals", "Reverse derivatives satisfy the axioms, and lenses the laws of a monoidal category.",
        source: "RDC axioms, Para(Lens)", quantity: "largest discrepancy over laws and draws",
        measured: quantile(try exactRealLaws.flatMap { try real.column(["law": .init($0)]).values }, 1), expected: .atMost(1e-10)),
      Claim(
        "lens-laws-z2", "Over Z_2 they hold exactly.", source: "RDC axioms, Para(Lens)",
        quantity: "violations over laws, draws, points and changes",
        measured: try booleanLawNames.dropLast().reduce(0) { sum, law in
          try boolean.column(["boolean_law": .init(law)]).values.reduce(sum, +)
        }, expected: .exactly(0)),
      Claim(
        "optimisers-as-lenses", "Every optimizer lens is the update rule.", source: "optimiser examples",
        quantity: "largest difference of a parameter over \(runs.count) runs and all steps",
        measured: quantile(try runs.map { try largest("\($0)/difference") }, 1), expected: .atMost(1e-10)),
      Claim(
        "nesterov-get-replaced", "With get = p Nesterov's lens is momentum.", source: "Nesterov example",
        quantity: "largest difference of a parameter over both losses and all steps",
        measured: quantile(try replaced.map { try largest("\($0)/difference") }, 1), expected: .exactly(0)),
      Claim(
        "nesterov-get-kept", "With its own get it is not.", source: "Nesterov example",
        quantity: "largest difference of the training loss from momentum's, the smaller of both losses",
        measured: quantile(apart, 0), expected: .above(1e-3)),
      Claim(
        "boolean-one-pass", "A lookup table learns every Boolean function in one pass.", source: "Boolean circuits section",
        quantity: "least share of right rows after one pass, over \(table.count) functions",
        measured: quantile(table, 0), expected: .exactly(1)),
      Claim(
        "accuracy", "The wiring trains.", source: "experiments", quantity: "training accuracy of Adam with cross-entropy",
        measured: try results.trace("cross-entropy Adam/accuracy").column().values.last ?? .nan, expected: .atLeast(0.95)),
    ]
  }
}
