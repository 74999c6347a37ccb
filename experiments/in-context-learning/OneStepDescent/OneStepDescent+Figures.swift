import Diagnostics
import Notebook
import Plotting

extension OneStepDescent {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let laws = Task.Law.allCases.map { (law: $0, task: name($0, settings.contextLength)) }
    let lengths = Column(settings.lengths.map(Double.init))
    let overLengths = { (path: String, label: String) in
      let values = try settings.lengths.map { try results.tensor(path).values(at: ["task": .init(name(.isotropic, $0))]) }
      return [
        Series.band(x: lengths, lower: Column(values.map { quantile($0, 0) }), upper: Column(values.map { quantile($0, 1) })),
        .linesPoints(x: lengths, y: Column(values.map(median)), label: label),
      ]
    }
    let baseline = { (path: String, label: String) in
      let values = try settings.lengths.map { try results.tensor(path).value(["task": .init(name(.isotropic, $0))]) }
      return Series.linesPoints(x: lengths, y: Column(values), label: label)
    }
    let denominator = "(x + \(settings.dimension) + 1 + \(settings.noise)**2)"
    let pairs = Axis("pairs in the prompt n")
    return [
      Figure(
        "fig1", title: "Trained $M$ over the mean diagonal of $M_{xx}$, and $u$ over $u_y$",
        mirrors: "the global minimizers of the theorems",
        panels: try laws.map { try weightsPanel($0.task, results, settings) }, columns: 3, panelWidth: 7, panelHeight: 7),
      Figure(
        "fig2", title: "Loss of the trained layer", mirrors: "Theorem 1: the least loss",
        Panel(
          x: pairs, y: Axis("excess loss", scale: .log()), legend: .outside,
          series: try overLengths("test/loss", "trained layer") + [
            baseline("test/ridge", "ridge regression (Bayes)"),
            .guide("\(settings.dimension)*(1 - x/\(denominator))", label: "$L^*(n)$"),
          ])),
      Figure(
        "fig3", title: "Step size of the trained layer", mirrors: "Theorem 1: the step size",
        Panel(
          x: pairs, y: Axis("effective step size η"), legend: .outside,
          series: try overLengths("step/rate", "trained layer") + [
            baseline("test/best rate", "best step on the test prompts"),
            .guide("1/\(denominator)", label: "1/(n + d + 1 + σ²)"),
          ])),
      Figure(
        "fig4", title: "Training", mirrors: "beside the paper: loss during training",
        panels: try laws.map { law, task in
          let floor =
            law == .nonlinear
            ? try results.tensor("curves/best step").value(["task": .init(task)]) : settings.optimalLoss(settings.contextLength)
          return Panel(
            title: law.rawValue, x: Axis("step of Adam", scale: .log()), y: Axis("excess loss", from: 0), legend: .outside,
            series: try results.trace("\(law.rawValue)-\(settings.contextLength)/excess loss").banded(
              at: ["rate": .init(settings.rate)], from: 1, label: "trained layer")
              + [.guide("\(floor)", label: law == .nonlinear ? "best step on these prompts" : "$L^*$")])
        }, columns: 3, panelWidth: 7),
    ]
  }

  private static func name(_ law: Task.Law, _ n: Int) -> String { "\(law.rawValue), n = \(n)" }

  /// M of the first seed with its first row on top, and u below it.
  private static func weightsPanel(_ task: String, _ results: Results, _ settings: Settings) throws -> Panel {
    let width = settings.dimension + 1
    let entries = try results.tensor("model/M").labels("row")
    let at = { (entry: String) -> [String: Selector] in ["task": .init(task), "seed": 0, "row": .init(entry)] }
    let rows = try entries.map { try results.tensor("model/M").column(at($0)).values }
    let diagonal = mean((0..<width - 1).map { rows[$0][$0] })
    let u = try results.tensor("model/u").column(["task": .init(task), "seed": 0]).values
    let values =
      [u.map { $0 / (u.last ?? .nan) }, [Double](repeating: .nan, count: width)]
      + rows.reversed().map { $0.map { $0 / diagonal } }
    // Twenty entries would not leave room for their names.
    let named = width <= 8 ? Array(0..<width) : [0, width - 1]
    let ticks = named.map { Axis.Tick(Double($0), entries[$0]) }
    return Panel(
      title: task, x: Axis("entry of the query (y is not read)", ticks: ticks),
      y: Axis(
        "row of M, and u below", ticks: [Axis.Tick(0, "u")] + named.map { Axis.Tick(Double(width + 1 - $0), entries[$0]) }),
      legend: .none,
      series: [
        .heatMap(
          Grid(
            Column(values.flatMap { $0 }), x: Column((0..<width).map(Double.init)), y: Column((0..<width + 2).map(Double.init))),
          color: ColorAxis("entry"))
      ])
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let n = settings.contextLength
    let at = { (path: String, law: Task.Law, n: Int) in
      try results.tensor(path).values(at: ["task": .init(name(law, n))])
    }
    let losses = try settings.lengths.flatMap { n in
      try at("test/loss", .isotropic, n).map { $0 / settings.optimalLoss(n) }
    }
    let rates = try at("step/rate", .isotropic, n).map { abs($0 / settings.optimalRate(n) - 1) }
    let best = try results.tensor("test/best rate").value(["task": .init(name(.nonlinear, n))])
    let optimal = "The least loss of one layer of linear attention is that of one gradient step."
    let learned = "The layer's step size is 1/(n + d + 1 + σ²)."
    let preconditioned = "Inputs of another covariance make it a preconditioned step."
    let nonlinear = "Responses that are not linear change the size of the step alone."
    return [
      Claim(
        "optimal-loss", optimal, source: "Theorem 1", quantity: "|loss / L* - 1|, the largest of all n and seeds",
        measured: quantile(losses.map { abs($0 - 1) }, 1), expected: .atMost(0.03)),
      Claim(
        "optimal-loss-never-below", optimal, source: "Theorem 1", quantity: "loss / L*, the least of all n and seeds",
        measured: quantile(losses, 0), expected: .atLeast(0.98)),
      Claim(
        "learned-step", learned, source: "Theorem 1",
        quantity: "relative distance of the effective step size at n = \(n), the largest of all seeds",
        measured: quantile(rates, 1), expected: .atMost(0.04)),
      Claim(
        "learned-step-identity", learned, source: "Theorem 1",
        quantity: "distance of M_xx over its mean diagonal from I at n = \(n), over √d, the largest of all seeds",
        measured: quantile(try at("step/deviation", .isotropic, n), 1) / Double(settings.dimension).squareRoot(),
        expected: .atMost(0.1)),
      Claim(
        "preconditioner", preconditioned, source: "theorem on preconditioned gradient descent",
        quantity: "cosine between M_xx and Σ⁻¹, the least of all seeds",
        measured: quantile(try at("step/inverse covariance", .preconditioned, n), 0), expected: .atLeast(0.99)),
      Claim(
        "preconditioner-not-identity", preconditioned, source: "theorem on preconditioned gradient descent",
        quantity: "cosine between M_xx and I, the largest of all seeds",
        measured: quantile(try at("step/identity", .preconditioned, n), 1), expected: .atMost(0.95)),
      Claim(
        "nonlinear-same-direction", nonlinear, source: "theorem on non-linear responses",
        quantity: "cosine between M_xx and I, the least of all seeds",
        measured: quantile(try at("step/identity", .nonlinear, n), 0), expected: .atLeast(0.99)),
      Claim(
        "nonlinear-same-direction-rate", nonlinear, source: "theorem on non-linear responses",
        quantity: "relative distance of the effective step size from the best one on the test prompts, the largest of all seeds",
        measured: quantile(try at("step/rate", .nonlinear, n).map { abs($0 / best - 1) }, 1), expected: .atMost(0.06)),
    ]
  }
}
