import Solvers
import Tensors
import Testing

@Suite struct SparseMatrixTests {
  let key = Key(seed: 12)

  /// Symmetric and diagonally dominant, with about seven entries in a row.
  private func system(_ n: Int) -> (dense: Tensor<Double>, sparse: SparseMatrix) {
    var dense = Tensor<Double>.zeros(n, n)
    for k in 0..<3 * n {
      let places = Tensor<Int32>.integers([2], in: 0..<Int32(n), key: key[k]).scalars.map(Int.init)
      let value = Tensor<Double>.uniform([], key: key[k].named("value")).scalar
      dense[places[0], places[1]] = value
      dense[places[1], places[0]] = value
    }
    dense += Tensor.identity(n) * (1 + dense.sum(1).max().scalar)
    let entries = (0..<n).flatMap { i in
      (0..<n).filter { dense[i, $0] != 0 }.map { SparseMatrix.Entry(row: i, column: $0, value: dense[i, $0]) }
    }
    return (dense, SparseMatrix(rows: n, columns: n, entries: entries.reversed()))
  }

  @Test(arguments: [1, 7, 8, 50, 123]) func productsAndSolutionsAreTheDenseOnes(n: Int) throws {
    let (dense, sparse) = system(n)
    let b = Tensor<Double>.normal([n], key: key.named("b"))
    var product = [Double](repeating: 0, count: n)
    sparse.multiply(b.scalars, into: &product)
    #expect((Tensor(product) - matmul(dense, b)).abs().max().scalar < 1e-13 * Double(n))
    let solution = sparse.solve(b.scalars, tolerance: 1e-13)
    #expect(solution.isConverged && solution.residuals.count == solution.iterations + 1)
    #expect((solution.solution - (try solve(dense, b))).abs().max().scalar < 1e-12)
    // The same steps as the solver for any operator.
    let diagonal = Tensor(sparse.diagonal)
    let general = conjugateGradient({ matmul(dense, $0) }, b, preconditioner: { $0 / diagonal }, tolerance: 1e-13)
    #expect(abs(general.iterations - solution.iterations) <= 1)
    #expect(sparse.solve([Double](repeating: 0, count: n)).iterations == 0)
  }

  @Test func largestEntriesAreThoseOfASort() {
    var matrix = Tensor<Double>.uniform([40, 30], key: key.named("matrix")).map { $0 < 0.2 ? 0 : $0 * $0 * $0 }
    matrix[3, 4] = 1e-300
    matrix[5, 6] = 1e300
    matrix[7, 8] = matrix[9, 10]
    for count in [0, 1, 17, 400, 1000, 1200, 2000] {
      let entries = SparseMatrix.largestEntries(count, of: matrix)
      let sorted = matrix.flattened().sorted(descending: true).scalars.prefix(count)
      #expect(entries.map(\.value).sorted(by: >) == Array(sorted), "\(count) entries")
      #expect(entries.allSatisfy { matrix[$0.row, $0.column] == $0.value })
    }
  }
}
