import ComplexModule
import RealModule

/// What a tensor can hold: a plain value of fixed size, written bit for bit to memory and to files.
public protocol TensorScalar: Sendable, Codable, Equatable {
  /// The type as a value.
  static var scalarType: ScalarType { get }
  /// What `Tensor.zeros` fills with: 0, or false.
  static var zero: Self { get }
}

extension Int32: TensorScalar {
  public static var scalarType: ScalarType { .int32 }
}

extension UInt32: TensorScalar {
  public static var scalarType: ScalarType { .uint32 }
}

extension Bool: TensorScalar {
  public static var scalarType: ScalarType { .bool }
  public static var zero: Bool { false }
}

extension Complex: TensorScalar where RealType: RealScalar {
  public static var scalarType: ScalarType { RealType.scalarType.complexType }
}

/// A scalar with sums, differences and products: `Float`, `Double`, `Int32` and the complex types.
public protocol NumberScalar: TensorScalar, Numeric {}

extension Int32: NumberScalar {}
extension Complex: NumberScalar where RealType: RealScalar {}
extension Complex: FieldScalar where RealType: RealScalar {}

/// A scalar that also divides: `Float`, `Double` and the complex types.
public protocol FieldScalar: NumberScalar {}

/// A scalar with arithmetic, SIMD kernels and BLAS: `Float` and `Double`.
///
/// Requirements that begin with an underscore are hooks through which generic code reaches the concrete kernels; call the
/// functions on `Tensor` instead.
public protocol RealScalar: FieldScalar, BinaryFloatingPoint, Real, SIMDScalar, LosslessStringConvertible {
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
