import Diagnostics
import Notebook
import Plotting

extension FAdamNaturalGradient {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    return [
      try lossFigure(results, settings), try clippingFigure(results), try decayFigure(results, settings),
      try ablationFigure(results, settings),
      try sparseFigure(results, settings.sparse),
    ]
  }

  private static func lossFigure(_ results: Results, _ settings: Settings) throws -> Figure {
    let panel = { (title: String, prefix: String, measure: String, rate: Double) in
      Panel(
        title: title, x: Axis("step"), y: Axis(measure), legend: .outside,
        series: try [("fadam", "FAdam"), ("adamw", "AdamW")].enumerated().flatMap { look, rule in
          try results.trace("\(prefix)\(rule.0)/\(measure)").banded(
            at: ["rate": .init(rate)], label: rule.1, style: .look(look))
        })
    }
    return Figure(
      "fig1", title: "Loss, median and range of the seeds", mirrors: "training curves",
      panels: try settings.network.rates.map { try panel("network, learning rate \($0.brief)", "", "training loss", $0) }
        + [
          try panel(
            "transformer on Markov text, learning rate \(settings.language.rate.brief)", "text_", "test loss",
            settings.language.rate)
        ])
  }

  private static func clippingFigure(_ results: Results) throws -> Figure {
    let panel = { (title: String, quantity: String) in
      Panel(
        title: title, x: Axis("step"), y: Axis("largest RMS of a tensor", scale: .log()), legend: .outside,
        series: try [(quantity, "before clipping"), ("clipped \(quantity)", "after clipping")].map { name, label in
          let trace = try results.trace("watched_1/\(name)")
          // Nothing has been seen at step 0.
          let steps = try trace.coordinate("step").values.dropFirst()
          let values = try trace.column(["seed": 0, "rate": .init(trace.coordinate("rate").values[0])]).values.dropFirst()
          return .line(x: Column(Array(steps)), y: Column(Array(values)), label: label)
        })
    }
    return Figure(
      "fig2", title: "Clipping of natural directions", mirrors: "gradient clipping",
      try panel("natural gradient", "natural gradient"), try panel("decay", "decay direction"))
  }

  private static func decayFigure(_ results: Results, _ settings: Settings) throws -> Figure {
    let (f, decay) = (Axis("Fisher f", scale: .log()), Axis("decay step / (η θ)", scale: .log()))
    let constant = { (name: String) in try results.tensor("constant/\(name)").column() }
    // Every tenth parameter is enough of a cloud.
    let network = { (name: String) in
      let values = try results.tensor("watched_1/\(name)").column().values
      return Column(stride(from: 0, to: values.count, by: 10).map { values[$0] })
    }
    return Figure(
      "fig3", title: "Decay of each weight against its Fisher information", mirrors: "weight decay in Riemannian space",
      Panel(
        title: "constant gradient, no clipping", x: f, y: decay, legend: .outside,
        series: [
          .points(x: try constant("adamw_fisher"), y: try constant("adamw"), label: "AdamW"),
          .points(x: try constant("fadam_fisher"), y: try constant("fadam"), label: "FAdam"),
          .guide("\(settings.decay)*x**(-1/2)", label: "λ/√f"),
        ]),
      Panel(
        title: "network after training", x: f, y: decay, legend: .outside,
        series: [
          .guide("\(settings.decay)", label: "AdamW"),
          .points(x: try network("fisher"), y: try network("decay"), label: "FAdam", style: .look(1)),
        ]))
  }

  private static func ablationFigure(_ results: Results, _ settings: Settings) throws -> Figure {
    let rules = [("adamw", "AdamW")] + variants(decay: settings.decay).map { ($0.name, $0.label) }
    let groups = try settings.network.rates.map { rate in
      let finals = try rules.map { try finalLosses(results, $0.0, rate) }
      return BarGroup(
        "learning rate \(rate.brief)", Column(finals.map(median)),
        errors: (Column(finals.map { quantile($0, 0) }), Column(finals.map { quantile($0, 1) })))
    }
    return Figure(
      "fig4", title: "Training loss after the last step, median and range", mirrors: "ablations",
      Panel(
        x: Axis(""), y: Axis("training loss", from: 0), legend: .outside,
        series: [.bars(categories: rules.map(\.1), groups: groups)]), panelWidth: 12)
  }

  private static func sparseFigure(_ results: Results, _ settings: Sparse) throws -> Figure {
    Figure(
      "fig5", title: "Embedding, each row touched once in \(settings.rows) steps", mirrors: "sparse gradients",
      Panel(
        x: Axis("step"), y: Axis("RMS distance from the targets"), legend: .outside,
        series: try [("fadam", "FAdam"), ("adamw", "AdamW")].map { name, label in
          let distance = try results.trace("sparse_\(name)/distance")
          return .line(
            x: try distance.coordinate("step"), y: try distance.column(["seed": 0, "rate": .init(settings.rate)]), label: label)
        }))
  }

  private static func finalLosses(_ results: Results, _ rule: String, _ rate: Double) throws -> [Double] {
    try results.trace("\(rule)/training loss").lastValues(at: ["rate": .init(rate)])
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let watched = { (fisher: String, names: [String]) in
      quantile(try names.flatMap { try results.trace("watched_\(fisher)/\($0)").values }, 1)
    }
    let update = try results.tensor("first_step/update").values
    let expected = try results.tensor("first_step/expected").values
    let fisher = try results.tensor("constant/fadam_fisher").values
    let decay = try results.tensor("constant/fadam").values
    let losses = try ["fadam", "adamw"].map { median(try finalLosses(results, $0, 1e-3)) }
    return [
      Claim(
        "fisher-equals-vhat-f0", "f is Adam's corrected second moment.", source: "section on bias correction",
        quantity: "largest |f - vHat|/vHat of a run in Double, f_0 = 0", measured: try watched("0", ["fisher error"]),
        expected: .atMost(1e-10)),
      Claim(
        "fisher-equals-vhat-f1", "It forgets what it began with.", source: "section on bias correction",
        quantity: "largest |f - vHat|/vHat of a run in Double, f_0 = 1", measured: try watched("1", ["fisher error"]),
        expected: .atMost(1e-10)),
      Claim(
        "first-step", "The first update is -lr (1 - b1) g/(|g| + e)/max(1, RMS/c).", source: "algorithm, no correction of m",
        quantity: "largest relative distance from that", measured: quantile(zip(update, expected).map { abs($0 / $1 - 1) }, 1),
        expected: .atMost(1e-12)),
      Claim(
        "first-step-magnitude", "Its coordinates have magnitude (1 - b1) lr.", source: "algorithm, no correction of m",
        quantity: "median |update| over the learning rate", measured: median(update.map { abs($0) }),
        expected: .near(0.1, tolerance: 1e-6)),
      Claim(
        "clipped", "Natural gradient and decay direction have a root mean square of at most c.", source: "clipping rule",
        quantity: "largest RMS of a clipped tensor over c, all steps",
        measured: try watched("1", ["clipped natural gradient", "clipped decay direction"]), expected: .atMost(1 + 1e-9)),
      Claim(
        "riemannian-decay", "Decay takes theta/sqrt(f).", source: "weight-decay section",
        quantity: "slope of log(decay step/theta) against log f, gradients of constant size, no clipping",
        measured: LineFit.powerLaw(x: fisher, y: decay).slope, expected: .near(-0.5, tolerance: 0.02)),
      Claim(
        "trains-like-adam", "FAdam trains as well as AdamW.", source: "result tables",
        quantity: "final training loss over AdamW's, learning rate 1e-3, medians over seeds", measured: losses[0] / losses[1],
        expected: .near(1, tolerance: 0.1)),
    ]
  }
}
