import ComplexModule

/// x with op(a) x = b, of a, its `LUFactors` and b; NaN where a is singular.
///
/// The factors depend on a, but the derivative is that of x as a function of a and b: so they are computed once for the value and all
/// derivatives, and nothing is differentiated through the elimination.
struct Solve: MatrixPrimitive {
  /// op(a) is the transpose.
  var transposed = false

  func outputs(_ inputs: [Signature]) -> [Signature] {
    let (a, b) = (inputs[0], inputs[3])
    requireMatrix(a, "solve", square: true, complex: true)
    guard b.rank == a.rank, b.leading == a.leading, b.rows == a.rows, b.scalarType == a.scalarType else {
      fatalError("solve: \(a) and \(b) do not fit")
    }
    return [b]
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    switch inputs[0].scalarType {
    case .float: kernel(Float.self, inputs[3])
    case .double: kernel(Double.self, inputs[3])
    case .complexFloat: kernel(Complex<Float>.self, inputs[3])
    default: kernel(Complex<Double>.self, inputs[3])
    }
  }

  private func kernel<S: FieldScalar>(_ type: S.Type, _ b: Signature) -> Kernel {
    let (n, k) = (b.rows, b.columns)
    return .matrices(b.matrixCount, work: 2 * n * n * k) { place in
      let x = place.output(0, n * k, S.self)
      x.update(from: place.input(3, n * k), count: n * k)
      LU.solve(transposed: transposed, n, k, place.input(1, n * n), place.input(2, n), x)
    }
  }

  // op(da) x + op(a) dx = db (Giles 2008, section 2.2.3).
  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    let moved = tangents[0].map { -AnyTensor.product($0, outputs[0], transposeA: transposed) }
    return [AnyTensor.sum(moved, tangents[3]).map { self(inputs[0], inputs[1], inputs[2], $0) }]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    guard let g = cotangents[0] else { return [nil, nil, nil, nil] }
    let gb = FactoredMatrix(inputs).solve(g.conjugate(), transposed: !transposed).conjugate()
    if !needed[0] { return [nil, nil, nil, gb] }
    // The cotangent of op(a) is -gb x^H.
    let x = outputs[0].conjugate()
    let ga = transposed ? AnyTensor.product(x, gb, transposeB: true) : AnyTensor.product(gb, x, transposeB: true)
    return [-ga, nil, nil, gb]
  }

  func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] {
    if isBatched == [false, false, false, true], inputs[0].rank == 2 { return batchOfColumns(inputs, size: size) }
    return apply(zip(inputs, isBatched).map { $1 ? $0 : $0.broadcast(to: [size] + $0.shape) })
  }
}

extension Tensor where Scalar: FieldScalar {
  /// As the function `solve`, but with NaN for a singular matrix: for functions that are traced.
  public func solve(_ b: Tensor) -> Tensor {
    Tensor(
      solveColumns(AnyTensor(self), AnyTensor(b), "solve") { a, b in
        // One factorization for all places along leading axes that only b has.
        let own = AnyTensor(self)
        guard own.rank < a.rank, own.rank == 2 else { return FactoredMatrix(a, "solve").solve(b) }
        let columns = b.reshaped([elementCount(b.signature.leading)] + b.shape.suffix(2))
        let factored = FactoredMatrix(own, "solve")
        return Solve().batchOfColumns([own, factored.factors, factored.pivots, columns], size: columns.shape[0])[0].reshaped(
          b.shape)
      })
  }

  /// As the function `inverse`, but with NaN for a singular matrix: for functions that are traced.
  public func inverse() -> Tensor {
    let a = AnyTensor(self)
    requireMatrix(a.signature, "inverse", square: true, complex: true)
    let identity = AnyTensor.identity(a.signature.rows, a.scalarType, leading: a.signature.leading)
    return Tensor(FactoredMatrix(a, "inverse").solve(identity))
  }
}

/// x with a x = b, by elimination with partial pivoting: a [..., n, n]; b is a vector [n] or [..., n, k]; leading axes are broadcast.
///
/// Real or complex. Throws if a is exactly singular; near singularity the result is inaccurate, as the condition of a says.
public func solve<Scalar: FieldScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) throws(LinearAlgebraError) -> Tensor<Scalar> {
  try a.solve(b).checked("solve", of: a) { .singular(operation: $0, shape: $1) }
}

/// The inverses of square matrices [..., n, n]; to solve equations, `solve` is faster and more accurate. Throws if a is singular.
public func inverse<Scalar: FieldScalar>(_ a: Tensor<Scalar>) throws(LinearAlgebraError) -> Tensor<Scalar> {
  try a.inverse().checked("inverse", of: a) { .singular(operation: $0, shape: $1) }
}
