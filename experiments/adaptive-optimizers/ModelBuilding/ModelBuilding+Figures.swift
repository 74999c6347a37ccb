import Diagnostics
import Foundation
import Notebook
import Plotting

extension ModelBuilding {
  private static let looks = ["SMB": 0, "SGD": 1, "Adam": 2, "SMBi": 3, "SMB auto": 4]
  private static func style(_ method: String) -> Style { .look(looks[method] ?? 5) }

  package static func figures(from results: Results) throws -> [Figure] {
    var figures = [
      try lossFigure(results), try rateFigure("fig2", "Drawn digits", "", results), try fractionFigure(results),
      try stepFigure(results), try quadraticFigure(results),
    ]
    if results.hasTrace("UCI SMB/loss") { figures.append(try rateFigure("fig6", "UCI digits", "UCI ", results)) }
    return figures
  }

  private static func lossFigure(_ results: Results) throws -> Figure {
    let digits = (try results.settings() as Settings).digits
    let panel = { (rate: Double, legend: Legend) in
      Panel(
        title: "learning rate \(rate.brief)", x: Axis("epoch"), y: Axis("training loss", scale: .log()), legend: legend,
        series: try [("SMB", rate), ("SGD", rate), ("Adam", 1e-2)].flatMap { method, rate in
          let loss = try results.trace("\(method)/training loss")
          let epochs = try loss.coordinate("step").values.map { $0 / Double(digits.batchesPerEpoch) }
          let name = method == "Adam" ? "Adam, 0.01" : method
          return try loss.banded(x: Column(epochs), at: ["rate": .init(rate)], label: name, style: style(method))
        })
    }
    return Figure(
      "fig1", title: "Digits: median and range over seeds", mirrors: "Figure 1", try panel(0.1, .none),
      try panel(2, .automatic))
  }

  private static func rateFigure(_ id: String, _ title: String, _ prefix: String, _ results: Results) throws -> Figure {
    Figure(
      id, title: "\(title): loss after the last epoch, median and range over seeds",
      mirrors: "robustness to the step size",
      Panel(
        x: Axis("learning rate η", scale: .log()), y: Axis("final training loss", scale: .log()), legend: .outside,
        series: try ["SMB", "SMBi", "SMB auto", "SGD", "Adam"].flatMap { method in
          let loss = try results.trace("\(prefix)\(method)/training loss")
          let last = try loss.coordinate("step").values.last ?? 0
          return try loss.banded(at: ["step": .init(last)], label: method, style: style(method))
        }))
  }

  private static func fractionFigure(_ results: Results) throws -> Figure {
    let digits = (try results.settings() as Settings).digits
    let flags = try results.trace("SMB/model step")
    // Records of an epoch: all of its steps at quick.
    let perEpoch = max(1, digits.batchesPerEpoch / digits.cadence)
    return Figure(
      "fig3", title: "Digits: how often the model is needed", mirrors: "share of model steps",
      Panel(
        x: Axis("epoch"), y: Axis("fraction of model steps", from: 0, to: 1), legend: .outside,
        series: try digits.rates.map { rate in
          let runs = try flags.columns(at: ["rate": .init(rate)])
          let fractions = (0..<digits.epochs).map { epoch in
            let steps = 1 + epoch * perEpoch..<1 + (epoch + 1) * perEpoch
            return mean(runs.map { mean(Array($0[steps])) })
          }
          return .linesPoints(
            x: Column((1...digits.epochs).map(Double.init)), y: Column(fractions), label: "η = \(rate.brief)")
        }))
  }

  private static func stepFigure(_ results: Results) throws -> Figure {
    let digits = (try results.settings() as Settings).digits
    let flags = try results.trace("SMB/model step")
    return Figure(
      "fig4", title: "Digits: model steps of the first layer's weights", mirrors: "length and direction of the step",
      Panel(
        x: Axis("length, model step over trial step", from: 0, to: 1), y: Axis("cosine of model and trial step"),
        legend: .outside,
        series: try digits.rates.compactMap { rate in
          let place: [String: Selector] = ["rate": .init(rate)]
          let isModel = try flags.columns(at: place).flatMap { $0 }
          guard isModel.contains(1) else { return nil }
          let steps = { (name: String) in
            Column(zip(isModel, try results.trace("SMB/\(name)").columns(at: place).flatMap { $0 }).filter { $0.0 == 1 }.map(\.1))
          }
          return .points(x: try steps("first length ratio"), y: try steps("first cosine"), label: "η = \(rate.brief)")
        }))
  }

  private static func quadraticFigure(_ results: Results) throws -> Figure {
    let panel = { (method: String, legend: Legend) in
      let value = try results.trace("quadratic \(method)/value")
      return Panel(
        title: method, x: Axis("step"), y: Axis("f(x)", scale: .log(), from: 1e-20, to: 1e20), legend: legend,
        series: try value.coordinate("rate").values.map { rate in
          .line(
            x: try value.coordinate("step"), y: try value.column(["seed": 0, "rate": .init(rate)]), label: "η = \(rate.brief)")
        })
    }
    return Figure(
      "fig5", title: "Quadratic of curvatures 0.01 to 1", mirrors: "robustness to the step size", try panel("SGD", .none),
      try panel("SMB", .outside))
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    try stepClaims(results) + quadraticClaims(results) + robustnessClaims(results, "", "")
      + (results.hasTrace("UCI SMB/loss") ? robustnessClaims(results, "UCI ", "-uci") : []) + safetyClaims(results)
  }

  private static func stepClaims(_ results: Results) throws -> [Claim] {
    // SMBi minimizes for the gradient of another batch, along which the trial step need not descend: the claims are about SMB.
    let loops = ["quadratic SMB", "SMB"]
    // Up to the overflow of runs that diverge, as at rate 100 on the quadratic.
    let largest = { (name: String, sign: Double) in
      let values = try loops.flatMap { loop in
        let runs = try results.trace("\(loop)/\(loop == "SMB" ? "training loss" : "value")").values
        return zip(runs, try results.trace("\(loop)/\(name)").values).filter(\.0.isFinite).map { sign * $1 }
      }
      return quantile(values, 1)
    }
    return [
      Claim(
        "model-minimiser", "A model step minimizes the quadratic model.", source: "model-building section",
        quantity: "largest ||B step + g|| / ||g|| over model steps and tensors", measured: try largest("residual", 1),
        expected: .atMost(1e-8)),
      Claim(
        "step-bound", "A model step is shorter than the trial step.", source: "choice of sigma",
        quantity: "largest ||step|| / ||s|| over model steps and tensors", measured: try largest("length ratio", 1),
        expected: .atMost(0.99 * (1 + 1e-9))),
      Claim(
        "step-bound-descent", "A model step descends.", source: "choice of sigma",
        quantity: "largest cosine of step and gradient over model steps and tensors", measured: try largest("cosine", -1),
        expected: .below(0)),
    ]
  }

  private static func quadraticClaims(_ results: Results) throws -> [Claim] {
    let final = { (method: String) in
      try results.trace("quadratic \(method)/value").column(["seed": 0, "rate": 3]).values.last ?? .nan
    }
    let statement = "SMB converges at a rate at which SGD diverges."
    return [
      Claim(
        "stable-beyond-limit", statement, source: "robustness claim", quantity: "final f of SMB on the quadratic at rate 3",
        measured: try final("SMB"), expected: .atMost(1e-5)),
      Claim(
        "stable-beyond-limit-sgd", statement, source: "robustness claim", quantity: "final f of SGD on the quadratic at rate 3",
        measured: try final("SGD"), basis: [try final("SMB")], expected: .above(1e10)),
    ]
  }

  private static func robustnessClaims(_ results: Results, _ prefix: String, _ suffix: String) throws -> [Claim] {
    let claim = { (variant: String, method: String, measure: String, expected: Expectation) in
      // SGD may have diverged to infinity, as long as SMB has not.
      Claim(
        "lr-robust\(variant)\(suffix)", "SMB trains at a rate at which SGD does not.", source: "figure on step-size robustness",
        quantity: "final \(measure) of \(method) at rate 2, mean over seeds",
        measured: try finalMean(results, prefix + method, measure, rate: 2),
        basis: [try finalMean(results, prefix + "SMB", measure, rate: 2)], expected: expected)
    }
    return [
      try claim("", "SMB", "training loss", .atMost(0.2)), try claim("-accuracy", "SMB", "test accuracy", .atLeast(0.93)),
      try claim("-sgd", "SGD", "training loss", .atLeast(1.5)),
    ]
  }

  private static func safetyClaims(_ results: Results) throws -> [Claim] {
    let flags = try results.trace("SMB/model step").columns(at: ["rate": 0.1]).flatMap { $0.dropFirst() }
    let losses = try ["SMB", "SGD"].map { try finalMean(results, $0, "training loss", rate: 0.1) }
    let statement = "Where SGD is safe its step is accepted."
    return [
      Claim(
        "accepts-when-safe", statement, source: "algorithm", quantity: "fraction of model steps at rate 0.1",
        measured: mean(flags), expected: .atMost(0.02)),
      Claim(
        "accepts-when-safe-loss", statement, source: "algorithm",
        quantity: "|final training loss of SMB less that of SGD| at rate 0.1, means over seeds",
        measured: abs(losses[0] - losses[1]), expected: .atMost(1e-3)),
    ]
  }

  private static func finalMean(_ results: Results, _ method: String, _ measure: String, rate: Double) throws -> Double {
    mean(try results.trace("\(method)/\(measure)").lastValues(at: ["rate": .init(rate)]))
  }
}
