import Diagnostics
import Notebook
import Plotting

extension AdanNesterovMomentum {
  private static let optimizers = ["Adan", "Adam"]

  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    return [try identityFigure(results), try lossFigure(results, settings), try rateFigure(results, settings)]
  }

  private static func identityFigure(_ results: Results) throws -> Figure {
    let error = try results.trace("identity/error")
    return Figure(
      "fig1", title: "Two forms of Nesterov momentum", mirrors: "Lemma 1",
      Panel(
        x: Axis("step k"), y: Axis("|θ̄ₖ − θₖ + ηb mₖ₋₁|", scale: .log(), from: 1e-18), legend: .none,
        series: [.points(x: try error.coordinate("step"), y: try error.column())]))
  }

  private static func lossFigure(_ results: Results, _ settings: Settings) throws -> Figure {
    let name = settings.trainings[0].name
    let panels = try settings.rates.enumerated().map { i, rate in
      Panel(
        title: "η = \(rate)", x: Axis("step"), y: Axis("training loss", scale: .log()), legend: i == 0 ? .bottomLeft : .none,
        series: try optimizers.flatMap { optimizer in
          try results.trace("\(name)/\(optimizer)/training loss").banded(at: ["rate": .init(rate)], label: optimizer)
        })
    }
    return Figure(
      "fig2", title: "Batch \(settings.trainings[0].batchSize), median and range over seeds", mirrors: "training curves",
      panels: panels)
  }

  private static func rateFigure(_ results: Results, _ settings: Settings) throws -> Figure {
    let panels = try settings.trainings.enumerated().map { i, training in
      Panel(
        title: training.name, x: Axis("learning rate η", scale: .log()), y: Axis("final training loss", scale: .log()),
        legend: i == 0 ? .automatic : .none,
        series: try optimizers.flatMap { optimizer -> [Series] in
          let finals = try settings.rates.map { try finalLosses(results, training, optimizer, rate: $0) }
          let rates = Column(settings.rates)
          return [
            .band(x: rates, lower: Column(finals.map { quantile($0, 0) }), upper: Column(finals.map { quantile($0, 1) })),
            .linesPoints(x: rates, y: Column(finals.map(median)), label: optimizer),
          ]
        })
    }
    return Figure(
      "fig3", title: "Loss after training against the learning rate", mirrors: "tolerance to large rates", panels: panels)
  }

  /// One for each seed.
  private static func finalLosses(_ results: Results, _ training: Training, _ optimizer: String, rate: Double) throws -> [Double]
  {
    try results.trace("\(training.name)/\(optimizer)/training loss").lastValues(at: ["rate": .init(rate)])
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let rate = settings.rates[settings.rates.count - 1]
    let meanLoss = { (optimizer: String) in mean(try finalLosses(results, settings.trainings[0], optimizer, rate: rate)) }
    return [
      Claim(
        "nesterov-identity", "Nesterov momentum with differences of gradients is Nesterov momentum.", source: "Lemma 1",
        quantity: "largest deviation from theta - eta b m over all steps",
        measured: quantile(try results.trace("identity/error").column().values, 1), expected: .atMost(1e-12)),
      Claim(
        "first-step", "The first step is that of the normalized gradient.", source: "official code",
        quantity: "largest entry of the first step less -lr g / (|g| + epsilon)",
        measured: try results.scalar("first_step_deviation"), expected: .atMost(1e-12)),
      Claim(
        "large-lr-tolerance", "Adan tolerates larger learning rates than Adam.", source: "tolerance to large rates",
        quantity:
          "mean final training loss of Adan over that of Adam, batch \(settings.trainings[0].batchSize), learning rate \(rate)",
        measured: try meanLoss("Adan") / meanLoss("Adam"), expected: .atMost(0.7)),
      Claim(
        "difference-term-matters", "The weight of the difference is b2 = 0.92, not 1 - b2.",
        source: "official code against ports",
        quantity: "distance between both trajectories after the last step over the distance from the start, learning rate 0.001",
        measured: try results.trace("difference/distance").column().values.last ?? .nan, expected: .above(0.01)),
    ]
  }
}
