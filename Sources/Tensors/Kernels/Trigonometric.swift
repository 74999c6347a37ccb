// Sine, cosine and tangent of angles in radians.
//
// Promise (largest errors in ulp, Float and Double): sin and cos 0.51 and 0.8, tan 0.51 and 2.3, over the whole range; odd
// or even to the last bit, -0 and denormals exact, NaN for infinities.
//
// x = n pi/2 + r with |r| <= pi/4. In Double, pi/2 is the sum of three numbers: n times the first is subtracted exactly by the
// fused multiply-add (x >= pi/4 and it are multiples of 2^-53, and their difference is below 1), the second with its rounding
// error carried along as `low`. That is sound up to 2^40 (r is never below 2^-62); larger angles, rare, go lane by lane to the C
// library, which reduces by as many digits of pi as it takes. Float goes through Double, where two numbers do, up to 2^45.
// Polynomials: near-minimax fits of our own (Lawson's iteration at 50 digits): 2^-68 and 2^-64, for Float 2^-37 and 2^-33.

import Foundation

extension Kernels {
  /// y = sin x.
  package static func sin(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    @inline(always) func function(_ x: SIMD16<Float>) -> SIMD16<Float> { x.sine().keepingTiny(x) }
    SIMD16<Float>.map(x, y, count, function)
  }

  /// y = sin x.
  package static func sin(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int) {
    @inline(always) func function(_ x: SIMD8<Double>) -> SIMD8<Double> { x.sine().keepingTiny(x) }
    SIMD8<Double>.map(x, y, count, function)
  }

  /// y = cos x.
  package static func cos(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    @inline(always) func function(_ x: SIMD16<Float>) -> SIMD16<Float> { x.cosine() }
    SIMD16<Float>.map(x, y, count, function)
  }

  /// y = cos x.
  package static func cos(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int) {
    @inline(always) func function(_ x: SIMD8<Double>) -> SIMD8<Double> { x.cosine() }
    SIMD8<Double>.map(x, y, count, function)
  }

  /// y = tan x.
  package static func tan(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    @inline(always) func function(_ x: SIMD16<Float>) -> SIMD16<Float> { x.tangent().keepingTiny(x) }
    SIMD16<Float>.map(x, y, count, function)
  }

  /// y = tan x.
  package static func tan(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int) {
    @inline(always) func function(_ x: SIMD8<Double>) -> SIMD8<Double> { x.tangent().keepingTiny(x) }
    SIMD8<Double>.map(x, y, count, function)
  }
}

extension SIMD16<Float> {
  @inline(always)
  func sine() -> Self {
    let (low, high) = doubles
    return Self(rounding: low.sinusoid(quarterTurns: 0, inFloat: true), high.sinusoid(quarterTurns: 0, inFloat: true))
  }

  @inline(always)
  func cosine() -> Self {
    let (low, high) = doubles
    return Self(rounding: low.sinusoid(quarterTurns: 1, inFloat: true), high.sinusoid(quarterTurns: 1, inFloat: true))
  }

  @inline(always)
  func tangent() -> Self {
    let (low, high) = doubles
    return Self(rounding: low.tangent(inFloat: true), high.tangent(inFloat: true))
  }
}

extension SIMD8<Double> {
  @inline(always)
  func sine() -> Self { sinusoid(quarterTurns: 0, inFloat: false) }

  @inline(always)
  func cosine() -> Self { sinusoid(quarterTurns: 1, inFloat: false) }

  @inline(always)
  func tangent() -> Self { tangent(inFloat: false) }

  /// sin(x + quarterTurns pi/2), 0 or 1; `inFloat`: to the precision of Float.
  @inline(always)
  func sinusoid(quarterTurns: Int64, inFloat: Bool) -> Self {
    let isHuge = .!(magnitude .< (inFloat ? 0x1p45 : 0x1p40))
    let (r, low, n) = reducedAngle(inFloat: inFloat)
    let (sine, cosine) = Self.sineAndCosine(r, low, inFloat: inFloat)
    let turns = n &+ quarterTurns
    let magnitude = sine.replacing(with: cosine, where: turns & 1 .!= 0)
    let sign = (turns & 2) &<< 62
    let result = unsafeBitCast(unsafeBitCast(magnitude, to: SIMD8<Int64>.self) ^ sign, to: Self.self)
    if any(isHuge) {
      return result.exchanging(self, where: isHuge) { quarterTurns == 0 ? Foundation.sin($0) : Foundation.cos($0) }
    }
    return result
  }

  @inline(always)
  func tangent(inFloat: Bool) -> Self {
    let isHuge = .!(magnitude .< (inFloat ? 0x1p45 : 0x1p40))
    let (r, low, n) = reducedAngle(inFloat: inFloat)
    let (sine, cosine) = Self.sineAndCosine(r, low, inFloat: inFloat)
    let isOdd = n & 1 .!= 0
    let result = sine.replacing(with: -cosine, where: isOdd) / cosine.replacing(with: sine, where: isOdd)
    if any(isHuge) { return result.exchanging(self, where: isHuge) { Foundation.tan($0) } }
    return result
  }

  /// x = n pi/2 + r + low.
  @inline(always)
  func reducedAngle(inFloat: Bool) -> (r: Self, low: Self, n: SIMD8<Int64>) {
    let shifted = Self(repeating: 0x1.8p52).addingProduct(self, Self(repeating: 0x1.45F306DC9C883p-1))
    let n = shifted - 0x1.8p52
    let quarter = unsafeBitCast(shifted, to: SIMD8<Int64>.self)
    let first = addingProduct(n, Self(repeating: -0x1.921FB54442D18p0))
    if inFloat { return (first.addingProduct(n, Self(repeating: -0x1.1A62633145C07p-54)), .zero, quarter) }
    let product = n * 0x1.1A62633145C07p-54
    let productLow = (-product).addingProduct(n, Self(repeating: 0x1.1A62633145C07p-54))
    let r = first - product
    let part = r - first
    let differenceLow = (first - (r - part)) - (product + part)
    return (r, (differenceLow - productLow).addingProduct(n, Self(repeating: 0x1.F1976B7ED8FBCp-110)), quarter)
  }

  /// sin(r + low) and cos(r + low) for |r| up to pi/4 and a little.
  @inline(always)
  static func sineAndCosine(_ r: Self, _ low: Self, inFloat: Bool) -> (sine: Self, cosine: Self) {
    let z = r * r
    if inFloat {
      var s = Self(repeating: 0x1.6CCD4892D457Bp-19)
      s = Self(repeating: -0x1.A00F6911911Bp-13).addingProduct(s, z)
      s = Self(repeating: 0x1.11110849B5BDFp-7).addingProduct(s, z)
      s = Self(repeating: -0x1.5555554C38763p-3).addingProduct(s, z)
      var c = Self(repeating: 0x1.99E1989653785p-16)
      c = Self(repeating: -0x1.6C0C0FA1450Dp-10).addingProduct(c, z)
      c = Self(repeating: 0x1.555549D76314Dp-5).addingProduct(c, z)
      return (r.addingProduct(r * z, s), (1 - 0.5 * z).addingProduct(z * z, c))
    }
    var s = Self(repeating: -0x1.AA9DCC4B13659p-41)
    s = Self(repeating: 0x1.6120832DB1C06p-33).addingProduct(s, z)
    s = Self(repeating: -0x1.AE64527F02478p-26).addingProduct(s, z)
    s = Self(repeating: 0x1.71DE3A532527Dp-19).addingProduct(s, z)
    s = Self(repeating: -0x1.A01A01A0189DAp-13).addingProduct(s, z)
    s = Self(repeating: 0x1.111111111110Bp-7).addingProduct(s, z)
    s = Self(repeating: -0x1.5555555555555p-3).addingProduct(s, z)
    var c = Self(repeating: -0x1.8FA2FA650BB13p-37)
    c = Self(repeating: 0x1.1EE9D4B9A6DD8p-29).addingProduct(c, z)
    c = Self(repeating: -0x1.27E4F7E67EA1Ep-22).addingProduct(c, z)
    c = Self(repeating: 0x1.A01A019C7E437p-16).addingProduct(c, z)
    c = Self(repeating: -0x1.6C16C16C14F4Dp-10).addingProduct(c, z)
    c = Self(repeating: 0x1.555555555554Bp-5).addingProduct(c, z)
    let half = 0.5 * z
    let main = 1 - half
    let rest = (z * z * c + ((1 - main) - half)).addingProduct(-r, low)
    return (r + low.addingProduct(-half, low).addingProduct(r * z, s), main + rest)
  }
}
