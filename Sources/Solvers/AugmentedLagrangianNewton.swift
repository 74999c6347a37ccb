import Tensors

/// Inexact Newton's method for min f(x) subject to c(x) = 0, its steps measured by an exact augmented Lagrangian (Hong, Na, Mahoney and
/// Kolar 2023, arXiv 2305.18379):
///
///     (dx, dlambda) with ||K d + R|| <= theta ||R||, by random sketches or otherwise
///     while <grad L_eta, d> > -(eta2 / 2) ||R||^2:  eta1 <- nu^2 eta1, eta2 <- eta2 / nu, theta <- theta / nu, d to the new theta
///     z <- z + alpha d with the first alpha = 1, 1/2, 1/4, ... that decreases L_eta by 0.3 alpha <grad L_eta, d>
///
/// Two additions of ours: a decrease within 1e-13 of |L_eta| counts as enough, since rounding hides more near the solution; and a
/// search that finds no step ends the method.
public struct AugmentedLagrangianNewton: Sendable {
  /// What solves K d = -R.
  public enum LinearSolver: Hashable, Sendable {
    /// By factorization; theta plays no part.
    case exact
    /// By sketch-and-project.
    case sketched(EquationSketch)
    /// The smallest residual in a growing Krylov space (MINRES).
    case minimalResidual
  }

  /// What solves the Newton systems.
  public var solver: LinearSolver
  /// theta at the start.
  public var tolerance: Double
  /// What theta is multiplied by after each step: below 1 for superlinear convergence.
  public var tightening: Double
  /// nu.
  public var growth = 1.5
  /// The share of the predicted decrease that a step must make.
  public var sufficientDecrease = 0.3
  /// The least curvature along the constraints; below it B is shifted.
  public var leastCurvature = 1e-2
  /// Steps of an iterative solver at most.
  public var maximumInner = 300_000

  /// The method; constants partly of our choice.
  public init(solver: LinearSolver, tolerance: Double = 0.1, tightening: Double = 1) {
    (self.solver, self.tolerance, self.tightening) = (solver, tolerance, tightening)
  }

  /// Where the method is, and what its last step was like.
  public struct State: Codable, Sendable {
    /// z = (x, lambda).
    public var point: Tensor<Double>
    /// ||R(z)||.
    public var residualNorm: Double
    /// (eta1, eta2).
    public var penalties = Tensor([1.0, 0.1])
    /// theta of the next step.
    public var tolerance: Double
    /// Steps taken.
    public var iterations = 0
    /// alpha.
    public var stepSize = Double.nan
    /// Steps of the linear solver.
    public var innerIterations = 0
    /// theta that the direction was found with.
    public var allowedResidual = Double.nan
    /// ||K d + R|| / ||R||.
    public var linearResidual = Double.nan
    /// -<grad L_eta, d> / ((eta2 / 2) ||R||^2), at least 1.
    public var descent = Double.nan
    /// L_eta at z, with the penalties of the last step.
    public var merit = Double.nan
    /// Whether no step was found.
    public var isStuck = false
  }

  /// At x, with multipliers of zero.
  public func start(at x: Tensor<Double>, on system: LagrangianSystem) -> State {
    let z = Tensor.concatenate([x, .zeros(system.constraintCount)])
    var state = State(point: z, residualNorm: system.residual(z).norm().scalar, tolerance: tolerance)
    state.merit = system.merit(z, state.penalties).value.scalar
    return state
  }

  /// One step.
  /// - Parameter key: of its sketches.
  public func step(_ state: inout State, on system: LagrangianSystem, key: Key) throws {
    let z = state.point
    let r = system.residual(z)
    let norm = r.norm().scalar
    var newton = LinearSystem(
      solver, matrix: try system.regularizedMatrix(at: z, leastCurvature: leastCurvature), right: -r, key: key)
    for _ in 0..<100 {
      // A little below, so that rounding does not lift it above.
      let d = try newton.solution(to: state.tolerance * norm * (1 - 1e-9), maximum: maximumInner)
      let merit = system.merit(z, state.penalties)
      let slope = merit.gradient.dot(d).scalar
      let needed = state.penalties[1] / 2 * norm * norm
      if slope <= -needed {
        state.allowedResidual = state.tolerance
        state.linearResidual = newton.residualNorm(d) / norm
        (state.innerIterations, state.descent) = (newton.iterations, -slope / needed)
        guard let length = stepSize(from: z, along: d, merit.value.scalar, slope, state.penalties, system) else { break }
        state.point = z + length * d
        state.residualNorm = system.residual(state.point).norm().scalar
        state.merit = system.merit(state.point, state.penalties).value.scalar
        (state.stepSize, state.iterations) = (length, state.iterations + 1)
        state.tolerance *= tightening
        return
      }
      state.penalties = state.penalties * Tensor([growth * growth, 1 / growth])
      state.tolerance /= growth
    }
    state.isStuck = true
  }

  private func stepSize(
    from z: Tensor<Double>, along d: Tensor<Double>, _ value: Double, _ slope: Double, _ penalties: Tensor<Double>,
    _ system: LagrangianSystem
  ) -> Double? {
    (0..<60).lazy.map { 1 / Double(1 << $0) }.first { length in
      let next = system.merit(z + length * d, penalties).value.scalar
      return next <= value + sufficientDecrease * length * slope + 1e-13 * abs(value)
    }
  }

  /// A linear system that can be solved on to a smaller residual.
  private struct LinearSystem {
    let solver: LinearSolver
    let matrix: Tensor<Double>
    let right: Tensor<Double>
    var iterations = 0
    private var sketched: SketchAndProject?

    init(_ solver: LinearSolver, matrix: Tensor<Double>, right: Tensor<Double>, key: Key) {
      (self.solver, self.matrix, self.right) = (solver, matrix, right)
      if case .sketched(let sketch) = solver {
        sketched = SketchAndProject(matrix: matrix, right: right, sketch: sketch, key: key)
      }
    }

    func residualNorm(_ d: Tensor<Double>) -> Double { (matmul(matrix, d) - right).norm().scalar }

    mutating func solution(to residual: Double, maximum: Int) throws -> Tensor<Double> {
      switch solver {
      case .exact: return try solve(matrix, right)
      case .minimalResidual:
        let result = minimalResidual({ matmul(matrix, $0) }, right, tolerance: residual / right.norm().scalar)
        iterations = result.iterations
        return result.solution
      case .sketched:
        sketched?.run(to: residual, maximum: maximum)
        iterations = sketched?.iterations ?? 0
        return sketched?.solution ?? right
      }
    }
  }
}
