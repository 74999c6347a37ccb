/// Elementwise operators with NumPy broadcasting between tensors, and with plain scalars on either side.
extension Tensor where Scalar: NumberScalar {
  static func combine(_ function: BinaryFunction, _ a: Tensor, _ b: Tensor) -> Tensor {
    Tensor(AnyTensor.combine(function, AnyTensor(a), AnyTensor(b)))
  }

  /// Elementwise sum, broadcast.
  public static func + (a: Tensor, b: Tensor) -> Tensor { combine(.add, a, b) }
  /// Elementwise sum with a scalar.
  public static func + (a: Tensor, b: Scalar) -> Tensor { combine(.add, a, Tensor(b)) }
  /// Elementwise sum with a scalar.
  public static func + (a: Scalar, b: Tensor) -> Tensor { combine(.add, Tensor(a), b) }
  /// Elementwise difference, broadcast.
  public static func - (a: Tensor, b: Tensor) -> Tensor { combine(.subtract, a, b) }
  /// Elementwise difference with a scalar.
  public static func - (a: Tensor, b: Scalar) -> Tensor { combine(.subtract, a, Tensor(b)) }
  /// Elementwise difference with a scalar.
  public static func - (a: Scalar, b: Tensor) -> Tensor { combine(.subtract, Tensor(a), b) }
  /// Elementwise product, broadcast.
  public static func * (a: Tensor, b: Tensor) -> Tensor { combine(.multiply, a, b) }
  /// Elementwise product with a scalar.
  public static func * (a: Tensor, b: Scalar) -> Tensor { combine(.multiply, a, Tensor(b)) }
  /// Elementwise product with a scalar.
  public static func * (a: Scalar, b: Tensor) -> Tensor { combine(.multiply, Tensor(a), b) }
  /// Elementwise negation.
  public static prefix func - (a: Tensor) -> Tensor { a * -1 }

  /// Elementwise sum in place; `b` is broadcast to the shape of `a`.
  public static func += (a: inout Tensor, b: Tensor) { update(.add, &a, b) }
  /// Elementwise sum with a scalar in place.
  public static func += (a: inout Tensor, b: Scalar) { update(.add, &a, Tensor(b)) }
  /// Elementwise difference in place; `b` is broadcast to the shape of `a`.
  public static func -= (a: inout Tensor, b: Tensor) { update(.subtract, &a, b) }
  /// Elementwise difference with a scalar in place.
  public static func -= (a: inout Tensor, b: Scalar) { update(.subtract, &a, Tensor(b)) }
  /// Elementwise product in place; `b` is broadcast to the shape of `a`.
  public static func *= (a: inout Tensor, b: Tensor) { update(.multiply, &a, b) }
  /// Elementwise product with a scalar in place.
  public static func *= (a: inout Tensor, b: Scalar) { update(.multiply, &a, Tensor(b)) }

  /// `a = function(a, b)`, in the memory of `a` when nobody else owns it.
  static func update(_ function: BinaryFunction, _ a: inout Tensor, _ b: Tensor) {
    let shape = broadcastShape(a.shape, b.shape, operation: function.name)
    guard shape == a.shape else {
      fatalError("Tensor.\(function.name): shape \(b.shape) does not fit into \(a.shape), which cannot grow in place")
    }
    guard !a.isTraced, !b.isTraced, isKnownUniquelyReferenced(&a.storage) else {
      a = combine(function, a, b)
      return
    }
    let (loop, size) = (Binary(function).loop([Scalar.scalarType, Scalar.scalarType]), Scalar.scalarType.byteCount)
    let memory = a.storage.memory
    Broadcast(a.shape, b.shape, operation: function.name)
      .run(loop, memory, b.storage.memory, memory, operandSize: size, resultSize: size)
    withExtendedLifetime(b) {}
  }
}

extension Tensor where Scalar: FieldScalar {
  /// Elementwise quotient, broadcast.
  public static func / (a: Tensor, b: Tensor) -> Tensor { combine(.divide, a, b) }
  /// Elementwise quotient with a scalar.
  public static func / (a: Tensor, b: Scalar) -> Tensor { combine(.divide, a, Tensor(b)) }
  /// Elementwise quotient with a scalar.
  public static func / (a: Scalar, b: Tensor) -> Tensor { combine(.divide, Tensor(a), b) }
  /// Elementwise quotient in place; `b` is broadcast to the shape of `a`.
  public static func /= (a: inout Tensor, b: Tensor) { update(.divide, &a, b) }
  /// Elementwise quotient with a scalar in place.
  public static func /= (a: inout Tensor, b: Scalar) { update(.divide, &a, Tensor(b)) }
}
