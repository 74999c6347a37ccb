/// Reading and adding at indices that differ from place to place, along one axis.

/// source[..., indices[..., i, ...], ...]: the operands agree in all other axes.
struct TakeAlongAxis: Primitive {
  let axis: Int

  func outputs(_ inputs: [Signature]) -> [Signature] {
    var expected = inputs[0].shape
    if expected.count == inputs[1].rank { expected[axis] = inputs[1].shape[axis] }
    guard inputs[1].scalarType == .int32, inputs[1].shape == expected else {
      fatalError("Tensor.takeAlongAxis: axis \(axis) of \(inputs[0]) at indices \(inputs[1])")
    }
    return [inputs[0].with(shape: expected)]
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    .takeAlongAxis(inputs[0].scalarType, AxisView(inputs[0].shape, axis), count: inputs[1].shape[axis])
  }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    [tangents[0].map { self($0, inputs[1]) }]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    [cotangents[0].map { ScatterAddAlongAxis(axis: axis, extent: inputs[0].shape[axis])($0, inputs[1]) }, nil]
  }

  func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] {
    [TakeAlongAxis(axis: axis + 1)(inputs[0].batched(isBatched[0], size), inputs[1].batched(isBatched[1], size))]
  }
}

/// Zeros with the first operand added at the indices along an axis: the transpose of `TakeAlongAxis`.
struct ScatterAddAlongAxis: Primitive {
  let axis: Int
  let extent: Int

  func outputs(_ inputs: [Signature]) -> [Signature] {
    guard inputs[1].scalarType == .int32, inputs[0].shape == inputs[1].shape else {
      fatalError("Tensor.scatterAddAlongAxis: \(inputs[0]) at indices \(inputs[1])")
    }
    var shape = inputs[0].shape
    shape[axis] = extent
    return [inputs[0].with(shape: shape)]
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    .scatterAddAlongAxis(inputs[0].scalarType, AxisView(outputs[0].shape, axis), count: inputs[1].shape[axis])
  }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    [tangents[0].map { self($0, inputs[1]) }]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    [cotangents[0].map { TakeAlongAxis(axis: axis)($0, inputs[1]) }, nil]
  }

  func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] {
    [
      ScatterAddAlongAxis(axis: axis + 1, extent: extent)(
        inputs[0].batched(isBatched[0], size), inputs[1].batched(isBatched[1], size))
    ]
  }
}

extension AnyTensor {
  /// With a batch axis of extent `size` in front, repeated if there is none yet.
  func batched(_ isBatched: Bool, _ size: Int) -> AnyTensor { isBatched ? self : broadcast(to: [size] + shape) }
}
