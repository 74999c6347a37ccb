import Tensors

/// The spectrum of a second moment (1/n) sum_i g_i g_i^T of rows g_i: of per-example gradients it is what gradient noise and the Fisher
/// matrix are made of, of inputs with weights it is a generalized Gauss-Newton matrix.
///
/// Rows and dimension may differ widely: of the n x n Gram matrix and the d x d moment, which share all eigenvalues but zeros, the
/// smaller one is taken apart.
public struct SecondMomentSpectrum<Scalar: RealScalar> {
  /// Descending, [..., min(n, d)].
  public var values: Tensor<Scalar>
  /// The orthonormal eigenvectors, one a row, in the same order: [..., min(n, d), d]. With fewer rows than dimensions, zero where the
  /// eigenvalue is zero to rounding.
  public var vectors: Tensor<Scalar>

  /// - Parameter rows: g, [..., n, d].
  /// - Throws: when a row is not finite.
  public init(of rows: Tensor<Scalar>) throws(LinearAlgebraError) {
    guard rows.rank >= 2 else { fatalError("SecondMomentSpectrum: rows of shape \(rows.shape), expected [..., rows, dimension]") }
    let (n, d) = (rows.shape[rows.rank - 2], rows.shape[rows.rank - 1])
    let scale = 1 / Scalar(n)
    if n >= d {
      let (values, vectors) = try eigh(matmul(rows, rows, transposeA: true) * scale)
      self.values = values.flipped(-1)
      self.vectors = vectors.transposed().flipped(-2)
    } else {
      let (values, vectors) = try eigh(matmul(rows, rows, transposeB: true) * scale)
      self.values = values.flipped(-1)
      // G^T u has the norm sqrt(n lambda), to be divided by while rounding leaves it digits.
      let images = matmul(vectors.transposed().flipped(-2), rows)
      let lengths = images.norm(-1, keepingAxes: true)
      let cutoff = lengths.max(-2, keepingAxes: true) * (Scalar(n) * Scalar.ulpOfOne).squareRoot()
      self.vectors = Tensor.where(lengths .> cutoff, images / Tensor.where(lengths .> cutoff, lengths, 1), 0)
    }
  }
}
