/// The reduced QR decomposition of matrices with m >= n: outputs q [..., m, n], r [..., n, n]. Signs of r's diagonal are LAPACK's.
struct TallQR: MatrixPrimitive {
  func outputs(_ inputs: [Signature]) -> [Signature] {
    requireMatrix(inputs[0], "qr")
    let (a, n) = (inputs[0], inputs[0].columns)
    guard a.rows >= n else { fatalError("qr: shape \(a.shape) has fewer rows than columns") }
    return [a, a.with(shape: a.leading + [n, n])]
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    realKernel(inputs[0], { kernel(Float.self, inputs[0]) }, { kernel(Double.self, inputs[0]) })
  }

  private func kernel<S: RealScalar>(_ type: S.Type, _ a: Signature) -> Kernel {
    let (m, n) = (a.rows, a.columns)
    return .matrices(a.matrixCount, work: 4 * m * n * n, scratch: n * MemoryLayout<S>.stride) { place in
      let (q, r) = (place.output(0, m * n, S.self), place.output(1, n * n, S.self))
      if n == 0 { return }
      let tau = place.scratch.assumingMemoryBound(to: S.self)
      q.update(from: place.input(0, m * n), count: m * n)
      guard S._geqrf(m, n, q, tau) == 0 else {  // LAPACKE refuses NaN: pass it on.
        q.update(repeating: .nan, count: m * n)
        return r.update(repeating: .nan, count: n * n)
      }
      for i in 0..<n {
        for j in 0..<n { r[i * n + j] = j < i ? 0 : q[i * n + j] }
      }
      _ = S._orgqr(m, n, n, q, n, tau)
    }
  }

  private func divide(_ a: AnyTensor, by r: AnyTensor, transposed: Bool = false) -> AnyTensor {
    TriangularSolve(isLower: false, transposed: transposed, fromRight: true)(r, a)
  }

  // With y = da r^-1 and the antisymmetric w = tril(qT y, -1) - its transpose: dq = q w + (1 - q qT) y, dr = (qT y - w) r
  // (Walter and Lehmann, "Algorithmic differentiation of linear algebra functions", 2010).
  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    guard let da = tangents[0] else { return [nil, nil] }
    let (q, r) = (outputs[0], outputs[1])
    let y = divide(da, by: r)
    let qTy = AnyTensor.product(q, y, transposeA: true)
    let below = qTy.lowerTriangle(-1)
    let rest = qTy - (below - below.matrixTransposed)
    return [y - .product(q, rest), .product(rest, r)]
  }

  // ga = (gq + q copyltu(m)) r^-T, m = r grT - gqT q, copyltu the lower triangle reflected (Seeger and others,
  // "Auto-differentiating linear algebra", 2017).
  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    let (q, r) = (outputs[0], outputs[1])
    let fromR = cotangents[1].map { AnyTensor.product(r, $0.upperTriangle(), transposeB: true) }
    let fromQ = cotangents[0].map { -AnyTensor.product($0, q, transposeA: true) }
    guard let m = AnyTensor.sum(fromR, fromQ) else { return [nil] }
    let reflected = m.lowerTriangle() + m.lowerTriangle(-1).matrixTransposed
    return [AnyTensor.sum(cotangents[0], .product(q, reflected)).map { divide($0, by: r, transposed: true) }]
  }
}

/// The reduced QR decompositions a = q r of matrices [..., m, n]: q [..., m, k] with orthonormal columns, r [..., k, n] upper triangular,
/// k = min(m, n).
///
/// Signs of r's diagonal are LAPACK's; a matrix with NaN gives NaN. Derivatives exist where the first k columns are independent.
public func qr<Scalar: RealScalar>(_ a: Tensor<Scalar>) -> (q: Tensor<Scalar>, r: Tensor<Scalar>) {
  let a = AnyTensor(a)
  requireMatrix(a.signature, "qr")
  let (m, n) = (a.signature.rows, a.signature.columns)
  if m >= n {
    let results = TallQR().apply([a])
    return (Tensor(results[0]), Tensor(results[1]))
  }
  // The first m columns decide on q.
  let results = TallQR().apply([a.slice(axis: a.rank - 1, 0..<m)])
  let right = AnyTensor.product(results[0], a.slice(axis: a.rank - 1, m..<n), transposeA: true)
  return (Tensor(results[0]), Tensor(.concatenate([results[1], right], axis: a.rank - 1)))
}
