import Solvers
import Tensors
import Testing
import Transforms

@Suite struct SketchAndProjectTests {
  let key = Key(seed: 21)
  let matrix = Tensor<Double>.normal([9, 7], key: Key(seed: 22))
  let solution = Tensor<Double>.normal([7], key: Key(seed: 23))
  var right: Tensor<Double> { matmul(matrix, solution) }

  /// Steps on the equations that are drawn, written with tensors: z - K^T S (S^T K K^T S)^+ S^T (K z - b).
  @Test(arguments: [EquationSketch.row, .gaussian(columns: 3)]) func stepsAreTheFormula(_ sketch: EquationSketch) {
    var z = Tensor<Double>.zeros(7)
    let weights = Tensor<Double>.normal([32, 9, 3], key: key[0])
    let rows = Tensor<Int32>.integers([4096], in: 0..<9, key: key[0])
    for t in 0..<6 {
      var s = weights.row(t)
      if sketch == .row { s = Tensor.identity(9).slice(0..<9, Int(rows[t])).reshaped(9, 1) }
      let image = matmul(s, matrix, transposeA: true)
      z -= matmul(image.pseudoInverse(), matmul(s, matmul(matrix, z) - right, transposeA: true))
    }
    var solver = SketchAndProject(matrix: matrix, right: right, sketch: sketch, key: key)
    solver.run(to: 0, maximum: 6)
    #expect(solver.iterations == 6 && (solver.solution - z).norm().scalar < 1e-12)
  }

  @Test(arguments: [EquationSketch.row, .gaussian(columns: 3)]) func goesOnToASmallerResidual(_ sketch: EquationSketch) {
    var solver = SketchAndProject(matrix: matrix, right: right, sketch: sketch, key: key)
    solver.run(to: 1e-2, maximum: 1_000_000)
    let first = solver.iterations
    #expect(solver.residualNorm <= 1e-2 && solver.residualNorm > 1e-10)
    solver.run(to: 1e-10, maximum: 1_000_000)
    #expect(solver.iterations > first && (matmul(matrix, solver.solution) - right).norm().scalar <= 1e-10)
    #expect((solver.solution - solution).norm().scalar < 1e-8)
  }

  @Test func minimalResidualSolvesIndefiniteSystems() {
    let a = symmetric([-3.0, -1, 0.5, 2, 4], key)
    let b = Tensor<Double>.normal([5], key: key.named("b"))
    let result = minimalResidual({ matmul(a, $0) }, b, tolerance: 1e-12)
    #expect(result.isConverged && result.iterations == 5 && (matmul(a, result.solution) - b).norm().scalar < 1e-11)
    // After two products the residual is the least over span{A b, A A b}.
    let two = minimalResidual({ matmul(a, $0) }, b, tolerance: 0, maximumIterations: 2)
    let space = Tensor.stack([matmul(a, b), matmul(a, matmul(a, b))], axis: 1)
    let least = (matmul(space, space.leastSquares(b)) - b).norm().scalar / b.norm().scalar
    #expect(!two.isConverged && abs(two.residuals[2] - least) < 1e-13)
  }
}

@Suite struct AugmentedLagrangianTests {
  /// The problem of References/equality_constrained.py: a logistic loss on the sphere with a linear equation.
  private let system = {
    let i = Tensor<Double>.arange(20)
    let (rows, columns) = (i.expandingDimensions(1), Tensor<Double>.arange(5))
    let features = (1.3 * rows + 2.1 * columns + 0.2 * rows * columns).sin()
    let labels = Tensor<Double>.where((2.7 * i + .pi / 2).sin() .> 0, 1, -1)
    return LagrangianSystem(
      dimension: 5, constraintCount: 2, objective: { (-labels * matmul(features, $0)).softplus().mean() },
      constraints: { x in Tensor.stack([x.sum() - 0.5, x.squaredNorm() - 1]) })
  }()
  /// Not along (1, ..., 1), where the two constraints have the same gradient.
  static let start = Tensor([1, 0.5, 0, -1, 0.2])

  /// SciPy's SLSQP and trust-constr agree on this to 3e-8.
  static let solution = Tensor([0.475718623478, 0.528640850969, 0.129320216302, -0.688815616350, 0.055135925602])

  @Test(arguments: [
    AugmentedLagrangianNewton.LinearSolver.exact, .sketched(.gaussian(columns: 4)), .sketched(.row), .minimalResidual,
  ]) func findsTheSolutionOfSciPy(_ solver: AugmentedLagrangianNewton.LinearSolver) throws {
    let rule = AugmentedLagrangianNewton(solver: solver, tightening: 0.5)
    var state = rule.start(at: Self.start, on: system)
    while state.residualNorm > 1e-11, state.iterations < 60, !state.isStuck {
      let allowed = state.tolerance
      try rule.step(&state, on: system, key: Key(seed: 3)[state.iterations])
      #expect(state.linearResidual <= allowed && state.descent >= 1, "\(state.linearResidual) of \(allowed)")
    }
    #expect(state.residualNorm <= 1e-11)
    #expect((state.point.slice(0..<5) - Self.solution).abs().max().scalar < 1e-7)
    #expect(abs(system.objective(state.point.slice(0..<5)).scalar - 0.6411033567475065) < 1e-12)
  }

  /// L + eta1 ||c||^2 / 2 + eta2 ||G grad_x L||^2 / 2 from residual and matrix, and its gradient by differences.
  @Test func meritIsThatOfThePaper() {
    let z = Tensor<Double>.normal([7], key: Key(seed: 4))
    let penalties = Tensor([1.7, 0.3])
    let (r, k) = (system.residual(z), system.matrix(z))
    let (slope, c) = (r.slice(0..<5), r.slice(5..<7))
    let image = matmul(k.slice(5..<7, 0..<5), slope)
    let lagrangian = system.objective(z.slice(0..<5)) + z.slice(5..<7).dot(c)
    let expected = lagrangian + 0.85 * c.squaredNorm() + 0.15 * image.squaredNorm()
    #expect(abs((system.merit(z, penalties).value - expected).scalar) < 1e-13)
    let d = Tensor<Double>.normal([7], key: Key(seed: 5))
    let difference = system.merit(z + 1e-6 * d, penalties).value - system.merit(z - 1e-6 * d, penalties).value
    let slopeAlong = system.merit(z, penalties).gradient.dot(d).scalar
    #expect(abs(difference.scalar / 2e-6 - slopeAlong) < 1e-7 * abs(slopeAlong))
  }
}
