// Natural logarithm, lane by lane.
//
// Promise: at most 0.83 ulp in Float and 0.79 ulp in Double (measured as for exp, see KernelTests), denormals included; log 0 = -infinity, NaN
// below 0, infinity to infinity, NaN to NaN.
//
// x = 2^k (1 + f) with 1 + f from sqrt(1/2) to sqrt(2); s = f / (2 + f); log(1 + f) = f - (f^2/2 - s (f^2/2 + R(s^2))): the
// algorithm, the polynomials R and the splitting of ln2 are those of FreeBSD's msun (e_log.c, e_logf.c; error below 1 ulp).

extension SIMD16<Float> {
  /// The natural logarithm of each lane.
  @inline(always)
  func naturalLogarithm() -> Self {
    let x = self
    // Denormals are scaled up by 2^25.
    let isSmall = x .< 0x1p-126
    let y = x.replacing(with: x * 0x1p25, where: isSmall)
    let bits = unsafeBitCast(y, to: SIMD16<Int32>.self) &- 0x3F35_04F3
    let exponent = unsafeBitCast((bits &>> 23) &+ 0x4B40_0000, to: Self.self) - 0x1.8p23
    let k = exponent - Self.zero.replacing(with: 25, where: isSmall)
    let f = unsafeBitCast((bits & 0x7F_FFFF) &+ 0x3F35_04F3, to: Self.self) - 1

    let s = f / (2 + f)
    let z = s * s
    let w = z * z
    var odd = Self(repeating: 0x91E9EEp-25)
    odd = Self(repeating: 0xAAAAAAp-24).addingProduct(odd, w)
    var even = Self(repeating: 0xF89E26p-26)
    even = Self(repeating: 0xCCCE13p-25).addingProduct(even, w)
    let r = (w * even).addingProduct(z, odd)
    let halfSquare = 0.5 * f * f
    let low = (k * 9.0580006145e-06).addingProduct(s, halfSquare + r)
    let result = (low - halfSquare + f).addingProduct(k, Self(repeating: 6.9313812256e-01))

    return result.replacing(with: .nan, where: x .< 0).replacing(with: -.infinity, where: x .== 0)
      .replacing(with: x, where: .!(x .< .infinity))
  }
}

extension SIMD8<Double> {
  /// The natural logarithm of each lane.
  @inline(always)
  func naturalLogarithm() -> Self {
    let x = self
    // Denormals are scaled up by 2^54.
    let isSmall = x .< 0x1p-1022
    let y = x.replacing(with: x * 0x1p54, where: isSmall)
    let bits = unsafeBitCast(y, to: SIMD8<Int64>.self) &- 0x3FE6_A09E_0000_0000
    let exponent = unsafeBitCast((bits &>> 52) &+ 0x4338_0000_0000_0000, to: Self.self) - 0x1.8p52
    let k = exponent - Self.zero.replacing(with: 54, where: isSmall)
    let f = unsafeBitCast((bits & 0xF_FFFF_FFFF_FFFF) &+ 0x3FE6_A09E_0000_0000, to: Self.self) - 1

    let s = f / (2 + f)
    let z = s * s
    let w = z * z
    var odd = Self(repeating: 1.479819860511658591e-01)
    odd = Self(repeating: 1.818357216161805012e-01).addingProduct(odd, w)
    odd = Self(repeating: 2.857142874366239149e-01).addingProduct(odd, w)
    odd = Self(repeating: 6.666666666666735130e-01).addingProduct(odd, w)
    var even = Self(repeating: 1.531383769920937332e-01)
    even = Self(repeating: 2.222219843214978396e-01).addingProduct(even, w)
    even = Self(repeating: 3.999999999940941908e-01).addingProduct(even, w)
    let r = (w * even).addingProduct(z, odd)
    let halfSquare = 0.5 * f * f
    let low = (k * 1.90821492927058770002e-10).addingProduct(s, halfSquare + r)
    let result = (low - halfSquare + f).addingProduct(k, Self(repeating: 6.93147180369123816490e-01))

    return result.replacing(with: .nan, where: x .< 0).replacing(with: -.infinity, where: x .== 0)
      .replacing(with: x, where: .!(x .< .infinity))
  }
}
