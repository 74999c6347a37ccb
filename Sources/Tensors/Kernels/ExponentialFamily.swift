// exp, log and what keeps their precision near 0 and 1.
//
// Promise (largest errors in ulp, Float and Double): exp and log as in their files; expm1 1.5 and 1.9, log1p 1.5.
// -0 and denormals of expm1 and log1p come out exact.

extension Kernels {
  /// y = e^x.
  package static func exp(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    @inline(always) func function(_ x: SIMD16<Float>) -> SIMD16<Float> { x.exponential() }
    SIMD16<Float>.map(x, y, count, function)
  }

  /// y = e^x.
  package static func exp(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int) {
    @inline(always) func function(_ x: SIMD8<Double>) -> SIMD8<Double> { x.exponential() }
    SIMD8<Double>.map(x, y, count, function)
  }

  /// y = e^x - 1.
  package static func expm1(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    @inline(always) func function(_ x: SIMD16<Float>) -> SIMD16<Float> { x.exponentialMinusOne() }
    SIMD16<Float>.map(x, y, count, function)
  }

  /// y = e^x - 1.
  package static func expm1(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int) {
    @inline(always) func function(_ x: SIMD8<Double>) -> SIMD8<Double> { x.exponentialMinusOne() }
    SIMD8<Double>.map(x, y, count, function)
  }

  /// y = log x.
  package static func log(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    @inline(always) func function(_ x: SIMD16<Float>) -> SIMD16<Float> { x.naturalLogarithm() }
    SIMD16<Float>.map(x, y, count, function)
  }

  /// y = log x.
  package static func log(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int) {
    @inline(always) func function(_ x: SIMD8<Double>) -> SIMD8<Double> { x.naturalLogarithm() }
    SIMD8<Double>.map(x, y, count, function)
  }

  /// y = log(1 + x).
  package static func log1p(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    @inline(always) func function(_ x: SIMD16<Float>) -> SIMD16<Float> { x.logarithmOfOnePlus() }
    SIMD16<Float>.map(x, y, count, function)
  }

  /// y = log(1 + x).
  package static func log1p(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int) {
    @inline(always) func function(_ x: SIMD8<Double>) -> SIMD8<Double> { x.logarithmOfOnePlus() }
    SIMD8<Double>.map(x, y, count, function)
  }
}

extension KernelLanes {
  /// e^x - 1 = second (p first + (first - 1 / second)), in which no like numbers are subtracted.
  @inline(always)
  func exponentialMinusOne() -> Self {
    // Below -40 it is -1; NaN stays.
    let (p, first, second) = atLeast(-40).atMost(-Self.vanishingExponent).exponentialFactors()
    let result = (first - 1 / second).addingProduct(p, first) * second
    // Below half an ulp, x^2 / 2 does not count.
    return magnitude.ifLess(.all(Scalar.ulpOfOne / 4), self, else: result)
  }

  /// log(1 + x) = log u + c / u to first order in c, the rounding error of u = 1 + x.
  @inline(always)
  func logarithmOfOnePlus() -> Self {
    let u = 1 + self
    let c = self - (u - 1)
    let logarithm = u.naturalLogarithm()
    // At u = 0 and infinity, c / u is NaN.
    let result = Self.zero.ifLess(u, u.ifLess(.all(.infinity), logarithm + c / u, else: logarithm), else: logarithm)
    return magnitude.ifLess(.all(Scalar.ulpOfOne / 4), self, else: result)
  }
}
