/// The product of the last two axes as matrices, for every place along the leading axes, which agree in both operands; or one operand
/// is a single matrix for all. [..., m, k] x [..., k, n] -> [..., m, n]; a transposed operand is given as [..., k, m] or [..., n, k].
package struct MatrixMultiply: Primitive {
  package var transposeA = false
  package var transposeB = false

  package func outputs(_ inputs: [Signature]) -> [Signature] {
    let (a, b) = (inputs[0], inputs[1])
    guard a.rank >= 2, b.rank >= 2, a.rank == 2 || b.rank == 2 || a.shape.dropLast(2) == b.shape.dropLast(2),
      a.scalarType == b.scalarType, a.shape[a.rank - (transposeA ? 2 : 1)] == b.shape[b.rank - (transposeB ? 1 : 2)]
    else {
      fatalError(
        "matmul: shapes \(a.shape)\(transposeA ? " transposed" : "") and \(b.shape)\(transposeB ? " transposed" : "") do not fit")
    }
    let (m, n) = (a.shape[a.rank - (transposeA ? 1 : 2)], b.shape[b.rank - (transposeB ? 2 : 1)])
    return [a.with(shape: (a.rank > b.rank ? a : b).shape.dropLast(2) + [m, n])]
  }

  package func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    .matrixMultiply(self, inputs[0], inputs[1], outputs[0])
  }

  package func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    [.sum(tangents[0].map { self($0, inputs[1]) }, tangents[1].map { self(inputs[0], $0) })]
  }

  package func vjp(
    _ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]
  ) -> [AnyTensor?] {
    guard let g = cotangents[0] else { return [nil, nil] }
    let (a, b) = (inputs[0].conjugate(), inputs[1].conjugate())
    // C = op(A) op(B): the cotangent of op(A) is G op(B)^T, that of op(B) is op(A)^T G; of a transposed operand, its transpose.
    let ga =
      transposeA
      ? MatrixMultiply(transposeA: transposeB, transposeB: true) : MatrixMultiply(transposeA: false, transposeB: !transposeB)
    let gb =
      transposeB
      ? MatrixMultiply(transposeA: true, transposeB: transposeA) : MatrixMultiply(transposeA: !transposeA, transposeB: false)
    return [
      needed[0] ? (transposeA ? ga(b, g) : ga(g, b)).summed(toRank: a.rank) : nil,
      needed[1] ? (transposeB ? gb(g, a) : gb(a, g)).summed(toRank: b.rank) : nil,
    ]
  }

  package func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] {
    let (a, b) = (inputs[0], inputs[1])
    if isBatched == [true, false], a.rank == 3, b.rank == 2, !transposeA {
      // Rows of all elements times one matrix: one large product.
      let rows = a.reshaped([size * a.shape[1], a.shape[2]])
      let product = self(rows, b)
      return [product.reshaped([size, a.shape[1], product.shape[1]])]
    }
    // A matrix that all elements share stays one matrix; otherwise both operands need the same leading axes.
    if a.rank == 3, isBatched == [true, false], b.rank == 2 { return apply(inputs) }
    if b.rank == 3, isBatched == [false, true], a.rank == 2 { return apply(inputs) }
    let rank = max(a.rank - (isBatched[0] ? 1 : 0), b.rank - (isBatched[1] ? 1 : 0))
    let leading =
      (a.rank - (isBatched[0] ? 1 : 0) == rank
      ? a.shape.dropFirst(isBatched[0] ? 1 : 0) : b.shape.dropFirst(isBatched[1] ? 1 : 0))
      .prefix(rank - 2)
    let all = zip(inputs, isBatched).map { input, isBatched in
      let own = input.shape.dropFirst(isBatched ? 1 : 0)
      let aligned = (isBatched ? [size] : [1]) + Array(repeating: 1, count: rank - own.count) + own
      return input.reshaped(aligned).broadcast(to: [size] + leading + own.suffix(2))
    }
    return apply(all)
  }
}

extension AnyTensor {
  /// Summed over leading axes until so many are left.
  fileprivate func summed(toRank rank: Int) -> AnyTensor { sum(axes: Array(0..<self.rank - rank)) }
}
