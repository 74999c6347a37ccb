import Diagnostics
import Foundation
import Notebook
import Plotting

extension InContextLinearLearners {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let depths = settings.depths.map { Network(depth: $0, noise: settings.noise) }
    let difference = try results.tensor("answers/difference")
    let pairs = Axis("pairs in front of the query", isCount: true)
    return [
      Figure(
        "fig1", title: "Difference of the transformers' answers from those of references",
        mirrors: "the figure on fit to references",
        panels: try depths.map { network in
          Panel(
            title: network.name, x: pairs, y: Axis("mean squared difference", scale: .log()), legend: .outside,
            series: try References.all.map { name in
              // Without pairs all references say 0.
              let y = try difference.column(["network": .init(network.name), "reference": .init(name)]).values.dropFirst()
              return .linesPoints(x: Column(y.indices.map(Double.init)), y: Column(Array(y)), label: name)
            })
        }),
      Figure(
        "fig2", title: "Fit to references by depth, places d to n", mirrors: "the figure on depth",
        Panel(
          x: Axis("layers"), y: Axis("mean squared difference", scale: .log()), legend: .outside,
          series: [
            .bars(
              categories: depths.map { "\($0.depth)" },
              groups: try References.all.map { name in
                BarGroup(name, Column(try depths.map { try meanDifference($0, name, settings, results) }))
              })
          ])),
      try ridgeFigure(depths, settings, results),
      Figure(
        "fig4", title: "What probes read from hidden states", mirrors: "the figure on probes",
        panels: try ["w of OLS", "X^T y"].map { target in
          Panel(
            title: target == "X^T y" ? "$X^T y$" : "$w$ of least squares", x: Axis("layers before", isCount: true),
            y: Axis("squared error over variance", from: 0), legend: .outside,
            series: try depths.map { network in
              let errors = try results.tensor("probes \(network.depth)/error")
              return .linesPoints(
                x: try errors.coordinate("layer"), y: try errors.column(["target": .init(target)]), label: "L = \(network.depth)")
            })
        }),
      Figure(
        "fig5", title: "Errors of answers", mirrors: "beside the paper: error without the noise",
        panels: try depths.map { network in
          Panel(
            title: network.name, x: pairs, y: Axis("mean squared error", scale: .log()), legend: .outside,
            series: try (["transformer"] + References.all).map { learner in
              let y = try results.tensor("answers/error").column(["network": .init(network.name), "learner": .init(learner)])
              return .linesPoints(x: Column(y.values.indices.map(Double.init)), y: y, label: learner)
            })
        }),
    ]
  }

  /// With several sizes of the noise a heat map, else curves.
  private static func ridgeFigure(_ depths: [Network], _ settings: Settings, _ results: Results) throws -> Figure {
    let (title, mirrors) = ("Difference from ridge regression of other penalties, places d to n", "the figure on noise")
    let array = try results.tensor("ridge/difference")
    let penalties = try array.coordinate("penalty")
    let x = Axis("penalty λ", scale: .log())
    guard !settings.otherNoises.isEmpty else {
      return Figure(
        "fig3", title: title, mirrors: mirrors,
        Panel(
          x: x, y: Axis("mean squared difference", scale: .log()), legend: .outside,
          series: try depths.map {
            .line(x: penalties, y: try array.column(["network": .init($0.name)]), label: "L = \($0.depth)")
          },
          annotations: [.verticalLine(x: settings.noise * settings.noise, label: "λ = σ²")]))
    }
    let noises = Set(settings.otherNoises + [settings.noise]).sorted()
    let rows = try noises.map { noise in
      try array.column(["network": .init(Network(depth: settings.deep, noise: noise).name)]).values.map { log10($0) }
    }
    let places = penalties.values.indices.map(Double.init)
    let marked = [0, places.count / 2, places.count - 1]
    return Figure(
      "fig3", title: title, mirrors: mirrors,
      Panel(
        title: "L = \(settings.deep)",
        x: Axis("penalty λ", ticks: marked.map { Axis.Tick(Double($0), String(format: "%.3g", penalties.values[$0])) }),
        y: Axis("noise σ", ticks: noises.indices.map { Axis.Tick(Double($0), "\(noises[$0])") }), legend: .none,
        series: [
          .heatMap(
            Grid(Column(rows.flatMap { $0 }), x: Column(places), y: Column(noises.indices.map(Double.init))),
            color: ColorAxis("log10 of the difference"))
        ]), panelWidth: 12)
  }

  /// The mean over places d to n, which have d - 1 to n - 1 pairs in front of them.
  private static func overPlaces(_ values: [Double], _ settings: Settings) -> Double {
    mean(Array(values.dropFirst(max(1, settings.dimension - 1))))
  }

  private static func meanDifference(
    _ network: Network, _ reference: String, _ settings: Settings, _ results: Results
  ) throws -> Double {
    let column = try results.tensor("answers/difference").column([
      "network": .init(network.name), "reference": .init(reference),
    ])
    return overPlaces(column.values, settings)
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let deep = Network(depth: settings.deep, noise: settings.noise)
    let shallow = Network(depth: settings.shallow, noise: settings.noise)
    let difference = { (network: Network, reference: String) in try meanDifference(network, reference, settings, results) }
    let error = { (learner: String) in
      overPlaces(
        try results.tensor("answers/error").column(["network": .init(deep.name), "learner": .init(learner)]).values, settings)
    }
    let ridge = try difference(deep, "ridge")
    let programs = "Programs of a transformer's operations are a step of SGD and ridge regression."
    let bayes = "A deep transformer answers like Bayes-optimal ridge regression."
    let l = "L = \(settings.deep)"
    return [
      Claim(
        "closed-form-programs", programs, source: "Theorem 2",
        quantity: "relative error of the program of ridge regression, largest",
        measured: try results.scalar("programs/ridge"), expected: .atMost(1e-10)),
      Claim(
        "closed-form-programs-sgd", programs, source: "Theorem 1", quantity: "relative error of the program of a step, largest",
        measured: try results.scalar("programs/stochastic step"), expected: .atMost(1e-10)),
      Claim(
        "deep-is-ridge", bayes, source: "section 4", quantity: "SPD of \(l) to Bayes ridge over that to the GD step",
        measured: ridge / (try difference(deep, "GD step")), expected: .atMost(0.5)),
      Claim(
        "deep-is-ridge-neighbours", bayes, source: "section 4", quantity: "SPD of \(l) to Bayes ridge over that to 3-NN",
        measured: ridge / (try difference(deep, "3-NN")), expected: .atMost(0.3)),
      Claim(
        "deep-is-ridge-error", bayes, source: "section 4", quantity: "MSE of \(l) less twice that of Bayes ridge",
        measured: try error("transformer") - 2 * error("ridge"), expected: .atMost(0.1)),
      Claim(
        "depth-transition", "Shallow transformers do not reach ridge regression.", source: "section 4.2",
        quantity: "SPD to Bayes ridge of L = \(settings.shallow) over that of \(l)",
        measured: try difference(shallow, "ridge") / ridge, expected: .atLeast(2)),
      Claim(
        "extrapolated-w", "A deep transformer's answers are those of the weights of ridge regression.", source: "section 4.1",
        quantity: "cosine between implicit weights of \(l) and w of ridge regression at place n, mean over contexts",
        measured: try results.tensor("weights/agreement").value([
          "network": .init(deep.name), "reference": "ridge", "measure": "cosine",
        ]), expected: .atLeast(0.9)),
    ]
  }
}
