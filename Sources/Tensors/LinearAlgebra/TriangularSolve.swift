import ComplexModule

/// x with op(a) x = b, or x op(a) = b from the right, for triangular a: the other triangle is not read.
struct TriangularSolve: MatrixPrimitive {
  var isLower = true
  /// op(a) is the transpose.
  var transposed = false
  var fromRight = false
  /// The diagonal is not read and taken as ones.
  var unitDiagonal = false

  func outputs(_ inputs: [Signature]) -> [Signature] {
    let (a, b) = (inputs[0], inputs[1])
    requireMatrix(a, "triangularSolve", square: true, complex: true)
    guard b.rank == a.rank, b.leading == a.leading, (fromRight ? b.columns : b.rows) == a.rows, b.scalarType == a.scalarType
    else {
      fatalError("triangularSolve: \(a) and \(b) do not fit")
    }
    return [b]
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    switch inputs[0].scalarType {
    case .float: kernel(Float.self, inputs[1])
    case .double: kernel(Double.self, inputs[1])
    case .complexFloat: kernel(Complex<Float>.self, inputs[1])
    default: kernel(Complex<Double>.self, inputs[1])
    }
  }

  private func kernel<S: FieldScalar>(_ type: S.Type, _ b: Signature) -> Kernel {
    let (m, n) = (b.rows, b.columns)
    let order = fromRight ? n : m
    return .matrices(b.matrixCount, work: order * m * n) { place in
      let x = place.output(0, m * n, S.self)
      x.update(from: place.input(1, m * n), count: m * n)
      if m * n == 0 { return }
      S._trsm(
        right: fromRight, lower: isLower, transposed: transposed, unitDiagonal: unitDiagonal, m, n, place.input(0, order * order),
        order, x, n)
    }
  }

  /// The part of a that is read.
  private func triangle(_ a: AnyTensor) -> AnyTensor {
    let diagonal = unitDiagonal ? 1 : 0
    return isLower ? a.lowerTriangle(-diagonal) : a.upperTriangle(diagonal)
  }

  private var adjoint: TriangularSolve {
    TriangularSolve(isLower: isLower, transposed: !transposed, fromRight: fromRight, unitDiagonal: unitDiagonal)
  }

  // From op(a) x = b: op(da) x + op(a) dx = db (Giles 2008, section 2.3, for general a).
  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    let x = outputs[0]
    let moved = tangents[0].map { tangent in
      let da = triangle(tangent)
      return fromRight ? -AnyTensor.product(x, da, transposeB: transposed) : -AnyTensor.product(da, x, transposeA: transposed)
    }
    return [AnyTensor.sum(moved, tangents[1]).map { self(inputs[0], $0) }]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    guard let g = cotangents[0] else { return [nil, nil] }
    let gb = adjoint(inputs[0], g.conjugate()).conjugate()
    if !needed[0] { return [nil, gb] }
    // The cotangent of op(a) is -gb x^H from the left, -x^H gb from the right.
    let (left, right) = fromRight ? (outputs[0], gb) : (gb, outputs[0])
    let ga =
      fromRight
      ? AnyTensor.product(left.conjugate(), right, transposeA: true)
      : AnyTensor.product(left, right.conjugate(), transposeB: true)
    return [-triangle(transposed ? ga.matrixTransposed : ga), gb]
  }

  func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] {
    if !isBatched[0], inputs[0].rank == 2, !fromRight { return batchOfColumns(inputs, size: size) }
    return apply(zip(inputs, isBatched).map { $1 ? $0 : $0.broadcast(to: [size] + $0.shape) })
  }
}

/// x with op(a) x = b for triangular matrices a [..., n, n]; b is a vector [n] or [..., n, k]; leading axes are broadcast.
///
/// Only the triangle named is read, and nothing is checked: a zero on the diagonal gives infinity or NaN.
///
/// - Parameters:
///   - isLower: a is lower triangular, else upper.
///   - transposed: op(a) is the transpose of a.
///   - unitDiagonal: the diagonal is taken as ones and not read.
public func triangularSolve<Scalar: FieldScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, isLower: Bool = true, transposed: Bool = false, unitDiagonal: Bool = false
) -> Tensor<Scalar> {
  let solver = TriangularSolve(isLower: isLower, transposed: transposed, unitDiagonal: unitDiagonal)
  return Tensor(solveColumns(AnyTensor(a), AnyTensor(b), "triangularSolve") { solver($0, $1) })
}
