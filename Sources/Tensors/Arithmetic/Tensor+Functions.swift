extension Tensor where Scalar: RealScalar {
  private func mapped(
    _ kernel: @Sendable (UnsafePointer<Scalar>, UnsafeMutablePointer<Scalar>, Int) -> Void
  ) -> Tensor {
    defer { withExtendedLifetime(storage) {} }
    var result = Tensor(uninitialized: shape)
    Elementwise.map(pointer, result.mutablePointer, count, kernel)
    return result
  }

  /// e to each scalar; accuracy in Kernels/Exp.swift.
  public func exp() -> Tensor { mapped(Scalar._exp) }

  /// Natural logarithm of each scalar: -infinity at 0, NaN below; accuracy in Kernels/Log.swift.
  public func log() -> Tensor { mapped(Scalar._log) }

  /// Hyperbolic tangent of each scalar; accuracy in Kernels/Tanh.swift.
  public func tanh() -> Tensor { mapped(Scalar._tanh) }

  /// Square root of each scalar, correctly rounded: NaN below 0.
  public func sqrt() -> Tensor { mapped(Scalar._sqrt) }
}

extension Tensor {
  /// `transform` of each scalar, one by one on this thread: for set-up code; the named functions and operators are faster.
  @inlinable
  public func map<Result: TensorScalar>(_ transform: (Scalar) throws -> Result) rethrows -> Tensor<Result> {
    try Tensor<Result>(shape: shape, withUnsafeBufferPointer { try $0.map(transform) })
  }
}

/// e to each scalar, as a free function: reads like the formula.
public func exp<Scalar: RealScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.exp() }

/// Natural logarithm of each scalar, as a free function.
public func log<Scalar: RealScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.log() }

/// Hyperbolic tangent of each scalar, as a free function.
public func tanh<Scalar: RealScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.tanh() }

/// Square root of each scalar, as a free function.
public func sqrt<Scalar: RealScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.sqrt() }
