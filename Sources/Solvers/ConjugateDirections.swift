import Tensors
import Transforms

/// Solves A x = b for a symmetric positive definite A along directions that somebody proposes, each made A-orthogonal to the last few
/// (Kaneda et al. 2023, arXiv 2205.10763, Algorithm 1): from x = 0 and r = b,
///
///     d <- f(r / |r|);  d <- d - sum over the last m of d_i (d_i^T A d) / (d_i^T A d_i)
///     alpha = r^T d / d^T A d;  x <- x + alpha d;  r <- r - alpha A d
///
/// Whatever f proposes, the error falls in the norm of A. With f the identity and m = 1 it is the method of conjugate gradients. It stops
/// early, unconverged, where a direction has no positive curvature.
/// - Parameters:
///   - product: A times a vector.
///   - b: a tensor of any shape or a tree of tensors.
///   - memory: m.
///   - tolerance: on the norm of b - A x divided by that of b.
///   - maximumIterations: directions.
///   - propose: f, of a vector of length one.
///   - observe: called after each step with x, the direction, and A times it.
public func conjugateDirections<Vector: TensorTree>(
  _ product: (Vector) -> Vector, _ b: Vector, memory: Int = 2, tolerance: Double = 1e-8, maximumIterations: Int = 1000,
  propose: (Vector) -> Vector, observe: (_ x: Vector, _ direction: Vector, _ image: Vector) -> Void = { _, _, _ in }
) -> LinearSolution<Vector> {
  let scale = b.magnitude
  var residual = b
  var last: [(direction: Vector, image: Vector, curvature: Double)] = []
  var result = LinearSolution(
    solution: b.scaled(by: 0), iterations: 0, residuals: [scale > 0 ? 1 : 0], isConverged: scale == 0)
  while !result.isConverged, result.iterations < maximumIterations {
    var direction = propose(residual.scaled(by: 1 / (result.residuals[result.iterations] * scale)))
    for old in last { direction = direction.adding(-old.image.inner(direction) / old.curvature, old.direction) }
    let image = product(direction)
    let curvature = direction.inner(image)
    guard curvature > 0, curvature.isFinite else { break }
    let step = residual.inner(direction) / curvature
    result.solution = result.solution.adding(step, direction)
    residual = residual.adding(-step, image)
    last = Array((last + [(direction, image, curvature)]).suffix(memory))
    result.iterations += 1
    result.residuals.append(residual.magnitude / scale)
    result.isConverged = result.residuals[result.iterations] <= tolerance
    observe(result.solution, direction, image)
  }
  return result
}
