// The operations on bits and the choices between lanes that compile to single instructions on concrete types only.

extension SIMD16<Float>: KernelLanes {
  @inline(always)
  var magnitude: Self { unsafeBitCast(unsafeBitCast(self, to: SIMD16<UInt32>.self) & 0x7FFF_FFFF, to: Self.self) }

  @inline(always)
  func withSign(of other: Self) -> Self {
    let sign = unsafeBitCast(other, to: SIMD16<UInt32>.self) & 0x8000_0000
    return unsafeBitCast(unsafeBitCast(magnitude, to: SIMD16<UInt32>.self) | sign, to: Self.self)
  }

  @inline(always)
  func ifLess(_ bound: Self, _ a: Self, else b: Self) -> Self { b.replacing(with: a, where: self .< bound) }

  @inline(always)
  func ifEqual(_ other: Self, _ a: Self, else b: Self) -> Self { b.replacing(with: a, where: self .== other) }

  @inline(always)
  func exponentialFactors() -> (p: Self, first: Self, second: Self) {
    let (p, n) = reducedExponential()
    let half = n &>> 1
    return (p, .powerOfTwo(half), .powerOfTwo(n &- half))
  }

  static var vanishingExponent: Float { -120 }

  /// The two halves in Double.
  @inline(always)
  var doubles: (low: SIMD8<Double>, high: SIMD8<Double>) { (SIMD8<Double>(lowHalf), SIMD8<Double>(highHalf)) }

  /// Two halves, rounded.
  @inline(always)
  init(rounding low: SIMD8<Double>, _ high: SIMD8<Double>) {
    self.init(lowHalf: SIMD8<Float>(low), highHalf: SIMD8<Float>(high))
  }
}

extension SIMD8<Double>: KernelLanes {
  @inline(always)
  var magnitude: Self {
    unsafeBitCast(unsafeBitCast(self, to: SIMD8<UInt64>.self) & 0x7FFF_FFFF_FFFF_FFFF, to: Self.self)
  }

  @inline(always)
  func withSign(of other: Self) -> Self {
    let sign = unsafeBitCast(other, to: SIMD8<UInt64>.self) & 0x8000_0000_0000_0000
    return unsafeBitCast(unsafeBitCast(magnitude, to: SIMD8<UInt64>.self) | sign, to: Self.self)
  }

  @inline(always)
  func ifLess(_ bound: Self, _ a: Self, else b: Self) -> Self { b.replacing(with: a, where: self .< bound) }

  @inline(always)
  func ifEqual(_ other: Self, _ a: Self, else b: Self) -> Self { b.replacing(with: a, where: self .== other) }

  @inline(always)
  func exponentialFactors() -> (p: Self, first: Self, second: Self) {
    let (p, n) = reducedExponential()
    let half = n &>> 1
    return (p, .powerOfTwo(half), .powerOfTwo(n &- half))
  }

  static var vanishingExponent: Double { -800 }

  /// Where `isException`, the lanes of `function` instead, one by one.
  @inline(never)
  func exchanging(_ x: Self, where isException: SIMDMask<SIMD8<Int64>>, _ function: (Double) -> Double) -> Self {
    var result = self
    for lane in indices where isException[lane] { result[lane] = function(x[lane]) }
    return result
  }
}

extension KernelLanes {
  /// The same number in every lane.
  @inline(always)
  static func all(_ value: Scalar) -> Self { Self(repeating: value) }

  /// `self`, but `bound` where it is lower; NaN stays.
  @inline(always)
  func atLeast(_ bound: Scalar) -> Self { ifLess(.all(bound), .all(bound), else: self) }

  /// `self`, but `bound` where it is higher; NaN stays.
  @inline(always)
  func atMost(_ bound: Scalar) -> Self { Self.all(bound).ifLess(self, .all(bound), else: self) }

  /// x where |x| < 2^-27 (2^-13 in Float), for functions x + O(x^3): -0 and denormals among them.
  @inline(always)
  func keepingTiny(_ x: Self) -> Self { x.magnitude.ifLess(.all(Scalar.ulpOfOne.squareRoot() / 4), x, else: self) }
}
