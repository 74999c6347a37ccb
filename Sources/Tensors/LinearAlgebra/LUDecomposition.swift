/// The decomposition a = p l u of square matrices with partial pivoting: outputs p, a permutation, unit lower l and upper u.
struct LUDecomposition: MatrixPrimitive {
  func outputs(_ inputs: [Signature]) -> [Signature] {
    requireMatrix(inputs[0], "lu", square: true)
    return [inputs[0], inputs[0], inputs[0]]
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    realKernel(inputs[0], { kernel(Float.self, inputs[0]) }, { kernel(Double.self, inputs[0]) })
  }

  private func kernel<S: RealScalar>(_ type: S.Type, _ a: Signature) -> Kernel {
    let n = a.rows
    let bytes = n * n * MemoryLayout<S>.stride
    return .matrices(a.matrixCount, work: n * n * n, scratch: bytes + 2 * n * MemoryLayout<Int32>.stride) { place in
      let (p, l, u) = (place.output(0, n * n, S.self), place.output(1, n * n, S.self), place.output(2, n * n, S.self))
      let work = place.scratch.assumingMemoryBound(to: S.self)
      let pivots = (place.scratch + bytes).assumingMemoryBound(to: Int32.self)
      let rows = pivots + n
      work.update(from: place.input(0, n * n), count: n * n)
      work.transposeSquare(n)
      LU.factor(n, work, pivots)
      for i in 0..<n { rows[i] = Int32(i) }
      for i in 0..<n {
        let other = Int(pivots[i]) - 1
        if other != i { swap(&rows[i], &rows[other]) }
      }
      // The factors lie in columns; row i of l u is row rows[i] of a.
      p.update(repeating: 0, count: n * n)
      for i in 0..<n {
        p[Int(rows[i]) * n + i] = 1
        for j in 0..<n {
          let factor = work[j * n + i]
          l[i * n + j] = j < i ? factor : j == i ? 1 : 0
          u[i * n + j] = j < i ? 0 : factor
        }
      }
    }
  }

  /// l^-1 b, or l^-T b.
  private func divide(_ b: AnyTensor, byLower l: AnyTensor, transposed: Bool = false) -> AnyTensor {
    TriangularSolve(transposed: transposed, unitDiagonal: true)(l, b)
  }

  /// b u^-1, or b u^-T.
  private func divide(_ b: AnyTensor, byUpper u: AnyTensor, transposed: Bool = false) -> AnyTensor {
    TriangularSolve(isLower: false, transposed: transposed, fromRight: true)(u, b)
  }

  // With m = l^-1 pT da u^-1: dl = l tril(m, -1), du = triu(m) u, while p stays (de Hoog, Anderssen and Lukas, "Differentiation of
  // matrix functionals using triangular factorization", 2011).
  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    guard let da = tangents[0] else { return [nil, nil, nil] }
    let (p, l, u) = (outputs[0], outputs[1], outputs[2])
    let m = divide(divide(.product(p, da, transposeA: true), byLower: l), byUpper: u)
    return [nil, .product(l, m.lowerTriangle(-1)), .product(m.upperTriangle(), u)]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    let (p, l, u) = (outputs[0], outputs[1], outputs[2])
    let fromL = cotangents[1].map { AnyTensor.product(l, $0, transposeA: true).lowerTriangle(-1) }
    let fromU = cotangents[2].map { AnyTensor.product($0, u, transposeB: true).upperTriangle() }
    return [
      AnyTensor.sum(fromL, fromU).map {
        .product(p, divide(divide($0, byLower: l, transposed: true), byUpper: u, transposed: true))
      }
    ]
  }
}

/// The decompositions a = p l u of square matrices [..., n, n] by elimination with partial pivoting: p a permutation, l lower triangular
/// with ones on its diagonal, u upper triangular.
///
/// Derivatives of l and u exist where u is not singular; p has none. To solve equations, `solve` keeps to LAPACK's factors.
public func lu<Scalar: RealScalar>(_ a: Tensor<Scalar>) -> (p: Tensor<Scalar>, l: Tensor<Scalar>, u: Tensor<Scalar>) {
  let results = LUDecomposition().apply([AnyTensor(a)])
  return (Tensor(results[0]), Tensor(results[1]), Tensor(results[2]))
}
