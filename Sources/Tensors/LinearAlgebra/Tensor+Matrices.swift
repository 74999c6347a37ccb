/// Parts and products of matrices, the last two axes of a tensor.
extension Tensor {
  /// The elements on and below a diagonal of each matrix (0 the main one, 1 the one above it), zeros elsewhere.
  public func lowerTriangle(diagonal: Int = 0) -> Tensor { Tensor(AnyTensor(self).lowerTriangle(diagonal)) }

  /// The elements on and above a diagonal of each matrix (0 the main one, 1 the one above it), zeros elsewhere.
  public func upperTriangle(diagonal: Int = 0) -> Tensor { Tensor(AnyTensor(self).upperTriangle(diagonal)) }

  /// A diagonal of each matrix: [..., m, n] to [..., k]. Offset 1 is the one above the main diagonal.
  public func diagonal(offset: Int = 0) -> Tensor { Tensor(Diagonal(offset: offset)(AnyTensor(self))) }

  /// Square matrices with the vectors of the last axis on their diagonals: [..., n] to [..., n, n].
  public func diagonalMatrix() -> Tensor {
    guard rank >= 1 else { fatalError("Tensor.diagonalMatrix: a tensor of rank 0 is no diagonal") }
    return Tensor(AnyTensor(self).diagonalMatrix)
  }
}

extension Tensor where Scalar: NumberScalar {
  /// The sum of the main diagonal of each matrix: [..., m, n] to [...].
  public func trace() -> Tensor { diagonal().sum(-1) }

  /// The products of all pairs of scalars of two vectors: [..., m] and [..., n] to [..., m, n].
  public func outer(_ other: Tensor) -> Tensor {
    guard rank >= 1, other.rank >= 1 else { fatalError("Tensor.outer: shapes \(shape) and \(other.shape) are no vectors") }
    return reshaped(shape + [1]) * other.reshaped(other.shape.dropLast() + [1, other.shape[other.rank - 1]])
  }

  /// The Kronecker product of matrices: [..., m, n] and [..., p, q] to [..., m p, n q].
  public func kronecker(_ other: Tensor) -> Tensor {
    guard rank >= 2, other.rank >= 2 else { fatalError("Tensor.kronecker: shapes \(shape) and \(other.shape) are no matrices") }
    let (a, b) = (AnyTensor(self).signature, AnyTensor(other).signature)
    let product =
      reshaped(a.leading + [a.rows, 1, a.columns, 1]) * other.reshaped(b.leading + [1, b.rows, 1, b.columns])
    return product.reshaped(product.shape.dropLast(4) + [a.rows * b.rows, a.columns * b.columns])
  }
}
