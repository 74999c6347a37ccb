/// The lower triangular l with l lT = (a + aT) / 2; NaN where that is not positive definite.
///
/// Blocked and left-looking (Golub and Van Loan, "Matrix Computations", section 4.2): with s = (a + aT) / 2, and with the columns
/// left of block K final, the blocks I >= K of the next block of columns are
///
///     c[I] = s[I, K] - l[I, <K] l[K, <K]T,   l[K, K] = the factor of c[K] (LAPACK),   l[I, K] = c[I] l[K, K]^-T.
///
/// Promise: the tiles are cut by n alone, each is one call on one thread, so the bits do not depend on the number of threads.
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
      if !factor(n, place.input(0, n * n), l) { l.update(repeating: .nan, count: n * n) }
    }
  }

  /// l from a; false, with l unfinished, if a is not positive definite.
  private func factor<S: RealScalar>(_ n: Int, _ a: UnsafePointer<S>, _ l: UnsafeMutablePointer<S>) -> Bool {
    // A small matrix is one block.
    let size = n < 512 ? Swift.max(1, n) : 64
    let (a, shared) = (Shared(a), Shared(l))
    for k in stride(from: 0, to: n, by: size) {
      let columns = k..<Swift.min(n, k + size)
      let width = columns.count
      Threads.forEachBlock(of: n - k, size: size) { block in
        let (l, i) = (shared.value, k + block.lowerBound)
        l.symmetrize(from: a.value, n, i..<i + block.count, columns)
        if k > 0 { S._gemm(false, true, block.count, width, k, -1, l + i * n, n, l + k * n, n, 1, l + i * n + k, n) }
      }
      let diagonal = l + k * n + k
      if S._potrf(width, diagonal, n) != 0 { return false }
      for i in 0..<width { (diagonal + i * n + i + 1).update(repeating: 0, count: width - i - 1) }
      Threads.forEachBlock(of: n - columns.upperBound, size: size) { block in
        let (l, i) = (shared.value, columns.upperBound + block.lowerBound)
        S._trsm(
          right: true, lower: true, transposed: true, unitDiagonal: false, block.count, width, l + k * n + k, n, l + i * n + k, n)
        for row in columns { (l + row * n + i).update(repeating: 0, count: block.count) }
      }
    }
    return true
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
