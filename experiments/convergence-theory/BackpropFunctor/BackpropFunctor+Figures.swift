import Diagnostics
import Foundation
import Notebook
import Plotting

extension BackpropFunctor {
  package static func figures(from results: Results) throws -> [Figure] {
    let laws = try results.tensor("laws/discrepancy")
    let drawn = ["update", "request", "back-propagation", "layer"]
    let panels = try laws.labels("error").map { error in
      Panel(
        title: error, x: Axis("log₁₀ of the discrepancy", from: -18, to: -13), y: Axis("draws", isCount: true), legend: .outside,
        series: try drawn.map { law in
          let values = try laws.column(["error": .init(error), "law": .init(law)]).values
          // What agrees to the last bit has no logarithm.
          return .histogram(values: Column(values.map { log10(max($0, 1e-18)) }), bins: 12, label: law)
        })
    }
    let training = try results.trace("training/error")
    let step = Axis("step", from: 0)
    let absolute = try results.tensor("absolute/discrepancy")
    return [
      Figure(
        "fig1", title: "Functor law: both sides, over draws (−18: no difference at all)",
        mirrors: "main theorem: the functor L", panels: panels, columns: 3),
      Figure(
        "fig2", title: "A network for sin x", mirrors: "consequence of the main theorem: the same training",
        Panel(
          title: "error", x: step, y: Axis("mean squared error", scale: .log()),
          series: try training.labels("method").enumerated().map { look, method in
            .line(
              x: try training.coordinate("step"), y: try training.column(["method": .init(method)]), label: method,
              style: Style(look: look, width: look == 0 ? 3 : 1))
          }),
        Panel(
          title: "largest difference of a parameter", x: step, y: Axis("difference", scale: .log(), from: 1e-17, to: 1e-7),
          series: [
            .line(
              x: try training.coordinate("step"), y: try results.trace("training/difference").column(),
              label: "learners − gradient"),
            .guide("1e-8", label: "claim"),
          ])),
      Figure(
        "fig3", title: "|x − y|, whose slope has no inverse", mirrors: "hypothesis of the main theorem",
        Panel(
          x: Axis("step size ε", scale: .log()), y: Axis("discrepancy of the functor law", scale: .log()),
          series: try ["update", "request"].flatMap { law in
            try absolute.banded(over: "draw", at: ["law": .init(law)], label: "\(law), median and range")
          })),
    ]
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let laws = try results.tensor("laws/discrepancy")
    let errors = try laws.labels("error")
    let worst = { (errors: [String], names: [String]) in
      quantile(
        try errors.flatMap { error in
          try names.flatMap { try laws.column(["error": .init(error), "law": .init($0)]).values }
        }, 1)
    }
    let absolute = try results.tensor("absolute/discrepancy")
    let parts =
      settings.rates.contains(settings.rate)
      ? try ["update", "request"].map { try absolute.column(["rate": .init(settings.rate), "law": .init($0)]).values } : [[], []]
    let difference = try results.trace("training/difference").column().values
    return [
      Claim(
        "functoriality", "The learner of a composed function is the composition of the learners.", source: "main theorem",
        quantity: "largest discrepancy of implement, update and request over draws and three errors",
        measured: try worst(errors, ["implement", "update", "request"]), expected: .atMost(1e-10)),
      Claim(
        "equals-backprop", "The composed update is a gradient step on the whole error.", source: "main theorem",
        quantity: "largest relative discrepancy from p - eps grad E over draws, quadratic error",
        measured: try worst(["quadratic"], ["back-propagation"]), expected: .atMost(1e-12)),
      Claim(
        "monoidal-laws", "Learners form a symmetric monoidal category.", source: "Learn is symmetric monoidal",
        quantity: "largest discrepancy of associativity, identity and interchange over draws and three errors",
        measured: try worst(errors, ["associativity", "identity", "interchange"]), expected: .atMost(1e-12)),
      Claim(
        "invertibility-needed", "Without an invertible slope the law fails.", source: "hypothesis of the main theorem",
        quantity: "share of draws with a discrepancy of update or request above 1e-2, error |x - y|, eps = \(settings.rate)",
        measured: mean(zip(parts[0], parts[1]).map { max($0, $1) > 1e-2 ? 1 : 0 }), basis: parts.flatMap { $0 },
        expected: .atLeast(0.8)),
      Claim(
        "same-training", "Composed learners train as gradient descent does.", source: "consequence of the main theorem",
        quantity: "largest difference of a parameter over \(settings.training.steps) steps",
        measured: quantile(difference, 1), expected: .atMost(1e-8)),
    ]
  }
}
