/// Elementwise loops over plain memory: what the primitives of tensors call.
///
/// Conventions:
/// - `count` elements, at any alignment. A result may be written over an operand of the same type, element onto element; other
///   overlaps are not allowed.
/// - An operand with a step is read at i * step; the step is 1 (an array) or 0 (one number for all).
/// - An element's result depends on its operands alone, never on its position or its neighbours.
/// - NaN in, NaN out, unless stated otherwise. The head of each file states the accuracy, which the tests check.
///
/// Functions come as overloads for the types they serve. Their vector function is a local one marked `@inline(always)`: as a
/// closure in a generic specialized for both types, exp took three times as long.
package enum Kernels {}

/// A floating-point type with kernels: Float and Double.
protocol KernelScalar: BinaryFloatingPoint, SIMDScalar, BitwiseCopyable, Codable {
  /// One vector register of these numbers.
  associatedtype Lanes: KernelLanes where Lanes.Scalar == Self
}

/// What the kernels ask of a vector of floating-point numbers, so that an algorithm that differs in constants only is written
/// once.
///
/// Arithmetic, fused multiply-add and `rounded` of Swift's generic SIMD compile to single instructions. Comparisons and bit
/// patterns do so only on concrete types: those are the requirements, with all that is built of them.
protocol KernelLanes: SIMD, BitwiseCopyable where Scalar: KernelScalar {
  /// |x|.
  var magnitude: Self { get }
  /// The magnitude of `self` with the sign of `other`.
  func withSign(of other: Self) -> Self
  /// `a` where self < bound, else `b` (so `b` where either is NaN).
  func ifLess(_ bound: Self, _ a: Self, else b: Self) -> Self
  /// `a` where self = other, else `b` (so `b` where either is NaN).
  func ifEqual(_ other: Self, _ a: Self, else b: Self) -> Self

  /// e^x.
  func exponential() -> Self
  /// e^x = (1 + p) first second, the last two powers of 2; for |x| <= -vanishingExponent. What is multiplied to 1 + p before
  /// `first` and `second` keeps its precision where e^x is denormal.
  func exponentialFactors() -> (p: Self, first: Self, second: Self)
  /// log x.
  func naturalLogarithm() -> Self
  /// tanh x.
  func hyperbolicTangent() -> Self
  /// sin x for |x| not tiny.
  func sine() -> Self
  /// cos x.
  func cosine() -> Self
  /// tan x for |x| not tiny.
  func tangent() -> Self
  /// arctan(t) / t^3 - 1 / t^2 for z = t^2 <= tan(pi/8)^2.
  static func arcTangentSeries(_ z: Self) -> Self
  /// self^exponent, with the special cases of C.
  func power(_ exponent: Self) -> Self
  /// erf(x) / x - 1 for z = x^2 <= 1/4.
  static func errorFunctionSeries(_ z: Self) -> Self
  /// (u + k) e^(u^2) erfc(u) for t = (u - k) / (u + k), u >= 0, k the `complementPivot`.
  static func complementSeries(_ t: Self) -> Self
  /// The inverse of the error function.
  func inverseErrorFunction() -> Self

  /// pi / 2 minus its rounded value.
  static var rightAngleLow: Scalar { get }
  /// The pivot k of `complementSeries`.
  static var complementPivot: Scalar { get }
  /// A negative integer x so low that |x| e^x is 0, though not so low that `exponentialFactors` fails.
  static var vanishingExponent: Scalar { get }
  /// sqrt(1 / 2) minus its rounded value.
  static var rootOfHalfLow: Scalar { get }
  /// 2 sqrt(2 / pi) and 0.044715 times that, each as the unevaluated sum of two numbers.
  static var tanhGeluFactors: (linear: Scalar, linearLow: Scalar, cubic: Scalar, cubicLow: Scalar) { get }
}

extension Float: KernelScalar {}
extension Double: KernelScalar {}
