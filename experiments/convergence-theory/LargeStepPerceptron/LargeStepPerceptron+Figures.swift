import Diagnostics
import Foundation
import Notebook
import Plotting

extension LargeStepPerceptron {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    var figures = [
      try contrastFigure(results, settings), try stepSizeFigure(results, settings), try limitFigure(results, settings),
      try hardFigure(results, settings),
      try imagesFigure("fig5", "Drawn digits 3 and 5", "digits", results, settings),
    ]
    if results.hasTrace("mnist/loss") {
      figures.append(try imagesFigure("fig6", "MNIST digits 3 and 5", "mnist", results, settings))
    }
    return figures
  }

  private static let iteration = Axis("iteration t", scale: .log())

  /// Loss and mistakes of the data set on which the largest step takes longest, each curve up to where it is solved.
  private static func contrastFigure(_ results: Results, _ settings: Settings) throws -> Figure {
    let iterations = try results.tensor("random_iterations")
    let largest = settings.random.gammas.max() ?? 1
    let seed = try (0..<settings.random.seeds).max {
      let pair = try [$0, $1].map { try iterations.value(["seed": .init($0), "gamma": .init(largest)]) }
      return pair[0] < pair[1]
    }
    let panel = { (name: String, title: String, axis: Axis, legend: Legend, annotations: [Annotation]) in
      let trace = try results.trace("random/\(name)")
      let steps = try trace.coordinate("step").values
      return Panel(
        title: title, x: iteration, y: axis, legend: legend,
        series: try settings.random.gammas.map { gamma in
          let place: [String: Selector] = ["seed": .init(seed ?? 0), "gamma": .init(gamma)]
          let solved = try iterations.value(place)
          let end = steps.firstIndex { $0 >= solved } ?? steps.count - 1
          let values = try trace.column(place).values
          // A point at t = 0 has no place on the logarithmic axis.
          return .linesPoints(
            x: Column(Array(steps[1...max(1, end)])), y: Column(Array(values[1...max(1, end)])), label: "γ = \(gamma.powerOfTen)")
        }, annotations: annotations)
    }
    return Figure(
      "fig1", title: "Large steps: enormous loss, few mistakes", mirrors: "contrast of loss and accuracy",
      // Once the data are solved the loss is next to nothing: what matters is how far it stood above log 2, its value at the start.
      try panel(
        "loss", "logistic loss", Axis("loss f(θₜ)", scale: .log(), from: 1e-3), .outside,
        [.horizontalLine(y: log(2), label: "log 2")]),
      try panel("misclassified", "mistakes", Axis("misclassified samples", from: 0, isCount: true), .outside, []))
  }

  private static func stepSizeFigure(_ results: Results, _ settings: Settings) throws -> Figure {
    let iterations = try results.tensor("random_iterations")
    let gammas = settings.random.gammas
    let overSeeds = try gammas.map { try iterations.column(["gamma": .init($0)]).values }
    let gamma = try iterations.coordinate("gamma")
    let perceptron = try results.tensor("perceptron_iterations").column(["rule": "batch perceptron"]).values
    return Figure(
      "fig2", title: "Iterations to solve against the step size", mirrors: "larger steps converge faster",
      Panel(
        x: Axis("step size γ", scale: .log()), y: Axis("iterations to solve", scale: .log()),
        series: [
          .band(x: gamma, lower: Column(overSeeds.map { quantile($0, 0) }), upper: Column(overSeeds.map { quantile($0, 1) })),
          .linesPoints(x: gamma, y: Column(overSeeds.map(median)), label: "LR+GD, median and range"),
          .guide("\(median(perceptron))", label: "batch perceptron"),
        ]))
  }

  private static func limitFigure(_ results: Results, _ settings: Settings) throws -> Figure {
    let gammas = settings.random.limitGammas
    let largest = try gammas.map { try largestDistances(results, settings, gamma: $0) }
    return Figure(
      "fig3", title: "θₜ/γ approaches the batch perceptron", mirrors: "reduction to the batch perceptron",
      Panel(
        x: Axis("step size γ", scale: .log(), from: gammas[0] / 3, to: gammas[gammas.count - 1] * 3),
        y: Axis("largest ‖θₜ/γ − perceptron‖", scale: .log()),
        series: (0..<settings.random.seeds).map { seed in
          .linesPoints(x: Column(gammas), y: Column(largest.map { $0[seed] }), label: "data set \(seed + 1)")
        }))
  }

  private static func hardFigure(_ results: Results, _ settings: Settings) throws -> Figure {
    let iterations = try results.tensor("hard_iterations")
    let labels = [
      "LR": "LR, γ = \(settings.hard.gamma.powerOfTen)", "NLR": "NLR, γ = \(settings.hard.gamma.powerOfTen)",
      "NLR, small step": "NLR, γ = \(settings.hard.smallGamma.powerOfTen)",
    ]
    return Figure(
      "fig4", title: "One sample against n − 1", mirrors: "iterations against n, lower bound and normalized method",
      Panel(
        x: Axis("number of samples n", scale: .log()), y: Axis("iterations to solve", scale: .log(), from: 10),
        series: try iterations.labels("method").map { method in
          .linesPoints(
            x: try iterations.coordinate("n"), y: try iterations.column(["method": .init(method)]),
            label: labels[method] ?? method)
        } + [.guide("\(SignedSamples.hardBound)", label: "R²/ρ²")]))
  }

  private static func imagesFigure(
    _ id: String, _ title: String, _ group: String, _ results: Results, _ settings: Settings
  ) throws -> Figure {
    let panel = { (name: String, title: String, axis: Axis, legend: Legend) in
      let trace = try results.trace("\(group)/\(name)")
      return Panel(
        title: title, x: iteration, y: axis, legend: legend,
        series: try settings.digits.gammas.map { gamma in
          .line(x: try trace.coordinate("step"), y: try trace.column(["gamma": .init(gamma)]), label: "γ = \(gamma.powerOfTen)")
        })
    }
    return Figure(
      id, title: title, mirrors: "loss and accuracy on image data",
      try panel("loss", "logistic loss", Axis("loss f(θₜ)", scale: .log()), .none),
      try panel("accuracy", "accuracy", Axis("accuracy"), .automatic))
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let iterations = try results.tensor("random_iterations")
    let medianIterations = { (gamma: Double) in median(try iterations.column(["gamma": .init(gamma)]).values) }
    let perceptron = try results.tensor("perceptron_iterations")
    let averaged = try perceptron.column(["rule": "averaged perceptron"]).values
    let hard = try results.tensor("hard_iterations")
    let hardCounts = settings.hard.counts.filter { $0 >= 100 }.map(Double.init)
    let hardIterations = { (method: String) in
      try hardCounts.map { try hard.value(["method": .init(method), "n": .init($0)]) }
    }
    let normalized = try hardIterations("NLR")

    let limits = try [("1e4", 1e4, 1e-3), ("1e6", 1e6, 1e-9)].map { name, gamma, bound in
      Claim(
        "perceptron-limit-gamma\(name)", "With huge steps LR+GD is the batch perceptron.",
        source: "reduction theorem", quantity: "largest entry of |theta_t/gamma - perceptron| over t, median over data sets",
        measured: median(try largestDistances(results, settings, gamma: gamma)), expected: .atMost(bound))
    }
    return limits + [
      Claim(
        "large-steps-solve-fast", "Larger steps solve the data in fewer iterations.", source: "second observation",
        quantity: "iterations at gamma = 1000 over iterations at gamma = 1, medians over data sets",
        measured: try medianIterations(1e3) / medianIterations(1), expected: .atMost(1.0 / 20)),
      Claim(
        "loss-misleads", "The loss is enormous while the data are being separated.", source: "second observation",
        quantity: "largest loss along the run at gamma = 1e5 over log 2, median over data sets",
        measured: median(try largestLosses(results, gamma: 1e5)) / log(2), expected: .atLeast(5)),
      Claim(
        "loss-misleads-iterations", "Yet they are separated within 20 iterations.", source: "second observation",
        quantity: "iterations at gamma = 1e5, the slowest data set",
        measured: quantile(try iterations.column(["gamma": 1e5]).values, 1), expected: .atMost(20)),
      Claim(
        "n-dependence-lr", "LR+GD needs about n times as many iterations on the hard instance.", source: "lower bound",
        quantity: "log-log slope of its iterations against n from 100 on",
        measured: LineFit.powerLaw(x: hardCounts, y: try hardIterations("LR")).slope, expected: .atLeast(0.85)),
      Claim(
        "n-dependence-nlr", "Normalized LR+GD does not, at the same step size.", source: "NLR theorem",
        quantity: "its iterations at the largest n over those at n = 100",
        measured: (normalized.last ?? .nan) / (normalized.first ?? .nan), expected: .atMost(1.5)),
      Claim(
        "mistake-bound-hard", "The averaged perceptron makes at most R²/rho² updates.", source: "NLR theorem",
        quantity: "its updates over R²/rho² = 226 on the hard instance, the largest over n",
        measured: quantile(try hard.column(["method": "averaged perceptron"]).values, 1) / SignedSamples.hardBound,
        expected: .atMost(1)),
      Claim(
        "mistake-bound-random", "The averaged perceptron makes at most R²/rho² updates.", source: "NLR theorem",
        quantity: "its updates over R²/rho² with the construction margin, the largest over data sets",
        measured: quantile(averaged, 1) * settings.random.margin * settings.random.margin, expected: .atMost(1)),
    ]
  }

  /// max over t of the distance from the perceptron, for each data set.
  private static func largestDistances(_ results: Results, _ settings: Settings, gamma: Double) throws -> [Double] {
    let distance = try results.trace("limit/distance")
    return try (0..<settings.random.seeds).map { seed in
      quantile(try distance.column(["seed": .init(seed), "gamma": .init(gamma)]).values, 1)
    }
  }

  /// max over t of the loss, for each data set.
  private static func largestLosses(_ results: Results, gamma: Double) throws -> [Double] {
    let loss = try results.trace("random/loss")
    return try loss.coordinate("seed").values.map { seed in
      quantile(try loss.column(["seed": .init(seed), "gamma": .init(gamma)]).values, 1)
    }
  }
}
