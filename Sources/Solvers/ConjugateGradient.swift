import Tensors
import Transforms

/// What a linear solver returns, converged or not.
public struct LinearSolution<Vector: TensorTree> {
  /// The last iterate.
  public var solution: Vector
  /// Products with the operator, the first residual's not counted.
  public var iterations: Int
  /// Norms of b - A x divided by that of b, from the start on; the last belongs to `solution`.
  public var residuals: [Double]
  /// Whether the last residual is at most the tolerance.
  public var isConverged: Bool
}

/// Solves A x = b for a symmetric positive definite A, given as its product with a vector (Hestenes and Stiefel 1952).
///
///     let direction = conjugateGradient({ hvp(loss)(model, $0, x, y) }, gradient, tolerance: 1e-6).solution
///
/// It stops early, unconverged, where a direction has no positive curvature or a number is not finite.
/// - Parameters:
///   - product: A times a vector; compile it.
///   - b: a tensor of any shape or a tree of tensors.
///   - start: the first iterate, by default zero.
///   - preconditioner: an approximation of the inverse of A times a vector, symmetric positive definite.
///   - tolerance: on the norm of b - A x divided by that of b.
///   - maximumIterations: products with A, by default as many as b has scalars.
public func conjugateGradient<Vector: TensorTree>(
  _ product: (Vector) -> Vector, _ b: Vector, start: Vector? = nil, preconditioner: ((Vector) -> Vector)? = nil,
  tolerance: Double = 1e-8, maximumIterations: Int? = nil
) -> LinearSolution<Vector> {
  let limit = maximumIterations ?? b.tensors.map { $0.shape.reduce(1, *) }.reduce(0, +)
  let scale = b.magnitude
  var x = start ?? b.scaled(by: 0)
  var residual = start.map { b.adding(-1, product($0)) } ?? b
  guard scale > 0 else { return LinearSolution(solution: b, iterations: 0, residuals: [0], isConverged: true) }
  var result = LinearSolution(solution: x, iterations: 0, residuals: [residual.magnitude / scale], isConverged: false)
  var z = preconditioner.map { $0(residual) } ?? residual
  var direction = z
  var energy = residual.inner(z)
  while true {
    let relative = result.residuals[result.iterations]
    result.isConverged = relative <= tolerance
    guard !result.isConverged, relative.isFinite, result.iterations < limit else { break }
    let image = product(direction)
    let curvature = direction.inner(image)
    guard curvature > 0, curvature.isFinite else { break }
    let step = energy / curvature
    x = x.adding(step, direction)
    residual = residual.adding(-step, image)
    z = preconditioner.map { $0(residual) } ?? residual
    let next = residual.inner(z)
    direction = z.adding(next / energy, direction)
    energy = next
    result.iterations += 1
    result.residuals.append(residual.magnitude / scale)
  }
  result.solution = x
  return result
}
