import Problems
import Tensors
import Testing

@Suite struct EqualityConstrainedTests {
  @Test(arguments: ConstrainedFunction.hockSchittkowski.indices) func solutionsAreCritical(_ i: Int) throws {
    let problem = ConstrainedFunction.hockSchittkowski[i]
    let solution = try #require(problem.solution)
    #expect(problem.residualNorm(at: solution) < 1e-12, "\(problem.name)")
    #expect(problem.residualNorm(at: problem.start) > 0.1)
    let values = [0, -3.0.squareRoot(), 0, -1]
    #expect(abs(problem.value(at: solution).scalar - values[i]) < 1e-14)
    #expect(problem.dimension == [2, 2, 3, 4][i] && problem.constraintCount == [1, 1, 1, 2][i])
  }

  @Test func eigenvectorsAreCritical() {
    let a = Tensor<Double>.normal([5, 5], key: Key(seed: 1))
    let (values, vectors) = (a + a.transposed()).eigh()
    let problem = SphericalQuadratic(matrix: a + a.transposed(), start: .ones(5))
    for i in 0..<5 {
      let x = vectors.slice(All(), i)
      #expect(problem.residualNorm(at: x) < 1e-12 && abs(problem.multipliers(at: x)[0] + values[i]) < 1e-12)
    }
  }

  /// SciPy's solution of the problem with six points, Tests/SolversTests/References/equality_constrained.py; good to 1e-6.
  @Test func controlIsThatOfSciPy() {
    let problem = EllipticControl(points: 6)
    let x = Tensor([
      0.390629235596, 0.700211290256, 0.869519101425, 0.869519103514, 0.700211300228, 0.390629232174, 4.030918449614,
      7.216748621423, 8.953494272083, 8.953494095183, 7.216749678726, 4.030917623994,
    ])
    #expect(problem.residualNorm(at: x) < 1e-6 && problem.constraints(at: x).norm().scalar < 1e-9)
    #expect(abs(problem.value(at: x).scalar - 0.33627730192322935) < 1e-12)
  }

  @Test func regressionKeepsItsEquations() {
    let model = LinearModel(.logistic, design: Tensor<Double>.normal([8, 3], key: Key(seed: 2)), targets: .ones(8))
    let problem = ConstrainedRegression(model: model, equations: Tensor(shape: [1, 3], [1.0, 2, 3]), right: Tensor([1.0]))
    let c = problem.constraints(at: Tensor([1.0, 0, 2]))
    #expect(c.scalars == [6, 4] && abs(problem.start.norm().scalar - 1.5) < 1e-15)
  }
}
