extension Tensor where Scalar: RealScalar {
  private func apply(_ function: UnaryFunction) -> Tensor { Tensor(Unary(function)(AnyTensor(self))) }

  /// e to each scalar; accuracy in Kernels/Exp.swift.
  public func exp() -> Tensor { apply(.exp) }
  /// e^x - 1, accurate near 0.
  public func expm1() -> Tensor { apply(.expm1) }
  /// Natural logarithm of each scalar: -infinity at 0, NaN below; accuracy in Kernels/Log.swift.
  public func log() -> Tensor { apply(.log) }
  /// log(1 + x), accurate near 0.
  public func log1p() -> Tensor { apply(.log1p) }
  /// Square root of each scalar, correctly rounded: NaN below 0.
  public func sqrt() -> Tensor { apply(.sqrt) }
  /// 1 over the square root.
  public func reciprocalSquareRoot() -> Tensor { apply(.reciprocalSquareRoot) }
  /// x^2.
  public func square() -> Tensor { apply(.square) }
  /// 1 / x.
  public func reciprocal() -> Tensor { apply(.reciprocal) }
  /// The absolute value; its derivative at 0 is 0.
  public func abs() -> Tensor { apply(.abs) }
  /// -1, 0 or 1.
  public func sign() -> Tensor { apply(.sign) }
  /// The largest integer that is not greater.
  public func floor() -> Tensor { apply(.floor) }
  /// The smallest integer that is not less.
  public func ceil() -> Tensor { apply(.ceil) }
  /// The nearest integer; the even one of two.
  public func round() -> Tensor { apply(.round) }
  /// Sine, of radians.
  public func sin() -> Tensor { apply(.sin) }
  /// Cosine, of radians.
  public func cos() -> Tensor { apply(.cos) }
  /// Tangent, of radians.
  public func tan() -> Tensor { apply(.tan) }
  /// Arc tangent, in radians.
  public func atan() -> Tensor { apply(.atan) }
  /// The error function.
  public func erf() -> Tensor { apply(.erf) }
  /// 1 - erf(x), accurate for large x.
  public func erfc() -> Tensor { apply(.erfc) }
  /// The inverse of the error function.
  public func erfinv() -> Tensor { apply(.erfinv) }
  /// Logarithm of the absolute value of the gamma function.
  public func lgamma() -> Tensor { apply(.lgamma) }
  /// Derivative of `lgamma`.
  public func digamma() -> Tensor { apply(.digamma) }
  /// Hyperbolic tangent of each scalar; accuracy in Kernels/Tanh.swift.
  public func tanh() -> Tensor { apply(.tanh) }
  /// 1 / (1 + e^-x).
  public func sigmoid() -> Tensor { apply(.sigmoid) }
  /// log(1 + e^x), without overflow.
  public func softplus() -> Tensor { apply(.softplus) }
  /// log of the sigmoid, without overflow.
  public func logSigmoid() -> Tensor { apply(.logSigmoid) }
  /// x sigmoid(x), also called swish.
  public func silu() -> Tensor { apply(.silu) }
  /// x Phi(x), Phi the normal distribution function (Hendrycks and Gimpel 2016).
  public func gelu() -> Tensor { apply(.gelu) }
  /// The approximation of `gelu` by tanh, which GPT-2 uses.
  public func geluTanh() -> Tensor { apply(.geluTanh) }
  /// max(x, 0); its derivative at 0 is 0.
  public func relu() -> Tensor { apply(.relu) }

  /// Each scalar to a power; NaN for a negative scalar and a fractional power.
  public func power(_ exponent: Scalar) -> Tensor { Tensor.combine(.power, self, Tensor(exponent)) }
  /// Each scalar to a power, broadcast.
  public func power(_ exponent: Tensor) -> Tensor { Tensor.combine(.power, self, exponent) }

  /// Each scalar within `lower...upper`; the derivative is 0 outside.
  public func clamped(_ lower: Scalar, _ upper: Scalar) -> Tensor { maximum(self, Tensor(lower)).minimum(with: upper) }

  private func minimum(with upper: Scalar) -> Tensor { Tensor.combine(.minimum, self, Tensor(upper)) }
}

/// The larger of two scalars, broadcast; NaN if either is.
public func maximum<Scalar: RealScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Tensor<Scalar> { .combine(.maximum, a, b) }

/// The smaller of two scalars, broadcast; NaN if either is.
public func minimum<Scalar: RealScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Tensor<Scalar> { .combine(.minimum, a, b) }

/// The angle of the point (x, y), broadcast, in radians.
public func atan2<Scalar: RealScalar>(_ y: Tensor<Scalar>, _ x: Tensor<Scalar>) -> Tensor<Scalar> { .combine(.atan2, y, x) }

extension Tensor {
  /// `transform` of each scalar, one by one on this thread: for set-up code; the named functions and operators are faster.
  @inlinable
  public func map<Result: TensorScalar>(_ transform: (Scalar) throws -> Result) rethrows -> Tensor<Result> {
    try Tensor<Result>(shape: shape, withUnsafeBufferPointer { try $0.map(transform) })
  }
}
