/// Sums, means and extrema, over all axes or over some. Axes count from 0, or from the end with -1 for the last.
extension Tensor where Scalar: NumberScalar {
  func reduced(_ kind: Reduce.Kind, _ axes: [Int]?, _ keepingAxes: Bool) -> Tensor {
    let axes = axes.map { normalizedAxes($0, shape, kind.rawValue) } ?? Array(0..<rank)
    let result = Tensor(AnyTensor(self).reduced(kind, axes))
    guard keepingAxes else { return result }
    var kept = shape
    for axis in axes { kept[axis] = 1 }
    return result.reshaped(kept)
  }

  /// Sum over the axes, by default over all; 0 for no scalars. `keepingAxes` leaves them with extent 1.
  public func sum(_ axes: Int..., keepingAxes: Bool = false) -> Tensor {
    reduced(.sum, axes.isEmpty ? nil : axes, keepingAxes)
  }

  /// Product over the axes, by default over all; 1 for no scalars.
  public func product(_ axes: Int..., keepingAxes: Bool = false) -> Tensor {
    reduced(.product, axes.isEmpty ? nil : axes, keepingAxes)
  }
}

extension Tensor where Scalar: RealScalar {
  /// Arithmetic mean over the axes, by default over all; NaN for no scalars.
  public func mean(_ axes: Int..., keepingAxes: Bool = false) -> Tensor {
    let axes = axes.isEmpty ? Array(0..<rank) : normalizedAxes(axes, shape, "mean")
    let count = axes.map { shape[$0] }.reduce(1, *)
    return reduced(.sum, axes, keepingAxes) * (1 / Scalar(count))
  }

  /// Variance over the axes, by default over all: the mean of squared deviations (`correction` 0), or their sum divided by
  /// n - `correction`.
  public func variance(_ axes: Int..., correction: Int = 0, keepingAxes: Bool = false) -> Tensor {
    let axes = axes.isEmpty ? Array(0..<rank) : normalizedAxes(axes, shape, "variance")
    let count = axes.map { shape[$0] }.reduce(1, *)
    let deviation = self - reduced(.sum, axes, true) * (1 / Scalar(count))
    return (deviation * deviation).reduced(.sum, axes, keepingAxes) * (1 / Scalar(count - correction))
  }

  /// Sum of squares (of the Frobenius norm for a matrix) over the axes, by default over all.
  public func squaredNorm(_ axes: Int..., keepingAxes: Bool = false) -> Tensor {
    (self * self).reduced(.sum, axes.isEmpty ? nil : axes, keepingAxes)
  }

  /// Euclidean norm (Frobenius for a matrix) over the axes, by default over all. Its derivative at 0 is NaN.
  public func norm(_ axes: Int..., keepingAxes: Bool = false) -> Tensor {
    (self * self).reduced(.sum, axes.isEmpty ? nil : axes, keepingAxes).sqrt()
  }

  /// Sum of products of corresponding scalars of two tensors of one shape.
  public func dot(_ other: Tensor) -> Tensor {
    guard shape == other.shape else { fatalError("Tensor.dot: shapes \(shape) and \(other.shape) differ") }
    return (self * other).sum()
  }
}

extension Tensor where Scalar: NumberScalar & Comparable {
  /// The largest scalar over the axes, by default over all; NaN if any is. Stops for no scalars.
  public func max(_ axes: Int..., keepingAxes: Bool = false) -> Tensor {
    reduced(.max, axes.isEmpty ? nil : axes, keepingAxes)
  }

  /// The smallest scalar over the axes, by default over all; NaN if any is. Stops for no scalars.
  public func min(_ axes: Int..., keepingAxes: Bool = false) -> Tensor {
    reduced(.min, axes.isEmpty ? nil : axes, keepingAxes)
  }
}

/// Axes from 0 on, in ascending order; stops on one that is not there or is given twice.
func normalizedAxes(_ axes: [Int], _ shape: [Int], _ operation: String) -> [Int] {
  let normalized = axes.map { normalizedAxis($0, shape, operation) }.sorted()
  guard Set(normalized).count == axes.count else { fatalError("Tensor.\(operation): axes \(axes) repeat one") }
  return normalized
}

/// The axis from 0 on; stops on one that is not there.
func normalizedAxis(_ axis: Int, _ shape: [Int], _ operation: String) -> Int {
  let normalized = axis < 0 ? axis + shape.count : axis
  guard shape.indices.contains(normalized) else { fatalError("Tensor.\(operation): shape \(shape) has no axis \(axis)") }
  return normalized
}

/// Exponentials along an axis, by default the last.
extension Tensor where Scalar: RealScalar {
  /// The logarithm of the softmax along an axis.
  public func logSoftmax(axis: Int = -1) -> Tensor {
    Tensor(LogSoftmax(axis: normalizedAxis(axis, shape, "logSoftmax"))(AnyTensor(self)))
  }

  /// The logarithm of the sum of exponentials along an axis, which disappears.
  public func logSumExp(axis: Int = -1) -> Tensor {
    Tensor(LogSumExp(axis: normalizedAxis(axis, shape, "logSumExp"))(AnyTensor(self)))
  }
}
