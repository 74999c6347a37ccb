/// The quantile of the standard normal distribution for 0 < p < 1: algorithm AS 241 (PPND16) of Wichura, "The percentage points of
/// the normal distribution", Applied Statistics 37 (1988); relative error about 1e-16 plus the rounding of some 20 operations.
///
/// Takes p as 1/2 + q, so that the centre loses nothing to a subtraction; odd in q to the last bit. Uses this library's logarithm:
/// the bits do not depend on the C library.
package func normalQuantile(halfPlus q: SIMD8<Double>) -> SIMD8<Double> {
  let magnitude = q.replacing(with: -q, where: q .< 0)
  let isCentral = magnitude .<= 0.425
  let central = q * centralRatio(0.180625 - q * q)
  // About one number in seven is outside the centre, one in 10^11 is in the far tail: most vectors need both, few need the third.
  let r = (-(0.5 - magnitude).naturalLogarithm()).squareRoot()
  var outer = middleRatio(r - 1.6)
  let isFar = r .> 5
  if any(isFar) { outer.replace(with: farRatio(r - 5), where: isFar) }
  outer.replace(with: -outer, where: q .< 0)
  return outer.replacing(with: central, where: isCentral)
}

/// c7 r^7 + ... + c0, highest coefficient first, by Horner's rule.
@inline(always)
private func polynomial(
  _ c7: Double, _ c6: Double, _ c5: Double, _ c4: Double, _ c3: Double, _ c2: Double, _ c1: Double, _ c0: Double,
  at r: SIMD8<Double>
) -> SIMD8<Double> {
  var sum = SIMD8(repeating: c6).addingProduct(SIMD8(repeating: c7), r)
  sum = SIMD8(repeating: c5).addingProduct(sum, r)
  sum = SIMD8(repeating: c4).addingProduct(sum, r)
  sum = SIMD8(repeating: c3).addingProduct(sum, r)
  sum = SIMD8(repeating: c2).addingProduct(sum, r)
  sum = SIMD8(repeating: c1).addingProduct(sum, r)
  sum = SIMD8(repeating: c0).addingProduct(sum, r)
  return sum
}

/// |p - 1/2| <= 0.425, r = 0.180625 - (p - 1/2)^2.
@inline(never)
private func centralRatio(_ r: SIMD8<Double>) -> SIMD8<Double> {
  polynomial(
    2.5090809287301226727e+3, 3.3430575583588128105e+4, 6.7265770927008700853e+4, 4.5921953931549871457e+4,
    1.3731693765509461125e+4, 1.9715909503065514427e+3, 1.3314166789178437745e+2, 3.3871328727963666080e0, at: r)
    / polynomial(
      5.2264952788528545610e+3, 2.8729085735721942674e+4, 3.9307895800092710610e+4, 2.1213794301586595867e+4,
      5.3941960214247511077e+3, 6.8718700749205790830e+2, 4.2313330701600911252e+1, 1, at: r)
}

/// sqrt(-log(min(p, 1 - p))) <= 5, r that root minus 1.6.
@inline(never)
private func middleRatio(_ r: SIMD8<Double>) -> SIMD8<Double> {
  polynomial(
    7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258e0,
    3.64784832476320460504e0, 5.76949722146069140550e0, 4.63033784615654529590e0, 1.42343711074968357734e0, at: r)
    / polynomial(
      1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
      6.89767334985100004550e-1, 1.67638483018380384940e0, 2.05319162663775882187e0, 1, at: r)
}

/// Beyond, r that root minus 5.
@inline(never)
private func farRatio(_ r: SIMD8<Double>) -> SIMD8<Double> {
  polynomial(
    2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
    2.96560571828504891230e-1, 1.78482653991729133580e0, 5.46378491116411436990e0, 6.65790464350110377720e0, at: r)
    / polynomial(
      2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
      1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1, at: r)
}
