/// What a tensor can hold: a plain value of fixed size, written bit for bit to memory and to files.
///
/// Arithmetic needs `RealScalar`. Conforming a further type to `TensorScalar` gives it storage, shape, subscripts and coding.
public protocol TensorScalar: Sendable, Codable, Equatable, BitwiseCopyable {
  /// What `Tensor.zeros` fills with.
  static var zero: Self { get }
}

extension Int32: TensorScalar {}
extension UInt32: TensorScalar {}

/// A scalar with arithmetic, SIMD kernels and BLAS: `Float` and `Double`.
///
/// Requirements that begin with an underscore are hooks through which generic code reaches the concrete kernels; call the
/// functions on `Tensor` instead.
public protocol RealScalar: TensorScalar, BinaryFloatingPoint, SIMDScalar, LosslessStringConvertible {
  /// y = e^x over `count` scalars, at any alignment; x and y may be the same memory. Accuracy in Kernels/Exp.swift.
  static func _exp(_ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>, _ count: Int)
  /// y = the natural logarithm of x; accuracy in Kernels/Log.swift.
  static func _log(_ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>, _ count: Int)
  /// y = the hyperbolic tangent of x; accuracy in Kernels/Tanh.swift.
  static func _tanh(_ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>, _ count: Int)
  /// y = the square root of x, correctly rounded.
  static func _sqrt(_ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>, _ count: Int)

  /// cblas_?gemm, row-major.
  static func _gemm(
    _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Self, _ a: UnsafePointer<Self>, _ lda: Int,
    _ b: UnsafePointer<Self>, _ ldb: Int, _ beta: Self, _ c: UnsafeMutablePointer<Self>, _ ldc: Int)
  /// cblas_?gemv, row-major, unit strides.
  static func _gemv(
    _ transpose: Bool, _ m: Int, _ n: Int, _ alpha: Self, _ a: UnsafePointer<Self>, _ lda: Int, _ x: UnsafePointer<Self>,
    _ beta: Self, _ y: UnsafeMutablePointer<Self>)
  /// LAPACK's ?gesdd (`divideAndConquer`) or ?gesvd, thin, column-major; returns info.
  static func _svd(
    divideAndConquer: Bool, _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ s: UnsafeMutablePointer<Self>,
    _ u: UnsafeMutablePointer<Self>, _ vT: UnsafeMutablePointer<Self>
  ) -> Int
  /// LAPACK's ?geqrf, row-major; returns info.
  static func _geqrf(_ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ tau: UnsafeMutablePointer<Self>) -> Int
  /// LAPACK's ?orgqr, row-major; returns info.
  static func _orgqr(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int, _ tau: UnsafeMutablePointer<Self>
  ) -> Int
}
