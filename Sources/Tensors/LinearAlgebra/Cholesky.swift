/// The lower triangular l with l lT = (a + aT) / 2; NaN where that is not positive definite.
struct Cholesky: MatrixPrimitive {
  func outputs(_ inputs: [Signature]) -> [Signature] {
    requireMatrix(inputs[0], "cholesky", square: true)
    return inputs
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    realKernel(inputs[0], { kernel(Float.self, inputs[0]) }, { kernel(Double.self, inputs[0]) })
  }

  private func kernel<S: RealScalar>(_ type: S.Type, _ a: Signature) -> Kernel {
    let n = a.rows
    return .matrices(a.matrixCount, work: n * n * n / 3) { place in
      let l = place.output(0, n * n, S.self)
      l.symmetrize(from: place.input(0, n * n), n)
      if n == 0 { return }
      if S._potrf(n, l) != 0 { return l.update(repeating: .nan, count: n * n) }
      for i in 0..<n {
        for j in i + 1..<n { l[i * n + j] = 0 }
      }
    }
  }

  /// The lower triangle with half the diagonal.
  private func half(_ a: AnyTensor) -> AnyTensor { (a.lowerTriangle() + a.lowerTriangle(-1)) * 0.5 }

  /// l^-1 a, or l^-T a.
  private func left(_ l: AnyTensor, transposed: Bool = false, _ a: AnyTensor) -> AnyTensor {
    TriangularSolve(transposed: transposed)(l, a)
  }

  /// a l^-1, or a l^-T.
  private func right(_ l: AnyTensor, transposed: Bool = false, _ a: AnyTensor) -> AnyTensor {
    TriangularSolve(transposed: transposed, fromRight: true)(l, a)
  }

  // dl = l half(l^-1 da l^-T), half as above (Murray, "Differentiation of the Cholesky decomposition", 2016, eq. 8 and 10).
  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    let l = outputs[0]
    return [
      tangents[0].map { da in
        .product(l, half(right(l, transposed: true, left(l, da.symmetrized))))
      }
    ]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    let l = outputs[0]
    return [
      cotangents[0].map { g in
        right(l, left(l, transposed: true, half(.product(l, g.lowerTriangle(), transposeA: true)))).symmetrized
      }
    ]
  }
}

extension Tensor where Scalar: RealScalar {
  /// As the function `cholesky`, but with NaN for a matrix that is not positive definite: for functions that are traced.
  public func cholesky() -> Tensor { Tensor(Cholesky()(AnyTensor(self))) }
}

/// The lower triangular factors l of positive definite matrices a = l lT, [..., n, n].
///
/// Of a the symmetric part (a + aT) / 2 is taken, so gradients are symmetric (as in JAX). Throws if a is not positive definite.
public func cholesky<Scalar: RealScalar>(_ a: Tensor<Scalar>) throws(LinearAlgebraError) -> Tensor<Scalar> {
  try a.cholesky().checked("cholesky", of: a) { .notPositiveDefinite(operation: $0, shape: $1) }
}

/// x with l lT x = b, given the Cholesky factor l; b is a vector [n] or [..., n, k].
public func choleskySolve<Scalar: RealScalar>(_ l: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Tensor<Scalar> {
  triangularSolve(l, triangularSolve(l, b), transposed: true)
}
