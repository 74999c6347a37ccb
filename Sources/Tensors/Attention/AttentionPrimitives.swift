/// Softmax attention in blocks: (q, k, v) to (o, l) of `AttentionGeometry`. Without derivative rules: `softmaxAttention` in Networks gives
/// it one.
package struct BlockedAttention: Primitive {
  /// See `AttentionGeometry`.
  package var prefix: Int?

  package init(prefix: Int?) { self.prefix = prefix }

  package func outputs(_ inputs: [Signature]) -> [Signature] {
    let x = geometry(inputs)
    return [
      inputs[0].with(shape: [x.batch, x.queries, x.heads, x.valueWidth]), inputs[0].with(shape: [x.batch, x.heads, x.queries]),
    ]
  }

  /// The sizes, of inputs of which q, k and v are the first.
  fileprivate func geometry(_ inputs: [Signature]) -> AttentionGeometry {
    let (q, k, v) = (inputs[0].shape, inputs[1].shape, inputs[2].shape)
    requireReal(inputs[0], name)
    guard [q, k, v].allSatisfy({ $0.count == 4 && $0[0] == q[0] && $0[2] == q[2] }), k[1] == v[1], q[3] == k[3], k[1] > 0,
      q[3] > 0,
      prefix == nil || k[1] >= q[1], Set(inputs.map(\.scalarType)).count == 1
    else { fatalError("\(name): queries \(inputs[0]), keys \(inputs[1]) and values \(inputs[2]) do not fit") }
    return AttentionGeometry(
      batch: q[0], heads: q[2], queries: q[1], keys: k[1], width: q[3], valueWidth: v[3], prefix: prefix)
  }

  package func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    inputs[0].scalarType == .float ? kernel(Float.self, inputs) : kernel(Double.self, inputs)
  }

  private func kernel<S: RealScalar & Reducible>(_ type: S.Type, _ inputs: [Signature]) -> Kernel where S.Lanes: SoftmaxLanes {
    let loop = AttentionLoop<S>(geometry: geometry(inputs))
    return Kernel(scratch: loop.forwardScratch) { inputs, outputs, scratch in
      loop.forward(
        inputs[0].source(), inputs[1].source(), inputs[2].source(), outputs[0].assumingMemoryBound(to: S.self),
        outputs[1].assumingMemoryBound(to: S.self), scratch.assumingMemoryBound(to: S.self))
    }
  }

  package func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] {
    batchedInFront(inputs, isBatched, size: size)
  }
}

/// The cotangents of q, k and v from (q, k, v, o, l, g), where g is the cotangent of o.
package struct BlockedAttentionGradient: Primitive {
  /// See `AttentionGeometry`.
  package var prefix: Int?

  package init(prefix: Int?) { self.prefix = prefix }

  package func outputs(_ inputs: [Signature]) -> [Signature] { Array(inputs.prefix(3)) }

  package func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    inputs[0].scalarType == .float ? kernel(Float.self, inputs) : kernel(Double.self, inputs)
  }

  private func kernel<S: RealScalar & Reducible>(_ type: S.Type, _ inputs: [Signature]) -> Kernel where S.Lanes: SoftmaxLanes {
    let loop = AttentionLoop<S>(geometry: BlockedAttention(prefix: prefix).geometry(inputs))
    return Kernel(scratch: loop.backwardScratch) { inputs, outputs, scratch in
      let record = AttentionLoop<S>.Record(
        q: inputs[0].source(), k: inputs[1].source(), v: inputs[2].source(), o: inputs[3].source(), l: inputs[4].source(),
        g: inputs[5].source())
      loop.backward(
        record, outputs[0].assumingMemoryBound(to: S.self), outputs[1].assumingMemoryBound(to: S.self),
        outputs[2].assumingMemoryBound(to: S.self), scratch.assumingMemoryBound(to: S.self))
    }
  }

  package func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] {
    batchedInFront(inputs, isBatched, size: size)
  }
}

extension Primitive {
  /// The batch of a vmap joins the first axis.
  fileprivate func batchedInFront(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] {
    let joined = zip(inputs, isBatched).map { input, isBatched in
      let own = Array(input.shape.dropFirst(isBatched ? 1 : 0))
      let whole = isBatched ? input : input.reshaped([1] + own).broadcast(to: [size] + own)
      return whole.reshaped([size * own[0]] + own.dropFirst())
    }
    return apply(joined).map { $0.reshaped([size, $0.shape[0] / size] + $0.shape.dropFirst()) }
  }
}

extension UnsafeMutableRawPointer {
  fileprivate func source<S>() -> UnsafePointer<S> { UnsafePointer(assumingMemoryBound(to: S.self)) }
}
