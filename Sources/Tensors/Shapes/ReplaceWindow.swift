/// The first operand with the elements of a window replaced by the second.
struct ReplaceWindow: WindowPrimitive {
  let window: Window

  func outputs(_ inputs: [Signature]) -> [Signature] {
    guard window.fits(in: inputs[0].shape), window.extents == inputs[1].shape, inputs[0].scalarType == inputs[1].scalarType else {
      fatalError("Tensor.updating: \(inputs[1]) into the elements \(window.starts) + \(window.extents) of \(inputs[0])")
    }
    return [inputs[0]]
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    let copy = Kernel(
      copying: inputs[0].scalarType, extents: window.extents, source: .whole(window.extents),
      target: window.strided(in: inputs[0].shape))
    let bytes = inputs[0].byteCount
    return Kernel { inputs, outputs, scratch in
      outputs[0].copyMemory(from: inputs[0], byteCount: bytes)
      copy.run(inputs + 1, outputs, scratch)
    }
  }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    if tangents.allSatisfy({ $0 == nil }) { return [nil] }
    guard let base = tangents[0] else { return [tangents[1]?.embedded(window, in: inputs[0].shape)] }
    return [base.replacing(window, with: tangents[1] ?? .zeros(inputs[1].signature))]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    guard let g = cotangents[0] else { return [nil, nil] }
    return [
      needed[0] ? g.replacing(window, with: .zeros(inputs[1].signature)) : nil,
      needed[1] ? g.slice(window) : nil,
    ]
  }

  func keepsFirstAxis(of input: Signature) -> Bool { window.takesFirstAxis(of: input.shape) }

  func withFirstExtent(_ extent: Int) -> ReplaceWindow { ReplaceWindow(window: window.withFirstExtent(extent)) }

  func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] {
    let operands = zip(inputs, isBatched).map { $1 ? $0 : $0.broadcast(to: [size] + $0.shape) }
    return [operands[0].replacing(window.batched(size), with: operands[1])]
  }
}

extension AnyTensor {
  /// With the elements of a window replaced by those of `value`.
  func replacing(_ window: Window, with value: AnyTensor) -> AnyTensor { ReplaceWindow(window: window)(self, value) }
}
