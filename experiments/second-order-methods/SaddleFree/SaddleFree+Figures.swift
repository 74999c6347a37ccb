import Diagnostics
import Notebook
import Plotting

extension SaddleFree {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    return [
      try pathFigure(results), try indexFigure(results), try lossFigure(results, settings), try curvatureFigure(results),
    ]
  }

  private static let methods = [
    ("descent", "gradient descent"), ("newton", "Newton"), ("saddlefree", "saddle-free Newton"),
  ]

  private static func pathFigure(_ results: Results) throws -> Figure {
    let windows = ["classic": [-0.2...1.1, -0.1...0.4], "monkey": [-0.3...0.7, -0.2...1]]
    return Figure(
      "fig1", title: "Paths near saddles", mirrors: "toy figure: Newton, gradient descent, saddle-free Newton",
      panels: try planes.map { name, function in
        let window = windows[name] ?? [-1...1, -1...1]
        return Panel(
          title: function.name, x: Axis("x", from: window[0].lowerBound, to: window[0].upperBound),
          y: Axis("y", from: window[1].lowerBound, to: window[1].upperBound), legend: .outside,
          series: try methods.enumerated().map { look, method in
            let position = try results.trace("\(name)/\(method.0)/position")
            return .linesPoints(
              x: try position.column(["coordinate": 0]), y: try position.column(["coordinate": 1]), label: method.1,
              style: .look(look))
          } + [.points(x: [0], y: [0], label: "saddle", style: .look(3))])
      })
  }

  private static func indexFigure(_ results: Results) throws -> Figure {
    let spins = try spinPoints(results)
    let network = try networkPoints(results)
    let index = Axis("index (share of negative curvatures)", from: 0)
    return Figure(
      "fig2", title: "Critical points: index against error", mirrors: "index against error at critical points",
      Panel(
        title: "spherical 3-spin energy", x: Axis("E / √N"), y: index, legend: .none,
        series: [.points(x: Column(spins.map(\.energy)), y: Column(spins.map(\.index)))]),
      Panel(
        title: "small network, ‖∇‖ < \(networkTolerance.brief)", x: Axis("training error", from: 0), y: index, legend: .none,
        series: [.points(x: Column(network.map(\.energy)), y: Column(network.map(\.index)))]))
  }

  private static func lossFigure(_ results: Results, _ settings: Settings) throws -> Figure {
    let descent = try results.trace("descent/training loss")
    let finals = try descent.values(over: "rate", at: ["seed": 0, "step": .init(settings.network.steps)])
    let best = settings.network.rates[finals.indices.min { finals[$0] < finals[$1] } ?? 0]
    let curve = { (name: String, label: String, look: Int, rate: Double) in
      let loss = try results.trace("\(name)/training loss")
      return Series.line(
        x: try loss.coordinate("step"), y: try loss.column(["seed": 0, "rate": .init(rate)]), label: label, style: .look(look))
    }
    let krylov = try results.trace("krylov/training loss")
    return Figure(
      "fig3", title: "Training loss of a tanh network, full batch", mirrors: "training on MNIST and CIFAR",
      Panel(
        x: Axis("step"), y: Axis("training loss", scale: .log()), legend: .outside,
        series: [
          try curve("descent", "gradient descent, rate \(best.brief)", 0, best), try curve("damped", "damped Newton", 1, 1),
          try curve("saddlefree", "saddle-free Newton", 2, 1),
          .line(
            x: try krylov.coordinate("step"), y: try krylov.column(),
            label: "saddle-free Newton, Krylov space of \(settings.network.krylov)", style: .look(3)),
        ]))
  }

  private static func curvatureFigure(_ results: Results) throws -> Figure {
    let spins = try spinPoints(results).sorted { $0.index < $1.index }
    let network = try networkPoints(results).sorted { $0.index < $1.index }
    let histogram = { (points: [CriticalPoint], title: String, y: Axis) in
      let chosen = points.isEmpty ? [] : [points[0], points[points.count / 2], points[points.count - 1]]
      return Panel(
        title: title, x: Axis("curvature"), y: y, legend: .outside,
        series: chosen.map {
          .histogram(values: Column($0.curvatures), bins: 10, label: "index \($0.index.brief)")
        }, annotations: [.verticalLine(x: 0)])
    }
    return Figure(
      "fig4", title: "Curvatures at critical points", mirrors: "eigenvalue distributions",
      Panel(
        title: "3-spin: least curvature", x: Axis("index (share of negative curvatures)"), y: Axis("least curvature"),
        legend: .none, series: [.points(x: Column(spins.map(\.index)), y: Column(spins.map { $0.curvatures.min() ?? .nan }))]),
      histogram(spins, "3-spin: all curvatures", Axis("number of curvatures", from: 0)),
      histogram(network, "small network", Axis("number of curvatures", from: 0)), columns: 3)
  }

  // MARK: Critical points

  private struct CriticalPoint {
    var energy: Double
    var curvatures: [Double]
    /// Share of negative curvatures; what is 1e-6 of the largest counts as zero.
    var index: Double {
      let zero = 1e-6 * (curvatures.map(abs).max() ?? 0)
      return Double(curvatures.count { $0 < -zero }) / Double(curvatures.count)
    }
  }

  /// The points at which Newton's method arrived.
  private static func arrived(
    _ results: Results, _ group: String, energy: String, within tolerance: Double
  ) throws -> [CriticalPoint] {
    let norms = try results.trace("\(group)/gradient").lastValues(over: "start")
    let energies = try results.tensor("\(group)/\(energy)").values
    let curvatures = try results.tensor("\(group)/curvatures").columns(over: "start")
    return norms.indices.filter { norms[$0] < tolerance }.map { CriticalPoint(energy: energies[$0], curvatures: curvatures[$0]) }
  }

  /// Each once: several starts may arrive at the same.
  private static func spinPoints(_ results: Results) throws -> [CriticalPoint] {
    let sorted = try arrived(results, "spins", energy: "energy", within: 1e-9).sorted { $0.energy < $1.energy }
    return sorted.indices.filter { $0 == 0 || sorted[$0].energy - sorted[$0 - 1].energy > 1e-9 }.map { sorted[$0] }
  }

  /// Newton's method comes no nearer to the critical points of a network, whose Hessian is nearly singular, within a minute.
  private static let networkTolerance = 1e-2

  private static func networkPoints(_ results: Results) throws -> [CriticalPoint] {
    try arrived(results, "critical", energy: "error", within: networkTolerance)
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let newton = try reached(results, "newton") { abs($0) < 1e-8 && abs($1) < 1e-8 }
    let minimum = 0.1.squareRoot()
    let isMinimum = { (x: Double, y: Double) in abs(x) < 1e-4 && abs(abs(y) - minimum) < 1e-4 }
    let (saddleFree, descent) = (try reached(results, "saddlefree", isMinimum), try reached(results, "descent", isMinimum))
    let points = try spinPoints(results)
    let energies = points.map(\.energy)
    let high = points.filter { $0.energy > median(energies) }
    let final = Selector(settings.network.steps)
    let network = { (name: String, step: Selector) in
      try results.trace("\(name)/training loss").values(over: "rate", at: ["seed": 0, "step": step])
    }
    let escapes = try (0..<settings.plateau.seeds).map { seed in
      let steps = { (name: String) in
        try results.trace("plateau/\(name)/value").columns(over: "rate", at: ["seed": .init(seed)]).map { losses in
          firstHit(losses) { $0 <= losses[0] / 2 }.map(Double.init) ?? .infinity
        }.min() ?? .nan
      }
      return try steps("saddlefree") / steps("descent")
    }
    return [
      Claim(
        "newton-attracted-newton", "Newton's method ends at the saddle.", source: "toy figure and theory",
        quantity: "steps until |x| and |y| stay below 1e-8", measured: newton, expected: .atMost(10)),
      Claim(
        "newton-attracted-saddle-free", "Saddle-free Newton reaches a minimum.", source: "toy figure and theory",
        quantity: "steps until it stays within 1e-4 of a minimum", measured: saddleFree, expected: .atMost(30)),
      Claim(
        "newton-attracted-descent", "Gradient descent crawls along the saddle.", source: "toy figure and theory",
        quantity: "steps of gradient descent to the minimum over those of saddle-free Newton", measured: descent / saddleFree,
        expected: .atLeast(20)),
      Claim(
        "index-grows-with-error", "The index of critical points grows with the energy.", source: "index against energy",
        quantity: "Pearson correlation of index and E over the critical points",
        measured: pearsonCorrelation(points.map(\.index), energies), expected: .atLeast(0.85)),
      Claim(
        "index-grows-with-error-count", "There are enough of them.", source: "index against energy",
        quantity: "number of different critical points", measured: Double(points.count), expected: .atLeast(60)),
      Claim(
        "no-high-minima", "Critical points of high energy are saddles.", source: "index against energy",
        quantity: "least index of the critical points above the median energy", measured: quantile(high.map(\.index), 0),
        expected: .atLeast(0.25)),
      Claim(
        "sfn-escapes-plateau", "Saddle-free Newton leaves a plateau fast.", source: "deep-network experiments",
        quantity: "steps to half the initial loss over those of gradient descent with its best step, largest over starts",
        measured: quantile(escapes, 1), expected: .atMost(0.1)),
      Claim(
        "sfn-trains-better-descent", "Saddle-free Newton trains to a lower loss.", source: "MNIST and CIFAR figure",
        quantity: "training loss after \(settings.network.steps) steps over that of gradient descent at its best rate",
        measured: try network("saddlefree", final)[0] / (try network("descent", final).min() ?? .nan), expected: .atMost(0.3)),
      Claim(
        "sfn-trains-better-damped", "Saddle-free Newton trains faster than damped Newton.", source: "MNIST and CIFAR figure",
        quantity: "training loss after 10 steps over that of damped Newton",
        measured: try network("saddlefree", 10)[0] / network("damped", 10)[0], expected: .atMost(1)),
    ]
  }

  /// The first step of a method on the classic saddle from which the condition holds to the end; NaN when there is none.
  private static func reached(
    _ results: Results, _ method: String, _ condition: (Double, Double) -> Bool
  ) throws -> Double {
    let position = try results.trace("classic/\(method)/position")
    let points = zip(try position.column(["coordinate": 0]).values, try position.column(["coordinate": 1]).values)
    let isThere = points.map { condition($0, $1) }
    guard isThere.last == true else { return .nan }
    return Double((isThere.lastIndex(of: false) ?? -1) + 1)
  }
}
