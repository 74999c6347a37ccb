/// A box of elements within a tensor: along axis i the elements `starts[i] + j * steps[i]` for j in `0..<extents[i]`.
package struct Window: Sendable, Hashable {
  package var starts: [Int]
  package var extents: [Int]
  package var steps: [Int]

  package init(starts: [Int], extents: [Int], steps: [Int]? = nil) {
    self.starts = starts
    self.extents = extents
    self.steps = steps ?? Array(repeating: 1, count: starts.count)
  }

  /// A whole tensor of `shape`.
  init(whole shape: [Int]) { self.init(starts: shape.map { _ in 0 }, extents: shape) }

  /// The same window in every element of a batch.
  func batched(_ size: Int) -> Window { Window(starts: [0] + starts, extents: [size] + extents, steps: [1] + steps) }

  /// Whether it holds the whole first axis of a tensor of `shape`, in order.
  func takesFirstAxis(of shape: [Int]) -> Bool { extents.first == shape.first && starts.first == 0 && steps.first == 1 }

  /// The same along all axes but the first, which it takes whole.
  func withFirstExtent(_ extent: Int) -> Window { Window(starts: starts, extents: [extent] + extents.dropFirst(), steps: steps) }

  func fits(in shape: [Int]) -> Bool {
    guard starts.count == shape.count, extents.count == shape.count, steps.count == shape.count else { return false }
    return shape.indices.allSatisfy { axis in
      let last = starts[axis] + (extents[axis] - 1) * steps[axis]
      return extents[axis] == 0
        || (extents[axis] > 0 && (0..<shape[axis]).contains(starts[axis]) && (0..<shape[axis]).contains(last)
          && steps[axis] != 0)
    }
  }

  /// Where its elements lie in a row-major tensor of `shape`.
  func strided(in shape: [Int]) -> Strided {
    let whole = Strided.whole(shape)
    return Strided(
      offset: zip(starts, whole.strides).map(*).reduce(0, +), strides: zip(steps, whole.strides).map(*))
  }
}

/// Places of elements in memory: element (i, j, ...) is at `offset + i * strides[0] + j * strides[1] + ...`, counted in elements.
package struct Strided: Sendable, Hashable {
  package var offset = 0
  package var strides: [Int]

  /// Row-major, without gaps.
  package static func whole(_ shape: [Int]) -> Strided {
    var strides = Array(repeating: 1, count: shape.count)
    for axis in stride(from: shape.count - 2, through: 0, by: -1) { strides[axis] = strides[axis + 1] * shape[axis + 1] }
    return Strided(strides: strides)
  }

  /// A row-major tensor of shape `source` read as if it had the shape `target`, by NumPy's rules.
  package static func broadcast(_ source: [Int], to target: [Int]) -> Strided {
    let missing = target.count - source.count
    let own = zip(source, whole(source).strides).map { extent, stride in extent == 1 ? 0 : stride }
    return Strided(strides: Array(repeating: 0, count: missing) + own)
  }
}

/// The elements of a window.
struct Extract: WindowPrimitive {
  let window: Window

  func outputs(_ inputs: [Signature]) -> [Signature] {
    guard window.fits(in: inputs[0].shape) else {
      fatalError(
        "Tensor.slice: from \(window.starts), extents \(window.extents), steps \(window.steps) is not within shape \(inputs[0].shape)"
      )
    }
    return [inputs[0].with(shape: window.extents)]
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    Kernel(
      copying: inputs[0].scalarType, extents: window.extents, source: window.strided(in: inputs[0].shape),
      target: .whole(window.extents))
  }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    [tangents[0]?.slice(window)]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    [cotangents[0]?.embedded(window, in: inputs[0].shape)]
  }

  func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] { [inputs[0].slice(window.batched(size))] }

  func keepsFirstAxis(of input: Signature) -> Bool { window.takesFirstAxis(of: input.shape) }

  func withFirstExtent(_ extent: Int) -> Extract { Extract(window: window.withFirstExtent(extent)) }
}

/// Zeros of `shape` but for a window, which holds the operand: the transpose of `Extract`.
struct Embed: WindowPrimitive {
  let window: Window
  let shape: [Int]

  func outputs(_ inputs: [Signature]) -> [Signature] {
    guard window.fits(in: shape), window.extents == inputs[0].shape else {
      fatalError("Tensor.padded: shape \(inputs[0].shape) does not fit as \(window) into \(shape)")
    }
    return [inputs[0].with(shape: shape)]
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    let copy = Kernel(
      copying: inputs[0].scalarType, extents: window.extents, source: .whole(window.extents), target: window.strided(in: shape))
    let bytes = outputs[0].byteCount
    return Kernel { inputs, outputs, scratch in
      // All bits zero is 0 or false in every scalar type.
      outputs[0].initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
      copy.run(inputs, outputs, scratch)
    }
  }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    [tangents[0]?.embedded(window, in: shape)]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    [cotangents[0]?.slice(window)]
  }

  func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] {
    [inputs[0].embedded(window.batched(size), in: [size] + shape)]
  }

  func keepsFirstAxis(of input: Signature) -> Bool { window.takesFirstAxis(of: shape) }

  func withFirstExtent(_ extent: Int) -> Embed {
    Embed(window: window.withFirstExtent(extent), shape: [extent] + shape.dropFirst())
  }
}
