import Diagnostics
import Notebook
import Plotting

extension OrderSensitivity {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    return [
      Figure(
        "fig1", title: "Sensitivity to the order of the demonstrations, means over tasks and quartiles",
        mirrors: "the figure on order stability",
        panels: try TunedPart.allCases.map { try orderPanel($0, settings, results) }),
      Figure(
        "fig2", title: "Weights of queries, keys and values", mirrors: "the figure on sparsity",
        try weightsPanel("constructed: a step of gradient descent", try weights("constructed/weights", results), results),
        try weightsPanel("trained", try weights("weights/trained", results), results)),
      Figure(
        "fig3", title: "Answers in context and by gradient descent, \(settings.comparedEpochs.last ?? 0) epochs",
        mirrors: "the figure of three metrics",
        panels: try TunedPart.allCases.flatMap { part in
          try ["accuracy", "token overlap", "overlap cosine"].map { try agreementPanel($0, part, settings, results) }
        }, columns: 3, panelWidth: 7),
    ]
  }

  private static func demonstrationsAxis(_ settings: Settings) -> Axis {
    Axis(
      "demonstrations N", scale: .log(base: 2), from: Double(settings.demonstrations.first ?? 1),
      to: Double(settings.mostDemonstrations))
  }

  /// Of the tasks that the learner was given.
  private static func sensitivities(
    _ learner: String, _ count: Int, _ settings: Settings, _ results: Results
  ) throws -> [Double] {
    let tasks = learner.hasSuffix(TunedPart.all.rawValue) ? settings.tasks(of: .all) : settings.tasks
    let values = try results.tensor("order/sensitivity").values(
      over: "task", at: ["learner": .init(learner), "demonstrations": .init(count)])
    return Array(values.prefix(tasks))
  }

  private static func orderPanel(_ part: TunedPart, _ settings: Settings, _ results: Results) throws -> Panel {
    let x = Column(settings.demonstrations.map(Double.init))
    let learners = try results.tensor("order/sensitivity").labels("learner").filter { learner in
      learner.hasPrefix("ICL") || learner.hasSuffix(part.rawValue)
    }
    let series = try learners.enumerated().flatMap { i, learner -> [Series] in
      let values = try settings.demonstrations.map { try sensitivities(learner, $0, settings, results) }
      let name = learner.split(separator: ",").first.map(String.init) ?? learner
      // Zeros have no place on a logarithmic axis.
      guard values.contains(where: { mean($0) > 0 }) else {
        return [.line(x: [.nan], y: [.nan], label: "\(name): 0 everywhere", style: .look(i))]
      }
      return [
        .band(
          x: x, lower: Column(values.map { quantile($0, 0.25) }), upper: Column(values.map { quantile($0, 0.75) }),
          style: .look(i)),
        .linesPoints(x: x, y: Column(values.map { mean($0) }), label: name, style: .look(i)),
      ]
    }
    return Panel(
      title: "tuned: \(part.rawValue)", x: demonstrationsAxis(settings),
      y: Axis("standard deviation over orders", scale: .log()), legend: .outside, series: series)
  }

  private static func weightsPanel(_ title: String, _ weights: [String: [[Double]]], _ results: Results) throws -> Panel {
    Panel(
      title: title, x: Axis("weight over the largest of its matrix", from: -1, to: 1), y: Axis("weights", scale: .log()),
      legend: .outside,
      series: ["query", "key", "value"].map { name in
        let scaled = (weights[name] ?? []).flatMap { matrix in
          let largest = matrix.map { abs($0) }.max() ?? .nan
          return matrix.map { $0 / largest }
        }
        return .histogram(values: Column(scaled), bins: 41, label: name)
      })
  }

  /// The entries of the matrices of each name, one array a layer.
  private static func weights(_ path: String, _ results: Results) throws -> [String: [[Double]]] {
    let array = try results.tensor(path)
    let names = try array.labels("matrix")
    let size = array.dimensions.suffix(2).reduce(1) { $0 * $1.count }
    let matrices = stride(from: 0, to: array.values.count, by: size).map { Array(array.values[$0..<$0 + size]) }
    return Dictionary(grouping: matrices.enumerated(), by: { names[$0.offset % names.count] }).mapValues { $0.map(\.element) }
  }

  private static func agreementPanel(
    _ measure: String, _ part: TunedPart, _ settings: Settings, _ results: Results
  ) throws -> Panel {
    let tuned = try results.tensor("answers/gradient descent")
    let (x, last) = (Column(settings.demonstrations.map(Double.init)), settings.comparedEpochs.last ?? 0)
    let curves = try settings.tuningRates.enumerated().map { i, rate -> Series in
      let y = try tuned.column([
        "part": .init(part.rawValue), "rate": .init(rate), "epoch": .init(last), "measure": .init(measure),
      ])
      return .linesPoints(x: x, y: y, label: "GD, rate \(rate)", style: .look(i + 1))
    }
    let inContext: [Series] =
      measure == "accuracy"
      ? [.linesPoints(x: x, y: try results.tensor("answers/in context").column(), label: "ICL", style: .look(0))] : []
    return Panel(
      title: part.rawValue, x: demonstrationsAxis(settings), y: Axis(measure, from: 0, to: 1), legend: .outside,
      series: inContext + curves)
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let most = settings.demonstrations.filter { $0 <= 16 }.max() ?? 0
    let inContext = try sensitivities("ICL", most, settings, results)
    let free = "Full-batch gradient descent does not see the order of the demonstrations, learning in context does."
    let differ = "Learning in context and stochastic gradient descent react to the order in different ways."
    let sparse = "Weights that implement gradient descent are far sparser than trained ones."
    let order = "order argument"
    var claims = [
      Claim(
        "gd-order-free-icl", free, source: order, quantity: "sensitivity of ICL at N = \(most), mean over tasks",
        measured: mean(inContext), expected: .atLeast(1e-3)),
      Claim(
        "gd-order-free-icl-largest", free, source: order, quantity: "sensitivity of ICL at N = \(most), the largest of all tasks",
        measured: quantile(inContext, 1), expected: .atLeast(0.02)),
    ]
    for (part, suffix) in [(TunedPart.keysAndValues, ""), (.all, "-all-parameters")] {
      let largest = { (learner: String) in
        quantile(
          try settings.demonstrations.flatMap { try sensitivities("\(learner), \(part.rawValue)", $0, settings, results) }, 1)
      }
      let stochastic = try sensitivities("SGD, \(part.rawValue)", most, settings, results)
      claims += [
        Claim(
          "gd-order-free\(suffix)", free, source: order,
          quantity: "sensitivity of GD on \(part.rawValue), the largest of all tasks and N", measured: try largest("GD"),
          expected: .atMost(1e-9)),
        Claim(
          "gd-order-free\(suffix)-summed-as-given", free, source: order,
          quantity: "the same with the gradient's sums in the order of the demonstrations",
          measured: try largest("GD summed as given"), expected: .atMost(1e-9)),
        Claim(
          "orders-of-magnitude\(suffix)-non-zero", differ, source: "the figure on order stability",
          quantity: "the lesser of the mean sensitivities of ICL and SGD on \(part.rawValue), N = \(most)",
          measured: quantile([mean(inContext), mean(stochastic)], 0), expected: .above(0)),
        Claim(
          "orders-of-magnitude\(suffix)", differ, source: "the figure on order stability",
          quantity: "Spearman correlation of the sensitivities of ICL and SGD on \(part.rawValue) across tasks, N = \(most)",
          measured: spearmanCorrelation(Array(inContext.prefix(stochastic.count)), stochastic), expected: .atMost(0.7)),
      ]
    }
    let shares = { (path: String) in
      try weights(path, results).values.flatMap { $0 }.map { matrix in
        let threshold = 1e-3 * (matrix.map { abs($0) }.max() ?? .nan)
        return mean(matrix.map { $0.isFinite ? abs($0) < threshold ? 1 : 0 : .nan })
      }
    }
    return claims + [
      Claim(
        "constructed-is-sparse", sparse, source: "the figure on sparsity",
        quantity: "share of constructed weights below 1e-3 of the largest, the least of query, key and value",
        measured: quantile(try shares("constructed/weights"), 0), expected: .atLeast(0.6)),
      Claim(
        "constructed-is-sparse-trained", sparse, source: "the figure on sparsity",
        quantity: "share of trained weights below 1e-3 of the largest, the largest of all layers and matrices",
        measured: quantile(try shares("weights/trained"), 1), expected: .atMost(0.2)),
    ]
  }
}
