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
  /// The type as a value.
  public static var scalarType: ScalarType { .int32 }
}

extension UInt32: TensorScalar {
  /// The type as a value.
  public static var scalarType: ScalarType { .uint32 }
}

extension Bool: TensorScalar {
  /// The type as a value.
  public static var scalarType: ScalarType { .bool }
  /// False.
  public static var zero: Bool { false }
}

extension Complex: TensorScalar where RealType: RealScalar {
  /// The type as a value.
  public static var scalarType: ScalarType { RealType.scalarType.complexType }
}

/// A scalar with sums, differences and products: `Float`, `Double`, `Int32` and the complex types.
public protocol NumberScalar: TensorScalar, Numeric {}

extension Int32: NumberScalar {}
extension Complex: NumberScalar where RealType: RealScalar {}

/// A scalar that also divides, with BLAS: `Float`, `Double` and the complex types.
///
/// Requirements that begin with an underscore are hooks through which generic code reaches the concrete kernels; call the
/// functions on `Tensor` instead.
public protocol FieldScalar: NumberScalar {
  /// cblas_?gemm, row-major.
  static func _gemm(
    _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Self, _ a: UnsafePointer<Self>, _ lda: Int,
    _ b: UnsafePointer<Self>, _ ldb: Int, _ beta: Self, _ c: UnsafeMutablePointer<Self>, _ ldc: Int)
  /// cblas_?trsm, row-major: b of [m, n] becomes op(a)^-1 b, or b op(a)^-1 from the `right`.
  static func _trsm(
    right: Bool, lower: Bool, transposed: Bool, unitDiagonal: Bool, _ m: Int, _ n: Int, _ a: UnsafePointer<Self>,
    _ lda: Int, _ b: UnsafeMutablePointer<Self>, _ ldb: Int)
  /// LAPACK's ?getrf of a square matrix, column-major; returns info.
  static func _getrf(_ n: Int, _ a: UnsafeMutablePointer<Self>, _ pivots: UnsafeMutablePointer<Int32>) -> Int
}

/// A complex scalar: `Complex<Float>` and `Complex<Double>`.
public protocol ComplexScalar: FieldScalar {
  /// The type of the real and of the imaginary part.
  associatedtype RealType: RealScalar
}

/// A scalar with arithmetic, SIMD kernels and LAPACK: `Float` and `Double`.
public protocol RealScalar: FieldScalar, BinaryFloatingPoint, Real, SIMDScalar, LosslessStringConvertible {
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
  /// LAPACK's ?potrf of the upper triangle, column-major, which is the lower one of our rows; returns info.
  static func _potrf(_ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int) -> Int
  /// LAPACK's ?syevd of the lower triangle, column-major: vectors instead of `a`; returns info.
  static func _syevd(_ n: Int, _ a: UnsafeMutablePointer<Self>, _ values: UnsafeMutablePointer<Self>) -> Int
  /// LAPACK's ?geev, column-major: pairs of conjugate vectors as their real and imaginary parts; returns info.
  static func _geev(
    _ n: Int, _ a: UnsafeMutablePointer<Self>, _ real: UnsafeMutablePointer<Self>, _ imaginary: UnsafeMutablePointer<Self>,
    _ vectors: UnsafeMutablePointer<Self>?
  ) -> Int
  /// LAPACK's ?geev of a complex matrix, column-major; returns info.
  static func _complexGeev(
    _ n: Int, _ a: UnsafeMutablePointer<Complex<Self>>, _ values: UnsafeMutablePointer<Complex<Self>>,
    _ vectors: UnsafeMutablePointer<Complex<Self>>?
  ) -> Int
  /// `_gemm` of the complex type.
  static func _complexGemm(
    _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Complex<Self>,
    _ a: UnsafePointer<Complex<Self>>, _ lda: Int, _ b: UnsafePointer<Complex<Self>>, _ ldb: Int, _ beta: Complex<Self>,
    _ c: UnsafeMutablePointer<Complex<Self>>,
    _ ldc: Int)
  /// `_trsm` of the complex type.
  static func _complexTrsm(
    right: Bool, lower: Bool, transposed: Bool, unitDiagonal: Bool, _ m: Int, _ n: Int, _ a: UnsafePointer<Complex<Self>>,
    _ lda: Int, _ b: UnsafeMutablePointer<Complex<Self>>, _ ldb: Int)
  /// `_getrf` of the complex type.
  static func _complexGetrf(_ n: Int, _ a: UnsafeMutablePointer<Complex<Self>>, _ pivots: UnsafeMutablePointer<Int32>) -> Int
}
