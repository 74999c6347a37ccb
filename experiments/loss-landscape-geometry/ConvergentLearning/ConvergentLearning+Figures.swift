import Diagnostics
import Notebook
import Plotting

extension ConvergentLearning {
  package static func figures(from results: Results) throws -> [Figure] {
    let groups = ["perceptron", "convolutional"].filter { results.hasTensor("\($0)/matches") }
    return try groups.enumerated().flatMap { place, group in
      let suffix = place == 0 ? "" : "-\(group)"
      let layers = try results.tensor("\(group)/matches").coordinate("layer").values.map { Int($0) }
      let figure = { (id: String, title: String, mirrors: String, panels: [Panel], height: Double) in
        Figure(
          "\(id)\(suffix)", title: title, mirrors: mirrors, panels: panels, columns: id == "fig3" ? panels.count : 2,
          panelHeight: height)
      }
      return [
        figure(
          "fig1", "Correlation between the units of two networks", "between-network correlation, before and after matching",
          try layers.flatMap { layer in
            try [("correlations", "as they are"), ("permuted", "matched")].map { name, title in
              try heatMap(
                "\(group)/\(name)", layer, "layer \(layer), \(title)", ColorAxis("correlation", from: -1, to: 1), results)
            }
          }, 7),
        figure(
          "fig2", "Correlation of matched units", "correlation of each unit with its partner",
          try layers.map { try matchPanel(group, $0, results) }, 6),
        figure(
          "fig3", "Prediction from few units", "prediction error of sparse prediction, sorted",
          try [pathPanel(group, layers, results)] + layers.map { try errorPanel(group, $0, results) }, 6),
        figure(
          "fig4", "Units of two networks, by cluster", "many-to-many matching: joint correlation by cluster",
          try layers.map {
            try heatMap("\(group)/clustered", $0, "layer \($0)", ColorAxis("|correlation|", from: 0, to: 1), results)
          }, 7),
        figure(
          "fig5", "Canonical correlations", "beside the paper: agreement of the spanned spaces",
          try layers.map { try subspacePanel(group, $0, results) }, 6),
      ]
    }
  }

  private static func heatMap(
    _ name: String, _ layer: Int, _ title: String, _ color: ColorAxis, _ results: Results
  ) throws -> Panel {
    let matrix = try results.tensor("\(name)/matrix")
    let rows = try matrix.coordinate("row")
    let values = try rows.values.flatMap { try matrix.column(["layer": .init(layer), "row": .init($0)]).values }
    let axis = { Axis($0, from: 0.5, to: Double(rows.values.count) + 0.5) }
    let isJoint = name.hasSuffix("clustered")
    return Panel(
      title: title, x: axis(isJoint ? "unit of either network" : "unit of the second network"),
      y: axis(isJoint ? "unit of either network" : "unit of the first network"), legend: .none,
      series: [.heatMap(Grid(Column(values), x: rows, y: rows), color: color)])
  }

  private static func matchPanel(_ group: String, _ layer: Int, _ results: Results) throws -> Panel {
    let matches = try results.tensor("\(group)/matches")
    return Panel(
      title: "layer \(layer)", x: Axis("unit, sorted", isCount: true), y: Axis("correlation"), legend: .outside,
      series: try kinds.flatMap { kind in
        try matches.banded(over: "pair", at: ["layer": .init(layer), "kind": .init(kind)], label: kind)
      })
  }

  /// Mean error against mean number of units used, each penalty a point.
  private static func pathPanel(_ group: String, _ layers: [Int], _ results: Results) throws -> Panel {
    let (errors, counts) = (try results.tensor("\(group)/error"), try results.tensor("\(group)/count"))
    let penalties = try errors.coordinate("penalty").values
    return Panel(
      title: "all units", x: Axis("mean number of units used"), y: Axis("mean squared error", from: 0, to: 1.05),
      legend: .outside,
      series: try layers.map { layer in
        let points = try penalties.map { penalty in
          let place: [String: Selector] = ["layer": .init(layer), "penalty": .init(penalty)]
          return (
            mean(try counts.values(over: "pair", at: place)), mean(try errors.columns(over: "pair", at: place).map(meanOfUnits))
          )
        }
        return .linesPoints(x: Column(points.map(\.0)), y: Column(points.map(\.1)), label: "layer \(layer)")
      })
  }

  private static func errorPanel(_ group: String, _ layer: Int, _ results: Results) throws -> Panel {
    let errors = try results.tensor("\(group)/error")
    return Panel(
      title: "layer \(layer)", x: Axis("unit, sorted", isCount: true), y: Axis("squared error", from: 0, to: 1.05),
      legend: .outside,
      series: try errors.coordinate("penalty").values.flatMap { penalty in
        try errors.banded(over: "pair", at: ["layer": .init(layer), "penalty": .init(penalty)], label: "λ = \(penalty)")
      })
  }

  private static func subspacePanel(_ group: String, _ layer: Int, _ results: Results) throws -> Panel {
    let canonical = try results.tensor("\(group)/canonical")
    return Panel(
      title: "layer \(layer)", x: Axis("place, sorted", isCount: true), y: Axis("canonical correlation", from: 0, to: 1.02),
      legend: .outside,
      series: try subspaces.flatMap { networks in
        try canonical.banded(over: "pair", at: ["layer": .init(layer), "networks": .init(networks)], label: networks)
      })
  }

  /// The mean over the units that there are: dropped ones have left NaN at the end.
  static func meanOfUnits(_ values: [Double]) -> Double { mean(units(values)) }
  static func units(_ values: [Double]) -> [Double] { values.filter { !$0.isNaN } }
}
