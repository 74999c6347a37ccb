/// y = f(x), element by element, for real x.
struct Unary: ElementwisePrimitive {
  let function: UnaryFunction

  init(_ function: UnaryFunction) { self.function = function }

  var name: String { function.name }

  func outputs(_ inputs: [Signature]) -> [Signature] {
    guard [.float, .double].contains(inputs[0].scalarType) else {
      fatalError("Tensor.\(name): tensors of \(inputs[0].scalarType) have no such function; convert to a real type")
    }
    return inputs
  }

  func loop(_ inputs: [ScalarType]) -> ElementLoop {
    inputs[0] == .float ? ElementLoops.unary(function.float) : ElementLoops.unary(function.double)
  }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    [scaled(tangents[0], inputs[0], outputs[0])]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    [scaled(cotangents[0], inputs[0], outputs[0])]
  }

  /// The Jacobian is diagonal, so it is its own transpose.
  private func scaled(_ direction: AnyTensor?, _ x: AnyTensor, _ y: AnyTensor) -> AnyTensor? {
    guard let direction, let derivative = function.derivative else { return nil }
    return derivative(x, y, direction)
  }
}

typealias UnaryKernel<S> = @Sendable (_ x: UnsafePointer<S>, _ y: UnsafeMutablePointer<S>, _ count: Int) -> Void

/// A real function of one variable: its kernels and its derivative.
struct UnaryFunction: Sendable, Hashable {
  let name: String
  let float: UnaryKernel<Float>
  let double: UnaryKernel<Double>
  /// f'(x) times a direction, given x, y = f(x) and the direction; nil where f' = 0.
  let derivative: (@Sendable (_ x: AnyTensor, _ y: AnyTensor, _ direction: AnyTensor) -> AnyTensor)?

  init(
    _ name: String, _ float: @escaping UnaryKernel<Float>, _ double: @escaping UnaryKernel<Double>,
    derivative: (@Sendable (_ x: AnyTensor, _ y: AnyTensor, _ direction: AnyTensor) -> AnyTensor)?
  ) {
    self.name = name
    self.float = float
    self.double = double
    self.derivative = derivative
  }

  static func == (a: UnaryFunction, b: UnaryFunction) -> Bool { a.name == b.name }
  func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
