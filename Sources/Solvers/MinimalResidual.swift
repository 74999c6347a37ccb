import Tensors
import Transforms

/// Solves A x = b for a symmetric A, definite or not: of the Krylov space of b the vector with the smallest residual, in a space that grows
/// until that is small enough. What MINRES computes (Paige and Saunders 1975), without its short recurrences: the basis is kept and
/// reorthogonalized, for systems of up to a few hundred unknowns.
/// - Parameters:
///   - product: A times a vector.
///   - b: of rank 1, not zero.
///   - tolerance: on the norm of b - A x divided by that of b.
///   - maximumIterations: products with A, by default as many as b has scalars.
public func minimalResidual(
  _ product: (Tensor<Double>) -> Tensor<Double>, _ b: Tensor<Double>, tolerance: Double, maximumIterations: Int? = nil
) -> LinearSolution<Tensor<Double>> {
  let scale = b.norm().scalar
  var result = LinearSolution(solution: b * 0, iterations: 0, residuals: [1.0], isConverged: tolerance >= 1)
  var basis = [b / scale]
  var images: [Tensor<Double>] = []
  let limit = min(b.count, maximumIterations ?? b.count)
  while !result.isConverged, result.iterations < limit {
    let image = product(basis[basis.count - 1])
    images.append(image)
    // The residual is least over the space spanned so far: a small least-squares problem.
    let space = Tensor.stack(images, axis: 1)
    let coefficients = space.leastSquares(b)
    result.solution = matmul(Tensor.stack(basis, axis: 1), coefficients)
    result.iterations += 1
    result.residuals.append((matmul(space, coefficients) - b).norm().scalar / scale)
    result.isConverged = result.residuals[result.iterations] <= tolerance
    var next = image
    let known = Tensor.stack(basis)
    for _ in 0..<2 { next -= matmul(matmul(known, next), known) }
    let norm = next.norm().scalar
    guard norm > 1e-14 * image.norm().scalar else { break }
    basis.append(next / norm)
  }
  return result
}
