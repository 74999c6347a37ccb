import Diagnostics
import Foundation
import Notebook
import Plotting

extension SuperpositionalDescent {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    return [
      try lossFigure(settings, results), try strengthFigure(settings, results), try circuitFigure(results),
      try shareFigure(settings, results),
    ]
  }

  private static func lossFigure(_ settings: Settings, _ results: Results) throws -> Figure {
    let methods = [("AdamW", "AdamW")] + settings.strengths.map { (name($0), "λ = \($0.brief)") }
    let panel = { (measure: String, legend: Legend) in
      Panel(
        x: Axis("step"), y: Axis(measure, scale: .log()), legend: legend,
        series: try methods.flatMap { method, label in
          let trace = try results.trace("\(method)/\(measure)")
          return try trace.banded(at: ["rate": .init(settings.rate)], label: label)
        })
    }
    return Figure(
      "fig1", title: "Sequences: median and range over seeds", mirrors: "loss against AdamW", try panel("training loss", .none),
      try panel("test loss", .outside))
  }

  private static func strengthFigure(_ settings: Settings, _ results: Results) throws -> Figure {
    let losses = try settings.strengths.map { try finalLosses(name($0), settings, results) }
    let x = Column(settings.strengths)
    let adamW = median(try finalLosses("AdamW", settings, results))
    return Figure(
      "fig2", title: "After the last step: median and range over seeds", mirrors: "final loss",
      Panel(
        x: Axis("strength λ"), y: Axis("final training loss", scale: .log()), legend: .outside,
        series: [
          .band(
            x: x, lower: Column(losses.map { quantile($0, 0) }), upper: Column(losses.map { quantile($0, 1) })),
          .linesPoints(x: x, y: Column(losses.map(median)), label: "superpositional"),
          .line(x: x, y: Column(x.values.map { _ in adamW }), label: "AdamW, median"),
        ]))
  }

  private static func finalLosses(_ method: String, _ settings: Settings, _ results: Results) throws -> [Double] {
    try results.trace("\(method)/training loss").lastValues(at: ["rate": .init(settings.rate)])
  }

  private static func circuitFigure(_ results: Results) throws -> Figure {
    let expectation = try results.tensor("expectation")
    let theta = try expectation.coordinate("theta")
    return Figure(
      "fig3", title: "What the circuit multiplies the gradient with", mirrors: "circuit",
      Panel(
        x: Axis("parameter θ"), y: Axis("−⟨Z⟩ of the first qubit"), legend: .outside,
        series: try expectation.labels("circuit").map { circuit in
          .linesPoints(
            x: theta, y: Column(try expectation.column(["circuit": .init(circuit)]).values.map { -$0 }), label: circuit)
        } + [.guide("sin(pi*x)", label: "sin πθ")]))
  }

  private static func shareFigure(_ settings: Settings, _ results: Results) throws -> Figure {
    Figure(
      "fig4", title: "Perturbation, median and range over seeds", mirrors: "size of the perturbation",
      Panel(
        x: Axis("step"), y: Axis("‖λQ‖ / ‖update‖", scale: .log()), legend: .outside,
        series: try settings.strengths.filter { $0 > 0 }.flatMap { strength in
          let share = try results.trace("\(name(strength))/share")
          return try share.banded(at: ["rate": .init(settings.rate)], from: 1, label: "λ = \(strength.brief)")
        }))
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let expectation = try results.tensor("expectation")
    let errors = zip(
      try expectation.coordinate("theta").values, try expectation.column(["circuit": "one qubit"]).values
    ).map { abs($1 + sin(.pi * $0)) }
    // Step 0 comes before the first perturbation.
    let last = { (trace: String) in
      try settings.strengths.flatMap { strength in
        try results.trace("\(name(strength))/\(trace)").lastValues(at: ["rate": .init(settings.rate)])
      }
    }
    return [
      Claim(
        "circuit-identity", "<Z> of Ry(pi theta) H |0> is -sin(pi theta).", source: "framework section",
        quantity: "largest |<Z> + sin(pi theta)| over theta in [-1, 1]", measured: quantile(errors, 1), expected: .atMost(1e-12)),
      Claim(
        "reduces-to-adam", "With strength 0 the rule is Adam without bias correction, epsilon inside the root.",
        source: "update rule", quantity: "largest difference of a parameter along the run",
        measured: quantile(try results.trace("comparison/difference").column().values, 1), expected: .exactly(0)),
      Claim(
        "reduces-to-adam-beyond", "Coordinates without a qubit are not perturbed.", source: "update rule",
        quantity: "largest |Q| of a coordinate beyond n_q, all steps and runs", measured: quantile(try last("beyond"), 1),
        expected: .exactly(0)),
      Claim(
        "bounded-perturbation", "The perturbation is no larger than the gradient.", source: "update rule",
        quantity: "largest |Q| / |g| of a coordinate, all steps and runs", measured: quantile(try last("ratio"), 1),
        expected: .atMost(1)),
    ]
  }
}
