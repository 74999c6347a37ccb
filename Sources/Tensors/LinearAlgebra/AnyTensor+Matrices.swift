/// What the derivatives of factorizations are written with.
extension AnyTensor {
  /// op(a) op(b) of the last two axes.
  static func product(_ a: AnyTensor, _ b: AnyTensor, transposeA: Bool = false, transposeB: Bool = false) -> AnyTensor {
    MatrixMultiply(transposeA: transposeA, transposeB: transposeB)(a, b)
  }

  func lowerTriangle(_ diagonal: Int = 0) -> AnyTensor { Triangle(isLower: true, diagonal: diagonal)(self) }
  func upperTriangle(_ diagonal: Int = 0) -> AnyTensor { Triangle(isLower: false, diagonal: diagonal)(self) }
  var diagonal: AnyTensor { Diagonal()(self) }

  /// Vectors to square matrices.
  var diagonalMatrix: AnyTensor { DiagonalMatrix(rows: shape[rank - 1], columns: shape[rank - 1])(self) }

  /// (a + aT) / 2.
  var symmetrized: AnyTensor { (self + matrixTransposed) * 0.5 }

  /// Column j times element j of a vector.
  func scalingColumns(_ v: AnyTensor) -> AnyTensor { self * v.insertingAxis(v.rank - 1) }

  /// Row i times element i of a vector.
  func scalingRows(_ v: AnyTensor) -> AnyTensor { self * v.insertingAxis(v.rank) }

  /// Column j divided by element j of a vector.
  func dividingColumns(_ v: AnyTensor) -> AnyTensor { self / v.insertingAxis(v.rank - 1) }

  /// A number for each matrix, times that matrix.
  func scalingMatrices(_ v: AnyTensor) -> AnyTensor { self * v.insertingAxis(v.rank).insertingAxis(v.rank + 1) }

  /// The identity for each place along `leading`.
  static func identity(_ n: Int, _ scalarType: ScalarType, leading: [Int] = []) -> AnyTensor {
    constant(1, scalarType).broadcast(to: [n]).diagonalMatrix.broadcast(to: leading + [n, n])
  }

  /// 1 / (v[j] - v[i]), and 0 on the diagonal. Infinite where two elements are equal.
  var reciprocalDifferences: AnyTensor {
    let identity = AnyTensor.identity(shape[rank - 1], scalarType)
    return 1 / (insertingAxis(rank - 1) - insertingAxis(rank) + identity) - identity
  }
}

/// Two tensors of matrices with their leading axes broadcast.
func broadcastMatrices(_ a: AnyTensor, _ b: AnyTensor, _ operation: String) -> (AnyTensor, AnyTensor) {
  guard a.rank >= 2, b.rank >= 2 else { fatalError("\(operation): shapes \(a.shape) and \(b.shape) are no matrices") }
  let leading = broadcastShape(a.shape.dropLast(2), b.shape.dropLast(2), operation: operation)
  return (a.broadcast(to: leading + a.shape.suffix(2)), b.broadcast(to: leading + b.shape.suffix(2)))
}

/// A solver of matrices for a right-hand side that is a vector, if its rank is 1, or matrices.
func solveColumns(
  _ a: AnyTensor, _ b: AnyTensor, _ operation: String, _ solve: (AnyTensor, AnyTensor) -> AnyTensor
) -> AnyTensor {
  let (left, right) = broadcastMatrices(a, b.rank == 1 ? b.insertingAxis(1) : b, operation)
  let x = solve(left, right)
  return b.rank == 1 ? x.reshaped(x.shape.dropLast()) : x
}
