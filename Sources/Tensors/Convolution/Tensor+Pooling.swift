/// Pooling of images [n, height, width, channels]. Padding takes no part: not in a maximum, not in what an average divides by.
extension Tensor where Scalar: RealScalar {
  /// The largest number of every window; NaN if there is one. The derivative goes to the first of equals.
  public func maxPool2D(
    _ window: ImageExtents, stride: ImageExtents? = nil, padding: ImagePadding = .valid
  ) -> Tensor {
    Tensor(MaximumPool(geometry: pooling(window, stride, padding, "maxPool2D")).apply([AnyTensor(self)])[0])
  }

  /// The average of every window, over its elements within the image or, with `countsPadding`, over all with zeros beside it.
  public func averagePool2D(
    _ window: ImageExtents, stride: ImageExtents? = nil, padding: ImagePadding = .valid, countsPadding: Bool = false
  ) -> Tensor {
    let geometry = pooling(window, stride, padding, "averagePool2D")
    return Tensor(AveragePool(geometry: geometry, countsPadding: countsPadding, isAdjoint: false)(AnyTensor(self)))
  }

  private func pooling(
    _ window: ImageExtents, _ stride: ImageExtents?, _ padding: ImagePadding, _ operation: String
  ) -> WindowGeometry {
    guard rank == 4 else { fatalError("Tensor.\(operation): shape \(shape), expected [n, height, width, channels]") }
    let geometry = WindowGeometry(
      image: ImageExtents(shape[1], shape[2]), kernel: window, stride: stride ?? window, padding: padding, operation)
    if case .explicit(let top, let bottom, let left, let right) = padding {
      guard Swift.max(top, bottom) < window.height, Swift.max(left, right) < window.width else {
        fatalError("Tensor.\(operation): padding \(padding) leaves windows of \(window) without an element")
      }
    }
    return geometry
  }

}
