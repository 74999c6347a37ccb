/// Running sums and products along an axis.
extension Tensor where Scalar: RealScalar {
  /// The sum of all elements up to each one, or from each one on.
  public func cumulativeSum(axis: Int = -1, reversed: Bool = false) -> Tensor {
    Tensor(CumulativeSum(axis: normalizedAxis(axis, shape, "cumulativeSum"), isReversed: reversed)(AnyTensor(self)))
  }

  /// The product of all elements up to each one. Its derivative is right for zeros too, since nothing is divided.
  public func cumulativeProduct(axis: Int = -1) -> Tensor {
    scanned(normalizedAxis(axis, shape, "cumulativeProduct")) { $0 * $1 }
  }

  /// The logarithm of the sum of e^x over all elements up to each one, without overflow.
  public func logCumulativeSumExp(axis: Int = -1) -> Tensor {
    scanned(normalizedAxis(axis, shape, "logCumulativeSumExp")) { logAddExp($0, $1) }
  }

  /// By doubling (Hillis and Steele 1986): log n operations on whole tensors instead of n on slices.
  private func scanned(_ axis: Int, _ combine: (Tensor, Tensor) -> Tensor) -> Tensor {
    var result = self
    var shift = 1
    while shift < shape[axis] {
      let x = AnyTensor(result)
      let earlier = Tensor(x.slice(axis: axis, 0..<shape[axis] - shift))
      let later = Tensor(x.slice(axis: axis, shift..<shape[axis]))
      let start = Tensor(x.slice(axis: axis, 0..<shift))
      result = .concatenate([start, combine(earlier, later)], axis: axis)
      shift *= 2
    }
    return result
  }
}

/// log(e^a + e^b), broadcast, without overflow.
public func logAddExp<Scalar: RealScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Tensor<Scalar> {
  // Of two equal infinities the difference would be NaN.
  let distance = Tensor.where(a .== b, 0, a - b).abs()
  return maximum(a, b) + (-distance).softplus()
}
