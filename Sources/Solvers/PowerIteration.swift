import Tensors
import Transforms

/// What an eigenvalue iteration returns, converged or not.
public struct EigenpairEstimate<Scalar: RealScalar> {
  /// Rayleigh quotients, by absolute value descending.
  public var values: [Double]
  /// The unit vectors to them, one a row, [count, dimension].
  public var vectors: Tensor<Scalar>
  /// Norms of A v - lambda v, one for each pair.
  public var residuals: [Double]
  /// Rounds, each with one product a vector.
  public var iterations: Int
  /// Whether every residual is at most the tolerance times the largest value's size.
  public var isConverged: Bool
}

/// The eigenvalue of greatest absolute value of a symmetric operator, and its vector.
///
/// The error falls with |lambda_2 / lambda_1|^2 a product; with two values of one size and unequal sign there is no limit.
public func powerIteration<Scalar: RealScalar>(
  _ product: (Tensor<Scalar>) -> Tensor<Scalar>, dimension: Int, tolerance: Double = 1e-6, maximumIterations: Int = 1000, key: Key
) -> EigenpairEstimate<Scalar> {
  orthogonalIteration(
    product, dimension: dimension, count: 1, tolerance: tolerance, maximumIterations: maximumIterations, key: key)
}

/// The `count` eigenvalues of greatest absolute value of a symmetric operator, by orthogonal iteration with Rayleigh-Ritz rotation.
/// - Parameters:
///   - product: A times a vector, [dimension].
///   - dimension: of A.
///   - count: how many.
///   - tolerance: on the norms of A v - lambda v, relative to the largest |lambda|.
///   - maximumIterations: rounds.
///   - key: of the start vectors.
public func orthogonalIteration<Scalar: RealScalar>(
  _ product: (Tensor<Scalar>) -> Tensor<Scalar>, dimension: Int, count: Int, tolerance: Double = 1e-6,
  maximumIterations: Int = 1000, key: Key
) -> EigenpairEstimate<Scalar> {
  guard count >= 1, count <= dimension else { fatalError("orthogonalIteration: \(count) pairs in \(dimension) dimensions") }
  var vectors = qr(Tensor<Scalar>.normal([dimension, count], key: key)).q.transposed()
  var iterations = 0
  while true {
    let images = Tensor.stack((0..<count).map { product(vectors.row($0)) })
    let small = matmul(vectors, images, transposeB: true)
    // Rayleigh-Ritz: the best pairs within the space.
    let rotation = symmetricEigen((small + small.transposed()) * 0.5)
    let order = (0..<count).sorted { abs(rotation.values[$0]) > abs(rotation.values[$1]) }
    let mixing = Tensor.stack(order.map { Tensor<Scalar>(rotation.vectors[$0].map { Scalar($0) }) })
    let values = order.map { rotation.values[$0] }
    vectors = matmul(mixing, vectors)
    let rotated = matmul(mixing, images)
    let residuals = (0..<count).map { i in Double((rotated.row(i) - vectors.row(i) * Scalar(values[i])).norm().scalar) }
    iterations += 1
    let isConverged = residuals.allSatisfy { $0 <= tolerance * abs(values[0]) }
    if isConverged || iterations >= maximumIterations || !residuals.allSatisfy(\.isFinite) {
      return EigenpairEstimate(
        values: values, vectors: vectors, residuals: residuals, iterations: iterations, isConverged: isConverged)
    }
    vectors = qr(rotated.transposed()).q.transposed()
  }
}

/// Eigenvalues and unit vectors of a small symmetric matrix by Jacobi's rotations, unordered.
private func symmetricEigen<Scalar: RealScalar>(_ matrix: Tensor<Scalar>) -> (values: [Double], vectors: [[Double]]) {
  let n = matrix.shape[0]
  var a = (0..<n).map { i in (0..<n).map { Double(matrix[i, $0]) } }
  var v = (0..<n).map { i in (0..<n).map { $0 == i ? 1.0 : 0.0 } }
  for _ in 0..<50 {
    var (outside, inside) = (0.0, 0.0)
    for i in 0..<n {
      inside += a[i][i] * a[i][i]
      for j in 0..<i { outside += a[i][j] * a[i][j] }
    }
    guard outside > 1e-32 * inside else { break }
    for p in 0..<n {
      for q in p + 1..<n where a[p][q] != 0 {
        let theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
        let t = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
        let c = 1 / (t * t + 1).squareRoot()
        let s = t * c
        for k in 0..<n { (a[k][p], a[k][q]) = (c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q]) }
        for k in 0..<n { (a[p][k], a[q][k]) = (c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]) }
        for k in 0..<n { (v[p][k], v[q][k]) = (c * v[p][k] - s * v[q][k], s * v[p][k] + c * v[q][k]) }
      }
    }
  }
  return ((0..<n).map { a[$0][$0] }, v)
}
