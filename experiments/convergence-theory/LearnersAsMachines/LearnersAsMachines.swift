import Lenses
import Notebook
import Tensors
import Transforms

/// Learners' Languages (Spivak, ACT 2021).
///
/// **Shows**: a learner A -> B is a Moore machine whose interface is the internal hom [A y^A, B y^B] of polynomial functors: what it shows
/// is a lens, what it is told is a training pair. Propositions about learning are then sets of states closed under the dynamics, and
/// gradient descent can be asked what it will always be.
///
/// **Here**: (1) maps of polynomials counted and listed; unit, symmetry and adjunction on random small ones; (2) finite random learners
/// turned into machines and back, and composed on either side; "always" against all closed subsets of small machines; (3) gradient
/// descent on a grid of parameters, rounded to the nearest one, for I(p, a) = p a and for tanh(p1 a + p2), with the largest set on
/// which an error bound always holds, depths, and the number of behaviours that the truth of the bound tells apart. The target p* = 0.5
/// (tanh: (0.5, 0.25)), the bounds c and the step 0.6 that overshoots are ours; the error is the mean over the training pairs.
package enum LearnersAsMachines: Experiment {
  package static let paper = Paper(
    slug: "learners-poly-coalgebra", title: "Learners' Languages", authors: ["David I. Spivak"], year: 2021, arxiv: "2103.01189",
    shows: """
      A learner is a dynamical system whose interface is an internal hom of polynomial functors: its output at each moment is a lens and
      its input a training pair. Propositions about learning are sets of states closed under the dynamics.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("polynomials (1)") package var polynomials = Polynomials()
    @Setting("finite learners (2)") package var finite = Finite()
    @Setting("gradient descent on a grid (3)") package var descent = Descent()
    package init() {}
  }

  package struct Polynomials: Codable, Sendable {
    @Setting("largest |A| and |B| of the monomials") package var largest = 3
    @Setting("random triples p, q, r") package var triples = 200
    @Setting("most positions of a random polynomial") package var positions = 3
    @Setting("most directions at a position") package var directions = 3
    package init() {}
  }

  package struct Finite: Codable, Sendable {
    @Setting("random pairs of learners") package var pairs = 100
    @Setting("|A|, |B| and |C| of learners A -> B -> C") package var sets = [3, 2, 3]
    @Setting("parameters of each learner") package var parameters = 5
    @Setting("random machines whose subsets are all looked at") package var machines = 30
    @Setting("their states") package var states = 10
    @Setting("their inputs") package var inputs = 2
    package init() {}
  }

  package struct Descent: Codable, Sendable {
    @Setting("distance of neighbouring parameters") package var step = 0.01
    @Setting("distances at which behaviours are counted") package var steps = [0.08, 0.04, 0.02, 0.01, 0.005]
    @Setting("bound on |p|") package var bound = 2.0
    @Setting("p*") package var target = 0.5
    @Setting("inputs a of the training pairs") package var inputs = [0.5, 1, 2]
    @Setting("step sizes eps") package var rates = [0.1, 0.4, 0.6]
    @Setting("bounds c on the error") package var errors = [0.01, 0.03, 0.1, 0.3, 1]
    @Setting("the bound whose truth is observed when behaviours are counted") package var observed = 0.1
    @Setting("grid points on a side of the plane of tanh(p1 a + p2)") package var planeSide = 41
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.polynomials.triples = 10
      settings.polynomials.directions = 2
      settings.finite.pairs = 5
      settings.finite.machines = 2
      settings.descent.planeSide = 9
    case .quick: break
    case .full:
      settings.polynomials.triples = 1000
      settings.finite.pairs = 1000
      settings.descent.steps = [0.08, 0.04, 0.02, 0.01, 0.005, 0.002, 0.001]
      settings.descent.planeSide = 101
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    try countMaps(settings.polynomials, notebook)
    try compareLearners(settings.finite, notebook)
    try compareAlways(settings.finite, notebook)
    try descend(settings.descent, notebook)
  }

  /// (1): the positions of [A y^A, B y^B], listed, and their number; the laws of the closed structure on random polynomials.
  private static func countMaps(_ polynomials: Polynomials, _ notebook: Recorder) throws {
    let sizes = Array(1...polynomials.largest)
    let grid = sizes.flatMap { a in sizes.map { (a: a, b: $0) } }
    let dimensions = [Dimension("inputs", sizes, "|A|"), Dimension("outputs", sizes, "|B|")]
    let listed = grid.map { a, b in
      Double(PolynomialFunctor.monomial(a, a).maps(to: .monomial(b, b)).reduce(0) { count, _ in count + 1 })
    }
    let shape = [sizes.count, sizes.count]
    try notebook.tensor("maps/listed", Tensor(shape: shape, listed), "maps A y^A -> B y^B, listed", along: dimensions)
    let formula = grid.map { a, b in power(b, a) * power(a, a * b) }
    try notebook.tensor("maps/formula", Tensor(shape: shape, formula), "|B|^|A| |A|^(|A||B|)", along: dimensions)
    let directions = grid.map { a, b in
      // The hom has one position for each map, each with |A||B| directions.
      let hom = PolynomialFunctor.hom(.monomial(a, a), .monomial(b, b))
      return hom == .monomial(Int(power(b, a) * power(a, a * b)), a * b) ? 1.0 : 0
    }
    try notebook.tensor(
      "maps/hom", Tensor(shape: shape, directions), "whether the internal hom is the monomial of lenses and pairs",
      along: dimensions)

    let random = { (key: Key) -> PolynomialFunctor in
      let count = Int(Tensor<Int32>.integers([1], in: 1..<Int32(polynomials.positions + 1), key: key.named("positions"))[0])
      let directions = Tensor<Int32>.integers(
        [count], in: 0..<Int32(polynomials.directions + 1), key: key.named("directions"))
      return PolynomialFunctor(directions.scalars.map(Int.init))
    }
    let laws = notebook.key("triples").split(polynomials.triples).flatMap { key -> [Double] in
      let (p, q, r) = (random(key[0]), random(key[1]), random(key[2]))
      return [
        p.parallel(q).mapCount(to: r) == p.mapCount(to: .hom(q, r)),
        p.parallel(.y) == p && PolynomialFunctor.y.parallel(p) == p,
        PolynomialFunctor.hom(.y, p).isIsomorphic(to: p),
        p.parallel(q).isIsomorphic(to: q.parallel(p)) && p.parallel(q).parallel(r) == p.parallel(q.parallel(r)),
      ].map { $0 ? 0 : 1 }
    }
    try notebook.tensor(
      "closed/violations", Tensor(shape: [polynomials.triples, 4], laws), "1 where a law fails",
      along: [
        Dimension("triple", count: polynomials.triples, "draw of p, q and r"),
        Dimension("law", ["adjunction", "unit", "hom from y", "product"], "law of the closed structure"),
      ])
  }

  private static func power(_ base: Int, _ exponent: Int) -> Double { (0..<exponent).reduce(1.0) { p, _ in p * Double(base) } }

  /// (2): learner to machine and back, and composition before or after.
  private static func compareLearners(_ finite: Finite, _ notebook: Recorder) throws {
    let (a, b, c) = (finite.sets[0], finite.sets[1], finite.sets[2])
    let mismatches = notebook.key("learners").split(finite.pairs).flatMap { key -> [Double] in
      let f = FiniteLearner.random(.init(inputs: a, outputs: b, parameters: finite.parameters), key: key[0])
      let g = FiniteLearner.random(.init(inputs: b, outputs: c, parameters: finite.parameters), key: key[1])
      let composed = f.then(g)
      let machines = f.machine.composed(with: g.machine, middle: b, outputs: c)
      return [
        FiniteLearner(f.machine, inputs: a, outputs: b) == f, machines == composed.machine,
        FiniteLearner(machines, inputs: a, outputs: c) == composed,
      ].map { $0 ? 0 : 1 }
    }
    try notebook.tensor(
      "learners/mismatches", Tensor(shape: [finite.pairs, 3], mismatches), "1 where the tables differ",
      along: [
        Dimension("pair", count: finite.pairs, "draw of two learners"),
        Dimension("way", ["there and back", "composed machines", "composed machines as learner"], "what is compared"),
      ])
  }

  /// (2): "always" against the union of all closed subsets.
  private static func compareAlways(_ finite: Finite, _ notebook: Recorder) throws {
    let violations = notebook.key("machines").split(finite.machines).flatMap { key -> [Double] in
      let machine = MooreMachine<Bool>.random(states: finite.states, inputs: finite.inputs, key: key)
      let always = machine.always(machine.outputs)
      var union = [Bool](repeating: false, count: finite.states)
      for number in 0..<1 << finite.states {
        let set = (0..<finite.states).map { (number >> $0) & 1 == 1 }
        if machine.isClosed(set), zip(set, machine.outputs).allSatisfy({ !$0 || $1 }) { union = zip(union, set).map { $0 || $1 } }
      }
      return [machine.isClosed(always), zip(always, machine.outputs).allSatisfy { !$0 || $1 }, always == union].map { $0 ? 0 : 1 }
    }
    try notebook.tensor(
      "always/violations", Tensor(shape: [finite.machines, 3], violations), "1 where \"always\" is not what it should be",
      along: [
        Dimension("machine", count: finite.machines, "draw of a machine and a proposition"),
        Dimension("property", ["closed", "contained", "union of closed subsets"], "property"),
      ])
  }

  /// (3): gradient descent on grids.
  private static func descend(_ descent: Descent, _ notebook: Recorder) throws {
    let rates = Dimension("rate", descent.rates, "step size eps")
    let bounds = Dimension("bound", descent.errors, "bound c on the error")
    let line = descent.rates.map { QuantizedDescent.line(descent, rate: $0, step: descent.step) }
    let side = descent.planeSide
    let plane = descent.rates.map { QuantizedDescent.plane(descent, rate: $0, side: side) }
    for (name, grids) in [("line", line), ("plane", plane)] {
      let counts = grids.flatMap { grid in descent.errors.map { grid.always($0) } }
      try notebook.tensor(
        "\(name)/holding", Tensor(shape: [grids.count, descent.errors.count], counts.map { Double($0.holding) }),
        "parameters with an error of at most c", along: [rates, bounds])
      try notebook.tensor(
        "\(name)/always", Tensor(shape: [grids.count, descent.errors.count], counts.map { Double($0.always) }),
        "parameters whose error will always be at most c", along: [rates, bounds])
    }
    let states = Dimension("parameter", line[0].parameters.map { $0[0] }, "parameter p")
    let depths = line.flatMap { $0.depths }
    try notebook.tensor(
      "line/depth", Tensor(shape: [line.count, states.count], depths), "fewest training pairs to within a grid step of p*",
      along: [rates, states])
    try notebook.tensor(
      "line/reachable", Tensor(shape: [line.count, states.count], line.flatMap { $0.reachableShares }),
      "share of the parameters that can be reached", along: [rates, states])
    let classes = descent.rates.flatMap { rate in
      descent.steps.map { QuantizedDescent.line(descent, rate: rate, step: $0).behaviours(observing: descent.observed) }
    }
    try notebook.tensor(
      "line/behaviours", Tensor(shape: [line.count, descent.steps.count], classes.map(Double.init)),
      "behaviours told apart by whether the error is at most \(descent.observed)",
      along: [rates, Dimension("grid", descent.steps, "distance of neighbouring parameters")])
  }
}
