import Lenses
import Tensors
import Testing
import Transforms

/// Arguments of order one through two smooth layers and an inverted slope: a few dozen roundings.
private let rounding = 1e-12

@Suite struct ErrorFunctionTests {
  private static var errors: [ErrorFunction<Double>] { [.quadratic, .crossEntropy, .hyperbolicCosine] }

  @Test(arguments: 0..<3) func slopeAndTargetBelongToTheValue(_ number: Int) {
    let error = Self.errors[number]
    let x = Vector.uniform([20], in: 0.1..<0.9, key: Key(seed: 1))
    let y = Vector.uniform([20], in: 0.1..<0.9, key: Key(seed: 2))
    #expect(largest(error.slope(x, y), grad { error.value($0, y).sum() }(x)) < rounding)
    #expect(largest(error.target(x, error.slope(x, y)), y) < rounding)
    let slope = Vector.normal([20], standardDeviation: 3, key: Key(seed: 3))
    #expect(largest(error.slope(x, error.target(x, slope)), slope) < rounding)
  }
}

@Suite struct LearnerTests {
  /// A dense layer, its weights the parameters.
  private func model(_ parameters: Vector, _ input: Vector) -> Vector { matmul(parameters, input).sigmoid() }

  private func discrepancies(
    rate: Double, error: ErrorFunction<Double>, second: ErrorFunction<Double>, _ key: Key
  ) -> (update: Double, request: Double) {
    let (first, next) = (model, model)
    let whole = Learner<Pair<Vector, Vector>, Vector, Vector>(
      descending: { next($0.second, first($0.first, $1)) }, rate: rate, error: error)
    let parts = Learner<Vector, Vector, Vector>(descending: first, rate: rate, error: error).then(
      Learner<Vector, Vector, Vector>(descending: next, rate: rate, error: second))
    let p = Pair(Vector.normal([4, 3], key: key[0]), Vector.normal([2, 4], key: key[1]))
    let (a, b) = (Vector.uniform([3], key: key[2]), Vector.uniform([2], key: key[3]))
    #expect(largest(whole.implement(p, a), parts.implement(p, a)) < rounding)
    let (x, y) = (whole.update(p, a, b), parts.update(p, a, b))
    return (
      max(largest(x.first, y.first), largest(x.second, y.second)), largest(whole.request(p, a, b), parts.request(p, a, b))
    )
  }

  @Test(arguments: 0..<3) func backPropagationIsAFunctor(_ number: Int) {
    let errors = [ErrorFunction<Double>.quadratic, .crossEntropy, .hyperbolicCosine]
    let good = discrepancies(rate: 0.3, error: errors[number], second: errors[number], Key(seed: 4))
    #expect(good.update < rounding && good.request < rounding)
    // The target of another error for the first learner breaks it.
    let mixed = discrepancies(rate: 0.3, error: errors[number], second: errors[(number + 1) % 3], Key(seed: 4))
    #expect(mixed.update > 1e-4)
  }

  @Test func absoluteErrorDoesNotCompose() {
    let bad = discrepancies(rate: 0.3, error: .absolute, second: .absolute, Key(seed: 4))
    #expect(bad.update > 1e-2)
  }

  @Test func chainIsComposition() {
    let link = Learner<Vector, Vector, Vector>(
      descending: { ($0 * $1).tanh() }, rate: 0.2, error: ErrorFunction<Double>.quadratic)
    let chain = Learner<[Vector], Vector, Vector>.chain([link, link, link])
    let draws = (0..<5).map { Vector.normal([3], key: Key(seed: 5)[$0]) }
    let nested = link.then(link).then(link).put(Pair(Pair(draws[0], draws[1]), draws[2]), draws[3], draws[4])
    let flat = chain.put(Array(draws[..<3]), draws[3], draws[4])
    #expect(flat.first == [nested.first.first.first, nested.first.first.second, nested.first.second])
    #expect(flat.second == nested.second)
  }

  /// Against the definition of the composition, written out, with the parameters as they were.
  @Test func compositionIsTheDefinition() {
    let make = { (shift: Int) in
      Learner<Int, Int, Int> { p, a in
        (p + a + shift) % 5
      } update: { p, a, b in
        (2 * p + 3 * a + b) % 5
      } request: { p, a, b in
        (p * p + a * b + shift) % 5
      }
    }
    let (f, g) = (make(1), make(2))
    let both = f.then(g)
    for digits in 0..<625 {
      let (p, q, a, c) = (digits % 5, digits / 5 % 5, digits / 25 % 5, digits / 125)
      let b = f.implement(p, a)
      let wanted = g.request(q, b, c)
      #expect(both.implement(Pair(p, q), a) == g.implement(q, b))
      #expect(both.update(Pair(p, q), a, c) == Pair(f.update(p, a, wanted), g.update(q, b, c)))
      #expect(both.request(Pair(p, q), a, c) == f.request(p, a, wanted))
    }
  }
}

@Suite struct OptimizerLensTests {
  private typealias Run<State> = (parameters: Vector, state: State)

  /// The points of 3 steps on sum(l x^2) / 2, the change -rate l x at the point that `get` gives.
  private func points<State>(_ optimizer: OptimizerLens<State, Vector>, from state: State, rate: Double) -> [Double] {
    var now = Pair(state, Vector([1, -2]))
    for _ in 0..<3 { now = optimizer.put(now, Vector([3, 0.5]) * optimizer.get(now) * -rate) }
    return now.second.scalars
  }

  /// The numbers are of References/optimizers.py.
  @Test func followTheReference() {
    let start = Vector([1, -2])
    let runs = [
      ("gd", points(.gradientDescent(), from: Unit(), rate: 0.1)),
      ("momentum", points(.momentum(0.9), from: start.map { _ in 0 }, rate: 0.1)),
      ("nesterov", points(.momentum(0.9, looksAhead: true), from: start.map { _ in 0 }, rate: 0.1)),
      ("adagrad", points(.adagrad(rate: 0.1), from: start.map { _ in 0 }, rate: 1)),
      ("adam", points(.adam(rate: 0.1), from: Moments(before: start), rate: 1)),
    ]
    for (name, point) in runs {
      let expected = reference[name] ?? []
      #expect(zip(point, expected).allSatisfy { abs($0 - $1) < 1e-13 } && expected.count == 2, "\(name): \(point)")
    }
  }

  private let reference: [String: [Double]] = [
    "gd": [0.34299999999999997, -1.71475],
    "momentum": [-0.27800000000000025, -1.4627499999999998],
    "nesterov": [-0.04067000000000004, -1.4791975],
    "adagrad": [0.7804561871523672, -1.775821532937527],
    "adam": [0.7015862724265687, -1.7006233943434113],
  ]
}
