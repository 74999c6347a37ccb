import Diagnostics
import Notebook
import Plotting

extension ConvergenceHandbook {
  package static func figures(from results: Results) throws -> [Figure] {
    let figure = { (id: String, title: String, theorems: [HandbookTheorem]) in
      Figure(id, title: title, mirrors: "theorems of the section", panels: try theorems.map { try panel($0, results) })
    }
    return [
      try figure(
        "fig1", "Gradient descent: convex, strongly convex, Polyak–Łojasiewicz",
        [.descentConvex, .descentLogistic, .descentWorst, .descentStronglyConvex, .descentSlowest, .descentPL]),
      try figure(
        "fig2", "SGD, L the largest of the samples' constants",
        [.sgdStrong2, .sgdStrong4, .sgdStrong20, .sgdLogistic, .sgdConvex4, .sgdConvex20, .sgdInterpolation]),
      try figure("fig3", "Mini-batches without replacement", [.minibatch10, .minibatch50]),
      try figure("fig4", "Momentum", [.momentum]),
      try figure("fig5", "Subgradient methods, hinge loss", [.subgradient, .stochasticSubgradient]),
      try figure("fig6", "Proximal methods, LASSO", [.proximalDescent, .proximalSGD]),
      Figure(
        "fig7", title: "Measured over bound after the last step; 10⁻⁶ stands for less", mirrors: "tightness of the bounds",
        try tightnessPanel(results),
        panelWidth: 17.2, panelHeight: 9),
      Figure("fig8", title: "Noise floor of SGD", mirrors: "theorem 5, dependence on the step size", try floorPanel(results)),
    ]
  }

  private static func panel(_ theorem: HandbookTheorem, _ results: Results) throws -> Panel {
    let measured = try results.trace("\(theorem.rawValue)/measured")
    let errors = try results.trace("\(theorem.rawValue)/standard_error").values
    let steps = try measured.coordinate("step")
    // Below, a difference of values is rounding; squared distances keep their digits.
    let isRounded = !theorem.quantity.contains("²") && quantile(measured.values, 0) < 1e-15
    return Panel(
      title: theorem.title, x: Axis("step T"), y: Axis(theorem.quantity, scale: .log(), from: isRounded ? 1e-15 : nil),
      legend: .outside,
      series: [
        .band(
          x: steps, lower: Column(zip(measured.values, errors).map { $0 - 3 * $1 }),
          upper: Column(zip(measured.values, errors).map { $0 + 3 * $1 })),
        .line(x: steps, y: try measured.column(), label: "measured"),
        .line(x: steps, y: try results.trace("\(theorem.rawValue)/bound").column(), label: "bound"),
      ])
  }

  private static func tightnessPanel(_ results: Results) throws -> Panel {
    let ratios = try HandbookTheorem.allCases.map { theorem in
      let measured = try results.trace("\(theorem.rawValue)/measured").values.last ?? .nan
      return max(1e-6, measured / (try results.trace("\(theorem.rawValue)/bound").values.last ?? .nan))
    }
    return Panel(
      x: Axis("theorem"), y: Axis("measured / bound", scale: .log(), from: 3e-7, to: 1), legend: .none,
      series: [.bars(categories: HandbookTheorem.allCases.map(\.title), groups: [BarGroup("", Column(ratios))])])
  }

  private static func floorPanel(_ results: Results) throws -> Panel {
    let distance = try results.trace("floor/distance")
    let bounds = try results.tensor("floor_bounds")
    return Panel(
      x: Axis("step size γ", scale: .log()), y: Axis("stationary E‖x − x*‖²", scale: .log()), legend: .outside,
      series: [
        .linesPoints(x: try distance.coordinate("gamma"), y: Column(try floors(distance).map(\.floor)), label: "measured"),
        .linesPoints(x: try bounds.coordinate("gamma"), y: Column(bounds.values), label: "2γσ*²/μ"),
      ])
  }

  /// The mean over the second half of the steps, for each step size.
  private static func floors(_ distance: RecordedArray) throws -> [(gamma: Double, floor: Double)] {
    try distance.coordinate("gamma").values.map { gamma in
      let values = try distance.column(["gamma": .init(gamma)]).values
      return (gamma, mean(Array(values[(values.count / 2)...])))
    }
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let bounds = try HandbookTheorem.allCases.map { theorem in
      Claim(
        "no-bound-violated-\(theorem.rawValue)", "No error exceeds its bound.", source: "theorem \(theorem.title)",
        quantity: "largest (measured - 3 standard errors, or - 1e-12 without randomness) over bound",
        measured: try largestRatio(theorem, results), expected: .atMost(1))
    }
    let floors = try floors(try results.trace("floor/distance"))
    let halved = zip(floors, floors.dropFirst()).map { $1.floor / $0.floor }
    let variance = try results.scalar("minibatch_variance") / results.scalar("minibatch_prediction")
    let difference = try results.trace("forms/difference").values
    return bounds + [
      Claim(
        "strongly-convex-tight", "From the slowest eigenvector theorem 2 is tight up to its square.", source: "quadratic case",
        quantity: "largest |‖x_T - x*‖² / ((1 - gamma mu)^(2T) D²) - 1| over T",
        measured: try slowestDeviation(results), expected: .atMost(1e-9)),
      Claim(
        "floor-linear-in-gamma-least", "The noise floor is proportional to the step size.", source: "theorem 5",
        quantity: "stationary E‖x - x*‖² at gamma/2 over that at gamma, the least over gamma", measured: quantile(halved, 0),
        expected: .within(0.35...0.65)),
      Claim(
        "floor-linear-in-gamma-largest", "The noise floor is proportional to the step size.", source: "theorem 5",
        quantity: "stationary E‖x - x*‖² at gamma/2 over that at gamma, the largest over gamma", measured: quantile(halved, 1),
        expected: .within(0.35...0.65)),
      Claim(
        "minibatch-noise", "Batches without replacement have variance (n - b)/(b (n - 1)) sigma*².", source: "mini-batch lemma",
        quantity: "measured variance at x* over sigma_b², b = 10", measured: variance, expected: .within(0.9...1.1)),
      Claim(
        "minibatch-noise-full", "The batch of all samples has none.", source: "mini-batch lemma",
        quantity: "measured variance at x*, b = n", measured: try results.scalar("full_batch_variance"), expected: .atMost(1e-20)),
      Claim(
        "momentum-equals-averaging", "Heavy ball and iterate averaging are the same method.", source: "momentum section",
        quantity: "largest |x_t - x_t| over steps, repetitions and coordinates", measured: quantile(difference, 1),
        expected: .atMost(1e-10)),
    ]
  }

  private static func largestRatio(_ theorem: HandbookTheorem, _ results: Results) throws -> Double {
    let measured = try results.trace("\(theorem.rawValue)/measured").values
    let errors = try results.trace("\(theorem.rawValue)/standard_error").values
    let bounds = try results.trace("\(theorem.rawValue)/bound").values
    let isDeterministic = errors.allSatisfy { $0 == 0 }
    return quantile(
      measured.indices.map { (measured[$0] - (isDeterministic ? 1e-12 : 3 * errors[$0])) / bounds[$0] }, 1)
  }

  private static func slowestDeviation(_ results: Results) throws -> Double {
    let measured = try results.trace("\(HandbookTheorem.descentSlowest.rawValue)/measured")
    let bounds = try results.trace("\(HandbookTheorem.descentSlowest.rawValue)/bound").values
    // The bound is (1 - gamma mu)^T with D = 1, so its square is the exact error.
    return quantile(zip(measured.values, bounds).map { abs($0 / ($1 * $1) - 1) }, 1)
  }
}
