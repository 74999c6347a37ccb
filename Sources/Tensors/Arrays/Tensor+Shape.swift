extension Tensor {
  /// The same scalars under another shape of the same count, without a copy.
  public func reshaped(_ newShape: [Int]) -> Tensor {
    guard elementCount(newShape) == count else { fatalError("Tensor.reshaped: shape \(shape) to \(newShape) changes the count") }
    return Tensor(shape: newShape, count: count, storage: storage)
  }

  /// The same scalars under another shape of the same count, without a copy.
  public func reshaped(_ newShape: Int...) -> Tensor { reshaped(newShape) }

  /// Slice `i` of the first axis: a row of a matrix, rank one less (a copy).
  public func row(_ i: Int) -> Tensor {
    guard rank >= 1, i >= 0, i < shape[0] else { fatalError("Tensor.row(\(i)): no such slice in shape \(shape)") }
    var result = Tensor(uninitialized: Array(shape.dropFirst()))
    result.mutablePointer.update(from: pointer + i * result.count, count: result.count)
    return result
  }

  /// Replaces slice `i` of the first axis.
  public mutating func setRow(_ i: Int, to row: Tensor) {
    guard rank >= 1, i >= 0, i < shape[0], row.shape == Array(shape.dropFirst()) else {
      fatalError("Tensor.setRow(\(i)): a slice of shape \(row.shape) into shape \(shape)")
    }
    mutablePointer.advanced(by: i * row.count).update(from: row.pointer, count: row.count)
    withExtendedLifetime(row) {}
  }

  /// Tensors of one shape along a new first axis.
  public static func stack(_ rows: [Tensor]) -> Tensor {
    guard let first = rows.first else { fatalError("Tensor.stack: no tensors, hence no shape") }
    var result = Tensor(uninitialized: [rows.count] + first.shape)
    for (i, row) in rows.enumerated() { result.setRow(i, to: row) }
    return result
  }

  /// The transpose of a matrix (a copy).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func transposed() -> Tensor {
    guard rank == 2 else { fatalError("Tensor.transposed: shape \(shape) is no matrix") }
    let (rows, columns) = (shape[0], shape[1])
    var result = Tensor(uninitialized: [columns, rows])
    let (source, target) = (pointer, result.mutablePointer)
    // Squares of 16 x 16 keep both sides in L1 whatever the row length.
    let tile = 16
    for i0 in stride(from: 0, to: rows, by: tile) {
      for j0 in stride(from: 0, to: columns, by: tile) {
        for j in j0..<Swift.min(j0 + tile, columns) {
          for i in i0..<Swift.min(i0 + tile, rows) { target[j * rows + i] = source[i * columns + j] }
        }
      }
    }
    return result
  }
}
