import Foundation
import Solvers
import Tensors
import Testing

/// Against References/block_descent.py, independent transcriptions in NumPy and SciPy.
@Suite struct BlockDescentTests {
  private static let design: Tensor<Double> = {
    let waves = Tensor<Double>(shape: [12, 9], (0..<108).map { (k: Int) -> Double in sin(1 + Double(k) + 0.3 * Double(k * k)) })
    return waves * Tensor<Double>.linspace(2, -1, count: 9).exp()
  }()
  private static let targets = Tensor<Double>((0..<12).map { cos(Double($0)) })
  private let problem = BlockQuadratic.leastSquares(design: design, targets: targets, ridge: 0.1)

  struct Run: Sendable {
    var rule: BlockRule
    var update: BlockUpdate
    var chosen: [Int]
    var value: Double
  }

  @Test(arguments: [
    Run(
      rule: .gaussSouthwell, update: .gradient, chosen: [2, 2, 2, 2, 2, 2, 2, 2, 1, 2, 2, 1, 2, 2, 0],
      value: -1.5951582594896427),
    Run(
      rule: .gaussSouthwell, update: .newton, chosen: [2, 1, 2, 0, 2, 1, 2, 0, 2, 1, 2, 0, 2, 1, 2],
      value: -2.264952506784084),
    Run(
      rule: .gaussSouthwellLipschitz, update: .gradient, chosen: [0, 1, 1, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0],
      value: -2.2518501636165995),
    Run(
      rule: .gaussSouthwellLipschitz, update: .newton, chosen: [0, 1, 0, 1, 0, 2, 1, 0, 2, 1, 0, 2, 0, 1, 2],
      value: -2.3055629262948827),
    Run(
      rule: .gaussSouthwellDiagonal, update: .gradient, chosen: [1, 0, 1, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0],
      value: -2.2461107713878286),
    Run(
      rule: .gaussSouthwellDiagonal, update: .newton, chosen: [1, 0, 1, 0, 1, 2, 0, 1, 2, 0, 2, 1, 0, 2, 1],
      value: -2.3059613168953508),
    Run(
      rule: .gaussSouthwellQuadratic, update: .gradient, chosen: [2, 0, 1, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 2],
      value: -2.2263619209809997),
    Run(
      rule: .gaussSouthwellQuadratic, update: .newton, chosen: [2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1],
      value: -2.293070738093003),
  ])
  func greedyRulesChooseAndMoveAsInThePaper(run: Run) {
    let partition = BlockPartition.sorted(by: problem.diagonal, size: 3)
    let descent = BlockCoordinateDescent(problem, partition, rule: run.rule, update: run.update)
    var iterate = BlockIterate(problem)
    let chosen = (0..<15).map { descent.step(&iterate, $0, key: Key(seed: 1)) }
    #expect(chosen == run.chosen)
    #expect(abs(problem.value(at: iterate) - run.value) < 1e-11)
  }

  @Test func theGradientFollowsTheIterate() {
    let descent = BlockCoordinateDescent(
      problem, BlockPartition.random(count: 9, size: 2, key: Key(seed: 2)), rule: .random, update: .newton)
    var iterate = BlockIterate(problem)
    let blocks = (0..<200).map { descent.step(&iterate, $0, key: Key(seed: 3)) }
    #expect(Set(blocks).count == 5)
    var product = [Double](repeating: 0, count: 9)
    problem.matrix.multiply(iterate.x, into: &product)
    for i in 0..<9 { #expect(abs(product[i] - problem.linear[i] - iterate.gradient[i]) < 1e-12) }
  }

  @Test func aNewtonStepDecreasesByHalfItsQuadraticForm() {
    let descent = BlockCoordinateDescent(
      problem, BlockPartition.average(of: problem.diagonal, size: 3), rule: .cyclic, update: .newton)
    var iterate = BlockIterate(problem)
    for t in 0..<6 {
      let (before, predicted) = (problem.value(at: iterate), descent.newtonDecrease(iterate, block: t % 3))
      #expect(descent.step(&iterate, t, key: Key(seed: 0)) == t % 3)
      #expect(abs(before - problem.value(at: iterate) - predicted) < 1e-13)
    }
  }

  @Test func partitionsHoldEveryCoordinateOnce() {
    let weights = [3.0, 1, 2, 7, 5, 6, 4]
    let partitions = [
      BlockPartition.sorted(by: weights, size: 3), BlockPartition.average(of: weights, size: 3),
      BlockPartition.random(count: 7, size: 3, key: Key(seed: 0)),
    ]
    #expect(partitions[0] == [[1, 2, 0], [6, 4, 5], [3]])
    #expect(partitions[1] == [[1, 6, 3], [2, 4], [0, 5]])
    for partition in partitions { #expect(partition.joined().sorted() == Array(0..<7)) }
  }

  @Test(arguments: [1, 4, 9]) func lassoIsThatOfSciPy(size: Int) {
    let plain = BlockQuadratic.leastSquares(design: Self.design, targets: Self.targets)
    let descent = L1BlockDescent(plain, l1: 0.2 * (plain.linear.map(abs).max() ?? 0), size: size)
    var iterate = BlockIterate(plain)
    for _ in 0..<200 { #expect(descent.step(&iterate).count == size) }
    #expect(abs(descent.value(at: iterate) + 0.5223454327820005) < 1e-9)
    let active = ActiveSet(solution: iterate, l1: descent.l1)
    #expect(active.support == [0, 2] && active.isIdentified(by: iterate))
    #expect(!active.isIdentified(by: BlockIterate(plain)))
    // Optimality: the gradient is -lambda sign(x) on the support and smaller elsewhere.
    #expect(active.margin > 0)
    for i in active.support { #expect(abs(iterate.gradient[i] + (iterate.x[i] > 0 ? 1 : -1) * descent.l1) < 1e-10) }
  }

  /// A random forest: every node hangs on an earlier one, or on none.
  @Test(arguments: [1, 2, 30]) func eliminationSolvesForests(count: Int) throws {
    let draws = Tensor<Double>.uniform([count, 2], key: Key(seed: 4))
    var dense = Tensor<Double>.identity(count)
    for node in 1..<max(1, count) where draws[node, 0] < 0.9 {
      let parent = Int(draws[node, 1] * Double(node))
      dense[node, parent] = draws[node, 0] - 0.5
      dense[parent, node] = dense[node, parent]
      dense[node, node] += 1
      dense[parent, parent] += 1
    }
    let matrix = SparseMatrix(dense: dense)
    let block = Key(seed: 6).permutation(count)
    let forest = try #require(ForestElimination(matrix, block: block))
    let right = Tensor<Double>.normal([count], key: Key(seed: 5))
    let (solution, operations) = forest.solve(right.scalars)
    #expect((Tensor(solution) - (try solve(matrix.block(block), right))).abs().max().scalar < 1e-13)
    #expect(operations <= 8 * count)
  }

  @Test func cyclesHaveNoElimination() {
    var ring = Tensor<Double>.identity(4) * 3
    for i in 0..<4 { (ring[i, (i + 1) % 4], ring[(i + 1) % 4, i]) = (1, 1) }
    #expect(ForestElimination(SparseMatrix(dense: ring), block: [0, 1, 2, 3]) == nil)
    #expect(ForestElimination(SparseMatrix(dense: ring), block: [2, 0, 1]) != nil)
  }
}
