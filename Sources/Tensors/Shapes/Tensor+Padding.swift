/// Elements added at the ends of axes.
extension Tensor {
  /// What padding consists of.
  public enum Padding: Sendable {
    /// One scalar again and again.
    case constant(Scalar)
    /// The nearest element.
    case edge
    /// The elements mirrored at the first and at the last one, which are not repeated.
    case reflect
    /// The elements from the other end of the axis.
    case circular
  }

  /// `low` elements before and `high` ones after each axis; one pair an axis.
  public func padded(_ widths: [(low: Int, high: Int)], with padding: Padding) -> Tensor {
    guard widths.count == rank, widths.allSatisfy({ $0.low >= 0 && $0.high >= 0 }) else {
      fatalError("Tensor.padded: \(widths.count) pairs of widths for shape \(shape); none may be negative")
    }
    if case .constant(let scalar) = padding { return padded(widths, scalar) }
    var result = self
    for (axis, width) in widths.enumerated() where width.low + width.high > 0 {
      result = result.extended(axis, width.low, width.high, padding)
    }
    return result
  }

  /// Zeros (or false) before and after each axis.
  public func padded(_ widths: [(low: Int, high: Int)]) -> Tensor { padded(widths, with: .constant(.zero)) }

  /// One pair of widths for one axis.
  public func padded(axis: Int, low: Int, high: Int, with padding: Padding = .constant(.zero)) -> Tensor {
    var widths = Array(repeating: (low: 0, high: 0), count: rank)
    widths[normalizedAxis(axis, shape, "padded")] = (low, high)
    return padded(widths, with: padding)
  }

  private func padded(_ widths: [(low: Int, high: Int)], _ scalar: Scalar) -> Tensor {
    let target = zip(shape, widths).map { $0 + $1.low + $1.high }
    let window = Window(starts: widths.map(\.low), extents: shape)
    if scalar == .zero { return Tensor(AnyTensor(self).embedded(window, in: target)) }
    return Tensor(AnyTensor(Tensor(scalar)).broadcast(to: target).replacing(window, with: AnyTensor(self)))
  }

  private func extended(_ axis: Int, _ low: Int, _ high: Int, _ padding: Padding) -> Tensor {
    let (x, extent) = (AnyTensor(self), shape[axis])
    func part(_ range: Range<Int>) -> Tensor { Tensor(x.slice(axis: axis, range)) }
    var parts: (low: Tensor, high: Tensor)
    switch padding {
    case .reflect:
      guard Swift.max(low, high) < extent else { fatalError("Tensor.padded: \(low) and \(high) mirrored of \(extent)") }
      parts = (part(1..<1 + low).flipped(axis), part(extent - 1 - high..<extent - 1).flipped(axis))
    case .circular:
      guard Swift.max(low, high) <= extent else { fatalError("Tensor.padded: \(low) and \(high) of the other end of \(extent)") }
      parts = (part(extent - low..<extent), part(0..<high))
    default:
      guard extent > 0 else { fatalError("Tensor.padded: shape \(shape) has no edge along axis \(axis)") }
      parts = (part(0..<1).repeated(low, axis: axis), part(extent - 1..<extent).repeated(high, axis: axis))
    }
    return .concatenate([parts.low, self, parts.high].filter { $0.shape[axis] > 0 }, axis: axis)
  }
}
