import Diagnostics
import Notebook
import Plotting

extension SlicedControlVariates {
  private static let cases = [("shift", "A: shift of the mean"), ("scale", "B: change of scale")]

  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let slices = try results.tensor("slices/value")
    let estimates = try results.tensor("estimates/value")
    let counts = settings.directions
    let variances = try cases.map { name, title in
      Panel(
        title: title, x: Axis("directions L", scale: .log()), y: Axis("variance of the estimate", scale: .log()),
        legend: .outside,
        series: try Slices.estimators.map { estimator in
          .linesPoints(
            x: Column(counts.map(Double.init)), y: Column(try counts.map { try variance(estimates, name, $0, estimator) }),
            label: estimator)
        })
    }
    let histograms = try cases.flatMap { name, title in
      let samples = try Slices.estimators.map { try sample(estimates, name, counts[0], $0) }
      let range = quantiles(samples.flatMap { $0 }, [0, 1])
      return zip(Slices.estimators, samples).enumerated().map { look, item in
        Panel(
          title: "\(title.prefix(1)), \(item.0), L = \(counts[0])", x: Axis("estimate of SW²", from: range[0], to: range[1]),
          y: Axis("repetitions", isCount: true), legend: .none,
          series: [.histogram(values: Column(item.1), bins: 20, style: .look(look))])
      }
    }
    let distance = try results.trace("flow/distance")
    let flow = Panel(
      x: Axis("step"), y: Axis("W₂ to the target", scale: .log()), legend: .outside,
      series: try Slices.estimators.map { estimator in
        .linesPoints(
          x: try distance.coordinate("step"), y: try distance.column(["estimator": .init(estimator)]), label: estimator)
      })
    let scatters = try cases.flatMap { name, title in
      try [("lower", "lower bound c"), ("upper", "upper bound c")].map { bound, label in
        Panel(
          title: title, x: Axis("\(label)(θ)"), y: Axis("transport w(θ)"), legend: .none,
          series: [
            .points(
              x: try slices.column(["case": .init(name), "quantity": .init(bound)]),
              y: try slices.column(["case": .init(name), "quantity": "transport"])),
            .guide("x"),
          ])
      }
    }
    return [
      Figure(
        "fig1", title: "Variance of the estimators", mirrors: "variance against the number of projections", panels: variances),
      Figure(
        "fig2", title: "Estimates of the squared sliced distance", mirrors: "distribution of the estimates", panels: histograms,
        columns: 3, panelWidth: 6.5, panelHeight: 5),
      Figure("fig3", title: "Gradient flow, sphere to torus", mirrors: "Wasserstein distance along the gradient flow", flow),
      Figure(
        "fig4", title: "Transport against the control variates", mirrors: "the bounds of the propositions", panels: scatters),
    ]
  }

  private static func variance(
    _ estimates: RecordedArray, _ name: String, _ directions: Int, _ estimator: String
  ) throws -> Double {
    sampleVariance(try sample(estimates, name, directions, estimator))
  }

  private static func sample(
    _ estimates: RecordedArray, _ name: String, _ directions: Int, _ estimator: String
  ) throws -> [Double] {
    try estimates.column(["case": .init(name), "directions": .init(directions), "estimator": .init(estimator)]).values
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let estimates = try results.tensor("estimates/value")
    let reference = try results.tensor("reference/mean")
    let closed = try results.tensor("closed_form/mean")
    let directions = 50
    let ratio = { (name: String, estimator: String) in
      try variance(estimates, name, directions, "SW") / variance(estimates, name, directions, estimator)
    }
    let biases = try cases.flatMap { name, _ in
      let truth = try reference.value(["case": .init(name), "quantity": "transport"])
      return try Slices.estimators.dropFirst().map { estimator in
        let values = try sample(estimates, name, directions, estimator)
        return abs(mean(values) - truth) / (3 * standardError(values) + 0.01 * truth)
      }
    }
    let deviations = try cases.flatMap { name, _ in
      try ["lower", "upper"].map { quantity in
        let place: [String: Selector] = ["case": .init(name), "quantity": .init(quantity)]
        return try abs(reference.value(place) / closed.value(place) - 1)
      }
    }
    return [
      Claim(
        "sandwich", "The Gaussian approximation lies between the two control variates, and below the transport of the points.",
        source: "propositions on the bounds",
        quantity: "largest of c_low - g, g - c_up and g - w over the recorded directions of all cases",
        measured: try largestViolation(results), expected: .atMost(1e-10)),
      Claim(
        "lower-cv-helps", "The lower control variate takes most of the variance away where the means differ.",
        source: "variance-reduction tables", quantity: "Var(SW)/Var(LCV-SW), case A, L = 50",
        measured: try ratio("shift", "LCV-SW"),
        expected: .atLeast(5)),
      Claim(
        "upper-cv-helps", "The upper control variate takes most of the variance away where the scales differ.",
        source: "variance-reduction tables", quantity: "Var(SW)/Var(UCV-SW), case B, L = 50",
        measured: try ratio("scale", "UCV-SW"),
        expected: .atLeast(20)),
      Claim(
        "nearly-unbiased", "The factor gamma of the same directions leaves hardly any bias.",
        source: "control variate construction",
        quantity: "largest |mean - reference| / (3 standard errors + 0.01 reference), both estimators and cases, L = 50",
        measured: quantile(biases, 1), expected: .atMost(1)),
      Claim(
        "closed-form-means", "The means of the control variates over the sphere are known in closed form.",
        source: "propositions",
        quantity: "largest relative deviation of the mean over the reference's directions", measured: quantile(deviations, 1),
        expected: .atMost(0.03)),
    ]
  }

  private static func largestViolation(_ results: Results) throws -> Double {
    let slices = try results.tensor("slices/value")
    return quantile(
      try slices.labels("case").flatMap { name in
        let value = { (quantity: String) in try slices.column(["case": .init(name), "quantity": .init(quantity)]).values }
        let (w, g, lower, upper) = (try value("transport"), try value("gaussian"), try value("lower"), try value("upper"))
        return g.indices.map { max(lower[$0] - g[$0], g[$0] - upper[$0], g[$0] - w[$0]) }
      }, 1)
  }
}
