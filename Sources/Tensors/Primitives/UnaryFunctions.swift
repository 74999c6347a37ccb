/// The real functions of one variable, each with its derivative: f'(x) times a direction d, given x and y = f(x).
extension UnaryFunction {
  static let exp: UnaryFunction = .init("exp", Kernels.exp, Kernels.exp) { _, y, d in d * y }
  static let expm1: UnaryFunction = .init("expm1", Kernels.expm1, Kernels.expm1) { _, y, d in d * (y + 1) }
  static let log: UnaryFunction = .init("log", Kernels.log, Kernels.log) { x, _, d in d / x }
  static let log1p: UnaryFunction = .init("log1p", Kernels.log1p, Kernels.log1p) { x, _, d in d / (x + 1) }
  static let sqrt: UnaryFunction = .init("sqrt", Kernels.sqrt, Kernels.sqrt) { _, y, d in d * 0.5 / y }
  static let reciprocalSquareRoot: UnaryFunction = .init(
    "reciprocalSquareRoot", Kernels.reciprocalSquareRoot, Kernels.reciprocalSquareRoot
  ) { x, y, d in d * -0.5 * y / x }
  static let square: UnaryFunction = .init("square", Kernels.square, Kernels.square) { x, _, d in d * 2 * x }
  static let reciprocal: UnaryFunction = .init("reciprocal", Kernels.reciprocal, Kernels.reciprocal) { _, y, d in -(d * y * y) }
  static let abs: UnaryFunction = .init("abs", Kernels.abs, Kernels.abs) { x, _, d in d * x.sign() }
  static let negate: UnaryFunction = .init("negate", Kernels.negate, Kernels.negate) { _, _, d in -d }
  static let sin: UnaryFunction = .init("sin", Kernels.sin, Kernels.sin) { x, _, d in d * x.cos() }
  static let cos: UnaryFunction = .init("cos", Kernels.cos, Kernels.cos) { x, _, d in -(d * x.sin()) }
  static let tan: UnaryFunction = .init("tan", Kernels.tan, Kernels.tan) { _, y, d in d * (y * y + 1) }
  static let atan: UnaryFunction = .init("atan", Kernels.atan, Kernels.atan) { x, _, d in d / (x * x + 1) }
  static let erf: UnaryFunction = .init("erf", Kernels.erf, Kernels.erf) { x, _, d in d * (-(x * x)).exp() * 1.1283791670955126 }
  static let erfc: UnaryFunction = .init("erfc", Kernels.erfc, Kernels.erfc) { x, _, d in
    d * (-(x * x)).exp() * -1.1283791670955126
  }
  static let erfinv: UnaryFunction = .init("erfinv", Kernels.erfinv, Kernels.erfinv) { _, y, d in
    d * (y * y).exp() * 0.886226925452758
  }
  static let lgamma: UnaryFunction = .init("lgamma", Kernels.lgamma, Kernels.lgamma) { x, _, d in d * Unary(.digamma)(x) }
  static let sigmoid: UnaryFunction = .init("sigmoid", Kernels.sigmoid, Kernels.sigmoid) { _, y, d in
    Binary(.sigmoidGradient)(y, d)
  }
  static let softplus: UnaryFunction = .init("softplus", Kernels.softplus, Kernels.softplus) { x, _, d in d * x.sigmoid() }
  static let logSigmoid: UnaryFunction = .init("logSigmoid", Kernels.logSigmoid, Kernels.logSigmoid) { x, _, d in
    d * (-x).sigmoid()
  }
  static let relu: UnaryFunction = .init("relu", Kernels.relu, Kernels.relu) { x, _, d in Binary(.reluGradient)(x, d) }
  static let tanh: UnaryFunction = .init("tanh", Kernels.tanh, Kernels.tanh) { _, y, d in Binary(.tanhGradient)(y, d) }

  // Steps: the derivative is zero where it exists.
  static let sign: UnaryFunction = .init("sign", Kernels.sign, Kernels.sign, derivative: nil)
  static let floor: UnaryFunction = .init("floor", Kernels.floor, Kernels.floor, derivative: nil)
  static let ceil: UnaryFunction = .init("ceil", Kernels.ceil, Kernels.ceil, derivative: nil)
  static let round: UnaryFunction = .init("round", Kernels.round, Kernels.round, derivative: nil)

  // The derivative of digamma, trigamma, is not there: no paper has asked.
  static let digamma: UnaryFunction = .init("digamma", Kernels.digamma, Kernels.digamma) { _, _, _ in
    fatalError("Tensor.digamma: second derivatives of lgamma are not there")
  }

  static let silu: UnaryFunction = .init("silu", Kernels.silu, Kernels.silu) { x, y, d in
    let s = x.sigmoid()
    return d * (s + y * (1 - s))
  }

  static let gelu: UnaryFunction = .init("gelu", Kernels.gelu, Kernels.gelu) { x, _, d in
    // Phi(x) + x phi(x).
    let cumulative = (Unary(.erf)(x * 0.7071067811865476) + 1) * 0.5
    return d * (cumulative + x * (x * x * -0.5).exp() * 0.3989422804014327)
  }

  static let geluTanh: UnaryFunction = .init("geluTanh", Kernels.geluTanh, Kernels.geluTanh) { x, _, d in
    // y = x (1 + t) / 2 with t = tanh u, u = sqrt(2 / pi) (x + 0.044715 x^3).
    let c = 0.7978845608028654
    let cube: AnyTensor = x * x * x
    let t = ((x + cube * 0.044715) * c).tanh()
    let slope: AnyTensor = (x * x * 0.134145 + 1) * c
    let bend: AnyTensor = x * (1 - t * t) * slope
    return d * ((t + 1) * 0.5 + bend * 0.5)
  }
}
