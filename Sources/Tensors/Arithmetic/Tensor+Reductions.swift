extension Tensor where Scalar: RealScalar {
  /// Sum of all scalars, accumulated in Double; 0 for no scalars.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func sum() -> Scalar {
    defer { withExtendedLifetime(storage) {} }
    let x = Shared(pointer)
    return Scalar(Reductions.sum(count) { Double(x.value[$0]) })
  }

  /// Arithmetic mean of all scalars, accumulated in Double; NaN for no scalars.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func mean() -> Scalar {
    defer { withExtendedLifetime(storage) {} }
    let x = Shared(pointer)
    return Scalar(Reductions.sum(count) { Double(x.value[$0]) } / Double(count))
  }

  /// Sum of squares (of the Frobenius norm for a matrix), accumulated in Double.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func squaredNorm() -> Scalar {
    defer { withExtendedLifetime(storage) {} }
    let x = Shared(pointer)
    return Scalar(Reductions.sum(count) { Double(x.value[$0]) * Double(x.value[$0]) })
  }

  /// Euclidean norm (Frobenius for a matrix). Squares over- or underflow in Double beyond 1e±154.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func norm() -> Scalar {
    defer { withExtendedLifetime(storage) {} }
    let x = Shared(pointer)
    return Scalar(Reductions.sum(count) { Double(x.value[$0]) * Double(x.value[$0]) }.squareRoot())
  }

  /// Sum of products of corresponding scalars of two tensors of one shape, accumulated in Double.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func dot(_ other: Tensor) -> Scalar {
    guard shape == other.shape else { fatalError("Tensor.dot: shapes \(shape) and \(other.shape) differ") }
    defer { withExtendedLifetime((storage, other.storage)) {} }
    let (x, y) = (Shared(pointer), Shared(other.pointer))
    return Scalar(Reductions.sum(count) { Double(x.value[$0]) * Double(y.value[$0]) })
  }

  /// The largest scalar; NaN if any is. Stops for no scalars.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func max() -> Scalar {
    guard count > 0 else { fatalError("Tensor.max: shape \(shape) holds no scalars") }
    defer { withExtendedLifetime(storage) {} }
    return Reductions.extremum(pointer, count) { $0 > $1 ? $0 : $1 }
  }

  /// The smallest scalar; NaN if any is. Stops for no scalars.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func min() -> Scalar {
    guard count > 0 else { fatalError("Tensor.min: shape \(shape) holds no scalars") }
    defer { withExtendedLifetime(storage) {} }
    return Reductions.extremum(pointer, count) { $0 < $1 ? $0 : $1 }
  }
}
