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
