import Diagnostics
import Foundation
import Notebook
import Plotting

extension DiffGradFriction {
  package static func figures(from results: Results) throws -> [Figure] {
    try ["F1", "F2", "F3"].enumerated().map { try functionFigure(results, $1, number: $0 + 1) } + [
      try frictionFigure(results), try lossFigure(results),
    ]
  }

  private static func functionFigure(_ results: Results, _ function: String, number: Int) throws -> Figure {
    let points = (0...400).map { -1 + Double($0) / 200 }
    let panel = { (name: String, label: String, legend: Legend) in
      Panel(
        title: label, x: Axis("iteration"), y: Axis(label), legend: legend,
        series: try Rule.allCases.map { rule in
          let trace = try results.trace("functions/\(rule.rawValue)/\(name)")
          return .line(x: try trace.coordinate("step"), y: try trace.column(["function": .init(function)]), label: rule.rawValue)
        })
    }
    let shape = Panel(
      title: "the function", x: Axis("x"), y: Axis("F\(number)(x)"), legend: .none,
      series: [.line(x: Column(points), y: Column(curve(number - 1, at: points)))])
    return Figure(
      "fig\(number)", title: "F\(number): Adam, diffGrad, and diffGrad with frozen friction", mirrors: "Figure \(number + 1)",
      panels: [shape, try panel("x", "x", .none), try panel("value", "F\(number)(x)", .outside)], columns: 3)
  }

  private static func frictionFigure(_ results: Results) throws -> Figure {
    let count = try results.trace("\(Rule.diffGrad.rawValue) friction/count")
    let steps = try count.coordinate("step").values
    let shown = [steps[1], steps[steps.count / 2], steps[steps.count - 1]]
    return Figure(
      "fig4", title: "Friction ξ of the coordinates of the network", mirrors: "friction during training",
      Panel(
        x: Axis("friction less its least value, ξ − 1/2", scale: .log()), y: Axis("coordinates", isCount: true),
        series: try shown.map { step in
          .line(x: try count.coordinate("excess"), y: try count.column(["step": .init(step)]), label: "step \(Int(step))")
        }))
  }

  private static func lossFigure(_ results: Results) throws -> Figure {
    let settings: Settings = try results.settings()
    let panels = try settings.network.rates.enumerated().map { i, rate in
      Panel(
        title: "η = \(rate)", x: Axis("step"), y: Axis("training loss", scale: .log()), legend: i == 1 ? .bottomLeft : .none,
        series: try Rule.allCases.flatMap { rule in
          try results.trace("\(rule.rawValue)/training loss").banded(at: ["rate": .init(rate)], label: rule.rawValue)
        })
    }
    return Figure("fig5", title: "Perceptron, median and range over seeds", mirrors: "training curves", panels: panels)
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let path = { (rule: String, function: String) in
      try results.trace("functions/\(rule)/x").column(["function": .init(function)]).values
    }
    let value = { (rule: Rule, function: String) in
      try results.trace("functions/\(rule.rawValue)/value").column(["function": .init(function)]).values.last ?? .nan
    }
    let (adam, diffGrad, frozen) = (Rule.adam.rawValue, Rule.diffGrad.rawValue, Rule.frozen.rawValue)
    let largestGap = { (a: String, b: String, functions: [String]) in
      quantile(try functions.flatMap { f in zip(try path(a, f), try path(b, f)).map { abs($0 - $1) } }, 1)
    }
    let extreme = { (rule: Rule, name: String) in try results.trace("\(rule.rawValue) friction/\(name)").column().values }
    let overshoot = { (name: String, rule: String, minimum: Double) in
      Claim(
        "overshoot-\(name)", "diffGrad stays in the deeper minimum of F1, Adam flies past it into the other.", source: "Figure 2",
        quantity: "distance of \(rule) from \(minimum) after the last iteration",
        measured: abs((try path(rule, "F1").last ?? .nan) - minimum), expected: .atMost(0.02))
    }
    let range = { (name: String, statement: String, quantity: String, measured: Double, expected: Expectation) in
      Claim(
        "friction-range-\(name)", statement, source: "definition; history of the code", quantity: quantity, measured: measured,
        expected: expected)
    }
    return [
      try overshoot("diffgrad", diffGrad, -0.3),
      try overshoot("adam", adam, 0.2),
      Claim(
        "f2-lower", "diffGrad ends in a lower minimum of F2 than Adam.", source: "Figure 3",
        quantity: "F2 where Adam ends less F2 where diffGrad ends", measured: try value(.adam, "F2") - value(.diffGrad, "F2"),
        expected: .atLeast(0.1)),
      range(
        "least", "Friction lies between 1/2 and 1.", "least recorded friction", quantile(try extreme(.diffGrad, "least"), 0),
        .within(0.5...1)),
      range(
        "largest", "Friction lies between 1/2 and 1.", "largest recorded friction",
        quantile(try extreme(.diffGrad, "largest"), 1),
        .within(0.5...1)),
      range(
        "frozen", "With an aliased previous gradient every friction is 1/2.", "largest distance of a recorded friction from 1/2",
        quantile(try (extreme(.frozen, "least") + extreme(.frozen, "largest")).map { abs($0 - 0.5) }, 1), .exactly(0)),
      range(
        "frozen-is-adam", "With an aliased previous gradient diffGrad is Adam with half the rate.",
        "largest distance between the two trajectories on the three functions",
        try largestGap(frozen, "Adam at half the rate", ["F1", "F2", "F3"]), .atMost(1e-12)),
      Claim(
        "friction-is-live", "The previous gradient matters.", source: "second version of the code",
        quantity: "largest distance between diffGrad with and without frozen friction on F1",
        measured: try largestGap(diffGrad, frozen, ["F1"]), expected: .above(0.01)),
    ]
  }
}
