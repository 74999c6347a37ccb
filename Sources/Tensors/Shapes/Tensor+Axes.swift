/// Axes of extent 1, and repetition.
extension Tensor {
  /// With a new axis of extent 1 at this place; -1 appends it.
  public func expandingDimensions(_ axis: Int) -> Tensor {
    Tensor(AnyTensor(self).insertingAxis(normalizedAxis(axis, shape + [1], "expandingDimensions")))
  }

  /// Without these axes, whose extents are 1; by default without all such.
  public func squeezed(_ axes: Int...) -> Tensor {
    let removed = axes.isEmpty ? shape.indices.filter { shape[$0] == 1 } : normalizedAxes(axes, shape, "squeezed")
    guard removed.allSatisfy({ shape[$0] == 1 }) else { fatalError("Tensor.squeezed: axes \(axes) of shape \(shape)") }
    return reshaped(shape.indices.filter { !removed.contains($0) }.map { shape[$0] })
  }

  /// Repeated along axes of extent 1 and along missing leading axes until the shape is `shape`.
  public func broadcast(to shape: [Int]) -> Tensor { Tensor(AnyTensor(self).broadcast(to: shape)) }

  /// All scalars as a vector.
  public func flattened() -> Tensor { reshaped([count]) }

  /// Axis `source` moved to place `target`.
  public func movingAxis(_ source: Int, to target: Int) -> Tensor {
    Tensor(
      AnyTensor(self).movingAxis(normalizedAxis(source, shape, "movingAxis"), to: normalizedAxis(target, shape, "movingAxis")))
  }

  /// Each element of an axis `count` times, one copy after the other: a, a, b, b.
  public func repeated(_ count: Int, axis: Int = 0) -> Tensor {
    let axis = normalizedAxis(axis, shape, "repeated")
    var (wide, target) = (shape, shape)
    wide.insert(count, at: axis + 1)
    target[axis] *= count
    return Tensor(AnyTensor(self).insertingAxis(axis + 1).broadcast(to: wide).reshaped(target))
  }

  /// The whole tensor again and again along each axis: a, b, a, b. One number an axis.
  public func tiled(_ counts: Int...) -> Tensor {
    guard counts.count == rank else { fatalError("Tensor.tiled: \(counts.count) numbers for shape \(shape)") }
    let narrow = shape.flatMap { [1, $0] }
    let wide = zip(counts, shape).flatMap { [$0, $1] }
    return Tensor(AnyTensor(self).reshaped(narrow).broadcast(to: wide).reshaped(zip(counts, shape).map { $0 * $1 }))
  }
}

extension Tensor where Scalar: NumberScalar {
  /// Ones.
  public static func ones(_ shape: [Int]) -> Tensor { full(shape, 1) }

  /// Ones.
  public static func ones(_ shape: Int...) -> Tensor { full(shape, 1) }

  /// `start`, `start + step`, ...: `count` numbers.
  public static func arange(_ count: Int, from start: Scalar = 0, by step: Scalar = 1) -> Tensor where Scalar: Comparable {
    let numbers = Tensor<Int32>((0..<count).map { Int32($0) })
    return numbers.converted(to: Scalar.self) * step + start
  }
}

extension Tensor where Scalar: RealScalar {
  /// `count` numbers from `start` to `end`, both among them, equally far apart up to rounding.
  public static func linspace(_ start: Scalar, _ end: Scalar, count: Int) -> Tensor {
    guard count >= 1 else { fatalError("Tensor.linspace: \(count) numbers") }
    let last = Double(Swift.max(1, count - 1))
    return Tensor(
      (0..<count).map { i in
        // Weights in Double, so that both ends are met exactly and the rest is rounded once.
        Scalar((Double(start) * (last - Double(i)) + Double(end) * Double(i)) / last)
      })
  }

  /// `count` numbers from `start` to `end`, both positive and among them, each the same multiple of the one before up to rounding.
  public static func geomspace(_ start: Scalar, _ end: Scalar, count: Int) -> Tensor {
    guard start > 0, end > 0 else { fatalError("Tensor.geomspace: from \(start) to \(end); both must be positive") }
    let exponents = Tensor<Double>.linspace(Double.log10(Double(start)), Double.log10(Double(end)), count: count)
    var numbers = exponents.scalars.map { Scalar(Double.pow(10, $0)) }
    numbers[0] = start
    if count > 1 { numbers[count - 1] = end }
    return Tensor(numbers)
  }
}
