import ComplexModule

/// Complex tensors and their parts.
///
/// Gradients are directions of steepest ascent, as in PyTorch: d/dx + i d/dy of a real function of z = x + iy.

/// The complex numbers with these real and imaginary parts, tensors of one shape; imaginary parts are zero by default.
public func complex<Scalar: RealScalar>(_ real: Tensor<Scalar>, _ imaginary: Tensor<Scalar>? = nil) -> Tensor<Complex<Scalar>> {
  Tensor(MakeComplex()(AnyTensor(real), imaginary.map { AnyTensor($0) } ?? .zeros(AnyTensor(real).signature)))
}

extension Tensor where Scalar: ComplexScalar {
  /// The real parts.
  public var real: Tensor<Scalar.RealType> { Tensor<Scalar.RealType>(ComplexPart(isImaginary: false)(AnyTensor(self))) }

  /// The imaginary parts.
  public var imaginary: Tensor<Scalar.RealType> { Tensor<Scalar.RealType>(ComplexPart(isImaginary: true)(AnyTensor(self))) }

  /// The complex conjugates.
  public func conjugate() -> Tensor { Tensor(AnyTensor(self).conjugate()) }

  /// The transposes of matrices, conjugated.
  public func adjoint() -> Tensor { transposed().conjugate() }

  /// The absolute values, without overflow; the derivative at 0 is 0.
  public func magnitude() -> Tensor<Scalar.RealType> { Tensor<Scalar.RealType>(Magnitude()(AnyTensor(self))) }

  /// The angles with the positive real axis, in radians from -pi to pi; the derivative at 0 is NaN.
  public func phase() -> Tensor<Scalar.RealType> { atan2(imaginary, real) }

  /// e to each number.
  public func exp() -> Tensor {
    let (x, y) = (AnyTensor(real), AnyTensor(imaginary))
    let magnitude = x.exp()
    return Tensor(MakeComplex()(magnitude * y.cos(), magnitude * y.sin()))
  }
}

/// The absolute value of complex numbers.
struct Magnitude: ElementwisePrimitive {
  func outputs(_ inputs: [Signature]) -> [Signature] {
    guard inputs[0].scalarType.isComplex else { fatalError("Tensor.magnitude: \(inputs[0]) is not complex") }
    return [inputs[0].with(inputs[0].scalarType.realType)]
  }

  func loop(_ inputs: [ScalarType]) -> ElementLoop {
    func loop<R: RealScalar>(_ type: R.Type) -> ElementLoop {
      ElementLoops.unary { (z: UnsafePointer<Complex<R>>, y: UnsafeMutablePointer<R>, count) in
        for i in 0..<count { y[i] = z[i].length }
      }
    }
    return inputs[0] == .complexFloat ? loop(Float.self) : loop(Double.self)
  }

  /// z / |z|, and 0 at 0.
  private func direction(_ z: AnyTensor, _ magnitude: AnyTensor) -> AnyTensor {
    let one = AnyTensor.constant(1, magnitude.scalarType)
    let divisor = magnitude.equal(.constant(0, magnitude.scalarType)).select(one, magnitude)
    return z / divisor.madeComplex
  }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    [tangents[0].map { ComplexPart(isImaginary: false)(direction(inputs[0], outputs[0]).conjugate() * $0) }]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    [cotangents[0].map { direction(inputs[0], outputs[0]) * $0.madeComplex }]
  }
}
