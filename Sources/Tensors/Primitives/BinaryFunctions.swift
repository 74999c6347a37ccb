/// The functions of two variables, each with its partial derivatives times a direction d.
extension BinaryFunction {
  static let add: BinaryFunction = .init(
    "add",
    [
      .float: ElementLoops.binary(Kernels.add as BinaryKernel<Float, Float>),
      .double: ElementLoops.binary(Kernels.add as BinaryKernel<Double, Double>),
      .int32: ElementLoops.binary(Kernels.add as BinaryKernel<Int32, Int32>),
      .complexFloat: ElementLoops.binary(ComplexKernels<Float>.add),
      .complexDouble: ElementLoops.binary(ComplexKernels<Double>.add),
    ],
    derivative: ({ _, _, _, d in d }, { _, _, _, d in d }))

  static let subtract: BinaryFunction = .init(
    "subtract",
    [
      .float: ElementLoops.binary(Kernels.subtract as BinaryKernel<Float, Float>),
      .double: ElementLoops.binary(Kernels.subtract as BinaryKernel<Double, Double>),
      .int32: ElementLoops.binary(Kernels.subtract as BinaryKernel<Int32, Int32>),
      .complexFloat: ElementLoops.binary(ComplexKernels<Float>.subtract),
      .complexDouble: ElementLoops.binary(ComplexKernels<Double>.subtract),
    ],
    derivative: ({ _, _, _, d in d }, { _, _, _, d in -d }))

  static let multiply: BinaryFunction = .init(
    "multiply",
    [
      .float: ElementLoops.binary(Kernels.multiply as BinaryKernel<Float, Float>),
      .double: ElementLoops.binary(Kernels.multiply as BinaryKernel<Double, Double>),
      .int32: ElementLoops.binary(Kernels.multiply as BinaryKernel<Int32, Int32>),
      .complexFloat: ElementLoops.binary(ComplexKernels<Float>.multiply),
      .complexDouble: ElementLoops.binary(ComplexKernels<Double>.multiply),
    ],
    derivative: ({ _, b, _, d in d * b }, { a, _, _, d in d * a }))

  static let divide: BinaryFunction = .init(
    "divide",
    [
      .float: ElementLoops.binary(Kernels.divide as BinaryKernel<Float, Float>),
      .double: ElementLoops.binary(Kernels.divide as BinaryKernel<Double, Double>),
      .int32: ElementLoops.binary(Kernels.divide as BinaryKernel<Int32, Int32>),
      .complexFloat: ElementLoops.binary(ComplexKernels<Float>.divide),
      .complexDouble: ElementLoops.binary(ComplexKernels<Double>.divide),
    ],
    derivative: ({ _, b, _, d in d / b }, { _, b, y, d in -(d * y) / b }))

  // The larger (smaller) operand takes the derivative; equal ones share it.
  static let maximum: BinaryFunction = .init(
    "maximum",
    [
      .float: ElementLoops.binary(Kernels.maximum as BinaryKernel<Float, Float>),
      .double: ElementLoops.binary(Kernels.maximum as BinaryKernel<Double, Double>),
      .int32: ElementLoops.binary(Kernels.maximum as BinaryKernel<Int32, Int32>),
    ],
    derivative: ({ a, b, _, d in d * share(a, over: b) }, { a, b, _, d in d * share(b, over: a) }))

  static let minimum: BinaryFunction = .init(
    "minimum",
    [
      .float: ElementLoops.binary(Kernels.minimum as BinaryKernel<Float, Float>),
      .double: ElementLoops.binary(Kernels.minimum as BinaryKernel<Double, Double>),
      .int32: ElementLoops.binary(Kernels.minimum as BinaryKernel<Int32, Int32>),
    ],
    derivative: ({ a, b, _, d in d * share(b, over: a) }, { a, b, _, d in d * share(a, over: b) }))

  /// 1 where a > b, 1/2 where a = b, 0 elsewhere.
  private static func share(_ a: AnyTensor, over b: AnyTensor) -> AnyTensor {
    let isGreater = AnyTensor.combine(.less, b, a).converted(to: a.scalarType)
    return isGreater + a.equal(b).converted(to: a.scalarType) * 0.5
  }

  // a^b: the derivative with respect to b is 0 at a = 0, where a^b log a has that limit for b > 0.
  static let power: BinaryFunction = .init(
    "power",
    [
      .float: ElementLoops.binary(Kernels.power as BinaryKernel<Float, Float>),
      .double: ElementLoops.binary(Kernels.power as BinaryKernel<Double, Double>),
    ],
    derivative: (
      { a, b, _, d in d * b * AnyTensor.combine(.power, a, b - 1) },
      { a, _, y, d in
        let isZero = a.equal(.constant(0, a.scalarType))
        return d * y * isZero.select(.constant(1, a.scalarType), a).log()
      }
    ))

  static let atan2: BinaryFunction = .init(
    "atan2",
    [
      .float: ElementLoops.binary(Kernels.atan2 as BinaryKernel<Float, Float>),
      .double: ElementLoops.binary(Kernels.atan2 as BinaryKernel<Double, Double>),
    ],
    derivative: ({ a, b, _, d in d * b / (a * a + b * b) }, { a, b, _, d in -(d * a) / (a * a + b * b) }))

  // a - b trunc(a / b), as in C.
  static let remainder: BinaryFunction = .init(
    "remainder",
    [
      .float: ElementLoops.binary(Kernels.remainder as BinaryKernel<Float, Float>),
      .double: ElementLoops.binary(Kernels.remainder as BinaryKernel<Double, Double>),
      .int32: ElementLoops.binary(Kernels.remainder as BinaryKernel<Int32, Int32>),
    ],
    derivative: ({ _, _, _, d in d }, { a, b, y, d in -(d * (a - y) / b) }))

  // Rounded down; by zero, see Kernels/IntegerArithmetic.swift.
  static let floorDivide: BinaryFunction = .init(
    "floorDivide",
    [
      .int32: ElementLoops.binary(Kernels.floorDivide as BinaryKernel<Int32, Int32>)
    ])

  static let less: BinaryFunction = .init(
    "less",
    [
      .float: ElementLoops.binary(Kernels.less as BinaryKernel<Float, Bool>),
      .double: ElementLoops.binary(Kernels.less as BinaryKernel<Double, Bool>),
      .int32: ElementLoops.binary(Kernels.less as BinaryKernel<Int32, Bool>),
    ], resultType: .bool)

  static let lessOrEqual: BinaryFunction = .init(
    "lessOrEqual",
    [
      .float: ElementLoops.binary(Kernels.lessOrEqual as BinaryKernel<Float, Bool>),
      .double: ElementLoops.binary(Kernels.lessOrEqual as BinaryKernel<Double, Bool>),
      .int32: ElementLoops.binary(Kernels.lessOrEqual as BinaryKernel<Int32, Bool>),
    ], resultType: .bool)

  static let equal: BinaryFunction = .init(
    "equal",
    [
      .float: ElementLoops.binary(Kernels.equal as BinaryKernel<Float, Bool>),
      .double: ElementLoops.binary(Kernels.equal as BinaryKernel<Double, Bool>),
      .int32: ElementLoops.binary(Kernels.equal as BinaryKernel<Int32, Bool>),
    ], resultType: .bool)

  static let notEqual: BinaryFunction = .init(
    "notEqual",
    [
      .float: ElementLoops.binary(Kernels.notEqual as BinaryKernel<Float, Bool>),
      .double: ElementLoops.binary(Kernels.notEqual as BinaryKernel<Double, Bool>),
      .int32: ElementLoops.binary(Kernels.notEqual as BinaryKernel<Int32, Bool>),
    ], resultType: .bool)

  static let and: BinaryFunction = .init(
    "and",
    [
      .bool: ElementLoops.binary(Kernels.and as BinaryKernel<Bool, Bool>)
    ])

  static let or: BinaryFunction = .init(
    "or",
    [
      .bool: ElementLoops.binary(Kernels.or as BinaryKernel<Bool, Bool>)
    ])

  static let xor: BinaryFunction = .init(
    "xor",
    [
      .bool: ElementLoops.binary(Kernels.xor as BinaryKernel<Bool, Bool>)
    ])

  // Derivatives of training's activations in one pass, given y (or x) and a direction.
  static let tanhGradient: BinaryFunction = .init(
    "tanhGradient",
    [
      .float: ElementLoops.binary(Kernels.tanhGradient as BinaryKernel<Float, Float>),
      .double: ElementLoops.binary(Kernels.tanhGradient as BinaryKernel<Double, Double>),
    ],
    derivative: ({ a, b, _, d in d * b * a * -2 }, { a, _, _, d in Binary(.tanhGradient)(a, d) }))

  static let sigmoidGradient: BinaryFunction = .init(
    "sigmoidGradient",
    [
      .float: ElementLoops.binary(Kernels.sigmoidGradient as BinaryKernel<Float, Float>),
      .double: ElementLoops.binary(Kernels.sigmoidGradient as BinaryKernel<Double, Double>),
    ],
    derivative: ({ a, b, _, d in d * b * (1 - a * 2) }, { a, _, _, d in Binary(.sigmoidGradient)(a, d) }))

  static let reluGradient: BinaryFunction = .init(
    "reluGradient",
    [
      .float: ElementLoops.binary(Kernels.reluGradient as BinaryKernel<Float, Float>),
      .double: ElementLoops.binary(Kernels.reluGradient as BinaryKernel<Double, Double>),
    ],
    derivative: ({ _, _, _, d in d * 0 }, { a, _, _, d in Binary(.reluGradient)(a, d) }))
}
