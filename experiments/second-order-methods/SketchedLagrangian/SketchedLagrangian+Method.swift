import Notebook
import Problems
import Solvers
import Tensors
import Transforms

extension SketchedLagrangian {
  /// A linear solver with a schedule of its accuracy, and the residual at which its runs end.
  struct Method {
    let name: String
    let rule: AugmentedLagrangianNewton
    let residual: Double
  }

  static func method(
    _ name: String, _ solver: AugmentedLagrangianNewton.LinearSolver, _ settings: Settings, _ residual: Double,
    tightening: Double = 1, leastCurvature: Double = 1e-2
  ) -> Method {
    var rule = AugmentedLagrangianNewton(solver: solver, tolerance: settings.tolerance, tightening: tightening)
    (rule.leastCurvature, rule.maximumInner) = (leastCurvature, settings.inner)
    return Method(name: name, rule: rule, residual: residual)
  }

  /// (1): normal features, random labels; C x = b with normal rows and b = C x_s for a unit vector x_s.
  static func constrainedRegression(_ settings: Regression, key: Key) -> ConstrainedRegression {
    let n = settings.dimension
    let labels = Tensor<Double>.normal([settings.samples], key: key.named("labels")).sign()
    let model = LinearModel(
      .logistic, design: .normal([settings.samples, n], key: key.named("features")), targets: labels)
    let equations = Tensor<Double>.normal([settings.equations, n], key: key.named("C"))
    let solution = Tensor<Double>.unitVectors([1, n], key: key.named("x_s")).row(0)
    return ConstrainedRegression(model: model, equations: equations, right: matmul(equations, solution))
  }

  /// (2): a matrix with equally spaced eigenvalues: its reduced Hessians stay as well conditioned as sketches need.
  static func eigenvectorProblem(_ dimension: Int, key: Key) -> SphericalQuadratic {
    let form = QuadraticForm<Double>(
      curvatures: Tensor<Double>.linspace(1, 3, count: dimension).scalars, key: key.named("A"))
    return SphericalQuadratic(
      matrix: form.matrix, start: 1.5 * Tensor.unitVectors([1, dimension], key: key.named("start")).row(0))
  }

  /// What was found: its distance from an eigenvector, and which.
  static func recordEigenvectors(
    _ runs: [[AugmentedLagrangianNewton.State]], _ problem: SphericalQuadratic, _ settings: Settings, _ notebook: Recorder
  ) throws {
    let spectrum = try eigh(problem.matrix).values
    let points = runs.joined().map { $0.point.slice(0..<problem.dimension) }
    let quotients = points.map { $0.dot(matmul(problem.matrix, $0)).scalar / $0.squaredNorm().scalar }
    let residuals = zip(points, quotients).map { x, quotient in
      (matmul(problem.matrix, x) - quotient * x).norm().scalar / x.norm().scalar
    }
    let places = quotients.map { Double((spectrum - $0).abs().argmin().scalar) }
    let dimensions = [
      Dimension("method", ["exact", "block"], "linear solver"),
      Dimension("seed", count: settings.seeds, "seed of the sketches"),
    ]
    let shape = dimensions.map(\.count)
    try notebook.tensor(
      "eigenvector/residual", Tensor(residuals).reshaped(shape), "|A x - (x A x) x| at the end", along: dimensions)
    try notebook.tensor(
      "eigenvector/place", Tensor(places).reshaped(shape), "which eigenvalue, from the least", along: dimensions)
  }

  /// The method of multipliers: min L + (penalty / 2) ||c||^2 by L-BFGS, then lambda += penalty c.
  static func multiply(_ problem: ConstrainedRegression, _ settings: Regression, _ notebook: Recorder) throws {
    let system = LagrangianSystem(problem)
    let residual = try notebook.trace("multipliers/residual", "norm of the KKT residual")
    let inner = try notebook.trace("multipliers/inner", "L-BFGS steps in the last step")
    struct Run: Codable {
      var x, multipliers: Tensor<Double>
      var inner = 0
    }
    var run = Run(x: problem.start, multipliers: .zeros(problem.constraintCount))
    let rho = settings.penalty
    try notebook.steps("multipliers", settings.multiplierSteps, state: &run, cadence: .every(1)) { _, run in
      let multipliers = run.multipliers
      let minimum = minimizeLBFGS(
        { (x: Tensor<Double>) in
          let c = problem.constraints(at: x)
          return problem.value(at: x) + multipliers.dot(c) + rho / 2 * c.squaredNorm()
        }, from: run.x, tolerance: 1e-9)
      run = Run(
        x: minimum.point, multipliers: multipliers + rho * problem.constraints(at: minimum.point), inner: minimum.iterations)
    } measure: { run, record in
      record(residual, system.residual(.concatenate([run.x, run.multipliers])).norm().scalar)
      record(inner, Double(run.inner))
    }
  }
}

extension LagrangianSystem {
  /// The system of a problem of the library.
  init(_ problem: some EqualityConstrained) {
    self.init(
      dimension: problem.dimension, constraintCount: problem.constraintCount, objective: { problem.value(at: $0) },
      constraints: { problem.constraints(at: $0) })
  }
}
