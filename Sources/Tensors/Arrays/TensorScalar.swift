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
  /// One 64-byte register of this scalar: 16 floats or 8 doubles.
  associatedtype Vector: SIMD where Vector.Scalar == Self

  /// e to each lane; see Kernels/Exp.swift for the accuracy.
  static func _exp(_ x: Vector) -> Vector
  /// Natural logarithm of each lane; see Kernels/Log.swift for the accuracy.
  static func _log(_ x: Vector) -> Vector
  /// Hyperbolic tangent of each lane; see Kernels/Tanh.swift for the accuracy.
  static func _tanh(_ x: Vector) -> Vector

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
