// a to the power b, with the special cases of C (IEEE 754 pow).
//
// Promise: Float is at most 0.501 ulp off (computed in Double, rounded once); Double is the C library's, below 1 ulp, lane by
// lane.
//
// |a|^b = e^(b log |a|): the exponent, at most 104 where the result is finite and not 0, is off by 2^-46 in Double.

import Foundation

extension Kernels {
  /// y = a^b.
  package static func power(
    _ a: UnsafePointer<Float>, _ aStep: Int, _ b: UnsafePointer<Float>, _ bStep: Int, _ y: UnsafeMutablePointer<Float>,
    _ count: Int
  ) {
    @inline(always) func function(_ a: SIMD16<Float>, _ b: SIMD16<Float>) -> SIMD16<Float> { a.power(b) }
    SIMD16<Float>.map(a, aStep, b, bStep, y, count, function)
  }

  /// y = a^b.
  package static func power(
    _ a: UnsafePointer<Double>, _ aStep: Int, _ b: UnsafePointer<Double>, _ bStep: Int, _ y: UnsafeMutablePointer<Double>,
    _ count: Int
  ) {
    @inline(always) func function(_ a: SIMD8<Double>, _ b: SIMD8<Double>) -> SIMD8<Double> { a.power(b) }
    SIMD8<Double>.map(a, aStep, b, bStep, y, count, function)
  }
}

extension SIMD16<Float> {
  @inline(always)
  func power(_ exponent: Self) -> Self {
    let (base, power) = (doubles, exponent.doubles)
    return Self(rounding: base.low.powerToFloatPrecision(power.low), base.high.powerToFloatPrecision(power.high))
  }
}

extension SIMD8<Double> {
  @inline(always)
  func power(_ exponent: Self) -> Self {
    var result = Self.zero
    for lane in indices { result[lane] = Foundation.pow(self[lane], exponent[lane]) }
    return result
  }

  @inline(always)
  func powerToFloatPrecision(_ exponent: Self) -> Self {
    let base = magnitude
    // 1 to any power, infinite ones too, where infinity times log 1 is NaN; whether (-1)^b exists is seen to below.
    var result = (exponent * base.naturalLogarithm()).exponential().replacing(with: 1, where: base .== 1)
    let half = 0.5 * exponent
    let isInteger = exponent.rounded(.towardZero) .== exponent
    let isOdd = isInteger .& (half.rounded(.towardZero) .!= half)
    result = result.replacing(with: result.withSign(of: self), where: isOdd)
    result = result.replacing(with: .nan, where: (self .< 0) .& (self .> -.infinity) .& .!isInteger)
    return result.replacing(with: 1, where: (exponent .== 0) .| (self .== 1))
  }
}
