/// y = f(a, b), element by element, for operands of one shape and type.
struct Binary: ElementwisePrimitive {
  let function: BinaryFunction

  init(_ function: BinaryFunction) { self.function = function }

  var name: String { function.name }

  func outputs(_ inputs: [Signature]) -> [Signature] {
    guard function.loops[inputs[0].scalarType] != nil else {
      fatalError("Tensor.\(name): not defined for tensors of \(inputs[0].scalarType)")
    }
    return [inputs[0].with(function.resultType ?? inputs[0].scalarType)]
  }

  func loop(_ inputs: [ScalarType]) -> ElementLoop {
    guard let loop = function.loops[inputs[0]] else { fatalError("Tensor.\(name): not defined for \(inputs[0])") }
    return loop
  }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    guard let derivative = function.derivative else { return [nil] }
    let (a, b, y) = (inputs[0], inputs[1], outputs[0])
    return [.sum(tangents[0].map { derivative.a(a, b, y, $0) }, tangents[1].map { derivative.b(a, b, y, $0) })]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    guard let derivative = function.derivative, let g = cotangents[0] else { return [nil, nil] }
    let (a, b, y) = (inputs[0], inputs[1], outputs[0])
    // The Jacobians are diagonal; complex ones are conjugated when transposed, so that gradients are directions of ascent.
    func adjoint(_ partial: BinaryFunction.Partial) -> AnyTensor {
      g.scalarType.isComplex ? partial(a, b, y, g.conjugate()).conjugate() : partial(a, b, y, g)
    }
    return [needed[0] ? adjoint(derivative.a) : nil, needed[1] ? adjoint(derivative.b) : nil]
  }
}

/// A function of two variables: its loops by operand type, its result type where that is another, and its partial derivatives.
struct BinaryFunction: Sendable, Hashable {
  /// A partial derivative times a direction, given a, b, y = f(a, b) and the direction.
  typealias Partial = @Sendable (_ a: AnyTensor, _ b: AnyTensor, _ y: AnyTensor, _ direction: AnyTensor) -> AnyTensor

  let name: String
  let loops: [ScalarType: ElementLoop]
  let resultType: ScalarType?
  let derivative: (a: Partial, b: Partial)?

  init(
    _ name: String, _ loops: [ScalarType: ElementLoop], resultType: ScalarType? = nil, derivative: (a: Partial, b: Partial)? = nil
  ) {
    self.name = name
    self.loops = loops
    self.resultType = resultType
    self.derivative = derivative
  }

  static func == (a: BinaryFunction, b: BinaryFunction) -> Bool { a.name == b.name }
  func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

typealias BinaryKernel<S, Result> =
  @Sendable (
    _ a: UnsafePointer<S>, _ aStep: Int, _ b: UnsafePointer<S>, _ bStep: Int, _ y: UnsafeMutablePointer<Result>, _ count: Int
  ) -> Void
