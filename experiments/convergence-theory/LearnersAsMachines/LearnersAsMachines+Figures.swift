import Diagnostics
import Foundation
import Notebook
import Plotting

extension LearnersAsMachines {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let listed = try results.tensor("maps/listed")
    let formula = try results.tensor("maps/formula")
    let sizes = try listed.coordinate("inputs")
    let counts = try sizes.values.enumerated().flatMap { look, b -> [Series] in
      let column = { (array: RecordedArray) in Column(try array.column(["outputs": .init(b)]).values.map { log2($0) }) }
      return [
        .line(x: sizes, y: try column(formula), label: "|B| = \(Int(b)), formula", style: .look(look)),
        .points(x: sizes, y: try column(listed), label: "listed", style: .look(look)),
      ]
    }
    let depth = try results.tensor("line/depth")
    let reachable = try results.tensor("line/reachable")
    let behaviours = try results.tensor("line/behaviours")
    let rates = settings.descent.rates
    let perRate = { (array: RecordedArray, coordinate: String) in
      try rates.map { rate in
        Series.line(
          x: try array.coordinate(coordinate), y: try array.column(["rate": .init(rate)]), label: "ε = \(rate.brief)")
      }
    }
    let parameter = Axis("parameter p")
    return [
      Figure(
        "fig1", title: "Maps A y^A → B y^B", mirrors: "internal hom of monomials: positions of [Ay^A, By^B]",
        Panel(
          x: Axis("|A|", isCount: true), y: Axis("log₂ of the number of maps"), legend: .outside, series: counts)),
      Figure(
        "fig2", title: "Where the error always stays below its bound", mirrors: "the operator box on {error ≤ c}",
        try alwaysPanel("line", "I(p, a) = p a", results, rates),
        try alwaysPanel("plane", "I(p, a) = tanh(p₁a + p₂)", results, rates)),
      Figure(
        "fig3", title: "Transition graph of I(p, a) = p a", mirrors: "dynamics of the quantized learner",
        Panel(
          title: "depth", x: parameter, y: Axis("fewest pairs to p* ± one step", isCount: true), legend: .outside,
          series: try perRate(depth, "parameter")),
        Panel(
          title: "reach", x: parameter, y: Axis("share of parameters that can be reached"), legend: .outside,
          series: try perRate(reachable, "parameter"))),
      Figure(
        "fig4", title: "Behaviours told apart by error ≤ \(settings.descent.observed.brief)",
        mirrors: "minimal machine of the quantized learner",
        Panel(
          x: Axis("grid step", scale: .log()), y: Axis("bisimulation classes", scale: .log()),
          series: try rates.map { rate in
            .linesPoints(
              x: try behaviours.coordinate("grid"), y: try behaviours.column(["rate": .init(rate)]), label: "ε = \(rate.brief)")
          })),
    ]
  }

  private static func alwaysPanel(_ name: String, _ title: String, _ results: Results, _ rates: [Double]) throws -> Panel {
    let (holding, always) = (try results.tensor("\(name)/holding"), try results.tensor("\(name)/always"))
    return Panel(
      title: title, x: Axis("bound c on the error", scale: .log()), y: Axis("parameters", scale: .log(), from: 1),
      legend: .outside,
      series: [
        .line(
          x: try holding.coordinate("bound"), y: try holding.column(["rate": .init(rates[0])]), label: "error ≤ c",
          style: Style(look: 0, width: 3))
      ]
        + (try rates.enumerated().map { i, rate in
          .linesPoints(
            x: try always.coordinate("bound"), y: try always.column(["rate": .init(rate)]), label: "always, ε = \(rate.brief)",
            style: .look(i + 1))
        }))
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let total = { (path: String) in try results.tensor(path).values.reduce(0, +) }
    let differences = zip(try results.tensor("maps/listed").values, try results.tensor("maps/formula").values).map {
      abs($0 - $1)
    }
    let adjunction = try results.tensor("closed/violations").column(["law": "adjunction"]).values
    let lost = { (rate: Double) in
      let columns = try ["holding", "always"].map { try results.tensor("line/\($0)").column(["rate": .init(rate)]).values }
      return zip(columns[0], columns[1]).map { $0 - $1 }
    }
    let rates = settings.descent.rates
    return [
      Claim(
        "hom-formula", "A position of [Ay^A, By^B] is a lens.", source: "internal hom of monomials",
        quantity: "largest difference of the listed maps and |B|^|A| |A|^(|A||B|)", measured: quantile(differences, 1),
        expected: .exactly(0)),
      Claim(
        "adjunction-counts", "Poly is monoidal closed.", source: "monoidal closure",
        quantity: "triples with |Poly(p (x) q, r)| other than |Poly(p, [q, r])|, of \(adjunction.count)",
        measured: adjunction.reduce(0, +), expected: .exactly(0)),
      Claim(
        "learner-coalgebra-roundtrip", "Learners are coalgebras, and compose as such.", source: "main correspondence",
        quantity: "tables that differ, of \(3 * settings.finite.pairs)", measured: try total("learners/mismatches"),
        expected: .exactly(0)),
      Claim(
        "box-is-closed", "Box is the largest closed subset.", source: "logic section",
        quantity: "violations over \(settings.finite.machines) machines", measured: try total("always/violations"),
        expected: .exactly(0)),
      Claim(
        "gd-invariant-interval-contractive", "Contractive gradient descent never leaves an error bound.",
        source: "gradient-descent example (our instance)", quantity: "most parameters lost over the bounds c, eps = 0.1",
        measured: rates.contains(0.1) ? quantile(try lost(0.1), 1) : .nan, expected: .exactly(0)),
      Claim(
        "gd-invariant-interval-expanding", "With eps a² > 2 it does.", source: "gradient-descent example (our instance)",
        quantity: "fewest parameters lost over the bounds c, eps = 0.6",
        measured: rates.contains(0.6) ? quantile(try lost(0.6), 0) : .nan,
        expected: .atLeast(1)),
    ]
  }
}
