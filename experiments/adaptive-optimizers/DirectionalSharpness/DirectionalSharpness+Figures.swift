import Diagnostics
import Notebook
import Plotting

extension DirectionalSharpness {
  package static func figures(from results: Results) throws -> [Figure] {
    [
      Figure(
        "fig1", title: "Sharpness along updates on the SGD trajectory", mirrors: "Figures 1 and 2",
        try sharpnessPanel("sgd_path", results)),
      Figure(
        "fig2", title: "Sharpness along updates on the Adam trajectory", mirrors: "Figures 1 and 2",
        try sharpnessPanel("adam_path", results)),
      Figure("fig3", title: "Training at the best rates", mirrors: "training with clipped SGD", try trainingPanel(results)),
      Figure(
        "fig4", title: "Few coordinates make the sharpness", mirrors: "distribution of the coordinates",
        try coordinatePanel(
          "size", "sizes of the coordinates", Axis("|uᵢ| over the largest", scale: .log(), from: 1e-3), results),
        try coordinatePanel("share", "their part in the sharpness", Axis("cumulative share of uᵀHu"), results)),
    ]
  }

  private static func sharpnessPanel(_ name: String, _ results: Results) throws -> Panel {
    let trace = try results.trace("\(name)/sharpness")
    return Panel(
      x: Axis("step"), y: Axis("directional sharpness vᵀHv", scale: .log()), legend: .outside,
      series: try Probe.names.map { name in
        .line(x: try trace.coordinate("step"), y: try trace.column(["direction": .init(name)]), label: name)
      })
  }

  private static func trainingPanel(_ results: Results) throws -> Panel {
    let methods = [
      ("sgd", "SGD"), ("sgd_clip10", "SGD, clip 10 %"), ("adam", "Adam"), ("adam_clip10", "Adam, clip 10 %"),
      ("adam_clip50", "Adam, clip 50 %"),
    ]
    return Panel(
      x: Axis("step"), y: Axis("held-out loss", to: 3),
      series: try methods.filter { results.hasTrace("\($0.0)/loss") }.map { name, label in
        let trace = try results.trace("\(name)/test loss")
        let rate = try best(name, results).rate
        return .line(
          x: try trace.coordinate("step"), y: try trace.column(["seed": 0, "rate": .init(rate)]), label: "\(label), η = \(rate)")
      })
  }

  private static func coordinatePanel(_ name: String, _ title: String, _ axis: Axis, _ results: Results) throws -> Panel {
    let values = try results.tensor("sgd_path/\(name)")
    return Panel(
      title: title, x: Axis("rank of the coordinate by size", scale: .log()), y: axis, legend: .outside,
      series: try values.labels("update").map { update in
        .line(x: try values.coordinate("rank"), y: try values.column(["update": .init(update)]), label: update)
      })
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let trace = try results.trace("sgd_path/sharpness")
    let gradient = try trace.column(["direction": "gradient"]).values
    let ratio = { (direction: String) in
      median(zip(try trace.column(["direction": .init(direction)]).values, gradient).map { $0 / $1 })
    }
    let (sgd, clipped, adam) = try (best("sgd", results).loss, best("sgd_clip10", results).loss, best("adam", results).loss)
    let quantity = "median over the SGD trajectory of the sharpness over the gradient's"
    return [
      Claim(
        "adam-direction-flat", "Adam's update meets far less curvature than SGD's.",
        source: "main table of directional sharpness",
        quantity: "\(quantity), Adam's update", measured: try ratio("Adam"), expected: .atMost(0.25)),
      Claim(
        "clipping-flattens-clip50", "Clipping coordinates lowers the curvature along the gradient.",
        source: "section on clipping",
        quantity: "\(quantity), half of the coordinates clipped", measured: try ratio("clip 50 %"), expected: .atMost(0.6)),
      Claim(
        "clipping-flattens-clip10", "Clipping a tenth of the coordinates already does.", source: "section on clipping",
        quantity: "\(quantity), a tenth of the coordinates clipped", measured: try ratio("clip 10 %"), expected: .atMost(0.85)),
      Claim(
        "clipping-helps-sgd-clip10", "Clipped SGD trains at least as well as SGD.", source: "figure on clipped SGD",
        quantity: "final held-out loss of clipped SGD less that of SGD, best rates", measured: clipped - sgd, expected: .atMost(0)
      ),
      Claim(
        "clipping-helps-sgd-adam", "Adam trains better than SGD.", source: "figure on clipped SGD",
        quantity: "final held-out loss of Adam less that of SGD, best rates", measured: adam - sgd, expected: .atMost(-0.02)),
    ]
  }

  /// The learning rate with the least final held-out loss; rates that diverged do not count.
  private static func best(_ name: String, _ results: Results) throws -> (rate: Double, loss: Double) {
    let trace = try results.trace("\(name)/test loss")
    let finals = try trace.coordinate("rate").values.map { rate in
      let losses = try trace.column(["seed": 0, "rate": .init(rate)]).values
      return (rate: rate, loss: losses[losses.count - 1])
    }
    return finals.filter(\.loss.isFinite).min { $0.loss < $1.loss } ?? (finals[0].rate, .nan)
  }
}
