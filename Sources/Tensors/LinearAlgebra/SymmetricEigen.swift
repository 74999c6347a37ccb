/// Eigenvalues in ascending order and orthonormal eigenvectors, in columns, of (a + aT) / 2.
struct SymmetricEigen: MatrixPrimitive {
  func outputs(_ inputs: [Signature]) -> [Signature] {
    requireMatrix(inputs[0], "eigh", square: true)
    return [inputs[0].with(shape: Array(inputs[0].shape.dropLast())), inputs[0]]
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    realKernel(inputs[0], { kernel(Float.self, inputs[0]) }, { kernel(Double.self, inputs[0]) })
  }

  private func kernel<S: RealScalar>(_ type: S.Type, _ a: Signature) -> Kernel {
    let n = a.rows
    return .matrices(a.matrixCount, work: 10 * n * n * n) { place in
      let (values, vectors) = (place.output(0, n, S.self), place.output(1, n * n, S.self))
      if n == 0 { return }
      vectors.symmetrize(from: place.input(0, n * n), n, 0..<n, 0..<n)
      guard UnsafePointer(vectors).isFinite(n * n), S._syevd(n, vectors, values) == 0 else {
        values.update(repeating: .nan, count: n)
        return vectors.update(repeating: .nan, count: n * n)
      }
      vectors.transposeSquare(n)
    }
  }

  // With m = vT da v: d values = diag(m), dv = v (f * m), f[i, j] = 1 / (values[j] - values[i]) (Giles 2008, section 3.1).
  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    guard let da = tangents[0]?.symmetrized else { return [nil, nil] }
    let (values, v) = (outputs[0], outputs[1])
    let m = AnyTensor.product(v, .product(da, v), transposeA: true)
    return [m.diagonal, .product(v, values.reciprocalDifferences * m)]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    let (values, v) = (outputs[0], outputs[1])
    let fromValues = cotangents[0]?.diagonalMatrix
    let fromVectors = cotangents[1].map { values.reciprocalDifferences * .product(v, $0, transposeA: true) }
    return [
      AnyTensor.sum(fromValues, fromVectors).map { .product(v, .product($0, v, transposeB: true)).symmetrized }
    ]
  }
}

extension Tensor where Scalar: RealScalar {
  /// As the function `eigh`, but with NaN for a matrix that is not finite: for functions that are traced.
  public func eigh() -> (values: Tensor, vectors: Tensor) {
    let results = SymmetricEigen().apply([AnyTensor(self)])
    return (Tensor(results[0]), Tensor(results[1]))
  }
}

/// Eigenvalues and eigenvectors of symmetric matrices [..., n, n]: values [..., n] ascending, vectors [..., n, n] in columns, orthonormal.
///
/// Of a the symmetric part (a + aT) / 2 is taken, so gradients are symmetric (as in JAX). Signs of vectors are LAPACK's. Derivatives of
/// vectors exist only where all eigenvalues differ, and are infinite or NaN elsewhere; those of values are right as long as no
/// cotangent reaches the vectors. Throws if a is not finite or LAPACK does not converge.
public func eigh<Scalar: RealScalar>(
  _ a: Tensor<Scalar>
) throws(LinearAlgebraError) -> (values: Tensor<Scalar>, vectors: Tensor<Scalar>) {
  let (values, vectors) = a.eigh()
  try AnyTensor(values).check("eigh", of: AnyTensor(a)) { .notConverged(operation: $0, shape: $1) }
  return (values, vectors)
}
