/// The thin singular value decomposition a = u diag(s) vT: outputs u, s, vT. Signs are LAPACK's.
struct ThinSVD: MatrixPrimitive {
  func outputs(_ inputs: [Signature]) -> [Signature] {
    let a = inputs[0]
    requireMatrix(a, "thinSVD")
    let k = min(a.rows, a.columns)
    return [
      a.with(shape: a.leading + [a.rows, k]), a.with(shape: a.leading + [k]), a.with(shape: a.leading + [k, a.columns]),
    ]
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    realKernel(inputs[0], { kernel(Float.self, inputs[0]) }, { kernel(Double.self, inputs[0]) })
  }

  private func kernel<S: RealScalar>(_ type: S.Type, _ a: Signature) -> Kernel {
    let (m, n) = (a.rows, a.columns)
    let k = min(m, n)
    return .matrices(a.matrixCount, work: 10 * m * n * k, scratch: m * n * MemoryLayout<S>.stride) { place in
      let (u, s, vT) = (place.output(0, m * k, S.self), place.output(1, k, S.self), place.output(2, k * n, S.self))
      Self.decompose(m, n, place.input(0, m * n), u, s, vT, scratch: place.scratch.assumingMemoryBound(to: S.self))
    }
  }

  /// The decomposition on raw memory; `scratch` holds m n scalars.
  static func decompose<S: RealScalar>(
    _ m: Int, _ n: Int, _ a: UnsafePointer<S>, _ u: UnsafeMutablePointer<S>, _ s: UnsafeMutablePointer<S>,
    _ vT: UnsafeMutablePointer<S>, scratch: UnsafeMutablePointer<S>
  ) {
    let k = min(m, n)
    if k == 0 { return }
    if a.isFinite(m * n) {
      // LAPACK reads columns: our rows are the columns of the transpose, whose left vectors are our right ones. So nothing is moved.
      for divideAndConquer in [true, false] {
        scratch.update(from: a, count: m * n)
        if S._svd(divideAndConquer: divideAndConquer, n, m, scratch, s, vT, u) == 0 { return }
      }
    }
    u.update(repeating: .nan, count: m * k)
    s.update(repeating: .nan, count: k)
    vT.update(repeating: .nan, count: k * n)
  }

  // Townsend, "Differentiating the singular value decomposition" (2016). With p = uT da v, s as a diagonal matrix and
  // f[i, j] = 1 / (s[j]^2 - s[i]^2) off the diagonal:
  //   ds = diag(p), du = u (f * (p s + s pT)) + (1 - u uT) da v s^-1, dv = v (f * (s p + pT s)) + (1 - v vT) daT u s^-1.
  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    guard let da = tangents[0] else { return [nil, nil, nil] }
    let (u, s, vT) = (outputs[0], outputs[1], outputs[2])
    let (m, n, k) = (u.signature.rows, vT.signature.columns, s.shape[s.rank - 1])
    let dav = AnyTensor.product(da, vT, transposeB: true)
    let p = AnyTensor.product(u, dav, transposeA: true)
    let f = (s * s).reciprocalDifferences
    let ps = p.scalingColumns(s)
    let sp = p.scalingRows(s)
    var du = AnyTensor.product(u, f * (ps + ps.matrixTransposed))
    // The transpose of v (f * (s p + pT s)): f is antisymmetric.
    var dvT = -AnyTensor.product(f * (sp + sp.matrixTransposed), vT)
    if m > k { du = du + (dav - .product(u, p)).dividingColumns(s) }
    if n > k {
      let uTda = AnyTensor.product(u, da, transposeA: true)
      dvT = dvT + (uTda - .product(p, vT)) / s.insertingAxis(s.rank)
    }
    return [du, p.diagonal, dvT]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    let (u, s, vT) = (outputs[0], outputs[1], outputs[2])
    let (m, n, k) = (u.signature.rows, vT.signature.columns, s.shape[s.rank - 1])
    // Cotangents of p = uT da v, of what is beside u, and of what is beside v.
    var inner = cotangents[1]?.diagonalMatrix
    var outer: AnyTensor?
    if let gu = cotangents[0] {
      let uTgu = AnyTensor.product(u, gu, transposeA: true)
      let antisymmetric = uTgu - uTgu.matrixTransposed
      inner = .sum(inner, ((s * s).reciprocalDifferences * antisymmetric).scalingColumns(s))
      if m > k { outer = .product((gu - .product(u, uTgu)).dividingColumns(s), vT) }
    }
    if let gvT = cotangents[2] {
      let vTgv = AnyTensor.product(vT, gvT, transposeB: true)
      let antisymmetric = vTgv - vTgv.matrixTransposed
      inner = .sum(inner, ((s * s).reciprocalDifferences * antisymmetric).scalingRows(s))
      if n > k {
        let beside = gvT - .product(vTgv, vT, transposeA: true)
        outer = .sum(outer, .product(u, beside / s.insertingAxis(s.rank)))
      }
    }
    return [.sum(inner.map { .product(u, .product($0, vT)) }, outer)]
  }
}

extension Tensor where Scalar: RealScalar {
  /// As the function `thinSVD`, but with NaN for a matrix that is not finite: for functions that are traced.
  public func thinSVD() -> (u: Tensor, s: Tensor, vT: Tensor) {
    let results = ThinSVD().apply([AnyTensor(self)])
    return (Tensor(results[0]), Tensor(results[1]), Tensor(results[2]))
  }
}

/// The thin singular value decomposition a = u diag(s) vT of matrices [..., m, n]: u [..., m, k], s [..., k] descending, vT [..., k, n],
/// k = min(m, n). Signs of the vectors are LAPACK's.
///
/// Derivatives of vectors exist only where all singular values differ, and for m != n are not zero; elsewhere they are infinite or NaN.
/// Those of values are right as long as no cotangent reaches the vectors. Throws if `a` is not finite, or if neither divide and conquer
/// nor, after it, QR iteration converges.
public func thinSVD<Scalar: RealScalar>(
  _ a: Tensor<Scalar>
) throws(LinearAlgebraError) -> (u: Tensor<Scalar>, s: Tensor<Scalar>, vT: Tensor<Scalar>) {
  let results = a.thinSVD()
  try AnyTensor(results.s).check("thinSVD", of: AnyTensor(a)) { .notConverged(operation: $0, shape: $1) }
  return results
}
