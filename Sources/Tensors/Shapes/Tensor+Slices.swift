/// Parts of tensors, read and replaced. A slice is a new tensor: the part of a value, not a view of memory.
extension Tensor {
  /// The selected elements of each axis, one selection an axis; axes without one are taken whole.
  ///
  ///     x.slice(0)                     // the first row, as `row(0)`
  ///     x.slice(All(), 2..<5, Every(-1))   // rank 3, the last axis in the opposite order
  public func slice(_ selections: any AxisSelection...) -> Tensor {
    let (window, kept) = selection(selections)
    return Tensor(AnyTensor(self).slice(window).reshaped(kept))
  }

  /// This tensor with the selected elements replaced by `value`, which is broadcast to the shape of the slice.
  public func updating(_ selections: any AxisSelection..., with value: Tensor) -> Tensor { updating(selections, value) }

  /// This tensor with the selected elements replaced by one scalar.
  public func updating(_ selections: any AxisSelection..., with value: Scalar) -> Tensor { updating(selections, Tensor(value)) }

  private func updating(_ selections: [any AxisSelection], _ value: Tensor) -> Tensor {
    let (window, kept) = selection(selections)
    let value = AnyTensor(value).broadcast(to: kept).reshaped(window.extents)
    return Tensor(AnyTensor(self).replacing(window, with: value))
  }

  func selection(_ selections: [any AxisSelection]) -> (window: Window, kept: [Int]) {
    guard selections.count <= rank else {
      fatalError("Tensor.slice: \(selections.count) selections for shape \(shape)")
    }
    var window = Window(whole: shape)
    var kept: [Int] = []
    for axis in 0..<rank {
      let selected = axis < selections.count ? selections[axis].selected(of: shape[axis]) : All().selected(of: shape[axis])
      (window.starts[axis], window.extents[axis], window.steps[axis]) = (selected.start, selected.count, selected.step)
      if !selected.dropsAxis { kept.append(selected.count) }
    }
    return (window, kept)
  }

  /// Replaces slice `i` of the first axis.
  public mutating func setRow(_ i: Int, to row: Tensor) {
    guard rank >= 1, i >= 0, i < shape[0], row.shape == Array(shape.dropFirst()) else {
      fatalError("Tensor.setRow(\(i)): a slice of shape \(row.shape) into shape \(shape)")
    }
    if isTraced || row.isTraced {
      self = updating(i, with: row)
    } else {
      mutablePointer.advanced(by: i * row.count).update(from: row.pointer, count: row.count)
      withExtendedLifetime(row) {}
    }
  }

  /// The tensor cut along an axis into parts of these extents.
  public func split(axis: Int = 0, sizes: [Int]) -> [Tensor] {
    let axis = normalizedAxis(axis, shape, "split")
    guard sizes.reduce(0, +) == shape[axis], sizes.allSatisfy({ $0 >= 0 }) else {
      fatalError("Tensor.split: sizes \(sizes) along axis \(axis) of shape \(shape)")
    }
    var start = 0
    return sizes.map { size in
      defer { start += size }
      return Tensor(AnyTensor(self).slice(axis: axis, start..<start + size))
    }
  }

  /// The tensor cut along an axis into equal parts; their number must divide the extent.
  public func split(axis: Int = 0, into parts: Int) -> [Tensor] {
    let extent = shape[normalizedAxis(axis, shape, "split")]
    guard parts > 0, extent % parts == 0 else {
      fatalError("Tensor.split: an axis of extent \(extent) into \(parts) equal parts")
    }
    return split(axis: axis, sizes: Array(repeating: extent / parts, count: parts))
  }

  /// The order of the axes' elements reversed.
  public func flipped(_ axes: Int...) -> Tensor {
    let axes = axes.isEmpty ? Array(0..<rank) : normalizedAxes(axes, shape, "flipped")
    var window = Window(whole: shape)
    for axis in axes { (window.starts[axis], window.steps[axis]) = (Swift.max(0, shape[axis] - 1), -1) }
    return Tensor(AnyTensor(self).slice(window))
  }

  /// The elements of an axis moved by `shift` places toward its end; what leaves there enters at the start.
  public func rolled(_ shift: Int, axis: Int = 0) -> Tensor {
    let axis = normalizedAxis(axis, shape, "rolled")
    let extent = shape[axis]
    let cut = extent == 0 ? 0 : ((-shift % extent) + extent) % extent
    if cut == 0 { return self }
    let x = AnyTensor(self)
    return Tensor(.concatenate([x.slice(axis: axis, cut..<extent), x.slice(axis: axis, 0..<cut)], axis: axis))
  }
}

extension Tensor where Scalar: NumberScalar {
  /// This tensor with `value`, broadcast, added to the selected elements.
  public func adding(to selections: any AxisSelection..., value: Tensor) -> Tensor {
    let (window, kept) = selection(selections)
    let value = AnyTensor(value).broadcast(to: kept).reshaped(window.extents)
    return Tensor(AnyTensor(self) + value.embedded(window, in: shape))
  }
}
