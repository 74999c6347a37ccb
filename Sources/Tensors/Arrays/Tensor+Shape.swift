extension Tensor {
  /// The same scalars under another shape of the same count, without a copy; one extent may be -1, which is what is left.
  public func reshaped(_ newShape: [Int]) -> Tensor {
    guard let free = newShape.firstIndex(of: -1) else { return Tensor(AnyTensor(self).reshaped(newShape)) }
    var shape = newShape
    shape[free] = 1
    let known = elementCount(shape)
    guard known > 0, count % known == 0 else {
      fatalError("Tensor.reshaped: shape \(self.shape) to \(newShape) changes the count")
    }
    shape[free] = count / known
    return Tensor(AnyTensor(self).reshaped(shape))
  }

  /// The same scalars under another shape of the same count, without a copy.
  public func reshaped(_ newShape: Int...) -> Tensor { reshaped(newShape) }

  /// Slice `i` of the first axis: a row of a matrix, rank one less (a copy).
  public func row(_ i: Int) -> Tensor {
    guard rank >= 1, i >= 0, i < shape[0] else { fatalError("Tensor.row(\(i)): no such slice in shape \(shape)") }
    return Tensor(AnyTensor(self).element(i))
  }

  /// Tensors of one shape along a new axis, by default the first.
  public static func stack(_ rows: [Tensor], axis: Int = 0) -> Tensor {
    guard let first = rows.first else { fatalError("Tensor.stack: no tensors, hence no shape") }
    let axis = normalizedAxis(axis, first.shape + [1], "stack")
    return Tensor(AnyTensor.concatenate(rows.map { AnyTensor($0).insertingAxis(axis) }, axis: axis))
  }

  /// Tensors joined along an axis; their other extents agree.
  public static func concatenate(_ parts: [Tensor], axis: Int = 0) -> Tensor {
    guard let first = parts.first else { fatalError("Tensor.concatenate: no tensors, hence no shape") }
    let axis = normalizedAxis(axis, first.shape, "concatenate")
    return Tensor(AnyTensor.concatenate(parts.map { AnyTensor($0) }, axis: axis))
  }

  /// The transpose of a matrix; with more axes, the last two exchanged.
  public func transposed() -> Tensor {
    guard rank >= 2 else { fatalError("Tensor.transposed: shape \(shape) is no matrix") }
    return Tensor(AnyTensor(self).matrixTransposed)
  }

  /// Axis i of the result is axis `axes[i]` of this tensor.
  public func permuted(_ axes: Int...) -> Tensor { Tensor(AnyTensor(self).permuted(axes)) }
}
