import Diagnostics
import Notebook
import Plotting

extension GradientFlowSharpness {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let far = try settings.far.rates.map { eta in
      try panels("far", ["eta": .init(eta)], rate: eta, title: settings.far.rates.count > 1 ? "η = \(eta)" : "", results)
    }
    let rate = try results.tensor("regression/rates").values[0]
    return [
      Figure(
        "fig1", title: "A: far from the minima, depth \(settings.far.start.count)",
        mirrors: "opening figure: loss, sharpness and GFS sharpness", panels: far.flatMap { $0 }),
      Figure("fig2", title: "C: two weights", mirrors: "trajectories in the plane", try planePanel(results, settings)),
      Figure(
        "fig3", title: "Where gradient descent ends", mirrors: "final sharpness against the step size",
        Panel(
          x: Axis("step size as a multiple ρ of the stability limit"), y: Axis("final φη/2"), legend: .outside,
          series: try settings.near.depths.map { depth in
            let ends = try settings.near.multiples.map { try edge(results, depth, label(ofMultiple: $0)).last ?? .nan }
            return .linesPoints(x: Column(settings.near.multiples), y: Column(ends), label: "D = \(depth)")
          }, annotations: [.horizontalLine(y: 1, label: "1")])),
      Figure(
        "fig4", title: "D: squared regression", mirrors: "loss, sharpness and GFS sharpness of squared regression",
        Panel(
          x: step, y: Axis("loss", scale: .log()),
          series: [try line(results.trace("regression/loss"), ["seed": 0], "")]),
        Panel(
          x: step, y: Axis("sharpness", scale: .log()), legend: .outside,
          series: [
            try line(results.trace("regression/sharpness"), ["seed": 0], "sharpness λ"),
            .line(
              x: try results.tensor("regression/phi").coordinate("iterate"),
              y: try results.tensor("regression/phi").column(["seed": 0]), label: "of the flow’s end, φ"),
          ], annotations: [.horizontalLine(y: 2 / rate, label: "2/η")])),
    ]
  }

  private static let step = Axis("gradient step t")
  /// The edge is left early in a long run.
  private static let logStep = Axis("gradient step t", scale: .log())

  /// Loss, and sharpness with phi, of one scalar network.
  private static func panels(
    _ run: String, _ place: [String: Selector], rate: Double, title: String, _ results: Results
  ) throws -> [Panel] {
    [
      Panel(
        title: title, x: logStep, y: Axis("loss", scale: .log()),
        series: [try line(results.trace("\(run)/loss"), place, "", from: 1)]),
      Panel(
        title: title, x: logStep, y: Axis("sharpness", scale: .log()), legend: .outside,
        series: [
          try line(results.trace("\(run)/sharpness"), place, "sharpness λ", from: 1),
          try line(results.trace("\(run)/phi"), place, "of the flow’s end, φ", from: 1),
        ], annotations: [.horizontalLine(y: 2 / rate, label: "2/η")]),
    ]
  }

  /// - Parameter from: records left out at the beginning: step 0 has no place on a logarithmic axis.
  private static func line(
    _ trace: RecordedArray, _ place: [String: Selector], _ label: String, from: Int = 0
  ) throws -> Series {
    .line(
      x: Column(Array(try trace.coordinate("step").values[from...])), y: Column(Array(try trace.column(place).values[from...])),
      label: label)
  }

  private static func planePanel(_ results: Results, _ settings: Settings) throws -> Panel {
    let weights = try results.trace("near2/weights")
    let shown = [settings.near.multiples.first, settings.near.multiples.last].compactMap { $0 }.map(label(ofMultiple:))
    return Panel(
      x: Axis("$w_1$"), y: Axis("$w_2$"), legend: .outside,
      series: try shown.map { run in
        .points(
          x: try weights.column(["run": .init(run), "weight": 1]), y: try weights.column(["run": .init(run), "weight": 2]),
          label: run)
      } + [.guide("1/x", label: "minima")])
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let scalarRuns = try scalarRuns(results, settings)
    let regression = try results.tensor("regression/phi").columns().map(largestRise)
    let deepRuns = scalarRuns.filter { $0.name != "far" }
    let farEnds = scalarRuns.filter { $0.name == "far" }.map { $0.edge.last ?? .nan }
    let nearEnds = deepRuns.map { $0.edge.last ?? .nan }
    let monotone = "The sharpness of the gradient flow's end never goes up under gradient descent."
    let end = "Gradient descent ends with the flow's sharpness just below 2/eta."
    let noEdge = "Below the stability limit there is no edge of stability."
    let slow = try results.trace("near4/phi").column(["run": .init(baseline)]).values
    let final = try ["loss", "phi", "sharpness"].map { try results.scalar("converged/\($0)") }
    return [
      Claim(
        "gfs-monotone-scalar", monotone, source: "Theorem", quantity: "largest relative rise of phi between records, A and B",
        measured: quantile(scalarRuns.map { largestRise($0.edge) }, 1), expected: .atMost(1e-9)),
      Claim(
        "gfs-monotone-regression", monotone, source: "experiment on squared regression",
        quantity: "largest relative rise of phi between records, D",
        measured: quantile(regression, 1), expected: .atMost(1e-6)),
      Claim(
        "loss-not-monotone-rises", "The loss oscillates.", source: "opening figure",
        quantity: "fewest steps in which the loss rises, A and B",
        measured: quantile(scalarRuns.map(\.rises), 0), expected: .atLeast(100)),
      Claim(
        "loss-not-monotone-unstable", "The flow of the start ends at a minimum too sharp for the step size.",
        source: "opening figure", quantity: "smallest first phi eta / 2, A and B",
        measured: quantile(scalarRuns.map { $0.edge[0] }, 0), expected: .above(1.02)),
      Claim(
        "ends-at-edge-far-lowest", end, source: "opening figure", quantity: "smallest final phi eta / 2, A",
        measured: quantile(farEnds, 0), expected: .within(0.995...1)),
      Claim(
        "ends-at-edge-far-highest", end, source: "opening figure", quantity: "largest final phi eta / 2, A",
        measured: quantile(farEnds, 1), expected: .within(0.995...1)),
      Claim(
        "ends-at-edge-near-lowest", end, source: "opening figure", quantity: "smallest final phi eta / 2, B",
        measured: quantile(nearEnds, 0), expected: .within(0.99...1)),
      Claim(
        "ends-at-edge-near-highest", end, source: "opening figure", quantity: "largest final phi eta / 2, B",
        measured: quantile(nearEnds, 1), expected: .within(0.99...1)),
      Claim(
        "small-step-keeps-gfs", noEdge, source: "baseline", quantity: "relative change of phi with eta = 1 / phi",
        measured: abs((slow.last ?? .nan) / slow[0] - 1), expected: .below(0.02)),
      Claim(
        "small-step-keeps-gfs-monotone", noEdge, source: "baseline", quantity: "steps in which the loss rises with eta = 1 / phi",
        measured: try results.tensor("near4/rises").value(["run": .init(baseline)]), expected: .exactly(0)),
      Claim(
        "endpoint-identity", "At a minimum phi is the sharpness.", source: "definition",
        quantity: "relative difference of phi and the sharpness where the largest rate of B has converged",
        measured: final[0] < settings.near.convergedLoss ? abs(final[1] - final[2]) / final[1] : .nan, expected: .below(1e-6)),
    ]
  }

  /// The runs that the claims speak of: A, and B with all its rates but the baseline; phi eta / 2 of each record, and rises of the loss.
  private static func scalarRuns(
    _ results: Results, _ settings: Settings
  ) throws -> [(name: String, edge: [Double], rises: Double)] {
    let far = try settings.far.rates.map { eta in
      let phi = try results.trace("far/phi").column(["eta": .init(eta)]).values
      return ("far", phi.map { $0 * eta / 2 }, try results.tensor("far/rises").value(["eta": .init(eta)]))
    }
    let near = try settings.near.depths.filter { $0 > 2 }.flatMap { depth in
      try settings.near.multiples.map(label(ofMultiple:)).map { run in
        let rises = try results.tensor("near\(depth)/rises").value(["run": .init(run)])
        return ("near", try edge(results, depth, run), rises)
      }
    }
    return far + near
  }

  /// phi eta / 2 at every record.
  private static func edge(_ results: Results, _ depth: Int, _ run: String) throws -> [Double] {
    let rate = try results.tensor("near\(depth)/rates").value(["run": .init(run)])
    return try results.trace("near\(depth)/phi").column(["run": .init(run)]).values.map { $0 * rate / 2 }
  }

  /// max_t (phi_(t+1) - phi_t) / phi_t
  private static func largestRise(_ values: [Double]) -> Double {
    quantile(zip(values, values.dropFirst()).map { ($1 - $0) / $0 }, 1)
  }
}
