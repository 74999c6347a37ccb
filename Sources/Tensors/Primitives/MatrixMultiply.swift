/// The product of the last two axes as matrices, for every place along the leading axes, which agree in both operands.
/// [..., m, k] x [..., k, n] -> [..., m, n]; a transposed operand is given as [..., k, m] or [..., n, k].
package struct MatrixMultiply: Primitive {
  package var transposeA = false
  package var transposeB = false

  package func outputs(_ inputs: [Signature]) -> [Signature] {
    let (a, b) = (inputs[0], inputs[1])
    guard a.rank >= 2, a.rank == b.rank, a.shape.dropLast(2) == b.shape.dropLast(2), a.scalarType == b.scalarType,
      a.shape[a.rank - (transposeA ? 2 : 1)] == b.shape[b.rank - (transposeB ? 1 : 2)]
    else {
      fatalError(
        "matmul: shapes \(a.shape)\(transposeA ? " transposed" : "") and \(b.shape)\(transposeB ? " transposed" : "") do not fit")
    }
    return [a.with(shape: a.shape.dropLast(2) + [a.shape[a.rank - (transposeA ? 1 : 2)], b.shape[b.rank - (transposeB ? 2 : 1)]])]
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
      needed[0] ? (transposeA ? ga(b, g) : ga(g, b)) : nil,
      needed[1] ? (transposeB ? gb(g, a) : gb(a, g)) : nil,
    ]
  }

  package func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] {
    let (a, b) = (inputs[0], inputs[1])
    if isBatched == [true, false], a.rank == 3, !transposeA {
      // Rows of all elements times one matrix: one large product.
      let rows = a.reshaped([size * a.shape[1], a.shape[2]])
      let product = self(rows, b)
      return [product.reshaped([size, a.shape[1], product.shape[1]])]
    }
    let all = zip(inputs, isBatched).map { input, isBatched in
      isBatched ? input : input.broadcast(to: [size] + input.shape)
    }
    return apply(all)
  }
}
