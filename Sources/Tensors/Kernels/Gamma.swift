// log |Gamma| and its derivative, element by element in Double; Float is computed in Double and rounded.
//
// Promise: lgamma is the C library's. digamma is off by at most 4 ulp of max(1, |digamma x|) for x > 0 (its only positive zero is
// at 1.4616); below 0 by 4 ulp of the pole's share pi / tan(pi x).

import Foundation

extension Kernels {
  /// y = log |Gamma(x)|; infinity at 0, -1, -2, ...
  @specialized(where T == Float)
  @specialized(where T == Double)
  package static func lgamma<T: BinaryFloatingPoint>(_ x: UnsafePointer<T>, _ y: UnsafeMutablePointer<T>, _ count: Int) {
    for i in 0..<count { y[i] = T(logarithmOfGamma(Double(x[i]))) }
  }

  /// y = Gamma'(x) / Gamma(x); NaN at -1, -2, ... and -infinity, minus infinity with the sign of x at 0.
  @specialized(where T == Float)
  @specialized(where T == Double)
  package static func digamma<T: BinaryFloatingPoint>(_ x: UnsafePointer<T>, _ y: UnsafeMutablePointer<T>, _ count: Int) {
    for i in 0..<count { y[i] = T(digamma(Double(x[i]))) }
  }

  private static func logarithmOfGamma(_ x: Double) -> Double {
    var sign: Int32 = 0
    return lgamma_r(x, &sign)
  }

  /// The recurrence digamma(x) = digamma(x + 1) - 1 / x up to x = 10, from where on the asymptotic series
  /// log x - 1 / (2 x) - sum B(2k) / (2k x^(2k)) is good to 10^-17 with 8 terms (Abramowitz and Stegun 6.3.5 and 6.3.18); below
  /// 0 the reflection digamma(x) = digamma(1 - x) - pi / tan(pi x) (6.3.7).
  private static func digamma(_ x: Double) -> Double {
    if x == 0 { return -1 / x }
    if x < 0 {
      let fraction = x.remainder(dividingBy: 1)  // From the nearest pole, exact.
      return fraction == 0 ? .nan : digamma(1 - x) - .pi / Foundation.tan(.pi * fraction)
    }
    var (x, sum) = (x, 0.0)
    while x < 10 {
      sum += 1 / x
      x += 1
    }
    if x == .infinity { return x }
    let z = 1 / (x * x)
    var q = 1.0 / 12 - z * (3617.0 / 8160)
    q = 691.0 / 32760 - z * q
    q = 1.0 / 132 - z * q
    q = 1.0 / 240 - z * q
    q = 1.0 / 252 - z * q
    q = 1.0 / 120 - z * q
    q = 1.0 / 12 - z * q
    return Foundation.log(x) - (0.5 / x + z * q + sum)
  }
}
