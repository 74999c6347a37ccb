import Tensors

/// Products with the inverse of a damped Kronecker product A (x) B + lambda I of two covariances: what K-FAC takes for the Fisher matrix
/// of a layer, A that of its inputs and B that of the gradients at its outputs (Martens and Grosse 2015, arXiv 1503.05671).
///
/// A = P diag(a) P^T and B = Q diag(b) Q^T make it P ((P^T X Q) / (a b^T + lambda)) Q^T for a gradient X of the weights [inputs, outputs],
/// without the factored damping of the paper, which is an approximation of this.
public struct KroneckerInverse<Scalar: RealScalar> {
  /// lambda.
  public let damping: Double
  private let inputs: (values: Tensor<Scalar>, vectors: Tensor<Scalar>)
  private let outputs: (values: Tensor<Scalar>, vectors: Tensor<Scalar>)

  /// - Parameters:
  ///   - inputs: A, [inputs, inputs], positive semidefinite.
  ///   - outputs: B, [outputs, outputs], positive semidefinite.
  public init(inputs: Tensor<Scalar>, outputs: Tensor<Scalar>, damping: Double) {
    (self.inputs, self.outputs, self.damping) = (inputs.eigh(), outputs.eigh(), damping)
  }

  /// (A (x) B + lambda I)^-1 vec(X) as a matrix [inputs, outputs], vec row after row.
  public func callAsFunction(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    let rotated = matmul(matmul(inputs.vectors, x, transposeA: true), outputs.vectors)
    let scaled = rotated / (inputs.values.outer(outputs.values) + Scalar(damping))
    return matmul(matmul(inputs.vectors, scaled), outputs.vectors, transposeB: true)
  }
}
