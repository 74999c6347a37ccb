/// Comparisons, logic and choices, element by element with NumPy's broadcasting. None has a derivative but `where`, whose derivative
/// goes to the operand that was chosen.

extension Tensor where Scalar: NumberScalar {
  private static func compare(_ function: BinaryFunction, _ a: Tensor, _ b: Tensor) -> Tensor<Bool> {
    Tensor<Bool>(AnyTensor.combine(function, AnyTensor(a), AnyTensor(b)))
  }

  /// Whether scalars are equal, as numbers: 0 is -0, and a NaN equals nothing.
  public static func .== (a: Tensor, b: Tensor) -> Tensor<Bool> { compare(.equal, a, b) }
  /// Whether scalars are equal to one, as numbers.
  public static func .== (a: Tensor, b: Scalar) -> Tensor<Bool> { compare(.equal, a, Tensor(b)) }
  /// Whether scalars differ, as numbers.
  public static func .!= (a: Tensor, b: Tensor) -> Tensor<Bool> { compare(.notEqual, a, b) }
  /// Whether scalars differ from one, as numbers.
  public static func .!= (a: Tensor, b: Scalar) -> Tensor<Bool> { compare(.notEqual, a, Tensor(b)) }
}

extension Tensor where Scalar: NumberScalar & Comparable {
  /// Whether scalars are less; false for NaN.
  public static func .< (a: Tensor, b: Tensor) -> Tensor<Bool> { compare(.less, a, b) }
  /// Whether scalars are less than one; false for NaN.
  public static func .< (a: Tensor, b: Scalar) -> Tensor<Bool> { compare(.less, a, Tensor(b)) }
  /// Whether one scalar is less; false for NaN.
  public static func .< (a: Scalar, b: Tensor) -> Tensor<Bool> { compare(.less, Tensor(a), b) }
  /// Whether scalars are less or equal; false for NaN.
  public static func .<= (a: Tensor, b: Tensor) -> Tensor<Bool> { compare(.lessOrEqual, a, b) }
  /// Whether scalars are less than one or equal to it; false for NaN.
  public static func .<= (a: Tensor, b: Scalar) -> Tensor<Bool> { compare(.lessOrEqual, a, Tensor(b)) }
  /// Whether one scalar is less or equal; false for NaN.
  public static func .<= (a: Scalar, b: Tensor) -> Tensor<Bool> { compare(.lessOrEqual, Tensor(a), b) }
  /// Whether scalars are greater; false for NaN.
  public static func .> (a: Tensor, b: Tensor) -> Tensor<Bool> { compare(.less, b, a) }
  /// Whether scalars are greater than one; false for NaN.
  public static func .> (a: Tensor, b: Scalar) -> Tensor<Bool> { compare(.less, Tensor(b), a) }
  /// Whether one scalar is greater; false for NaN.
  public static func .> (a: Scalar, b: Tensor) -> Tensor<Bool> { compare(.less, b, Tensor(a)) }
  /// Whether scalars are greater or equal; false for NaN.
  public static func .>= (a: Tensor, b: Tensor) -> Tensor<Bool> { compare(.lessOrEqual, b, a) }
  /// Whether scalars are greater than one or equal to it; false for NaN.
  public static func .>= (a: Tensor, b: Scalar) -> Tensor<Bool> { compare(.lessOrEqual, Tensor(b), a) }
  /// Whether one scalar is greater or equal; false for NaN.
  public static func .>= (a: Scalar, b: Tensor) -> Tensor<Bool> { compare(.lessOrEqual, b, Tensor(a)) }
}

extension Tensor<Bool> {
  private static func combine(_ function: BinaryFunction, _ a: Tensor, _ b: Tensor) -> Tensor {
    Tensor(AnyTensor.combine(function, AnyTensor(a), AnyTensor(b)))
  }

  /// True where both are.
  public static func .& (a: Tensor, b: Tensor) -> Tensor { combine(.and, a, b) }
  /// True where one or both are.
  public static func .| (a: Tensor, b: Tensor) -> Tensor { combine(.or, a, b) }
  /// True where exactly one is.
  public static func .^ (a: Tensor, b: Tensor) -> Tensor { combine(.xor, a, b) }
  /// True where both are equal.
  public static func .== (a: Tensor, b: Tensor) -> Tensor { .!(a .^ b) }
  /// True where they differ.
  public static func .!= (a: Tensor, b: Tensor) -> Tensor { a .^ b }
  /// True where the operand is false.
  public static prefix func .! (a: Tensor) -> Tensor { combine(.xor, a, Tensor(true)) }

  private func reduced(_ kind: Reduce.Kind, _ axes: [Int], _ keepingAxes: Bool) -> Tensor {
    let axes = axes.isEmpty ? Array(0..<rank) : normalizedAxes(axes, shape, kind.rawValue)
    var kept = shape
    for axis in axes { kept[axis] = 1 }
    let result = Tensor(AnyTensor(self).reduced(kind, axes))
    return keepingAxes ? result.reshaped(kept) : result
  }

  /// Whether any scalar is true over the axes, by default over all; false for no scalars.
  public func any(_ axes: Int..., keepingAxes: Bool = false) -> Tensor { reduced(.any, axes, keepingAxes) }

  /// Whether all scalars are true over the axes, by default over all; true for no scalars.
  public func all(_ axes: Int..., keepingAxes: Bool = false) -> Tensor { reduced(.all, axes, keepingAxes) }

  /// How many scalars are true over the axes, by default over all.
  public func countTrue(_ axes: Int..., keepingAxes: Bool = false) -> Tensor<Int32> {
    converted(to: Int32.self).reduced(.sum, axes.isEmpty ? nil : axes, keepingAxes)
  }
}

extension Tensor {
  /// The scalar of `a` where the condition is true, else that of `b`; all three are broadcast. What is not chosen has no influence on
  /// the derivative, unless its own derivative there is infinite or NaN: times 0 that is NaN.
  public static func `where`(_ condition: Tensor<Bool>, _ a: Tensor, _ b: Tensor) -> Tensor {
    Tensor(AnyTensor(condition).select(AnyTensor(a), AnyTensor(b)))
  }

  /// The scalar of `a` where the condition is true, else `b`.
  public static func `where`(_ condition: Tensor<Bool>, _ a: Tensor, _ b: Scalar) -> Tensor { `where`(condition, a, Tensor(b)) }

  /// `a` where the condition is true, else the scalar of `b`.
  public static func `where`(_ condition: Tensor<Bool>, _ a: Scalar, _ b: Tensor) -> Tensor { `where`(condition, Tensor(a), b) }

  /// `a` where the condition is true, else `b`.
  public static func `where`(_ condition: Tensor<Bool>, _ a: Scalar, _ b: Scalar) -> Tensor {
    `where`(condition, Tensor(a), Tensor(b))
  }

  /// The same numbers as another type: toward 0 and saturating to integers, 0 for NaN; whatever is not 0 is true. The derivative
  /// passes between real types and ends at integers and booleans.
  public func converted<Target: TensorScalar>(to type: Target.Type) -> Tensor<Target> {
    Tensor<Target>(AnyTensor(self).converted(to: Target.scalarType))
  }
}

extension Tensor where Scalar: NumberScalar & Comparable {
  /// a - b trunc(a / b), with the sign of a as in C, broadcast; 0 for an integer divided by 0.
  public static func % (a: Tensor, b: Tensor) -> Tensor { combine(.remainder, a, b) }
  /// The remainder of each scalar divided by one, with the sign of the former.
  public static func % (a: Tensor, b: Scalar) -> Tensor { combine(.remainder, a, Tensor(b)) }
}

extension Tensor<Int32> {
  /// The quotient, rounded down, broadcast.
  public func floorDivided(by other: Tensor) -> Tensor { .combine(.floorDivide, self, other) }
  /// The quotient by one integer, rounded down.
  public func floorDivided(by other: Int32) -> Tensor { .combine(.floorDivide, self, Tensor(other)) }
}
