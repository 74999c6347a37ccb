/// Elementwise operators with NumPy broadcasting between tensors, and with plain scalars on either side.
///
/// `@specialized` makes one fast copy for `Float` and one for `Double`; generic callers find them at run time.
extension Tensor where Scalar: RealScalar {
  /// Elementwise sum, broadcast.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func + (a: Tensor, b: Tensor) -> Tensor { combine(a, b, "+") { $0 + $1 } }

  /// Elementwise sum with a scalar.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func + (a: Tensor, b: Scalar) -> Tensor { combine(a, scalar: b) { $0 + $1 } }

  /// Elementwise sum with a scalar.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func + (a: Scalar, b: Tensor) -> Tensor { combine(b, scalar: a) { $1 + $0 } }

  /// Elementwise difference, broadcast.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func - (a: Tensor, b: Tensor) -> Tensor { combine(a, b, "-") { $0 - $1 } }

  /// Elementwise difference with a scalar.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func - (a: Tensor, b: Scalar) -> Tensor { combine(a, scalar: b) { $0 - $1 } }

  /// Elementwise difference with a scalar.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func - (a: Scalar, b: Tensor) -> Tensor { combine(b, scalar: a) { $1 - $0 } }

  /// Elementwise product, broadcast.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func * (a: Tensor, b: Tensor) -> Tensor { combine(a, b, "*") { $0 * $1 } }

  /// Elementwise product with a scalar.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func * (a: Tensor, b: Scalar) -> Tensor { combine(a, scalar: b) { $0 * $1 } }

  /// Elementwise product with a scalar.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func * (a: Scalar, b: Tensor) -> Tensor { combine(b, scalar: a) { $1 * $0 } }

  /// Elementwise quotient, broadcast.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func / (a: Tensor, b: Tensor) -> Tensor { combine(a, b, "/") { $0 / $1 } }

  /// Elementwise quotient with a scalar.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func / (a: Tensor, b: Scalar) -> Tensor { combine(a, scalar: b) { $0 / $1 } }

  /// Elementwise quotient with a scalar.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func / (a: Scalar, b: Tensor) -> Tensor { combine(b, scalar: a) { $1 / $0 } }

  /// Elementwise negation.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static prefix func - (a: Tensor) -> Tensor { combine(a, scalar: -1) { $0 * $1 } }

  /// Elementwise sum in place; `b` is broadcast to the shape of `a`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func += (a: inout Tensor, b: Tensor) { update(&a, b, "+=") { $0 + $1 } }

  /// Elementwise sum with a scalar in place.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func += (a: inout Tensor, b: Scalar) { update(&a, scalar: b) { $0 + $1 } }

  /// Elementwise difference in place; `b` is broadcast to the shape of `a`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func -= (a: inout Tensor, b: Tensor) { update(&a, b, "-=") { $0 - $1 } }

  /// Elementwise difference with a scalar in place.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func -= (a: inout Tensor, b: Scalar) { update(&a, scalar: b) { $0 - $1 } }

  /// Elementwise product in place; `b` is broadcast to the shape of `a`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func *= (a: inout Tensor, b: Tensor) { update(&a, b, "*=") { $0 * $1 } }

  /// Elementwise product with a scalar in place.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func *= (a: inout Tensor, b: Scalar) { update(&a, scalar: b) { $0 * $1 } }

  /// Elementwise quotient in place; `b` is broadcast to the shape of `a`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func /= (a: inout Tensor, b: Tensor) { update(&a, b, "/=") { $0 / $1 } }

  /// Elementwise quotient with a scalar in place.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func /= (a: inout Tensor, b: Scalar) { update(&a, scalar: b) { $0 / $1 } }
}
