/// Primitives that work along one axis.

/// log of the sum of e^x along an axis, which disappears; without overflow.
struct LogSumExp: AxialPrimitive {
  let axis: Int
  var firstAxis: Int { axis }

  func outputs(_ inputs: [Signature]) -> [Signature] {
    requireReal(inputs[0], "logSumExp")
    var shape = inputs[0].shape
    shape.remove(at: axis)
    return [inputs[0].with(shape: shape)]
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    .reduction(inputs[0].scalarType, AxisView(inputs[0].shape, axis), .logSumExp)
  }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    [tangents[0].map { (inputs[0].softmax(axis: axis) * $0).sum(axes: [axis]) }]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    [cotangents[0].map { inputs[0].softmax(axis: axis) * $0.insertingAxis(axis) }]
  }

  func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] { LogSumExp(axis: axis + 1).apply(inputs) }
}

/// e^x divided by its sum along an axis.
struct Softmax: AxialPrimitive {
  let axis: Int
  var firstAxis: Int { axis }

  func outputs(_ inputs: [Signature]) -> [Signature] {
    requireReal(inputs[0], "softmax")
    return inputs
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    .alongAxis(inputs[0].scalarType, AxisView(inputs[0].shape, axis), .softmax)
  }

  // dy = y (dx - sum(y dx)): the Jacobian diag(y) - y y^T is symmetric.
  private func derivative(_ y: AnyTensor, _ direction: AnyTensor) -> AnyTensor {
    let weighted = y * direction
    return weighted - y * weighted.sum(axes: [axis]).insertingAxis(axis)
  }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    [tangents[0].map { derivative(outputs[0], $0) }]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    [cotangents[0].map { derivative(outputs[0], $0) }]
  }

  func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] { Softmax(axis: axis + 1).apply(inputs) }
}

/// x less the logarithm of the sum of e^x along an axis.
struct LogSoftmax: AxialPrimitive {
  let axis: Int
  var firstAxis: Int { axis }

  func outputs(_ inputs: [Signature]) -> [Signature] {
    requireReal(inputs[0], "logSoftmax")
    return inputs
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    .alongAxis(inputs[0].scalarType, AxisView(inputs[0].shape, axis), .logSoftmax)
  }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    [tangents[0].map { $0 - (outputs[0].exp() * $0).sum(axes: [axis]).insertingAxis(axis) }]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    [cotangents[0].map { $0 - outputs[0].exp() * $0.sum(axes: [axis]).insertingAxis(axis) }]
  }

  func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] { LogSoftmax(axis: axis + 1).apply(inputs) }
}

/// Running sums along an axis, from its start or from its end (`isReversed`).
struct CumulativeSum: AxialPrimitive {
  let axis: Int
  var firstAxis: Int { axis }
  let isReversed: Bool

  func outputs(_ inputs: [Signature]) -> [Signature] {
    requireReal(inputs[0], "cumulativeSum")
    return inputs
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    .alongAxis(inputs[0].scalarType, AxisView(inputs[0].shape, axis), isReversed ? .reverseCumulativeSum : .cumulativeSum)
  }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    [tangents[0].map { self($0) }]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    [cotangents[0].map { CumulativeSum(axis: axis, isReversed: !isReversed)($0) }]
  }

  func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] {
    CumulativeSum(axis: axis + 1, isReversed: isReversed).apply(inputs)
  }
}

/// The index of the largest (or smallest) scalar along an axis, which disappears; the first of equals.
struct ArgumentOfExtremum: AxialPrimitive {
  let axis: Int
  var firstAxis: Int { axis }
  let isMaximum: Bool

  func outputs(_ inputs: [Signature]) -> [Signature] {
    requireReal(inputs[0], isMaximum ? "argmax" : "argmin")
    var shape = inputs[0].shape
    guard shape.remove(at: axis) > 0 else {
      fatalError("Tensor.argmax: shape \(inputs[0].shape) holds no scalars along axis \(axis)")
    }
    return [Signature(.int32, shape)]
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    .argument(inputs[0].scalarType, AxisView(inputs[0].shape, axis), isMaximum: isMaximum)
  }

  func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] {
    ArgumentOfExtremum(axis: axis + 1, isMaximum: isMaximum).apply(inputs)
  }
}

func requireReal(_ signature: Signature, _ operation: String) {
  guard signature.scalarType == .float || signature.scalarType == .double else {
    fatalError("Tensor.\(operation): not defined for tensors of \(signature.scalarType)")
  }
}
