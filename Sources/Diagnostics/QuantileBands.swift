import Tensors

/// Quantiles of the values along one axis of a tensor, over seeds for example: for each share a tensor without that axis. Linear between
/// order statistics; NaN where one of the values is.
public func quantileBands<Scalar: RealScalar>(
  _ values: Tensor<Scalar>, _ shares: [Double] = [0.25, 0.5, 0.75], axis: Int = 0
) -> [Tensor<Scalar>] {
  guard values.shape.indices.contains(axis) else {
    fatalError("quantileBands: no axis \(axis) in shape \(values.shape)")
  }
  let extent = values.shape[axis]
  let inner = values.shape[(axis + 1)...].reduce(1, *)
  let outer = values.shape[..<axis].reduce(1, *)
  let all = values.scalars
  var bands = [[Scalar]](repeating: [], count: shares.count)
  for place in 0..<outer * inner {
    let start = place / inner * extent * inner + place % inner
    let column = (0..<extent).map { Double(all[start + $0 * inner]) }
    for (band, value) in quantiles(column, shares).enumerated() { bands[band].append(Scalar(value)) }
  }
  let shape = Array(values.shape[..<axis] + values.shape[(axis + 1)...])
  return bands.map { Tensor(shape: shape, $0) }
}
