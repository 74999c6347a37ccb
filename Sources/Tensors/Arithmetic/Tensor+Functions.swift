extension Tensor where Scalar: RealScalar {
  private func apply(_ function: UnaryFunction) -> Tensor { Tensor(Unary(function)(AnyTensor(self))) }

  /// e to each scalar; accuracy in Kernels/Exp.swift.
  public func exp() -> Tensor { apply(.exp) }

  /// Natural logarithm of each scalar: -infinity at 0, NaN below; accuracy in Kernels/Log.swift.
  public func log() -> Tensor { apply(.log) }

  /// Hyperbolic tangent of each scalar; accuracy in Kernels/Tanh.swift.
  public func tanh() -> Tensor { apply(.tanh) }

  /// Square root of each scalar, correctly rounded: NaN below 0.
  public func sqrt() -> Tensor { apply(.sqrt) }
}

extension Tensor {
  /// `transform` of each scalar, one by one on this thread: for set-up code; the named functions and operators are faster.
  @inlinable
  public func map<Result: TensorScalar>(_ transform: (Scalar) throws -> Result) rethrows -> Tensor<Result> {
    try Tensor<Result>(shape: shape, withUnsafeBufferPointer { try $0.map(transform) })
  }
}
