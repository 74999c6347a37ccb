import Foundation
import Solvers
import Tensors
import Testing

@Suite struct LinearAssignmentTests {
  private func waves(_ rows: Int, _ columns: Int) -> Tensor<Double> {
    let k = (0..<rows * columns).map { Double($0) }
    return Tensor(shape: [rows, columns], k.map { sin(1 + $0 + 0.3 * $0 * $0) })
  }

  private func ties(_ rows: Int, _ columns: Int) -> Tensor<Double> {
    let numbers = (0..<rows * columns).map { k in (k * (7 * k + 3)) % 11 % 4 }
    return Tensor(shape: [rows, columns], numbers.map { Double($0) })
  }

  /// Feasible dual variables of the same value, complementary to the assignment: together a proof of optimality.
  private func expectProof(_ cost: Tensor<Double>, _ solution: LinearAssignment, maximizing: Bool, tolerance: Double) {
    let (rows, columns, sign) = (cost.shape[0], cost.shape[1], maximizing ? -1.0 : 1)
    #expect(Set(solution.columns).count == rows && solution.columns.allSatisfy { (0..<columns).contains($0) })
    var (slack, atChosen, value) = (Double.infinity, 0.0, 0.0)
    for i in 0..<rows {
      for j in 0..<columns {
        slack = min(slack, sign * (cost[i, j] - solution.rowPotentials[i] - solution.columnPotentials[j]))
      }
      let j = solution.columns[i]
      value += cost[i, j]
      atChosen = max(atChosen, abs(cost[i, j] - solution.rowPotentials[i] - solution.columnPotentials[j]))
    }
    #expect(slack >= -tolerance && atChosen <= tolerance && value == solution.value)
    let free = Set(0..<columns).subtracting(solution.columns)
    #expect(free.allSatisfy { solution.columnPotentials[$0] == 0 })
    #expect(solution.columnPotentials.allSatisfy { sign * $0 <= tolerance })
    let dual = (solution.rowPotentials + solution.columnPotentials).reduce(0, +)
    #expect(abs(dual - value) <= tolerance * Double(rows))
  }

  /// Columns and values from References/linear_assignment.py.
  @Test func agreesWithSciPy() throws {
    let expected: [(Int, Int, Bool, [Int]?, Double)] = [
      (8, 8, false, [2, 3, 1, 6, 4, 0, 5, 7], -6.594720429369523), (8, 8, true, [0, 5, 4, 3, 6, 2, 7, 1], 5.9915277438912495),
      (6, 11, false, [2, 3, 0, 1, 9, 4], -5.833176282568642), (6, 11, true, [0, 4, 5, 2, 3, 10], 5.427075012697796),
      (1, 5, false, [2], -0.8715757724135882), (1, 5, true, [0], 0.8414709848078965),
      (40, 40, false, nil, -39.39222144395693), (40, 40, true, nil, 39.661287618152556),
    ]
    for (rows, columns, maximizing, chosen, value) in expected {
      let solution = try linearAssignment(cost: waves(rows, columns), maximizing: maximizing)
      // The arguments of the sines are as large as 8e5, so the costs agree to 1e-10.
      #expect(abs(solution.value - value) < 1e-8, "\(rows) x \(columns)")
      if let chosen { #expect(solution.columns == chosen) }
      expectProof(waves(rows, columns), solution, maximizing: maximizing, tolerance: 1e-13)
    }
  }

  /// Whole numbers with many optima: the value is exact, whatever the choice.
  @Test func tiesAreOptimalToo() throws {
    let expected: [(Int, Int, Bool, Double)] = [
      (8, 8, false, 1), (8, 8, true, 23), (6, 11, false, 4), (6, 11, true, 14), (1, 5, false, 0), (1, 5, true, 3),
      (40, 40, false, 0), (40, 40, true, 120),
    ]
    for (rows, columns, maximizing, value) in expected {
      let solution = try linearAssignment(cost: ties(rows, columns), maximizing: maximizing)
      #expect(solution.value == value)
      expectProof(ties(rows, columns), solution, maximizing: maximizing, tolerance: 0)
    }
    let constant = try linearAssignment(cost: .full([30, 30], 2.5))
    #expect(constant.value == 75 && Set(constant.columns).count == 30)
  }

  private func leastByTrying(_ cost: Tensor<Double>, row: Int = 0, used: Set<Int> = []) -> Double {
    guard row < cost.shape[0] else { return 0 }
    return (0..<cost.shape[1]).filter { !used.contains($0) }
      .map { cost[row, $0] + leastByTrying(cost, row: row + 1, used: used.union([$0])) }.min() ?? .infinity
  }

  @Test(arguments: 1...6) func agreesWithTryingAll(rows: Int) throws {
    for (columns, draw) in [(rows, 0), (rows, 1), (rows + 1, 2)] {
      let key = Key(seed: 3)[rows][draw]
      for cost in [
        Tensor<Double>.normal([rows, columns], key: key),
        Tensor<Double>.normal([rows, columns], key: key).map { ($0 * 2).rounded() },
      ] {
        let solution = try linearAssignment(cost: cost)
        #expect(abs(solution.value - leastByTrying(cost)) < 1e-13)
        let greatest = try linearAssignment(cost: cost, maximizing: true)
        #expect(abs(greatest.value + leastByTrying(-cost)) < 1e-13)
      }
    }
  }

  @Test(arguments: [(200, 200), (120, 200)]) func largeOnesProveThemselves(rows: Int, columns: Int) throws {
    let cost = Tensor<Double>.normal([rows, columns], key: Key(seed: 4))
    for maximizing in [false, true] {
      expectProof(
        cost, try linearAssignment(cost: cost, maximizing: maximizing), maximizing: maximizing, tolerance: 1e-12)
    }
  }

  @Test func theIdentityIsFound() throws {
    let n = 50
    let identity = Tensor<Double>.identity(n)
    #expect(try linearAssignment(cost: -identity).columns == Array(0..<n))
    #expect(try linearAssignment(costs: identity.scalars, rows: n, maximizing: true).columns == Array(0..<n))
    // Rows of a permutation matrix.
    let order = Key(seed: 5).permutation(n)
    let permuted = identity.gather(Tensor<Int32>(order.map { Int32($0) }))
    #expect(try linearAssignment(cost: permuted, maximizing: true).columns == order)
    #expect(try linearAssignment(costs: [], rows: 0).value == 0)
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity, 1e308]) func costsThatAreNoNumbersThrow(bad: Double) {
    #expect(throws: LinearAlgebraError.self) { try linearAssignment(costs: [1, 2, bad, 4], rows: 2) }
  }
}
