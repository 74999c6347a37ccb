/// Parts of matrices: triangles and diagonals. Linear, so each is its own derivative.

/// The elements on one side of a diagonal, zeros elsewhere.
struct Triangle: MatrixPrimitive {
  let isLower: Bool
  /// The last diagonal that is kept: 0 is the main one, 1 the one above it.
  var diagonal = 0

  func outputs(_ inputs: [Signature]) -> [Signature] {
    guard inputs[0].rank >= 2 else { fatalError("Tensor.lowerTriangle: shape \(inputs[0].shape) is no matrix") }
    return inputs
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    let (m, n, bytes) = (inputs[0].rows, inputs[0].columns, inputs[0].scalarType.byteCount)
    let (isLower, diagonal) = (isLower, diagonal)
    return .matrices(inputs[0].matrixCount, work: m * n) { place in
      let (x, y) = (place.input(0, m * n * bytes, UInt8.self), place.output(0, m * n * bytes, UInt8.self))
      // All bits zero is 0 in every scalar type.
      y.initialize(repeating: 0, count: m * n * bytes)
      for i in 0..<m {
        let split = min(max(i + diagonal + (isLower ? 1 : 0), 0), n)
        let kept = isLower ? 0..<split : split..<n
        let start = (i * n + kept.lowerBound) * bytes
        (y + start).update(from: x + start, count: kept.count * bytes)
      }
    }
  }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    [tangents[0].map { self($0) }]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    [cotangents[0].map { self($0) }]
  }
}

/// The elements of a diagonal: [..., m, n] to [..., k].
struct Diagonal: MatrixPrimitive {
  var offset = 0

  func outputs(_ inputs: [Signature]) -> [Signature] {
    guard inputs[0].rank >= 2 else { fatalError("Tensor.diagonal: shape \(inputs[0].shape) is no matrix") }
    let extent = min(inputs[0].rows - max(0, -offset), inputs[0].columns - max(0, offset))
    return [inputs[0].with(shape: inputs[0].leading + [max(0, extent)])]
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    Kernel(
      copying: inputs[0].scalarType, extents: outputs[0].shape, source: .diagonal(of: inputs[0].shape, offset),
      target: .whole(outputs[0].shape))
  }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    [tangents[0].map { self($0) }]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    let (m, n) = (inputs[0].signature.rows, inputs[0].signature.columns)
    return [cotangents[0].map { DiagonalMatrix(rows: m, columns: n, offset: offset)($0) }]
  }
}

/// Zeros [..., rows, columns] but for a diagonal, which holds the operand: the transpose of `Diagonal`.
struct DiagonalMatrix: MatrixPrimitive {
  let rows, columns: Int
  var offset = 0

  func outputs(_ inputs: [Signature]) -> [Signature] {
    guard let extent = inputs[0].shape.last, extent == min(rows - max(0, -offset), columns - max(0, offset)) else {
      fatalError("Tensor.diagonalMatrix: shape \(inputs[0].shape) is no diagonal \(offset) of [\(rows), \(columns)]")
    }
    return [inputs[0].with(shape: inputs[0].shape.dropLast() + [rows, columns])]
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    let copy = Kernel(
      copying: inputs[0].scalarType, extents: inputs[0].shape, source: .whole(inputs[0].shape),
      target: .diagonal(of: outputs[0].shape, offset))
    let bytes = outputs[0].byteCount
    return Kernel { inputs, outputs, scratch in
      outputs[0].initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
      copy.run(inputs, outputs, scratch)
    }
  }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    [tangents[0].map { self($0) }]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    [cotangents[0].map { Diagonal(offset: offset)($0) }]
  }
}

extension Strided {
  /// The diagonal of row-major matrices.
  fileprivate static func diagonal(of shape: [Int], _ offset: Int) -> Strided {
    let (whole, columns) = (Strided.whole(shape), shape[shape.count - 1])
    return Strided(offset: offset >= 0 ? offset : -offset * columns, strides: whole.strides.dropLast(2) + [columns + 1])
  }
}
