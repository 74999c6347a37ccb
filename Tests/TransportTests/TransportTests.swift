import Foundation
import Tensors
import Testing
import Transforms
import Transport

/// What POT finds: References/transport.py.
struct References: Decodable {
  struct Entropic: Decodable {
    var plan: [Double]
    var cost: Double
  }
  var exactCost, assignmentCost: Double
  var exactPlan: [Double]
  var wide, narrow: Entropic

  static func load() throws -> References {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "References/transport.json")
    return try JSONDecoder().decode(References.self, from: Data(contentsOf: file))
  }
}

/// The problem of References/transport.py.
struct Sample {
  let squares: Tensor<Double>
  let cost: Tensor<Double>
  let a: Tensor<Double>
  let b: Tensor<Double>

  init() {
    let (i, j) = (Tensor<Double>.arange(30), Tensor<Double>.arange(20))
    let x = Tensor.stack([(1.7 * i).cos(), (0.9 * i).sin()], axis: 1)
    let y = Tensor.stack([1.5 + (1.3 * j).sin(), (2.1 * j).cos()], axis: 1)
    squares = squaredDistances(x, y)
    cost = squares / squares.max()
    let (a, b) = (2 + i.sin(), 2 + (3 * j).cos())
    self.a = a / a.sum()
    self.b = b / b.sum()
  }

  func problem(_ regularization: Double) -> TransportProblem {
    TransportProblem(cost: cost, a: a, b: b, regularization: regularization)
  }
}

func largestDifference(_ x: Tensor<Double>, _ y: [Double]) -> Double { (x.flattened() - Tensor(y)).abs().max().scalar }

@Suite struct TransportTests {
  let sample = Sample()

  @Test func exactTransportIsPOTs() throws {
    let reference = try References.load()
    let result = exactTransport(cost: sample.cost, a: sample.a, b: sample.b)
    #expect(abs(result.cost - reference.exactCost) < 1e-12)
    #expect(largestDifference(result.plan, reference.exactPlan) < 1e-9)
    // The potentials prove it: feasible, and of the same value.
    let slack = sample.cost - result.potentials.rows.expandingDimensions(1) - result.potentials.columns
    #expect(slack.min().scalar > -1e-12)
    let dual = (sample.a.dot(result.potentials.rows) + sample.b.dot(result.potentials.columns)).scalar
    #expect(abs(dual - reference.exactCost) < 1e-12)
  }

  @Test func assignmentIsAPermutation() throws {
    let weights = Tensor<Double>.full([20], 1.0 / 20)
    let result = exactTransport(cost: sample.squares.slice(0..<20, All()), a: weights, b: weights)
    #expect(abs(result.cost - (try References.load().assignmentCost)) < 1e-11)
    #expect(result.plan.scalars.filter { $0 > 0 }.count == 20)
    #expect(
      (result.plan.sum(0) - weights).abs().max().scalar < 1e-16 && (result.plan.sum(1) - weights).abs().max().scalar < 1e-16)
  }

  @Test(arguments: [(0.05, 100), (0.001, 300)])
  func sinkhornIsPOTs(regularization: Double, sweeps: Int) throws {
    let references = try References.load()
    let reference = regularization == 0.05 ? references.wide : references.narrow
    let problem = sample.problem(regularization)
    let result = sinkhorn(problem, tolerance: 0, maximumSweeps: sweeps)
    #expect(result.sweeps == sweeps)
    #expect(largestDifference(result.plan, reference.plan) < 1e-9 && abs(result.cost - reference.cost) < 1e-9)
    #expect(largestDifference(problem.plan(result.potentials), reference.plan) < 1e-9)
    #expect(abs(result.errors[sweeps - 1] - problem.marginalError(result.plan).scalar) < 1e-13)
  }

  /// At a regularization of 1e-4 kernels under- and overflow; the sweeps in the logarithmic domain do not.
  @Test(arguments: [0.01, 0.001, 0.0001]) func kernelsFollowTheLogarithmicDomain(regularization: Double) {
    let problem = sample.problem(regularization)
    let sweep = compile { (p: TransportProblem, f: TransportPotentials) in p.sweep(f) }
    var potentials = problem.zeroPotentials
    var errors: [Double] = []
    for _ in 0..<200 {
      potentials = sweep(problem, potentials)
      errors.append((problem.plan(potentials).sum(1) - sample.a).abs().sum().scalar)
    }
    let result = sinkhorn(problem, tolerance: 0, maximumSweeps: 200)
    // Rounding of f / epsilon.
    #expect(largestDifference(result.plan, problem.plan(potentials).scalars) < 1e-14 / regularization)
    #expect(zip(result.errors, errors).allSatisfy { abs($0 - $1) < 1e-13 / regularization })
  }

  /// Shapes that are no multiples of the lanes, of the rows taken together, or of the blocks.
  @Test(arguments: [(1, 1), (3, 5), (5, 3), (33, 17), (301, 403)]) func anyShape(n: Int, m: Int) {
    let key = Key(seed: 3)
    let cost = Tensor<Double>.uniform([n, m], key: key.named("cost"))
    let (a, b) = (Tensor<Double>.full([n], 1 / Double(n)), Tensor<Double>.full([m], 1 / Double(m)))
    let problem = TransportProblem(cost: cost, a: a, b: b, regularization: 0.05)
    let result = sinkhorn(problem, tolerance: 1e-13, maximumSweeps: 2000)
    #expect(result.isConverged && problem.marginalError(result.plan).scalar < 1e-12)
    #expect(problem.marginalError(problem.plan(result.potentials)).scalar < 1e-12)
  }

  @Test func theDualsGradientIsTheMarginalError() {
    let problem = sample.problem(0.02)
    let start = problem.sweep(problem.zeroPotentials)
    let gradient = grad { (p: TransportPotentials) in problem.dualValue(p) }(start)
    let plan = problem.plan(start)
    #expect(largestDifference(gradient.rows, (sample.a - plan.sum(1)).scalars) < 1e-13)
    #expect(largestDifference(gradient.columns, (sample.b - plan.sum(0)).scalars) < 1e-13)
  }

  @Test func problemsCanBeABatch() {
    let problems = [sample.problem(0.05), sample.problem(0.2)]
    var batch = problems[0]
    batch.cost = .stack(problems.map(\.cost))
    batch.a = .stack(problems.map(\.a))
    batch.b = .stack(problems.map(\.b))
    batch.regularization = .stack(problems.map(\.regularization))
    let plans = vmap { (p: TransportProblem) in p.plan(p.sweep(p.zeroPotentials)) }(batch)
    for (i, problem) in problems.enumerated() {
      let plan = sinkhorn(problem, tolerance: 0, maximumSweeps: 1).plan
      #expect(largestDifference(plans.row(i), plan.scalars) < 1e-15)
    }
  }

  /// On the line the sorted coupling is the optimal one.
  @Test func sortingIsOptimalOnTheLine() {
    let key = Key(seed: 4)
    let (x, y) = (Tensor<Double>.normal([12, 1], key: key[0]), Tensor<Double>.exponential([12, 1], key: key[1]))
    let weights = Tensor<Double>.full([12], 1.0 / 12)
    let exact = exactTransport(cost: squaredDistances(x, y), a: weights, b: weights).cost
    #expect(abs(squaredWasserstein2(x.flattened(), y.flattened()).scalar - exact) < 1e-12)
    let directions = Tensor<Double>([1, -1]).reshaped(2, 1)
    #expect(largestDifference(slicedSquaredWasserstein2(x, y, directions: directions), [exact, exact]) < 1e-12)
  }
}
