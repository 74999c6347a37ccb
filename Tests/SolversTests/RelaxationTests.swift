import Foundation
import Solvers
import Tensors
import Testing

@Suite struct RelaxationTests {
  private func dense(_ a: SparseMatrix) -> Tensor<Double> {
    let columns = (0..<a.columns).map { j -> Tensor<Double> in
      var y = [Double](repeating: 0, count: a.rows)
      a.multiply((0..<a.columns).map { $0 == j ? 1 : 0 }, into: &y)
      return Tensor(y)
    }
    return Tensor.stack(columns).transposed()
  }

  /// The sums of 2 - 2 cos(pi k / (n + 1)) over the axes.
  @Test func laplaciansHaveTheirEigenvalues() throws {
    let line = { (n: Int) in (1...n).map { 2 - 2 * cos(Double.pi * Double($0) / Double(n + 1)) } }
    let cases: [(SparseMatrix, [Double])] = [
      (.laplacian(7), line(7)), (.laplacian(3, 4), line(3).flatMap { a in line(4).map { a + $0 } }),
      (.laplacian(2, 3, 4), line(2).flatMap { a in line(3).flatMap { b in line(4).map { a + b + $0 } } }),
    ]
    for (matrix, expected) in cases {
      let values = try eigh(dense(matrix)).values
      #expect((values - Tensor(expected.sorted())).abs().max().scalar < 1e-13)
    }
    let obstacle = dense(.laplacian(3, 4) { $0 != 5 })
    var expected = dense(.laplacian(3, 4))
    for j in 0..<12 where j != 5 { (expected[5, j], expected[j, 5]) = (0, 0) }
    #expect(obstacle == expected)
    let shifted = dense(SparseMatrix.laplacian(3, 4).shifted(by: -0.3))
    #expect((shifted - dense(.laplacian(3, 4)) + .identity(12) * 0.3).abs().max().scalar < 1e-15)
  }

  /// x <- x + M^-1 (b - A x) with a dense triangular solution, sweep by sweep.
  @Test(arguments: [0.7, 1, 1.5, 1.9]) func sweepsAreTheTriangularSolutions(omega: Double) throws {
    let sparse = SparseMatrix.laplacian(4, 5).shifted(by: 0.2)
    let a = dense(sparse)
    let b = Tensor<Double>.normal([20], key: Key(seed: 1))
    let m = a.lowerTriangle(diagonal: -1) + a.diagonal().diagonalMatrix() / omega
    let result = sparse.successiveOverRelaxation(b.scalars, relaxation: omega)
    #expect(result.isConverged && result.residuals.count == result.iterations + 1)
    var x = Tensor<Double>.zeros([20])
    for residual in result.residuals.dropFirst() {
      x += triangularSolve(m, b - matmul(a, x))
      #expect(abs((b - matmul(a, x)).norm().scalar / b.norm().scalar - residual) < 1e-13)
    }
    #expect((x - result.solution).abs().max().scalar < 1e-12)
    #expect(!sparse.successiveOverRelaxation(b.scalars, relaxation: omega, maximumIterations: 2).isConverged)
    #expect(sparse.successiveOverRelaxation([Double](repeating: 0, count: 20), relaxation: omega).iterations == 0)
  }

  @Test func theSymmetricVariantIsItsFormula() {
    let sparse = SparseMatrix.laplacian(3, 4)
    let a = dense(sparse)
    let (omega, d) = (1.3, a.diagonal().diagonalMatrix())
    let (lower, upper) = (a.lowerTriangle(diagonal: -1) * omega + d, a.upperTriangle(diagonal: 1) * omega + d)
    let r = Tensor<Double>.normal([12], key: Key(seed: 2))
    let expected = triangularSolve(upper, matmul(d, triangularSolve(lower, r)), isLower: false)
    #expect((Tensor(sparse.symmetricOverRelaxation(r.scalars, relaxation: omega)) - expected).abs().max().scalar < 1e-14)
  }

  /// A tridiagonal matrix has no entries to leave out; of others the product agrees with A where A has entries.
  @Test func incompleteCholeskyAgreesOnThePattern() throws {
    let line = SparseMatrix.laplacian(9)
    let b = Tensor<Double>.normal([9], key: Key(seed: 4))
    let exact = try solve(dense(line), b)
    let factor = try #require(IncompleteCholesky(line))
    #expect((Tensor(factor.solve(b.scalars)) - exact).abs().max().scalar < 1e-13)
    let grid = SparseMatrix.laplacian(3, 3, 2).shifted(by: 0.1)
    let incomplete = try #require(IncompleteCholesky(grid))
    let inverse = Tensor.stack((0..<18).map { j in Tensor(incomplete.solve((0..<18).map { $0 == j ? 1 : 0 })) })
    let a = dense(grid)
    let product = inverse.inverse()
    let pattern = (a .!= 0).converted(to: Double.self)
    #expect(((product - a) * pattern).abs().max().scalar < 1e-13)
    #expect((product - a).abs().max().scalar > 0.05)
    #expect(IncompleteCholesky(line.shifted(by: -2.5)) == nil)
  }

  /// With f the identity and m = 1 they are conjugate gradients; with all directions remembered any f ends after n steps, and the error
  /// never grows in the norm of A.
  @Test func conjugateDirectionsContainConjugateGradients() throws {
    let a = dense(.laplacian(5, 6))
    let b = Tensor<Double>.normal([30], key: Key(seed: 5))
    let product = { (v: Tensor<Double>) in matmul(a, v) }
    let reference = conjugateGradient(product, b, tolerance: 1e-10)
    let identity = conjugateDirections(product, b, memory: 1, tolerance: 1e-10) { $0 }
    #expect(identity.isConverged && abs(identity.iterations - reference.iterations) <= 1)
    for (x, y) in zip(identity.residuals, reference.residuals) { #expect(abs(x - y) < 1e-9 * y + 1e-13) }
    let exact = try solve(a, b)
    var (errors, draw, previous, products) = ([Double](), 0, [Tensor<Double>](), [Double]())
    let random = conjugateDirections(product, b, memory: 30, tolerance: 1e-9, maximumIterations: 40) { _ in
      draw += 1
      return Tensor<Double>.normal([30], key: Key(seed: 6)[draw])
    } observe: { x, direction, image in
      let error = x - exact
      errors.append(error.dot(product(error)).scalar)
      products += previous.map { abs($0.dot(image).scalar) / direction.dot(image).scalar.squareRoot() }
      previous.append(direction / direction.dot(image).scalar.squareRoot())
    }
    #expect(random.isConverged && random.iterations == 30)
    #expect(zip(errors, errors.dropFirst()).allSatisfy { $1 <= $0 + 1e-12 })
    #expect((products.max() ?? 1) < 1e-11)
    #expect(conjugateDirections(product, b * 0) { $0 }.iterations == 0)
  }

  /// Young's optimum beats its neighbours, and a divergent omega is told.
  @Test func theOptimalRelaxationIsFastest() {
    let sparse = SparseMatrix.laplacian(10, 10)
    let beta = cos(Double.pi / 11)
    let optimal = 1 + pow(beta / (1 + (1 - beta * beta).squareRoot()), 2)
    let b = Tensor<Double>.normal([100], key: Key(seed: 3)).scalars
    let iterations = [1, optimal, 1.95].map { sparse.successiveOverRelaxation(b, relaxation: $0).iterations }
    #expect(iterations[1] * 3 < iterations[0] && iterations[1] * 3 < iterations[2])
    #expect(!sparse.successiveOverRelaxation(b, relaxation: 2.5).isConverged)
  }
}
