import Diagnostics
import Foundation
import Notebook
import Plotting

extension LionBoundConstraint {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    return [
      try boxFigure(results, settings.plane), try distanceFigure(results, settings.leastSquares), try flowFigure(results),
      try potentialFigure(results, settings.plane), try optimumFigure(results, settings.leastSquares),
      try weightsFigure(results, settings.network),
    ]
  }

  /// The unit ball of the p-norm, of this radius, once around.
  private static func ball(_ p: Double, radius: Double) -> (x: Column, y: Column) {
    let points = (0...400).map { i -> (Double, Double) in
      let angle = 2 * Double.pi * Double(i) / 400
      let (c, s) = (cos(angle), sin(angle))
      let norm = p.isFinite ? pow(pow(abs(c), p) + pow(abs(s), p), 1 / p) : max(abs(c), abs(s))
      return (radius * c / norm, radius * s / norm)
    }
    return (Column(points.map(\.0)), Column(points.map(\.1)))
  }

  private static func plane(
    _ title: String, _ path: RecordedArray, _ place: [String: Selector], ball: (x: Column, y: Column), label: String
  ) throws -> Panel {
    let coordinate = { (i: Int) in try path.column(place.merging(["coordinate": .init(i)]) { $1 }) }
    let (x, y) = (try coordinate(0), try coordinate(1))
    let ends = [x.values.count - 1]
    return Panel(
      title: title, x: Axis("x₁", from: -4.5, to: 4.5), y: Axis("x₂", from: -4.5, to: 4.5), legend: .outside,
      series: [
        .line(x: ball.x, y: ball.y, label: label, style: Style(look: 6)), .line(x: x, y: y, label: "path", style: Style(look: 0)),
        .points(x: [1.6], y: [1.2], label: "minimum of f", style: Style(look: 1)),
        .points(x: Column(ends.map { x.values[$0] }), y: Column(ends.map { y.values[$0] }), label: "end", style: Style(look: 2)),
      ])
  }

  private static func boxFigure(_ results: Results, _ settings: Plane) throws -> Figure {
    let path = try results.trace("plane/lion")
    return Figure(
      "fig1", title: "Lion in the plane, with the box |x|∞ ≤ 1/λ", mirrors: "Figure 1",
      panels: try settings.decays.map { decay in
        try plane(
          "λ = \(decay.brief)", path, ["decay": .init(decay)], ball: ball(.infinity, radius: 1 / decay), label: "box")
      }, panelHeight: 7)
  }

  private static func potentialFigure(_ results: Results, _ settings: Plane) throws -> Figure {
    let path = try results.trace("plane/lion_k")
    // The dual of the p-norm is the p/(p-1)-norm; Huber's K grows like the 1-norm.
    let duals = ["1-norm": Double.infinity, "2-norm": 2, "3/2-norm": 3, "Huber": .infinity]
    return Figure(
      "fig4", title: "Lion-K in the plane, with the dual ball of K, λ = \(settings.decay.brief)",
      mirrors: "trajectories for each K",
      panels: try path.labels("potential").map { name in
        try plane(
          "K = \(name)", path, ["potential": .init(name)], ball: ball(duals[name] ?? .nan, radius: 1 / settings.decay),
          label: "dual ball")
      }, panelHeight: 7)
  }

  private static func distanceFigure(_ results: Results, _ settings: LeastSquares) throws -> Figure {
    Figure(
      "fig2", title: "Distance from the box, problem 1", mirrors: "Phase I: exponential entry",
      panels: try settings.rates.enumerated().map { index, rate in
        let distance = try results.trace("lion\(index)/distance")
        let steps = try distance.coordinate("step")
        return Panel(
          title: "learning rate \(rate.brief)", x: Axis("step t", from: 0, to: 20 / rate),
          y: Axis("max(|x|∞ − 1/λ, 0)", scale: .log(), from: 1e-10, to: 10), legend: .outside,
          // A box that the start lies in is never entered.
          series: try settings.decays.filter { settings.start * $0 > 1 }.flatMap { decay in
            let series = Series.line(
              x: steps, y: try distance.column(["decay": .init(decay), "problem": 0]), label: "λ = \(decay.brief)")
            return [series, .guide("\(settings.start - 1 / decay)*exp(\(-rate * decay)*x)")]
          })
      })
  }

  private static func flowFigure(_ results: Results) throws -> Figure {
    let settings: Settings = try results.settings()
    let panel = { (title: String, path: String, axis: Axis) in
      let trace = try results.trace(path)
      let times = Column(try trace.coordinate("step").values.map { $0 * settings.flow.step })
      return Panel(
        title: title, x: Axis("time"), y: axis, legend: .outside,
        series: try settings.flow.decays.map { decay in
          .line(x: times, y: try trace.column(["decay": .init(decay)]), label: "λ = \(decay.brief)")
        })
    }
    return Figure(
      "fig3", title: "The flow of the smooth K", mirrors: "f and the Lyapunov function in time",
      try panel("objective", "flow/value", Axis("f")),
      try panel("Lyapunov function", "flow/lyapunov", Axis("H")))
  }

  private static func optimumFigure(_ results: Results, _ settings: LeastSquares) throws -> Figure {
    let optimum = try results.tensor("optimum")
    let overProblems = { (values: RecordedArray) in
      Column(try settings.decays.map { median(try values.column(["decay": .init($0)]).values) })
    }
    let decays = Column(settings.decays)
    return Figure(
      "fig5", title: "Mean f over the last steps, median of the problems", mirrors: "objective against the weight decay",
      Panel(
        x: Axis("weight decay λ", scale: .log()), y: Axis("f", scale: .log()),
        series: [.line(x: decays, y: try overProblems(optimum), label: "projected gradient")]
          + (try settings.rates.enumerated().map { index, rate in
            .points(
              x: decays, y: try overProblems(results.tensor("lion\(index)/tail_value")),
              label: "Lion, learning rate \(rate.brief)")
          })))
  }

  private static func weightsFigure(_ results: Results, _ settings: Network) throws -> Figure {
    Figure(
      "fig6", title: "Weights of a network trained with λ = \(settings.decay.brief)", mirrors: "histogram of weights",
      Panel(
        x: Axis("weight or bias", from: -1.2 / settings.decay, to: 1.2 / settings.decay),
        y: Axis("count", from: 0, isCount: true), legend: .none,
        series: [.histogram(values: try results.tensor("weights").column(), bins: 60)],
        annotations: [
          .verticalLine(x: -1 / settings.decay, label: "−1/λ"), .verticalLine(x: 1 / settings.decay, label: "1/λ"),
        ]))
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let squares = settings.leastSquares
    let overRates = { (quantity: String) in
      try squares.rates.indices.map { try results.tensor("lion\($0)/\(quantity)") }
    }
    let places = squares.decays.flatMap { decay in (0..<squares.problems).map { (decay: decay, problem: $0) } }
    let value = { (array: RecordedArray, decay: Double, problem: Int) in
      try array.value(["decay": .init(decay), "problem": .init(problem)])
    }
    let box = try overRates("largest").flatMap { largest in
      try places.map { try value(largest, $0.decay, $0.problem) * $0.decay - 1 }
    }
    let optimum = try results.tensor("optimum")
    let smallRate = try results.tensor("lion\(squares.rates.count - 1)/tail_value")
    let excess = try places.filter { $0.decay >= 0.5 }.map {
      try value(smallRate, $0.decay, $0.problem) / value(optimum, $0.decay, $0.problem) - 1
    }
    // The constraint is inactive where the solution lies inside the widest box by the margin of the claim.
    let widest = 1 / (squares.decays.first ?? .nan)
    let largest = try results.tensor("solution_largest").column().values
    let inside = largest.indices.filter { largest[$0] < 0.95 * widest }
    let overInside = { (quantity: String) in
      try overRates(quantity).flatMap { array in try inside.map { try value(array, squares.decays[0], $0) } }
    }
    let lyapunov = try results.trace("flow/lyapunov")
    let rises = try settings.flow.decays.map { decay in
      let h = try lyapunov.column(["decay": .init(decay)]).values
      return quantile(zip(h, h.dropFirst()).map { $1 - $0 }, 1) / (quantile(h, 1) - quantile(h, 0))
    }
    let count = "\(inside.count) of \(squares.problems) problems whose solution has |z|_inf < 0.95/lambda"
    return [
      Claim(
        "exponential-entry", "Iterates enter the box exponentially fast.", source: "Phase I theorem",
        quantity: "largest d_(t+1)/d_t - (1 - lr lambda) while d_t > 1e-9, all runs",
        measured: quantile(try overRates("worst_ratio").flatMap(\.values), 1), expected: .atMost(1e-5)),
      Claim(
        "box", "They end in the box.", source: "abstract", quantity: "largest |x|_inf lambda - 1 at the end, all runs",
        measured: quantile(box, 1), expected: .atMost(1e-6)),
      Claim(
        "constrained-optimum", "Lion solves the constrained problem.", source: "Theorem 3.1",
        quantity:
          "mean f over the last \(squares.tail) steps over the optimum, less 1, the largest over lambda >= 0.5 and problems",
        measured: quantile(excess.map { abs($0) }, 1), expected: .atMost(1e-3)),
      Claim(
        "inactive-value", "Where the solution lies inside the box, Lion finds it.", source: "interior case",
        quantity: "largest f at the end, lambda = \(squares.decays[0].brief), \(count)",
        measured: quantile(try overInside("final_value"), 1), basis: largest, expected: .atMost(1e-3)),
      Claim(
        "inactive-inside", "Where the solution lies inside the box, Lion ends inside.", source: "interior case",
        quantity: "largest |x|_inf lambda at the end, lambda = \(squares.decays[0].brief), \(count)",
        measured: quantile(try overInside("largest"), 1) / widest, basis: largest, expected: .below(0.95)),
      Claim(
        "lyapunov", "H falls along the flow.", source: "continuous-time theorem",
        quantity: "largest rise of H from one step to the next over the range of H, all lambda", measured: quantile(rises, 1),
        expected: .atMost(1e-6)),
    ]
  }
}
