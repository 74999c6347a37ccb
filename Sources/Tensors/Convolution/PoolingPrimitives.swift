/// Maxima and averages of windows over images [n, height, width, channels].

/// The largest number of every window, and its place in the image: row * width + column.
struct MaximumPool: Primitive {
  let geometry: WindowGeometry

  func outputs(_ inputs: [Signature]) -> [Signature] {
    requireImages(inputs[0], geometry.image, name)
    let shape = [inputs[0].shape[0], geometry.output.height, geometry.output.width, inputs[0].shape[3]]
    return [inputs[0].with(shape: shape), Signature(.int32, shape)]
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    inputs[0].scalarType == .float ? kernel(Float.self, inputs[0].shape) : kernel(Double.self, inputs[0].shape)
  }

  private func kernel<S: RealScalar>(_ type: S.Type, _ shape: [Int]) -> Kernel {
    let windows = geometry.windows(batch: shape[0], channels: shape[3])
    let isSquare = S.self == Float.self && windows.areDisjointSquares
    return Kernel { inputs, outputs, _ in
      let places = outputs[1].assumingMemoryBound(to: Int32.self)
      if isSquare {
        windows.maximumOfSquares(
          UnsafePointer(inputs[0].assumingMemoryBound(to: Float.self)), outputs[0].assumingMemoryBound(to: Float.self), places)
      } else {
        windows.maximum(
          of: UnsafePointer(inputs[0].assumingMemoryBound(to: S.self)), outputs[0].assumingMemoryBound(to: S.self), places: places
        )
      }
    }
  }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    [tangents[0].map { MaximumPoolFace(geometry: geometry, isAdjoint: false)($0, outputs[1]) }, nil]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    [cotangents[0].map { MaximumPoolFace(geometry: geometry, isAdjoint: true)($0, outputs[1]) }]
  }

  func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] { inMergedBatch(inputs, size) }
}

/// The numbers at the places of the maxima (the derivative of `MaximumPool`), or their transpose: zeros with numbers added there.
struct MaximumPoolFace: Primitive {
  let geometry: WindowGeometry
  let isAdjoint: Bool

  func outputs(_ inputs: [Signature]) -> [Signature] {
    let shape = inputs[1].shape
    let extents = isAdjoint ? geometry.image : geometry.output
    requireImages(inputs[0], isAdjoint ? geometry.output : geometry.image, name)
    return [inputs[0].with(shape: [shape[0], extents.height, extents.width, shape[3]])]
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    let shape = inputs[1].shape
    if !isAdjoint {
      // [n, places, channels] along the places.
      let view = AxisView([shape[0], geometry.image.height * geometry.image.width, shape[3]], 1)
      return .takeAlongAxis(inputs[0].scalarType, view, count: geometry.output.height * geometry.output.width)
    }
    return inputs[0].scalarType == .float
      ? adjointKernel(Float.self, shape, outputs[0].byteCount) : adjointKernel(Double.self, shape, outputs[0].byteCount)
  }

  private func adjointKernel<S: RealScalar>(_ type: S.Type, _ shape: [Int], _ bytes: Int) -> Kernel {
    let windows = geometry.windows(batch: shape[0], channels: shape[3])
    let isSquare = S.self == Float.self && windows.areDisjointSquares
    return Kernel { inputs, outputs, _ in
      let places = UnsafePointer(inputs[1].assumingMemoryBound(to: Int32.self))
      if isSquare {
        windows.spreadToSquares(
          UnsafePointer(inputs[0].assumingMemoryBound(to: Float.self)), places, outputs[0].assumingMemoryBound(to: Float.self))
      } else {
        outputs[0].initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        windows.addMaximumGradient(
          UnsafePointer(inputs[0].assumingMemoryBound(to: S.self)), places: places, to: outputs[0].assumingMemoryBound(to: S.self)
        )
      }
    }
  }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    [tangents[0].map { self($0, inputs[1]) }]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    [cotangents[0].map { MaximumPoolFace(geometry: geometry, isAdjoint: !isAdjoint)($0, inputs[1]) }, nil]
  }

  func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] {
    inMergedBatch(zip(inputs, isBatched).map { $0.batched($1, size) }, size)
  }
}

/// The average of every window's elements within the image, or the transpose of that.
struct AveragePool: Primitive {
  let geometry: WindowGeometry
  let countsPadding: Bool
  let isAdjoint: Bool

  func outputs(_ inputs: [Signature]) -> [Signature] {
    requireImages(inputs[0], isAdjoint ? geometry.output : geometry.image, name)
    let extents = isAdjoint ? geometry.image : geometry.output
    return [inputs[0].with(shape: [inputs[0].shape[0], extents.height, extents.width, inputs[0].shape[3]])]
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    inputs[0].scalarType == .float ? kernel(Float.self, outputs[0]) : kernel(Double.self, outputs[0])
  }

  private func kernel<S: RealScalar>(_ type: S.Type, _ output: Signature) -> Kernel {
    let windows = geometry.windows(batch: output.shape[0], channels: output.shape[3])
    let (bytes, countsPadding, isAdjoint) = (output.byteCount, countsPadding, isAdjoint)
    return Kernel { inputs, outputs, _ in
      let (x, y) = (UnsafePointer(inputs[0].assumingMemoryBound(to: S.self)), outputs[0].assumingMemoryBound(to: S.self))
      if isAdjoint {
        outputs[0].initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        windows.addAverageGradient(x, countsPadding: countsPadding, to: y)
      } else {
        windows.average(of: x, countsPadding: countsPadding, y)
      }
    }
  }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    [tangents[0].map { self($0) }]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    [cotangents[0].map { AveragePool(geometry: geometry, countsPadding: countsPadding, isAdjoint: !isAdjoint)($0) }]
  }

  func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] { inMergedBatch(inputs, size) }
}

extension Primitive {
  /// On operands [size, n, ...] as one batch of size * n.
  fileprivate func inMergedBatch(_ inputs: [AnyTensor], _ size: Int) -> [AnyTensor] {
    apply(inputs.map { $0.reshaped([$0.shape[0] * $0.shape[1]] + $0.shape.dropFirst(2)) }).map { output in
      output.reshaped([size, output.shape[0] / size] + output.shape.dropFirst())
    }
  }
}

private func requireImages(_ signature: Signature, _ extents: ImageExtents, _ operation: String) {
  requireReal(signature, operation)
  guard signature.rank == 4, signature.shape[1] == extents.height, signature.shape[2] == extents.width else {
    fatalError("Tensor.\(operation): \(signature) are not images [n, \(extents.height), \(extents.width), channels]")
  }
}
