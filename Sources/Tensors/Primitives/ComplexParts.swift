import ComplexModule

/// Primitives between real and complex tensors. Complex gradients are directions of steepest ascent: the cotangent of a linear map is
/// its conjugate transpose (as in PyTorch; JAX leaves out the conjugate).

/// The complex conjugate.
struct Conjugate: ElementwisePrimitive {
  func outputs(_ inputs: [Signature]) -> [Signature] { inputs }

  func loop(_ inputs: [ScalarType]) -> ElementLoop {
    complexLoop(
      inputs[0], { map($0, $1, $2) { (z: Complex<Float>) in z.conjugate } },
      { map($0, $1, $2) { (z: Complex<Double>) in z.conjugate } })
  }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    [tangents[0]?.conjugate()]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    [cotangents[0]?.conjugate()]
  }
}

/// The real part or the imaginary part.
struct ComplexPart: ElementwisePrimitive {
  let isImaginary: Bool

  func outputs(_ inputs: [Signature]) -> [Signature] {
    guard inputs[0].scalarType.isComplex else { fatalError("Tensor.real: tensors of \(inputs[0].scalarType) have no parts") }
    return [inputs[0].with(inputs[0].scalarType.realType)]
  }

  func loop(_ inputs: [ScalarType]) -> ElementLoop {
    let isImaginary = isImaginary
    return complexLoop(
      inputs[0], { map($0, $1, $2) { (z: Complex<Float>) in isImaginary ? z.imaginary : z.real } },
      { map($0, $1, $2) { (z: Complex<Double>) in isImaginary ? z.imaginary : z.real } })
  }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    [tangents[0].map { self($0) }]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    guard let g = cotangents[0] else { return [nil] }
    let zero = AnyTensor.zeros(g.signature)
    return [isImaginary ? MakeComplex()(zero, g) : MakeComplex()(g, zero)]
  }
}

/// Real part and imaginary part to a complex tensor.
struct MakeComplex: ElementwisePrimitive {
  func outputs(_ inputs: [Signature]) -> [Signature] {
    requireReal(inputs[0], "complex")
    guard inputs[0] == inputs[1] else { fatalError("Tensor.complex: parts \(inputs[0]) and \(inputs[1]) differ") }
    return [inputs[0].with(inputs[0].scalarType.complexType)]
  }

  func loop(_ inputs: [ScalarType]) -> ElementLoop {
    func loop<R: RealScalar>(_ type: R.Type) -> ElementLoop {
      ElementLoop { operands, y, count in
        let (real, imaginary) = (
          operands[0].pointer.assumingMemoryBound(to: R.self), operands[1].pointer.assumingMemoryBound(to: R.self)
        )
        let y = y.assumingMemoryBound(to: Complex<R>.self)
        for i in 0..<count { y[i] = Complex(real[i * operands[0].step], imaginary[i * operands[1].step]) }
      }
    }
    return inputs[0] == .float ? loop(Float.self) : loop(Double.self)
  }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    if tangents.allSatisfy({ $0 == nil }) { return [nil] }
    return [self(tangents[0] ?? .zeros(inputs[0].signature), tangents[1] ?? .zeros(inputs[1].signature))]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    [false, true].map { isImaginary in cotangents[0].map { ComplexPart(isImaginary: isImaginary)($0) } }
  }
}

private func complexLoop(
  _ scalarType: ScalarType, _ float: @escaping ElementLoop.Body, _ double: @escaping ElementLoop.Body
) -> ElementLoop {
  ElementLoop(scalarType == .complexFloat ? float : double)
}

private func map<X, Y>(
  _ operands: UnsafePointer<Operand>, _ y: UnsafeMutableRawPointer, _ count: Int, _ function: (X) -> Y
) {
  let (x, y) = (operands[0].pointer.assumingMemoryBound(to: X.self), y.assumingMemoryBound(to: Y.self))
  for i in 0..<count { y[i] = function(x[i * operands[0].step]) }
}
