/// Elements picked by tensors of indices, and added at them. An index that is not there stops the program.
extension Tensor {
  /// The elements of an axis at these indices, whose axes take its place: rows by default.
  public func gather(_ indices: Tensor<Int32>, axis: Int = 0) -> Tensor {
    let axis = normalizedAxis(axis, shape, "gather")
    let picked = GatherRows()(AnyTensor(self).movingAxis(axis, to: 0), AnyTensor(indices))
    // [indices, before, after] to [before, indices, after].
    let before = Array(indices.rank..<indices.rank + axis)
    return Tensor(picked.permuted(before + (0..<indices.rank) + (indices.rank + axis..<picked.rank)))
  }

  /// The scalars at indices along an axis: indices and tensor agree in all other axes.
  public func takeAlongAxis(_ indices: Tensor<Int32>, axis: Int) -> Tensor {
    Tensor(TakeAlongAxis(axis: normalizedAxis(axis, shape, "takeAlongAxis"))(AnyTensor(self), AnyTensor(indices)))
  }
}

extension Tensor where Scalar: NumberScalar {
  /// Zeros of `rows` rows with these, [indices..., ...], added at the indices.
  public func scatterAdd(_ indices: Tensor<Int32>, rows: Int) -> Tensor {
    Tensor(ScatterAddRows(rows: rows)(AnyTensor(self), AnyTensor(indices)))
  }

  /// Zeros with an axis of `extent` elements, to which these are added at the indices: the transpose of `takeAlongAxis`.
  public func scatterAddAlongAxis(_ indices: Tensor<Int32>, axis: Int, extent: Int) -> Tensor {
    let axis = normalizedAxis(axis, shape, "scatterAddAlongAxis")
    return Tensor(ScatterAddAlongAxis(axis: axis, extent: extent)(AnyTensor(self), AnyTensor(indices)))
  }

  /// 1 at the class of each index along a new last axis, else 0; an index outside of `0..<classes` has no 1.
  public static func oneHot(_ indices: Tensor<Int32>, classes: Int) -> Tensor {
    (indices.expandingDimensions(-1) .== Tensor<Int32>.arange(classes)).converted(to: Scalar.self)
  }
}
