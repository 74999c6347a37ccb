/// Orders along an axis, by default the last. NaN comes after every number; equal numbers keep their order. Derivatives go to the
/// numbers that were taken.
extension Tensor where Scalar: RealScalar {
  /// The place of the largest number, the first of equals.
  public func argmax(axis: Int = -1) -> Tensor<Int32> {
    Tensor<Int32>(ArgumentOfExtremum(axis: normalizedAxis(axis, shape, "argmax"), isMaximum: true)(AnyTensor(self)))
  }

  /// The place of the smallest number, the first of equals.
  public func argmin(axis: Int = -1) -> Tensor<Int32> {
    Tensor<Int32>(ArgumentOfExtremum(axis: normalizedAxis(axis, shape, "argmin"), isMaximum: false)(AnyTensor(self)))
  }

  private func sortIndices(_ largest: Int?, _ axis: Int) -> Tensor<Int32> {
    let indices = SortIndices(largest: largest)(AnyTensor(self).movingAxis(axis, to: rank - 1))
    return Tensor<Int32>(indices.movingAxis(rank - 1, to: axis))
  }

  /// The places of the numbers in ascending (or descending) order.
  public func argsort(axis: Int = -1, descending: Bool = false) -> Tensor<Int32> {
    (descending ? -self : self).sortIndices(nil, normalizedAxis(axis, shape, "argsort"))
  }

  /// The numbers in ascending (or descending) order.
  public func sorted(axis: Int = -1, descending: Bool = false) -> Tensor {
    takeAlongAxis(argsort(axis: axis, descending: descending), axis: axis)
  }

  /// The `k` largest numbers, in descending order, and their places.
  public func topK(_ k: Int, axis: Int = -1) -> (values: Tensor, indices: Tensor<Int32>) {
    let indices = sortIndices(k, normalizedAxis(axis, shape, "topK"))
    return (takeAlongAxis(indices, axis: axis), indices)
  }

  /// The number below which a share `q` of the numbers lies, interpolated between neighbours as in NumPy; NaN if one is.
  public func quantile(_ q: Double, axis: Int = -1) -> Tensor {
    let axis = normalizedAxis(axis, shape, "quantile")
    guard (0...1).contains(q), shape[axis] > 0 else { fatalError("Tensor.quantile: \(q) along axis \(axis) of shape \(shape)") }
    let sorted = AnyTensor(self.sorted(axis: axis))
    var rest = shape
    rest.remove(at: axis)
    func element(_ i: Int) -> Tensor { Tensor(sorted.slice(axis: axis, i..<i + 1).reshaped(rest)) }
    let last = shape[axis] - 1
    let place = q * Double(last)
    let (below, above) = (Int(place.rounded(.down)), Int(place.rounded(.up)))
    let low = element(below)
    let value = below == above ? low : low + (element(above) - low) * Scalar(place - Double(below))
    let largest = element(last)
    return .where(largest .!= largest, .nan, value)
  }

  /// The number in the middle, or the mean of the two there; NaN if one number is.
  public func median(axis: Int = -1) -> Tensor { quantile(0.5, axis: axis) }

  /// How many numbers of this vector, in ascending order, are less than each value (or, `fromRight`, less or equal).
  public func searchSorted(_ values: Tensor, fromRight: Bool = false) -> Tensor<Int32> {
    Tensor<Int32>(SearchSorted(fromRight: fromRight)(AnyTensor(self), AnyTensor(values)))
  }
}
