/// A number as mantissa 2^exponent with both in Float, so that no exponential of a score over- or underflows: the "extended
/// exponent" of Dukhan and Ablavatski, "The two-pass softmax algorithm" (arXiv 2001.04438).
///
/// Exponents are integers held as floats; sums of exponentials have mantissas in [sqrt(1/2), count sqrt(2)].
public struct ExtendedFloat<Lanes: FloatLanes>: Sendable {
  /// The factor.
  public var mantissa: Lanes
  /// The power of two: an integer, or -infinity for zero.
  public var exponent: Lanes

  /// mantissa 2^exponent.
  @inline(always)
  public init(mantissa: Lanes, exponent: Lanes) {
    self.mantissa = mantissa
    self.exponent = exponent
  }

  /// Zero, the identity of addition.
  @inline(always)
  public static var zero: Self { .init(mantissa: .init(repeating: 0), exponent: .init(repeating: -.infinity)) }

  /// The sum on the larger exponent. For two zeros the differences of exponents are NaN, whose power of two is 0: zero again.
  @inline(always)
  public static func + (a: Self, b: Self) -> Self {
    let exponent = a.exponent.atLeast(b.exponent)
    let scaled = b.mantissa * (b.exponent - exponent).powerOfTwo()
    return .init(mantissa: scaled.addingProduct(a.mantissa, (a.exponent - exponent).powerOfTwo()), exponent: exponent)
  }

  /// The lanes added one after the other. A call, so that its blocks do not count in the loop before it (see `Sweep`).
  @inline(never)
  func total() -> ExtendedFloat<Float> {
    var result = ExtendedFloat<Float>.zero
    for lane in 0..<Lanes.laneCount { result = result + .init(mantissa: mantissa[lane], exponent: exponent[lane]) }
    return result
  }
}

extension FloatLanes {
  /// e to each lane as (m, n) with m in [sqrt(1/2), sqrt(2)]; relative error of m about 2 ulp for |x| < `extendedLimit`.
  /// Smaller numbers, -infinity among them, count as -`extendedLimit`, where n is still an exact integer. NaN gives NaN.
  @inline(always)
  func extendedExponential() -> ExtendedFloat<Self> {
    let x = atLeast(Self(repeating: -extendedLimit))
    let n = x.nearestPower()
    return .init(mantissa: x.reducedExponential(n), exponent: n)
  }

  /// e to each lane for x <= 0; 0 below about -87.7, at -infinity too. NaN gives NaN.
  @inline(always)
  func exponentialOfNonPositive() -> Self {
    let x = atLeast(Self(repeating: -0x1.601E68p6))  // -127 ln2, whose power of two is 0.
    let n = x.nearestPower()
    return x.reducedExponential(n) * n.powerOfTwo()
  }

  /// n = x log2(e) rounded to the nearest integer, ties to even, for |n| < 2^22: such a sum with 1.5 2^23 has a last place of one.
  @inline(always)
  private func nearestPower() -> Self {
    let magic = Self(repeating: 0x1.8p23)
    return (self * Self(repeating: 0x1.715476p0) + magic) - magic
  }

  /// e^(x - n ln2): Cody and Waite's reduction in two steps, then the paper's minimax polynomial of degree 5.
  @inline(always)
  private func reducedExponential(_ n: Self) -> Self {
    var t = addingProduct(n, Self(repeating: -0x1.62E43p-1))
    t = t.addingProduct(n, Self(repeating: 0x1.05C61p-29))
    var p = Self(repeating: 0x1.573A1Ap-5).addingProduct(Self(repeating: 0x1.0F9F9Cp-7), t)
    p = Self(repeating: 0x1.555A80p-3).addingProduct(p, t)
    p = Self(repeating: 0x1.FFFDC6p-2).addingProduct(p, t)
    p = Self(repeating: 0x1.FFFFF6p-1).addingProduct(p, t)
    return Self(repeating: 1).addingProduct(p, t)
  }
}

/// Scores of the two-pass algorithm lie within +-2^21: beyond about 2^21.5 `nearestPower` no longer rounds to integers, and beyond
/// 2^23 a Float could not hold n = x log2(e) exactly anyway.
let extendedLimit: Float = 0x1p21
