import Foundation
import Problems
import Solvers
import Tensors
import Testing

/// The lattice's quadratic and its parts without cycles.
@Suite struct LatticeLabelPropagationTests {
  private func matrix(of lattice: LatticeLabelPropagation) -> SparseMatrix {
    SparseMatrix(
      rows: lattice.free.count, columns: lattice.free.count,
      entries: lattice.matrixEntries.map { SparseMatrix.Entry(row: $0.row, column: $0.column, value: $0.value) })
  }

  @Test(arguments: [2, 5, 12]) func combsAndColoursAreForests(side: Int) throws {
    let lattice = LatticeLabelPropagation(side: side, labelledShare: 0.1, key: Key(seed: 4))
    let matrix = matrix(of: lattice)
    for block in lattice.combs + lattice.colours {
      let forest = try #require(ForestElimination(matrix, block: block))
      let right = Tensor<Double>.normal([block.count], key: Key(seed: 5))
      let (solution, operations) = forest.solve(right.scalars)
      #expect((Tensor(solution) - (try solve(matrix.block(block), right))).abs().max().scalar < 1e-12)
      #expect(operations <= 8 * block.count)
    }
    #expect(Set(lattice.combs.joined()).count == lattice.free.count)
    // All nodes together have cycles, but for the smallest lattice, which a label cuts open.
    #expect((ForestElimination(matrix, block: Array(lattice.free.indices)) == nil) == (side > 2))
  }

  /// The quadratic against the sum over edges.
  @Test func labelPropagationIsTheSumOverEdges() {
    let lattice = LatticeLabelPropagation(side: 3, labels: [1, nil, nil, nil, nil, -1, nil, nil, nil])
    let quadratic = BlockQuadratic(matrix: matrix(of: lattice), linear: lattice.linearTerm)
    func edges(_ values: [Double]) -> Double {
      (0..<9).reduce(0) { sum, node in
        let right = node % 3 < 2 ? values[node] - values[node + 1] : 0
        let below = node < 6 ? values[node] - values[node + 3] : 0
        return sum + right * right + below * below
      }
    }
    var iterate = BlockIterate(quadratic)
    let atZero = edges([1, 0, 0, 0, 0, -1, 0, 0, 0])
    #expect(quadratic.value(at: iterate) == 0)
    let x = (0..<7).map { sin(Double($0)) }
    iterate.move(Array(0..<7), by: x, in: quadratic)
    let values = [1, x[0], x[1], x[2], x[3], -1, x[4], x[5], x[6]]
    #expect(abs(quadratic.value(at: iterate) + atZero - edges(values)) < 1e-13)
  }
}
