/// Primitives that move scalars or repeat them, and compute nothing.

/// The same scalars under another shape of the same count. Compiled, it costs nothing.
package struct Reshape: Primitive {
  let shape: [Int]

  package init(shape: [Int]) { self.shape = shape }

  package func outputs(_ inputs: [Signature]) -> [Signature] {
    guard elementCount(shape) == inputs[0].count else {
      fatalError("Tensor.reshaped: shape \(inputs[0].shape) to \(shape) changes the count")
    }
    return [inputs[0].with(shape: shape)]
  }

  package func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    let bytes = inputs[0].byteCount
    return Kernel { inputs, outputs, _ in outputs[0].copyMemory(from: inputs[0], byteCount: bytes) }
  }

  package func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    [tangents[0]?.reshaped(shape)]
  }

  package func vjp(
    _ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]
  ) -> [AnyTensor?] {
    [cotangents[0]?.reshaped(inputs[0].shape)]
  }

  package func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] {
    [inputs[0].reshaped([size] + shape)]
  }
}

/// Repeats axes of extent 1 and missing leading axes until the shape is `shape`. Compiled, its reader repeats.
package struct BroadcastTo: Primitive {
  package let shape: [Int]

  package init(shape: [Int]) { self.shape = shape }

  package func outputs(_ inputs: [Signature]) -> [Signature] {
    let source = inputs[0].shape
    guard source.count <= shape.count, zip(source.reversed(), shape.reversed()).allSatisfy({ $0 == $1 || $0 == 1 }) else {
      fatalError("Tensor.broadcast: shape \(source) cannot be repeated to \(shape)")
    }
    return [inputs[0].with(shape: shape)]
  }

  package func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    Kernel(copying: inputs[0].scalarType, extents: shape, source: .broadcast(inputs[0].shape, to: shape), target: .whole(shape))
  }

  package func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    [tangents[0]?.broadcast(to: shape)]
  }

  package func vjp(
    _ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]
  ) -> [AnyTensor?] {
    let source = inputs[0].shape
    let missing = shape.count - source.count
    let repeated = (0..<shape.count).filter { $0 < missing || (source[$0 - missing] == 1 && shape[$0] != 1) }
    return [cotangents[0]?.sum(axes: repeated).reshaped(source)]
  }

  package func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] {
    // The batch axis stays first: axes that the element lacks come after it.
    let source = inputs[0].shape.dropFirst()
    let aligned = [size] + Array(repeating: 1, count: shape.count - source.count) + source
    return [inputs[0].reshaped(aligned).broadcast(to: [size] + shape)]
  }
}

/// Axis i of the result is axis `axes[i]` of the operand.
package struct PermuteAxes: Primitive {
  package let axes: [Int]

  package func outputs(_ inputs: [Signature]) -> [Signature] {
    guard axes.sorted() == Array(0..<inputs[0].rank) else {
      fatalError("Tensor.permuted: \(axes) is no order of the axes of shape \(inputs[0].shape)")
    }
    return [inputs[0].with(shape: axes.map { inputs[0].shape[$0] })]
  }

  package func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    Kernel(permuting: inputs[0], axes: axes)
  }

  package func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    [tangents[0]?.permuted(axes)]
  }

  package func vjp(
    _ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]
  ) -> [AnyTensor?] {
    var inverse = axes
    for (i, axis) in axes.enumerated() { inverse[axis] = i }
    return [cotangents[0]?.permuted(inverse)]
  }

  package func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] {
    [inputs[0].permuted([0] + axes.map { $0 + 1 })]
  }
}

/// Joins tensors along `axis`.
struct Concatenate: AxialPrimitive {
  let axis: Int
  var firstAxis: Int { axis }

  func outputs(_ inputs: [Signature]) -> [Signature] {
    var shape = inputs[0].shape
    guard shape.indices.contains(axis) else {
      fatalError("Tensor.concatenate: shape \(shape) has no axis \(axis)")
    }
    shape[axis] = 0
    for input in inputs {
      var other = input.shape
      if other.count == shape.count { other[axis] = shape[axis] }
      guard other == shape, input.scalarType == inputs[0].scalarType else {
        fatalError("Tensor.concatenate: \(inputs[0]) and \(input) do not fit along axis \(axis)")
      }
      shape[axis] += input.shape[axis]
    }
    return [inputs[0].with(shape: shape)]
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    var windows: [Window] = []
    for input in inputs { windows.append(window(after: windows.last, input.shape)) }
    let copies = zip(inputs, windows).map { input, window in
      Kernel(
        copying: input.scalarType, extents: input.shape, source: .whole(input.shape),
        target: window.strided(in: outputs[0].shape))
    }
    return Kernel { inputs, outputs, scratch in
      for i in copies.indices { copies[i].run(inputs + i, outputs, scratch) }
    }
  }

  private func window(after previous: Window?, _ shape: [Int]) -> Window {
    var starts = Array(repeating: 0, count: shape.count)
    if let previous { starts[axis] = previous.starts[axis] + previous.extents[axis] }
    return Window(starts: starts, extents: shape)
  }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    if tangents.allSatisfy({ $0 == nil }) { return [nil] }
    return [.concatenate(zip(inputs, tangents).map { $1 ?? .zeros($0.signature) }, axis: axis)]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    guard let g = cotangents[0] else { return inputs.map { _ in nil } }
    var last: Window?
    return zip(inputs, needed).map { input, isNeeded in
      let window = window(after: last, input.shape)
      last = window
      return isNeeded ? g.slice(window) : nil
    }
  }

  func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] {
    let batched = zip(inputs, isBatched).map { $1 ? $0 : $0.broadcast(to: [size] + $0.shape) }
    return [.concatenate(batched, axis: axis + 1)]
  }
}
