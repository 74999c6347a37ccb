extension Tensor where Scalar: RealScalar {
  /// As the function `leastSquares`, but with NaN or infinity for a matrix without full rank: for functions that are traced.
  public func leastSquares(_ b: Tensor) -> Tensor {
    guard rank >= 2 else { fatalError("leastSquares: shape \(shape) is no matrix") }
    let isWide = shape[rank - 2] < shape[rank - 1]
    // a = q r: r x = qT b. Of a wide a = (q r)T the shortest solution: x = q r^-T b.
    let (q, r) = qr(isWide ? transposed() : self)
    return Tensor(
      solveColumns(AnyTensor(q), AnyTensor(b), "leastSquares") { q, b in
        let r = AnyTensor(r).broadcast(to: q.signature.leading + r.shape.suffix(2))
        return isWide
          ? .product(q, TriangularSolve(isLower: false, transposed: true)(r, b))
          : TriangularSolve(isLower: false)(r, .product(q, b, transposeA: true))
      })
  }
}

/// The x that minimizes |a x - b| by QR: a [..., m, n] of full rank; b is a vector [m] or [..., m, k]; leading axes are broadcast.
/// With m < n it is the shortest of the solutions.
///
/// Throws if a is exactly without full rank; for matrices near that there is `pseudoInverse`.
public func leastSquares<Scalar: RealScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>
) throws(LinearAlgebraError) -> Tensor<Scalar> {
  try a.leastSquares(b).checked("leastSquares", of: a) { .singular(operation: $0, shape: $1) }
}

/// The pseudo-inverse (Moore and Penrose): singular values up to `tolerance` times the largest count as zero.
struct PseudoInverse: MatrixPrimitive {
  let tolerance: Double

  func outputs(_ inputs: [Signature]) -> [Signature] {
    requireMatrix(inputs[0], "pseudoInverse")
    return [inputs[0].with(shape: inputs[0].leading + [inputs[0].columns, inputs[0].rows])]
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    realKernel(inputs[0], { kernel(Float.self, inputs[0]) }, { kernel(Double.self, inputs[0]) })
  }

  private func kernel<S: RealScalar>(_ type: S.Type, _ a: Signature) -> Kernel {
    let (m, n) = (a.rows, a.columns)
    let k = min(m, n)
    let scalars = m * n + m * k + k + k * n
    return .matrices(a.matrixCount, work: 10 * m * n * k, scratch: scalars * MemoryLayout<S>.stride) { place in
      let work = place.scratch.assumingMemoryBound(to: S.self)
      let u = work + m * n
      let s = u + m * k
      let vT = s + k
      if k == 0 { return }
      ThinSVD.decompose(m, n, place.input(0, m * n), u, s, vT, scratch: work)
      let threshold = S(tolerance) * s[0]
      for i in 0..<k {
        // NaN is not below the threshold and stays.
        let inverse = s[i] <= threshold ? 0 : 1 / s[i]
        for j in 0..<n { vT[i * n + j] *= inverse }
      }
      S._gemm(true, true, n, m, k, 1, vT, n, u, k, 0, place.output(0, n * m), m)
    }
  }

  // dp = -p da p + p pT daT (1 - a p) + (1 - p a) daT pT p while the rank stays (Golub and Pereyra 1973).
  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    let (a, p) = (inputs[0], outputs[0])
    return [
      tangents[0].map { da in
        let ppTdaT = AnyTensor.product(p, .product(da, p), transposeB: true)
        let daTpTp = AnyTensor.product(.product(p, da), p, transposeA: true)
        let left = ppTdaT - .product(.product(ppTdaT, a), p)
        let right = daTpTp - .product(p, .product(a, daTpTp))
        return left + right - .product(p, .product(da, p))
      }
    ]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    let (a, p) = (inputs[0], outputs[0])
    return [
      cotangents[0].map { g in
        // The transposes of the three terms; gT is [m, n].
        let gTppT = AnyTensor.product(.product(g, p, transposeA: true), p, transposeB: true)
        let pTpgT = AnyTensor.product(p, .product(p, g, transposeB: true), transposeA: true)
        let left = gTppT - .product(a, .product(p, gTppT))
        let right = pTpgT - .product(.product(pTpgT, p), a)
        return left + right - .product(p, .product(g, p, transposeB: true), transposeA: true)
      }
    ]
  }
}

extension Tensor where Scalar: RealScalar {
  /// As the function `pseudoInverse`, but with NaN for a matrix that is not finite: for functions that are traced.
  public func pseudoInverse(tolerance: Double? = nil) -> Tensor {
    let larger = Swift.max(shape.last ?? 1, shape.dropLast().last ?? 1)
    return Tensor(PseudoInverse(tolerance: tolerance ?? Double(larger) * Double(Scalar.ulpOfOne))(AnyTensor(self)))
  }
}

/// The pseudo-inverses of matrices, [..., m, n] to [..., n, m], by the singular value decomposition.
///
/// Derivatives hold while the rank stays, equal singular values or not. Throws if a is not finite or LAPACK does not converge.
///
/// - Parameter tolerance: singular values up to this part of the largest count as zero; by default max(m, n) roundings.
public func pseudoInverse<Scalar: RealScalar>(
  _ a: Tensor<Scalar>, tolerance: Double? = nil
) throws(LinearAlgebraError) -> Tensor<Scalar> {
  try a.pseudoInverse(tolerance: tolerance).checked("pseudoInverse", of: a) { .notConverged(operation: $0, shape: $1) }
}
