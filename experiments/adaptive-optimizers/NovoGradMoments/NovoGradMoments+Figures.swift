import Diagnostics
import Notebook
import Plotting

extension NovoGradMoments {
  private static let methods = [("novograd", "NovoGrad"), ("adam", "Adam"), ("sgd", "SGD, momentum 0.9")]

  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    return [
      Figure(
        "fig1", title: "Training loss at the best rates", mirrors: "training curves",
        panels: try settings.setups.map { try lossPanel($0, results) }, columns: 3),
      Figure(
        "fig2", title: "Final training loss against the learning rate", mirrors: "robustness to the learning rate",
        panels: try settings.setups.map { try ratePanel($0, results) }, columns: 3),
      Figure(
        "fig3", title: "NovoGrad's second moments", mirrors: "layer-wise moments",
        try momentPanel("as they are", "gradients as they are", results, settings),
        try momentPanel("scaled", "gradients times 10⁻³, 1, 10³", results, settings)),
      Figure(
        "fig4", title: "With the layers' gradients times 10⁻³, 1, 10³", mirrors: "invariance to gradient scale",
        try scaledPanel("scaled_novograd", "NovoGrad", results), try scaledPanel("scaled_sgd", "SGD, momentum 0.9", results)),
    ]
  }

  private static func lossPanel(_ setup: Setup, _ results: Results) throws -> Panel {
    Panel(
      title: setup.title, x: Axis("step"), y: Axis("training loss", scale: .log()), legend: .outside,
      series: try methods.flatMap { name, label -> [Series] in
        let trace = try results.trace("\(name)_\(setup.name)/training loss")
        let rate = try best("\(name)_\(setup.name)", results)
        let seeds = try trace.coordinate("seed").values.map {
          try trace.column(["seed": .init($0), "rate": .init(rate)]).values
        }
        let steps = try trace.coordinate("step")
        let at = { (share: Double) in Column(steps.values.indices.map { i in quantile(seeds.map { $0[i] }, share) }) }
        return [.band(x: steps, lower: at(0), upper: at(1)), .line(x: steps, y: at(0.5), label: "\(label), \(rate)")]
      })
  }

  private static func ratePanel(_ setup: Setup, _ results: Results) throws -> Panel {
    Panel(
      title: setup.title, x: Axis("learning rate", scale: .log()), y: Axis("final training loss", scale: .log()),
      legend: .outside,
      series: try methods.map { name, label in
        let rates = try results.trace("\(name)_\(setup.name)/training loss").coordinate("rate").values
        let losses = try rates.map { try final("\(name)_\(setup.name)", "training loss", rate: $0, results) }
        return .linesPoints(x: Column(rates), y: Column(losses), label: label)
      })
  }

  private static func momentPanel(
    _ run: String, _ title: String, _ results: Results, _ settings: Settings
  ) throws -> Panel {
    let trace = try results.trace("scaled_novograd/root_moment")
    let steps = try trace.coordinate("step").values
    return Panel(
      title: title, x: Axis("step"), y: Axis("√v of the layer", scale: .log()), legend: .outside,
      series: try layerNames(settings).map { layer in
        // Before the first step there is no moment.
        let values = try trace.column(["gradients": .init(run), "layer": .init(layer)]).values
        return .line(x: Column(Array(steps.dropFirst())), y: Column(Array(values.dropFirst())), label: layer)
      })
  }

  private static func scaledPanel(_ name: String, _ title: String, _ results: Results) throws -> Panel {
    let trace = try results.trace("\(name)/loss")
    return Panel(
      title: title, x: Axis("step"), y: Axis("training loss", scale: .log()), legend: .outside,
      series: try trace.labels("gradients").map { run in
        .line(x: try trace.coordinate("step"), y: try trace.column(["gradients": .init(run)]), label: run)
      })
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let difference = { (name: String) in
      let values = try results.trace("\(name)/difference").column().values
      // A run that diverged is as far away as can be.
      return values.allSatisfy(\.isFinite) ? values[values.count - 1] : Double.infinity
    }
    let firstStep = try results.tensor("scaled_novograd_first_step").values.map { abs($0 - 1) }
    let rate = try best("novograd_batch128", results)
    let compared = { (measure: String) in
      (
        novograd: try final("novograd_batch128", measure, rate: rate, results),
        adam: try final("adam_batch128", measure, rate: 3e-3, results)
      )
    }
    let (loss, accuracy) = try (compared("training loss"), compared("test accuracy"))
    let (parameters, layers) = try (results.scalar("size/parameters"), results.scalar("size/layers"))
    return [
      Claim(
        "layer-scale-invariance-novograd", "Scaling the gradients of the layers changes nothing.",
        source: "remark on invariance to gradient rescaling",
        quantity: "relative difference of the parameters after the last step, NovoGrad",
        measured: try difference("scaled_novograd"),
        expected: .atMost(1e-6)),
      Claim(
        "layer-scale-invariance-sgd", "For SGD it changes everything.", source: "remark on invariance to gradient rescaling",
        quantity: "relative difference of the parameters after the last step, SGD (infinite: it diverged)",
        measured: try difference("scaled_sgd"), basis: [try difference("scaled_novograd")], expected: .above(0.5)),
      Claim(
        "unit-first-step", "The first step moves every layer by the learning rate.", source: "initialization of v",
        quantity: "largest |length of a layer's first step / learning rate - 1|", measured: quantile(firstStep, 1),
        expected: .atMost(1e-6)),
      Claim(
        "state-size-novograd", "NovoGrad remembers a number for each parameter and one for each layer.", source: "abstract (3)",
        quantity: "numbers in its state less parameters and layers",
        measured: try results.scalar("size/novograd") - parameters - layers, expected: .exactly(0)),
      Claim(
        "state-size-adam", "Adam remembers twice as much.", source: "abstract (3)",
        quantity: "numbers in Adam's moments over the number of parameters",
        measured: try results.scalar("size/adam") / parameters,
        expected: .exactly(2)),
      Claim(
        "trains-like-adam-loss", "NovoGrad trains like Adam.", source: "result tables",
        quantity: "final training loss at the best rate over Adam's at 3e-3, batch 128", measured: loss.novograd / loss.adam,
        expected: .atMost(1.3)),
      Claim(
        "trains-like-adam-accuracy", "NovoGrad generalizes like Adam.", source: "result tables",
        quantity: "final held-out accuracy less Adam's, batch 128", measured: accuracy.novograd - accuracy.adam,
        expected: .near(0, tolerance: 0.06)),
    ]
  }

  /// The learning rate with the least final training loss; those that diverged do not count.
  private static func best(_ run: String, _ results: Results) throws -> Double {
    let rates = try results.trace("\(run)/training loss").coordinate("rate").values
    let losses = try rates.map { (rate: $0, loss: try final(run, "training loss", rate: $0, results)) }
    return losses.filter(\.loss.isFinite).min { $0.loss < $1.loss }?.rate ?? rates[0]
  }

  /// The last value of a measure, the mean over seeds.
  private static func final(_ run: String, _ measure: String, rate: Double, _ results: Results) throws -> Double {
    mean(try results.trace("\(run)/\(measure)").lastValues(at: ["rate": .init(rate)]))
  }
}
