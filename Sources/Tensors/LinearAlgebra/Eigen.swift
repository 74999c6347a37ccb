import ComplexModule

/// Eigenvalues and right eigenvectors, in columns, of a real or complex square matrix, both complex; or the values alone.
///
/// Values of a real matrix come in conjugate pairs, that with positive imaginary part first, otherwise in LAPACK's order.
struct Eigen: MatrixPrimitive {
  let hasVectors: Bool

  var name: String { hasVectors ? "eigen" : "eigenvalues" }

  func outputs(_ inputs: [Signature]) -> [Signature] {
    requireMatrix(inputs[0], name, square: true, complex: true)
    let a = inputs[0].with(inputs[0].scalarType.complexType)
    let values = a.with(shape: Array(a.shape.dropLast()))
    return hasVectors ? [values, a] : [values]
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    switch inputs[0].scalarType {
    case .float: realKernel(Float.self, inputs[0])
    case .double: realKernel(Double.self, inputs[0])
    case .complexFloat: complexKernel(Float.self, inputs[0])
    default: complexKernel(Double.self, inputs[0])
    }
  }

  private func complexKernel<R: RealScalar>(_ type: R.Type, _ a: Signature) -> Kernel {
    let n = a.rows
    let stride = MemoryLayout<Complex<R>>.stride
    return .matrices(a.matrixCount, work: 25 * n * n * n, scratch: n * n * stride) { place in
      if n == 0 { return }
      let values = place.output(0, n, Complex<R>.self)
      let vectors = hasVectors ? place.output(1, n * n, Complex<R>.self) : nil
      let (source, work) = (place.input(0, n * n, Complex<R>.self), place.scratch.assumingMemoryBound(to: Complex<R>.self))
      work.update(from: source, count: n * n)
      work.transposeSquare(n)
      let isFinite = UnsafePointer(place.scratch.assumingMemoryBound(to: R.self)).isFinite(2 * n * n)
      guard isFinite, R._complexGeev(n, work, values, vectors) == 0 else { return fillNaN(values, vectors, n) }
      vectors?.transposeSquare(n)
    }
  }

  private func realKernel<R: RealScalar>(_ type: R.Type, _ a: Signature) -> Kernel {
    let n = a.rows
    return .matrices(a.matrixCount, work: 25 * n * n * n, scratch: (2 * n * n + 2 * n) * MemoryLayout<R>.stride) { place in
      if n == 0 { return }
      let values = place.output(0, n, Complex<R>.self)
      let vectors = hasVectors ? place.output(1, n * n, Complex<R>.self) : nil
      let work = place.scratch.assumingMemoryBound(to: R.self)
      let packed = work + n * n
      let (real, imaginary) = (packed + n * n, packed + n * n + n)
      work.update(from: place.input(0, n * n), count: n * n)
      work.transposeSquare(n)
      guard UnsafePointer(work).isFinite(n * n), R._geev(n, work, real, imaginary, hasVectors ? packed : nil) == 0 else {
        return fillNaN(values, vectors, n)
      }
      for j in 0..<n { values[j] = Complex(real[j], imaginary[j]) }
      guard let vectors else { return }
      // Of a conjugate pair, column j holds the real part and column j + 1 the imaginary part of the first one's vector.
      for j in 0..<n {
        let first = imaginary[j] < 0 ? j - 1 : j
        for i in 0..<n {
          let part: R = imaginary[j] == 0 ? 0 : packed[(first + 1) * n + i]
          vectors[i * n + j] = Complex(packed[first * n + i], imaginary[j] < 0 ? -part : part)
        }
      }
    }
  }

  private func fillNaN<R: RealScalar>(
    _ values: UnsafeMutablePointer<Complex<R>>, _ vectors: UnsafeMutablePointer<Complex<R>>?, _ n: Int
  ) {
    LU.fillNaN(values, n)
    if let vectors { LU.fillNaN(vectors, n * n) }
  }

  // d values = diag(v^-1 da v), for values that differ from one another (Giles 2008, section 3.1).
  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    requireValuesOnly()
    guard let da = tangents[0] else { return [nil] }
    let v = vectors(inputs[0])
    return [v.solve(.product(da.madeComplex, v.a)).diagonal]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    requireValuesOnly()
    guard let g = cotangents[0] else { return [nil] }
    let v = vectors(inputs[0])
    // v^-H diag(g) v^H.
    let weighted = v.a.conjugate().scalingColumns(g).matrixTransposed
    let ga = v.solve(weighted.conjugate(), transposed: true).conjugate()
    return [inputs[0].scalarType.isComplex ? ga : ComplexPart(isImaginary: false)(ga)]
  }

  private func vectors(_ a: AnyTensor) -> FactoredMatrix {
    FactoredMatrix(Eigen(hasVectors: true).apply([a])[1], name)
  }

  private func requireValuesOnly() {
    if hasVectors { fatalError("eigen: eigenvectors have no derivative here, hence eigenvalues no second one") }
  }
}

extension AnyTensor {
  /// With imaginary parts of zero; a complex tensor is its own.
  var madeComplex: AnyTensor { scalarType.isComplex ? self : MakeComplex()(self, .zeros(signature)) }
}

/// Eigenvalues and right eigenvectors of real square matrices [..., n, n]: values [..., n], vectors [..., n, n] in columns of norm 1.
///
/// Without derivative: that of the values alone has `eigenvalues`. For symmetric matrices `eigh` is faster and more accurate. Throws if
/// a is not finite or LAPACK does not converge; while a function is traced, NaN flows.
public func eigen<Scalar: RealScalar>(
  _ a: Tensor<Scalar>
) throws(LinearAlgebraError) -> (values: Tensor<Complex<Scalar>>, vectors: Tensor<Complex<Scalar>>) {
  let results = Eigen(hasVectors: true).apply([AnyTensor(a)])
  try results[0].check("eigen", of: AnyTensor(a)) { .notConverged(operation: $0, shape: $1) }
  return (Tensor(results[0]), Tensor(results[1]))
}

/// Eigenvalues and right eigenvectors of complex square matrices.
public func eigen<Scalar: RealScalar>(
  _ a: Tensor<Complex<Scalar>>
) throws(LinearAlgebraError) -> (values: Tensor<Complex<Scalar>>, vectors: Tensor<Complex<Scalar>>) {
  let results = Eigen(hasVectors: true).apply([AnyTensor(a)])
  try results[0].check("eigen", of: AnyTensor(a)) { .notConverged(operation: $0, shape: $1) }
  return (Tensor(results[0]), Tensor(results[1]))
}

/// The eigenvalues of real square matrices, [..., n, n] to [..., n]; NaN where a is not finite.
///
/// They have a first derivative where they differ from one another, and no second one.
public func eigenvalues<Scalar: RealScalar>(_ a: Tensor<Scalar>) -> Tensor<Complex<Scalar>> {
  Tensor(Eigen(hasVectors: false)(AnyTensor(a)))
}

/// The eigenvalues of complex square matrices.
public func eigenvalues<Scalar: RealScalar>(_ a: Tensor<Complex<Scalar>>) -> Tensor<Complex<Scalar>> {
  Tensor(Eigen(hasVectors: false)(AnyTensor(a)))
}
