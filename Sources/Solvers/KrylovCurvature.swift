import Tensors
import Transforms

/// The Hessian of a function within a Krylov space, and the saddle-free Newton step there (Dauphin et al. 2014, arXiv 1406.2572,
/// Algorithm 1; Pascanu et al. 2014, arXiv 1405.4604): with orthonormal rows V, V H V^T = Q diag(w) Q^T and
///
///     step = -V^T Q diag(1 / (|w| + delta)) Q^T V g
///
/// Steps products with the Hessian instead of the Hessian: for many parameters.
public struct KrylovCurvature<Scalar: RealScalar> {
  /// V, one vector a row.
  public let basis: Tensor<Scalar>
  /// w, ascending.
  public let values: Tensor<Scalar>
  /// Q, in columns.
  public let vectors: Tensor<Scalar>

  /// - Parameters:
  ///   - product: H times a vector; compile it.
  ///   - gradient: where the Krylov space starts, not zero.
  ///   - previous: the step before, which the space is widened by: it carries over what earlier spaces found.
  ///   - steps: dimension of the Krylov space.
  public init(
    _ product: (Tensor<Scalar>) -> Tensor<Scalar>, gradient: Tensor<Scalar>, previous: Tensor<Scalar>? = nil, steps: Int
  ) {
    let krylov = lanczos(product, start: gradient, steps: steps)
    let k = krylov.diagonal.count
    var matrix = Tensor(krylov.diagonal.map { Scalar($0) }).diagonalMatrix()
    for (i, beta) in krylov.offDiagonal.enumerated() {
      matrix[i, i + 1] = Scalar(beta)
      matrix[i + 1, i] = Scalar(beta)
    }
    var basis = krylov.basis
    if let widened = previous.flatMap({ Self.remainder(of: $0, outside: basis) }) {
      let image = product(widened)
      let border = matmul(basis, image)
      matrix = matrix.padded([(0, 1), (0, 1)])
      for i in 0..<k {
        matrix[i, k] = border[i]
        matrix[k, i] = border[i]
      }
      matrix[k, k] = widened.dot(image).scalar
      basis = .concatenate([basis, widened.expandingDimensions(0)])
    }
    self.basis = basis
    (values, vectors) = matrix.eigh()
  }

  /// -V^T Q diag(1 / (|w| + delta)) Q^T V g.
  public func saddleFreeStep(_ gradient: Tensor<Scalar>, damping: Scalar) -> Tensor<Scalar> {
    let coefficients = matmul(vectors, matmul(basis, gradient), transposeA: true)
    return -matmul(matmul(vectors, coefficients / (values.abs() + damping)), basis)
  }

  /// What of a vector is orthogonal to the basis, of norm 1; nil if that is rounding.
  private static func remainder(of vector: Tensor<Scalar>, outside basis: Tensor<Scalar>) -> Tensor<Scalar>? {
    var rest = vector
    for _ in 0..<2 { rest -= matmul(matmul(basis, rest), basis) }
    let norm = rest.norm().scalar
    return norm > vector.norm().scalar * Scalar.ulpOfOne.squareRoot() ? rest / norm : nil
  }
}
