import Diagnostics
import Notebook
import Plotting
import Tensors

extension LargeStepEscape {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let time = Axis("step size times steps", from: 0)
    return [
      Figure(
        "fig1", title: "The landscape and two step sizes", mirrors: "illustration of the function class",
        try profilePanel(results, settings), try contourPanel(results, settings)),
      Figure(
        "fig2", title: "Who reaches the global minimum", mirrors: "probability of the global minimum against the step size",
        try ratePanel(results, settings)),
      Figure(
        "fig3", title: "Starts by where they end", mirrors: "starts of small and large steps",
        panels: try [settings.rates[0], settings.noisyRate].filter(settings.rates.contains).map { rate in
          try outcomePanel(rate, results, settings)
        }),
      Figure(
        "fig4", title: "Digits with label noise", mirrors: "networks with the same noise and smaller steps",
        Panel(
          x: time, y: Axis("test accuracy", from: 0.9), legend: .outside, series: try digitSeries("accuracy", results, settings)),
        Panel(
          x: time, y: Axis("trace of the Hessian", scale: .log()), legend: .outside,
          series: try digitSeries("trace", results, settings))),
    ]
  }

  private static func profilePanel(_ results: Results, _ settings: Settings) throws -> Panel {
    let landscape = settings.plane.function
    let line = { (t: [Double]) in
      Column(landscape.values(Tensor(t).expandingDimensions(1) * landscape.centers / settings.plane.distance).scalars)
    }
    let t = Tensor<Double>.linspace(-0.5, 3, count: 400).scalars
    return Panel(
      title: "along the line through the well", x: Axis("position on the line"), y: Axis("f"), legend: .outside,
      series: [.line(x: Column(t), y: line(t), style: Style(look: 6, isSolid: true))]
        + (try settings.routeRates.enumerated().map { look, rate in
          let visited = try results.trace("routes/x").column(["eta": .init(rate), "from": "line", "axis": 0]).values
          return .points(x: Column(visited), y: line(visited), label: "η = \(rate)", style: .look(look))
        }))
  }

  private static func contourPanel(_ results: Results, _ settings: Settings) throws -> Panel {
    let x = Tensor<Double>.linspace(-0.5, 3, count: 141).scalars
    let y = Tensor<Double>.linspace(-0.8, 0.8, count: 65).scalars
    let points = Tensor(shape: [y.count * x.count, 2], y.flatMap { y in x.flatMap { [$0, y] } })
    let values = settings.plane.function.values(points).scalars
    return Panel(
      title: "in the plane", x: Axis("$x_1$"), y: Axis("$x_2$"), legend: .outside,
      series: [
        .contours(Grid(Column(values), x: Column(x), y: Column(y)), levels: [0.1, 0.5, 1, 1.5, 2, 3, 4])
      ]
        + (try settings.routeRates.enumerated().map { look, rate in
          let route = try (0..<2).map {
            try results.trace("routes/x").column(["eta": .init(rate), "from": "side", "axis": .init($0)])
          }
          return .linesPoints(x: route[0], y: route[1], label: "η = \(rate)", style: .look(look))
        }))
  }

  private static func ratePanel(_ results: Results, _ settings: Settings) throws -> Panel {
    let reached = { (name: String) in
      try settings.rates.map { rate in
        let ends = try results.tensor("\(name)/from_global").values(over: "start", at: ["eta": .init(rate)])
        return Double(ends.filter { $0 < settings.reachedWithin }.count) / Double(ends.count)
      }
    }
    let sharpest = try results.tensor("curvatures").values.last ?? .nan
    let label = { (landscape: Landscape) in
      "\(landscape.wells) \(landscape.wells == 1 ? "well" : "wells"), d = \(landscape.dimension)"
    }
    return Panel(
      x: Axis("step size η", scale: .log()), y: Axis("share of starts that reach it", from: 0, to: 1.05), legend: .outside,
      series: [
        .linesPoints(x: Column(settings.rates), y: Column(try reached("plane")), label: label(settings.plane)),
        .linesPoints(x: Column(settings.rates), y: Column(try reached("wells")), label: label(settings.wells)),
      ], annotations: [.verticalLine(x: 2 / sharpest, label: "2/$μ_+$")])
  }

  private static func outcomePanel(_ rate: Double, _ results: Results, _ settings: Settings) throws -> Panel {
    let starts = try (0..<2).map { try results.tensor("starts").column(["axis": .init($0)]).values }
    let distances = try results.tensor("plane/from_local").values(over: "start", at: ["eta": .init(rate)])
    let points = { (isStuck: Bool, label: String, look: Int) in
      let chosen = distances.indices.filter { (distances[$0] < settings.stuckWithin) == isStuck }
      return Series.points(
        x: Column(chosen.map { starts[0][$0] }), y: Column(chosen.map { starts[1][$0] }), label: label, style: .look(look))
    }
    return Panel(
      title: "η = \(rate)", x: Axis("$x_1$ of the start"), y: Axis("$x_2$ of the start"), legend: .outside,
      series: [points(false, "ends at the global minimum", 0), points(true, "stuck in the well", 1)])
  }

  private static func digitSeries(_ name: String, _ results: Results, _ settings: Settings) throws -> [Series] {
    let protocols = NoiseProtocol.all(rate: settings.digits.rate, division: settings.digits.division)
    return try protocols.flatMap { noisy in
      let trace = try results.trace("digits-\(noisy.name)/\(name)")
      let time = try trace.coordinate("step").values.map { $0 * noisy.rate * Double(noisy.repeats) }
      let label = noisy.repeats > 1 ? "each batch \(noisy.repeats) times" : "batches once"
      return try trace.banded(x: Column(time), from: 1, label: "η = \(noisy.rate.brief), \(label)")
    }
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let stuck = { (rate: Double) in
      guard settings.rates.contains(rate) else { return Double.nan }
      return try stuckShare("plane", ["eta": .init(rate)], results, settings)
    }
    let noisy = { (name: String) in try stuckShare("noise", ["protocol": .init(name)], results, settings) }
    let large = [0.1, 0.5, 1].filter(settings.rates.contains)
    let ends = try large.flatMap { try results.tensor("plane/from_global").values(over: "start", at: ["eta": .init($0)]) }
    let trapped = "Small steps end in the sharp minimum from a set of starts of positive measure."
    let escapes = "Large steps reach the global minimum from every start."
    let noise = "The noise of the large step does not make a small step escape."
    let threshold = "The switch lies above 2/mu_+."
    return try [0.005, 0.01, 0.02].map { rate in
      Claim(
        "small-step-trapped-\(rate)", trapped, source: "theorem on small steps", quantity: "share stuck, eta = \(rate)",
        measured: try stuck(rate), expected: .within(0.08...0.16))
    } + [
      Claim(
        "small-step-trapped-equal", trapped, source: "theorem on small steps",
        quantity: "difference of the shares stuck at eta = 0.005 and 0.01", measured: abs(try stuck(0.005) - stuck(0.01)),
        expected: .atMost(0.01)),
      Claim(
        "large-step-escapes", escapes, source: "theorem on large steps", quantity: "largest share stuck, eta in \(large)",
        measured: quantile(try large.map(stuck), 1), expected: .exactly(0)),
      Claim(
        "large-step-escapes-distance", escapes, source: "theorem on large steps",
        quantity: "largest |x| at the end, eta in \(large)", measured: quantile(ends, 1), expected: .below(0.05)),
      Claim(
        "noise-is-not-enough-small", noise, source: "SGD with the same noise", quantity: "share stuck, small step, fresh draws",
        measured: try noisy("small"), expected: .above(0.08)),
      Claim(
        "noise-is-not-enough-repeated", noise, source: "SGD with the same noise",
        quantity: "share stuck, small step, repeated draws",
        measured: try noisy("repeated"), expected: .above(0.08)),
      Claim(
        "noise-is-not-enough-large", noise, source: "SGD with the same noise", quantity: "share stuck, large step",
        measured: try noisy("large"), expected: .exactly(0)),
      Claim(
        "threshold", threshold, source: "2/mu_+ of the local minimum", quantity: "share stuck, eta = 0.03",
        measured: try stuck(0.03), expected: .above(0.05)),
      Claim(
        "threshold-above", threshold, source: "2/mu_+ of the local minimum", quantity: "share stuck, eta = 0.1",
        measured: try stuck(0.1), expected: .exactly(0)),
    ]
  }

  private static func stuckShare(
    _ name: String, _ place: [String: Selector], _ results: Results, _ settings: Settings
  ) throws -> Double {
    let distances = try results.tensor("\(name)/from_local").values(over: "start", at: place)
    guard distances.allSatisfy(\.isFinite) else { return .nan }
    return Double(distances.filter { $0 < settings.stuckWithin }.count) / Double(distances.count)
  }
}
