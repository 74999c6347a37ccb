import Diagnostics
import Notebook
import Plotting

extension GradientNormalized {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let cold = group(settings.logSumExp.temperatures.min() ?? .nan)
    return [
      try gapFigure("fig1", "log-sum-exp, least temperature", cold, "gap by iteration, for each Hessian", results),
      try radiusFigure(results, cold),
      try gapFigure("fig3", "Rosenbrock residuals", "rosenbrock", "non-convex Gauss-Newton", results),
      try solveFigure(results, cold),
      try gapFigure("fig5", "Logistic regression with flipped labels", "logistic", "exact Hessian against Fisher", results),
    ]
  }

  private static func group(_ temperature: Double) -> String { "logsumexp\(temperature.brief)" }

  private static func gapFigure(
    _ id: String, _ title: String, _ group: String, _ mirrors: String, _ results: Results
  ) throws -> Figure {
    let gap = try results.trace("\(group)/gap")
    return Figure(
      id, title: title, mirrors: mirrors,
      Panel(
        x: Axis("iteration", scale: .log()), y: Axis("f − f*", scale: .log(), from: 1e-14), legend: .outside,
        series: try gap.labels("method").enumerated().flatMap { look, method in
          try gap.banded(at: ["method": .init(method)], from: 1, label: method, style: .look(look))
        }))
  }

  private static func radiusFigure(_ results: Results, _ group: String) throws -> Figure {
    let radius = try results.trace("\(group)/radius")
    return Figure(
      "fig2", title: "Radius γ, median and range", mirrors: "adaptive radius",
      Panel(
        x: Axis("iteration", scale: .log()), y: Axis("radius γ", scale: .log(base: 2)), legend: .outside,
        series: try ["exact", "Gauss-Newton", "zero"].enumerated().flatMap { look, method in
          try radius.banded(at: ["method": .init(method)], from: 1, label: method, style: .look(look))
        }))
  }

  /// The first seed: the number of linear systems differs from seed to seed.
  private static func solveFigure(_ results: Results, _ group: String) throws -> Figure {
    let (gap, solves) = (try results.trace("\(group)/gap"), try results.trace("\(group)/solves"))
    return Figure(
      "fig4", title: "Gap by work, first problem", mirrors: "gap by linear systems solved",
      Panel(
        x: Axis("linear systems solved", scale: .log()), y: Axis("f − f*", scale: .log(), from: 1e-14), legend: .outside,
        series: try gap.labels("method").enumerated().map { look, method in
          let place: [String: Selector] = ["seed": 0, "method": .init(method)]
          let (x, y) = (try solves.column(place).values, try gap.column(place).values)
          return .line(x: Column(Array(x.dropFirst())), y: Column(Array(y.dropFirst())), label: method, style: .look(look))
        }))
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let cold = try results.trace("\(group(0.1))/gap")
    let gaps = { (method: String) in try cold.columns(at: ["method": .init(method)]) }
    let reached = { (method: String) in
      try gaps(method).map { firstHit($0) { $0 <= 1e-6 }.map(Double.init) ?? .infinity }
    }
    let (exact, gaussNewton, zero) = (try reached("exact"), try reached("Gauss-Newton"), try reached("zero"))
    let finite = try ["exact", "Gauss-Newton"].flatMap { try gaps($0).flatMap { $0 } }
    let groups = settings.logSumExp.temperatures.map(group) + ["rosenbrock"]
    let violations = try (groups + ["logistic"]).map { try largestViolation(results, $0) }
    let rosenbrock = try results.trace("rosenbrock/gap")
    let arrived = try rosenbrock.columns(at: ["method": "Gauss-Newton"]).map { gaps in
      firstHit(gaps) { $0 < 1e-20 }.map(Double.init) ?? .infinity
    }
    let work = try groups.map { try workOfSearch(results, $0) }
    let source = "rates with approximate Hessians"
    return [
      Claim(
        "hessian-quality-order-exact", "The exact Hessian is fast.", source: source,
        quantity: "iterations to a gap of 1e-6, mu = 0.1, largest over problems", measured: quantile(exact, 1),
        basis: finite, expected: .atMost(80)),
      Claim(
        "hessian-quality-order-gauss-newton", "Gauss-Newton is slower.", source: source,
        quantity: "iterations to a gap of 1e-6, mu = 0.1, largest over problems", measured: quantile(gaussNewton, 1),
        basis: finite, expected: .atMost(400)),
      Claim(
        "hessian-quality-order-zero", "Without a Hessian it is slowest.", source: source,
        quantity: "iterations to a gap of 1e-6, mu = 0.1, least over problems", measured: quantile(zero, 0),
        basis: try finite + gaps("zero").flatMap { $0 }, expected: .above(400)),
      Claim(
        "hessian-quality-order-ratio", "The exact Hessian is no slower than Gauss-Newton.", source: source,
        quantity: "iterations with the exact Hessian over those with Gauss-Newton, largest over problems",
        measured: quantile(zip(exact, gaussNewton).map { $0 / $1 }, 1), basis: finite, expected: .atMost(1)),
      Claim(
        "progress-certificate", "Every step decreases f by ||g+||^2 / (8 lambda).", source: "algorithm",
        quantity: "largest ||g+||^2 / (8 lambda) - (f - f+) while f+ - f* > 1e-9", measured: quantile(violations, 1),
        expected: .atMost(1e-12)),
      Claim(
        "gauss-newton-rosenbrock-arrives", "Gauss-Newton solves the non-convex problem.", source: "non-convex Gauss-Newton",
        quantity: "iterations to f < 1e-20, largest over starts", measured: quantile(arrived, 1), expected: .atMost(100)),
      Claim(
        "gauss-newton-rosenbrock-zero", "Without a Hessian it does not arrive.", source: "non-convex Gauss-Newton",
        quantity: "f after \(settings.rosenbrock.iterations) iterations, least over starts",
        measured: quantile(try rosenbrock.lastValues(at: ["method": "zero"]), 0), expected: .above(1e-3)),
      Claim(
        "cheap-search", "The search costs little.", source: "analysis of the adaptive search",
        quantity: "linear systems over iterations, log-sum-exp and Rosenbrock, every Hessian",
        measured: work.map(\.solves).reduce(0, +) / work.map(\.iterations).reduce(0, +), expected: .atMost(2.6)),
      Claim(
        "exact-gn-relation", "Gauss-Newton exceeds the Hessian by grad grad^T / mu.", source: "log-sum-exp example",
        quantity: "largest entry of the difference at \(settings.points) points",
        measured: quantile(try results.tensor("relation").values, 1), expected: .atMost(1e-10)),
    ]
  }

  /// The methods that are gradient-normalized smoothness with one Hessian or another.
  private static func normalized(_ trace: RecordedArray) throws -> [String] {
    try trace.labels("method").filter { !["super-universal", "descent"].contains($0) }
  }

  /// ||g+||^2 / (8 lambda) - (f - f+), from what was recorded, over the steps of all runs.
  private static func largestViolation(_ results: Results, _ group: String) throws -> Double {
    let (gap, norm) = (try results.trace("\(group)/gap"), try results.trace("\(group)/gradient"))
    let (lambda, count) = (try results.trace("\(group)/regularization"), try results.trace("\(group)/iterations"))
    var violations: [Double] = []
    for method in try normalized(gap) {
      let columns = { (trace: RecordedArray) -> [[Double]] in try trace.columns(at: ["method": .init(method)]) }
      let (gaps, norms, lambdas, counts) = (try columns(gap), try columns(norm), try columns(lambda), try columns(count))
      for run in gaps.indices {
        for k in gaps[run].indices.dropFirst() where gaps[run][k] > 1e-9 && counts[run][k] > counts[run][k - 1] {
          let promised = norms[run][k] * norms[run][k] / (8 * lambdas[run][k])
          violations.append(promised - (gaps[run][k - 1] - gaps[run][k]))
        }
      }
    }
    return quantile(violations, 1)
  }

  private static func workOfSearch(_ results: Results, _ group: String) throws -> (solves: Double, iterations: Double) {
    let (solves, count) = (try results.trace("\(group)/solves"), try results.trace("\(group)/iterations"))
    let total = { (trace: RecordedArray) in
      try normalized(trace).flatMap { try trace.lastValues(at: ["method": .init($0)]) }.reduce(0, +)
    }
    return (try total(solves), try total(count))
  }
}
