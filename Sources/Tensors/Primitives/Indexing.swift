/// Reading and adding at places that are data.

/// Rows of the first operand [rows, ...] at the indices of the second, of any shape: [indices..., ...].
struct GatherRows: Primitive {
  func outputs(_ inputs: [Signature]) -> [Signature] {
    guard inputs[0].rank >= 1, inputs[1].scalarType == .int32 else {
      fatalError("Tensor.gather: rows of \(inputs[0]) at indices \(inputs[1]), which must be int32")
    }
    return [inputs[0].with(shape: inputs[1].shape + inputs[0].shape.dropFirst())]
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel { .gatherRows(inputs[0], inputs[1].count) }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    [tangents[0].map { self($0, inputs[1]) }]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    [cotangents[0].map { ScatterAddRows(rows: inputs[0].shape[0])($0, inputs[1]) }, nil]
  }

  func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] {
    let (x, indices) = (inputs[0], inputs[1])
    if !isBatched[0] { return apply(inputs) }
    // All elements' rows one below the other; element i's indices start at its first row.
    let rows = x.shape[1]
    let flat = x.reshaped([size * rows] + x.shape.dropFirst(2))
    return [self(flat, indices.offsetPerElement(of: size, by: rows, isBatched: isBatched[1]))]
  }
}

/// Zeros [rows, ...] with the operand's rows [indices..., ...] added at the indices: the transpose of `GatherRows`.
struct ScatterAddRows: Primitive {
  let rows: Int

  func outputs(_ inputs: [Signature]) -> [Signature] {
    let (updates, indices) = (inputs[0], inputs[1])
    guard indices.scalarType == .int32, updates.shape.starts(with: indices.shape) else {
      fatalError("Tensor.scatterAdd: \(updates) at indices \(indices)")
    }
    return [updates.with(shape: [rows] + updates.shape.dropFirst(indices.rank))]
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel { .scatterAddRows(outputs[0], inputs[1].count) }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    [tangents[0].map { self($0, inputs[1]) }]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    [cotangents[0].map { GatherRows()($0, inputs[1]) }, nil]
  }

  func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] {
    let updates = isBatched[0] ? inputs[0] : inputs[0].broadcast(to: [size] + inputs[0].shape)
    let indices = inputs[1].offsetPerElement(of: size, by: rows, isBatched: isBatched[1])
    let result = ScatterAddRows(rows: size * rows)(updates, indices)
    return [result.reshaped([size, rows] + result.shape.dropFirst())]
  }
}

extension AnyTensor {
  /// Indices of a batch whose elements lie one below the other, `rows` rows each: element i's are increased by i * rows.
  func offsetPerElement(of size: Int, by rows: Int, isBatched: Bool) -> AnyTensor {
    let own = isBatched ? self : broadcast(to: [size] + shape)
    let offsets = AnyTensor(Tensor<Int32>((0..<size).map { Int32($0 * rows) }))
    return own + offsets.reshaped([size] + Array(repeating: 1, count: own.rank - 1))
  }
}
