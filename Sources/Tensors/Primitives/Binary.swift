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

typealias BinaryKernel<S, Result> = @Sendable (
  _ a: UnsafePointer<S>, _ aStep: Int, _ b: UnsafePointer<S>, _ bStep: Int, _ y: UnsafeMutablePointer<Result>, _ count: Int
) -> Void

extension BinaryFunction {
  static let add = BinaryFunction(
    "add",
    [
      .float: ElementLoops.binary(Kernels.add as BinaryKernel<Float, Float>), .double: ElementLoops.binary(Kernels.add as BinaryKernel<Double, Double>),
      .int32: ElementLoops.binary(Kernels.add as BinaryKernel<Int32, Int32>),
      .complexFloat: ElementLoops.binary(ComplexKernels<Float>.add), .complexDouble: ElementLoops.binary(ComplexKernels<Double>.add),
    ],
    derivative: ({ _, _, _, d in d }, { _, _, _, d in d }))

  static let subtract = BinaryFunction(
    "subtract",
    [
      .float: ElementLoops.binary(Kernels.subtract as BinaryKernel<Float, Float>),
      .double: ElementLoops.binary(Kernels.subtract as BinaryKernel<Double, Double>),
      .int32: ElementLoops.binary(Kernels.subtract as BinaryKernel<Int32, Int32>),
      .complexFloat: ElementLoops.binary(ComplexKernels<Float>.subtract), .complexDouble: ElementLoops.binary(ComplexKernels<Double>.subtract),
    ],
    derivative: ({ _, _, _, d in d }, { _, _, _, d in -d }))

  static let multiply = BinaryFunction(
    "multiply",
    [
      .float: ElementLoops.binary(Kernels.multiply as BinaryKernel<Float, Float>),
      .double: ElementLoops.binary(Kernels.multiply as BinaryKernel<Double, Double>),
      .int32: ElementLoops.binary(Kernels.multiply as BinaryKernel<Int32, Int32>),
      .complexFloat: ElementLoops.binary(ComplexKernels<Float>.multiply), .complexDouble: ElementLoops.binary(ComplexKernels<Double>.multiply),
    ],
    derivative: ({ _, b, _, d in d * b }, { a, _, _, d in d * a }))

  static let divide = BinaryFunction(
    "divide",
    [
      .float: ElementLoops.binary(Kernels.divide as BinaryKernel<Float, Float>),
      .double: ElementLoops.binary(Kernels.divide as BinaryKernel<Double, Double>),
      .complexFloat: ElementLoops.binary(ComplexKernels<Float>.divide), .complexDouble: ElementLoops.binary(ComplexKernels<Double>.divide),
    ],
    derivative: ({ _, b, _, d in d / b }, { _, b, y, d in -(d * y) / b }))
}

extension BinaryFunction {
  // The larger (smaller) operand takes the derivative; equal ones share it.
  static let maximum = BinaryFunction(
    "maximum",
    [
      .float: ElementLoops.binary(Kernels.maximum as BinaryKernel<Float, Float>), .double: ElementLoops.binary(Kernels.maximum as BinaryKernel<Double, Double>),
    ],
    derivative: ({ a, b, _, d in d * share(a, over: b) }, { a, b, _, d in d * share(b, over: a) }))

  static let minimum = BinaryFunction(
    "minimum",
    [
      .float: ElementLoops.binary(Kernels.minimum as BinaryKernel<Float, Float>), .double: ElementLoops.binary(Kernels.minimum as BinaryKernel<Double, Double>),
    ],
    derivative: ({ a, b, _, d in d * share(b, over: a) }, { a, b, _, d in d * share(a, over: b) }))

  /// 1 where a > b, 1/2 where a = b, 0 elsewhere.
  private static func share(_ a: AnyTensor, over b: AnyTensor) -> AnyTensor {
    let isGreater = AnyTensor.combine(.less, b, a).converted(to: a.scalarType)
    return isGreater + a.equal(b).converted(to: a.scalarType) * 0.5
  }

  static let less = comparison(
    "less", Kernels.less as BinaryKernel<Float, Bool>, Kernels.less as BinaryKernel<Double, Bool>,
    Kernels.less as BinaryKernel<Int32, Bool>)
  static let lessOrEqual = comparison(
    "lessOrEqual", Kernels.lessOrEqual as BinaryKernel<Float, Bool>, Kernels.lessOrEqual as BinaryKernel<Double, Bool>,
    Kernels.lessOrEqual as BinaryKernel<Int32, Bool>)
  static let equal = comparison(
    "equal", Kernels.equal as BinaryKernel<Float, Bool>, Kernels.equal as BinaryKernel<Double, Bool>,
    Kernels.equal as BinaryKernel<Int32, Bool>)
  static let notEqual = comparison(
    "notEqual", Kernels.notEqual as BinaryKernel<Float, Bool>, Kernels.notEqual as BinaryKernel<Double, Bool>,
    Kernels.notEqual as BinaryKernel<Int32, Bool>)

  private static func comparison(
    _ name: String, _ float: @escaping BinaryKernel<Float, Bool>, _ double: @escaping BinaryKernel<Double, Bool>,
    _ int32: @escaping BinaryKernel<Int32, Bool>
  ) -> BinaryFunction {
    BinaryFunction(name, [.float: ElementLoops.binary(float), .double: ElementLoops.binary(double), .int32: ElementLoops.binary(int32)], resultType: .bool)
  }
}
