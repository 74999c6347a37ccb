import ComplexModule

/// The determinant, of a and its `LUFactors`.
struct Determinant: MatrixPrimitive {
  func outputs(_ inputs: [Signature]) -> [Signature] { [inputs[0].with(shape: inputs[0].leading)] }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    switch inputs[0].scalarType {
    case .float: kernel(Float.self, inputs[0])
    case .double: kernel(Double.self, inputs[0])
    case .complexFloat: kernel(Complex<Float>.self, inputs[0])
    default: kernel(Complex<Double>.self, inputs[0])
    }
  }

  private func kernel<S: FieldScalar>(_ type: S.Type, _ a: Signature) -> Kernel {
    let n = a.rows
    return .matrices(a.matrixCount, work: n) { place in
      place.output(0, 1, S.self)[0] = LU.determinant(n, place.input(1, n * n), place.input(2, n))
    }
  }

  // d det a = det a tr(a^-1 da) (Jacobi; Giles 2008, section 2.2.4).
  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    [tangents[0].map { outputs[0] * FactoredMatrix(inputs).solve($0).diagonal.sum(axes: [$0.rank - 2]) }]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    guard let g = cotangents[0] else { return [nil, nil, nil] }
    let scale = g * outputs[0].conjugate()
    return [FactoredMatrix(inputs).inverseTransposed.conjugate().scalingMatrices(scale), nil, nil]
  }
}

/// The sign of the determinant and the logarithm of its absolute value, of a real a and its `LUFactors`.
struct LogDeterminant: MatrixPrimitive {
  func outputs(_ inputs: [Signature]) -> [Signature] {
    requireMatrix(inputs[0], "logDeterminant", square: true)
    let result = inputs[0].with(shape: inputs[0].leading)
    return [result, result]
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    realKernel(inputs[0], { kernel(Float.self, inputs[0]) }, { kernel(Double.self, inputs[0]) })
  }

  private func kernel<S: RealScalar>(_ type: S.Type, _ a: Signature) -> Kernel {
    let n = a.rows
    return .matrices(a.matrixCount, work: 32 * n) { place in
      let (factors, pivots) = (place.input(1, n * n, S.self), place.input(2, n, Int32.self))
      var (sign, logarithm): (S, S) = (1, 0)
      for i in 0..<n {
        let pivot = factors[i * n + i]
        logarithm += S.log(abs(pivot))
        if pivot == 0 { sign = 0 }
        if (pivot < 0) != (pivots[i] != Int32(i + 1)) { sign = -sign }
      }
      place.output(0, 1, S.self)[0] = logarithm.isNaN ? .nan : sign
      place.output(1, 1, S.self)[0] = logarithm
    }
  }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    [nil, tangents[0].map { FactoredMatrix(inputs).solve($0).diagonal.sum(axes: [$0.rank - 2]) }]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    [cotangents[1].map { FactoredMatrix(inputs).inverseTransposed.scalingMatrices($0) }, nil, nil]
  }
}

/// The determinants of square matrices, real or complex: [..., n, n] to [...].
///
/// The gradient goes through the inverse, so it is NaN where a is exactly singular. Large matrices overflow: `logDeterminant`.
public func determinant<Scalar: FieldScalar>(_ a: Tensor<Scalar>) -> Tensor<Scalar> {
  let factored = FactoredMatrix(AnyTensor(a), "determinant")
  return Tensor(Determinant()(factored.a, factored.factors, factored.pivots))
}

/// The signs of the determinants of square matrices, and the logarithms of their absolute values: [..., n, n] to [...] each.
///
/// For a singular matrix they are 0 and -infinity.
public func logDeterminant<Scalar: RealScalar>(_ a: Tensor<Scalar>) -> (sign: Tensor<Scalar>, logarithm: Tensor<Scalar>) {
  let factored = FactoredMatrix(AnyTensor(a), "logDeterminant")
  let results = LogDeterminant().apply([factored.a, factored.factors, factored.pivots])
  return (Tensor(results[0]), Tensor(results[1]))
}
