import Diagnostics
import Notebook
import Plotting

extension SignDescentStages {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let methods = Method.allCases.filter { $0 != .frozen || settings.frozenControl }
    let curves = { (measure: String, deviation: Double) in
      try methods.enumerated().flatMap { i, method in
        try curve(method, measure, deviation, label: method.rawValue, style: .look(i), settings, results)
      }
    }
    let step = Axis("step t", scale: .log())
    return [
      Figure(
        "fig1", title: "Stages of SignGD, $σ_p$ = \(settings.deviation)", mirrors: "the figure of the stages",
        try noisesPanel("key noises", "key noise $⟨w_{K,r}, ξ_i⟩$", settings, results),
        try noisesPanel("value noises", "value noise $⟨v, ξ_i⟩$", settings, results),
        Panel(
          title: "attention", x: step, y: Axis("mean attention to the signal", from: 0), legend: .outside,
          series: try [("s11", "$s_{11}$, from the signal"), ("s21", "$s_{21}$, from the noise")].enumerated().flatMap {
            try curve(.signGD, $1.0, settings.deviation, label: $1.1, style: .look($0), settings, results)
          }),
        Panel(
          title: "queries and keys", x: step, y: Axis("mean magnitude", scale: .log()), legend: .outside,
          series: try ["query noise", "key noise", "query signal", "key signal"].enumerated().flatMap {
            try curve(.signGD, $1, settings.deviation, label: $1, style: .look($0), settings, results)
          })),
      Figure(
        "fig2", title: "Losses", mirrors: "the figure of SignGD, Adam and gradient descent",
        panels: try [settings.deviation, settings.gentleDeviation].flatMap { deviation in
          try ["train loss", "test loss"].map { measure in
            Panel(
              title: "$σ_p$ = \(deviation)", x: step, y: Axis(measure, scale: .log()), legend: .outside,
              series: try curves(measure, deviation))
          }
        }),
      Figure(
        "fig3", title: "Equal signs of query noise and key noise", mirrors: "Stage II",
        Panel(
          x: step, y: Axis("share of samples and neurons", from: 0, to: 1.05), legend: .outside,
          series: try curves("alignment", settings.deviation))),
      Figure(
        "fig4", title: "Test accuracy after \(settings.steps) steps", mirrors: "generalization against the noise",
        Panel(
          x: Axis("standard deviation of the noise $σ_p$", scale: .log(base: 2)),
          y: Axis("test accuracy", from: 0.4, to: 1.05), legend: .outside,
          series: try methods.flatMap { method in
            let values = try settings.deviations.map { try last(method, "test accuracy", $0, settings, results) }
            let x = Column(settings.deviations)
            return [
              Series.band(x: x, lower: Column(values.map { quantile($0, 0) }), upper: Column(values.map { quantile($0, 1) })),
              .linesPoints(x: x, y: Column(values.map(median)), label: method.rawValue),
            ]
          }, annotations: [.horizontalLine(y: 0.5, label: "chance")])),
    ]
  }

  /// The answers to every sample's noise during the first two steps; of the first neuron where there are several.
  private static func noisesPanel(_ name: String, _ label: String, _ settings: Settings, _ results: Results) throws -> Panel {
    let trace = try results.trace("\(Method.signGD.firstPath(settings.counts[0]))/\(name)")
    var place: [String: Selector] = ["seed": 0, "sigma": .init(settings.deviation)]
    if trace.dimensions.contains(where: { $0.name == "neuron" }) { place["neuron"] = 0 }
    let steps = try trace.coordinate("step").values.prefix(3)
    return Panel(
      title: name + " of every sample", x: Axis("step t", isCount: true), y: Axis(label), legend: .none,
      series: try trace.columns(over: "sample", at: place).map {
        .linesPoints(x: Column(Array(steps)), y: Column(Array($0.prefix(3))), style: .look(0))
      })
  }

  /// The median and range of the seeds from the first step on: of each of the first steps, then at intervals.
  private static func curve(
    _ method: Method, _ measure: String, _ deviation: Double, label: String, style: Style, _ settings: Settings,
    _ results: Results
  ) throws -> [Series] {
    let place: [String: Selector] = ["sigma": .init(deviation)]
    let traces = try [method.firstPath, method.path].map { try results.trace("\($0(settings.counts[0]))/\(measure)") }
    let steps = try traces.map { try $0.coordinate("step").values }
    let later = steps[1].firstIndex { $0 > Double(settings.firstSteps) } ?? steps[1].count
    let (early, late) = (try traces[0].columns(at: place), try traces[1].columns(at: place))
    let x = Column(Array(steps[0].dropFirst() + steps[1][later...]))
    let values = zip(early, late).map { Array($0.dropFirst() + $1[later...]) }
    let bands = x.values.indices.map { i in quantiles(values.map { $0[i] }, [0, 0.5, 1]) }
    return [
      .band(x: x, lower: Column(bands.map { $0[0] }), upper: Column(bands.map { $0[2] }), style: style),
      .line(x: x, y: Column(bands.map { $0[1] }), label: label, style: style),
    ]
  }

  private static func last(
    _ method: Method, _ measure: String, _ deviation: Double, _ settings: Settings, _ results: Results
  ) throws -> [Double] {
    try results.trace("\(method.path(settings.counts[0]))/\(measure)").lastValues(at: ["sigma": .init(deviation)])
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let stages = try stageClaims(settings, results)
    let overfits = "SignGD and Adam fit the training samples by their noise, and fail on fresh ones."
    let gentle = "Gradient descent generalizes on the same data."
    let least = { (method: Method, measure: String, deviation: Double) in
      quantile(try last(method, measure, deviation, settings, results), 0)
    }
    let largest = { (method: Method, measure: String, deviation: Double) in
      quantile(try last(method, measure, deviation, settings, results), 1)
    }
    let (hard, easy) = (settings.deviation, settings.gentleDeviation)
    let claim = {
      (
        suffix: String, statement: String, what: String, expected: Expectation,
        value: (Method, String, Double) throws -> Double, method: Method, measure: String, deviation: Double
      ) in
      Claim(
        "fits-but-fails" + suffix, statement, source: "Section 4, the comparison with Adam and gradient descent",
        quantity: "\(measure) of \(method.rawValue) at σ_p = \(deviation), the \(what) of all seeds",
        measured: try value(method, measure, deviation), expected: expected)
    }
    return stages + [
      try claim("", overfits, "largest", .atMost(1e-6), largest, .signGD, "train loss", hard),
      try claim("-test-loss", overfits, "least", .atLeast(0.6), least, .signGD, "test loss", hard),
      try claim("-test-accuracy", overfits, "largest", .atMost(0.65), largest, .signGD, "test accuracy", hard),
      try claim("-adam", overfits, "largest", .atMost(0.05), largest, .adam, "train loss", hard),
      try claim("-adam-test-loss", overfits, "least", .atLeast(0.6), least, .adam, "test loss", hard),
      try claim("-gradient-descent", gentle, "least", .atLeast(0.9), least, .descent, "test accuracy", easy),
      try claim("-gradient-descent-loss", gentle, "largest", .atMost(0.5), largest, .descent, "test loss", easy),
    ]
  }

  /// Stages I, II and IV of SignGD.
  private static func stageClaims(_ settings: Settings, _ results: Results) throws -> [Claim] {
    let (first, all) = (Method.signGD.firstPath(settings.counts[0]), Method.signGD.path(settings.counts[0]))
    let place: [String: Selector] = ["sigma": .init(settings.deviation)]
    let columns = { (path: String) in
      let trace = try results.trace(path)
      return (steps: try trace.coordinate("step").values, seeds: try trace.columns(at: place))
    }
    let growth = try columns("\(first)/value noise")
    let fits = growth.seeds.map { LineFit(x: growth.steps, y: $0, over: 1...10).rSquared }
    let seeds = 0..<settings.seeds
    let changes = try seeds.map { seed in
      try relativeChange("\(first)/value noises", place, seed, results)
        / relativeChange("\(first)/query noises", place, seed, results)
    }
    let alignment = try columns("\(all)/alignment")
    let aligned = alignment.steps.indices.filter { (10...50).contains(alignment.steps[$0]) }
    let at150 = { (measure: String) in
      let trace = try columns("\(all)/\(measure)")
      return trace.steps.firstIndex(of: 150).map { place in trace.seeds.map { $0[place] } } ?? []
    }
    let valuesFirst = "The values' answers to the noise move first."
    let signsAlign = "Queries and keys align their signs on the noise."
    let collapse = "The attention from the noise patch collapses onto noise before that from the signal patch."
    return [
      Claim(
        "value-noise-first", valuesFirst, source: "Stage I",
        quantity: "R² of mean |<v, ξ_i>| against t on t = 1..10, the least of all seeds",
        measured: quantile(fits, 0), expected: .atLeast(0.99)),
      Claim(
        "value-noise-first-change", valuesFirst, source: "Stage I",
        quantity: "relative change of the value noise over the first step over that of the query noise, the least of all seeds",
        measured: quantile(changes, 0), expected: .atLeast(2.5)),
      Claim(
        "signs-align-start", signsAlign, source: "Stage II", quantity: "alignment at t = 0, farthest from 1/2 of all seeds",
        measured: farthest(alignment.seeds.map { $0.first ?? .nan }), expected: .within(0.3...0.7)),
      Claim(
        "signs-align", signsAlign, source: "Stage II",
        quantity: "alignment at t = 10..50, the least of all steps and seeds",
        measured: quantile(aligned.flatMap { step in alignment.seeds.map { $0[step] } }, 0), expected: .atLeast(0.9)),
      Claim(
        "noise-attends-noise", collapse, source: "Stage IV", quantity: "mean s21 at t = 150, the largest of all seeds",
        measured: quantile(try at150("s21"), 1), expected: .atMost(0.1)),
      Claim(
        "noise-attends-noise-signal", collapse, source: "Stage IV",
        quantity: "mean s11 at t = 150, farthest from 1/2 of all seeds",
        measured: farthest(try at150("s11")), expected: .within(0.4...0.6)),
    ]
  }

  private static func farthest(_ values: [Double]) -> Double {
    values.contains(where: \.isNaN) ? .nan : values.max { abs($0 - 0.5) < abs($1 - 0.5) } ?? .nan
  }

  /// ||z(1) - z(0)|| / ||z(0)|| over samples, and neurons where there are several.
  private static func relativeChange(
    _ path: String, _ place: [String: Selector], _ seed: Int, _ results: Results
  ) throws -> Double {
    let trace = try results.trace(path)
    let place = place.merging(["seed": .init(seed)]) { $1 }
    let neurons = trace.dimensions.first { $0.name == "neuron" }.map { 0..<$0.count }
    let columns =
      try neurons?.flatMap { neuron in
        try trace.columns(over: "sample", at: place.merging(["neuron": .init(neuron)]) { $1 })
      } ?? trace.columns(over: "sample", at: place)
    guard columns.allSatisfy({ $0.count > 1 }) else { return .nan }
    let change = columns.reduce(0) { $0 + ($1[1] - $1[0]) * ($1[1] - $1[0]) }
    return (change / columns.reduce(0) { $0 + $1[0] * $1[0] }).squareRoot()
  }
}
