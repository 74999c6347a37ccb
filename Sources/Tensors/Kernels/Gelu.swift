// The Gaussian error linear unit (Hendrycks and Gimpel, arXiv 1606.08415), exact and in its tanh approximation.
//
// Promise (largest errors in ulp, Float and Double): gelu 3.7 and 4.2, geluTanh 3.1, also far out on the negative side,
// where the usual 1 + erf and 1 + tanh cancel; denormal results are off by as many denormals.

extension Kernels {
  /// y = x Phi(x), Phi the distribution function of the standard normal.
  package static func gelu(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    @inline(always) func function(_ x: SIMD16<Float>) -> SIMD16<Float> { x.gaussianUnit() }
    SIMD16<Float>.map(x, y, count, function)
  }

  /// y = x Phi(x), Phi the distribution function of the standard normal.
  package static func gelu(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int) {
    @inline(always) func function(_ x: SIMD8<Double>) -> SIMD8<Double> { x.gaussianUnit() }
    SIMD8<Double>.map(x, y, count, function)
  }

  /// y = x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2.
  package static func geluTanh(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    @inline(always) func function(_ x: SIMD16<Float>) -> SIMD16<Float> { x.approximateGaussianUnit() }
    SIMD16<Float>.map(x, y, count, function)
  }

  /// y = x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2.
  package static func geluTanh(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int) {
    @inline(always) func function(_ x: SIMD8<Double>) -> SIMD8<Double> { x.approximateGaussianUnit() }
    SIMD8<Double>.map(x, y, count, function)
  }
}

extension KernelLanes {
  /// With a = |x|: a Phi(-a) on the negative side is -gelu, on the positive what is missing to x.
  @inline(always)
  func gaussianUnit() -> Self {
    let a = magnitude.atMost((-2 * Self.vanishingExponent).squareRoot())
    let root = Scalar(0.5).squareRoot()
    let u = a * root
    let low = (-u).addingProduct(a, .all(root)).addingProduct(a, .all(Self.rootOfHalfLow))
    let tail = Self.scaledGaussian(0.5 * a, a, times: 0.5 * a * Self.scaledComplement(u, low: low))
    return ifLess(.zero, -tail, else: self - tail)
  }

  /// (1 + tanh v) / 2 = sigmoid(2 v). The exponent 2 v is computed to twice the precision: e^-2v has its absolute error as
  /// relative error.
  @inline(always)
  func approximateGaussianUnit() -> Self {
    let (linear, linearLow, cubic, cubicLow) = Self.tanhGeluFactors
    let a = magnitude.atMost(24)  // From here on the sigmoid is 0 or 1.
    let square = a * a
    let squareLow = (-square).addingProduct(a, a)
    let product = square * cubic
    let productLow = (-product).addingProduct(square, .all(cubic)) + square * cubicLow + squareLow * cubic
    let factor = product + linear
    // The exact error of that sum (two-sum), since neither part is always the larger.
    let part = factor - product
    let sumLow = (product - (factor - part)) + (.all(linear) - part)
    let factorLow = productLow + sumLow + linearLow
    let high = a * factor
    let low = (-high).addingProduct(a, factor).addingProduct(a, factorLow)
    return timesLogistic(ofMagnitude: high, low: low)
  }
}

extension SIMD16<Float> {
  static var rootOfHalfLow: Float { 0x1.9FCEF4p-27 }

  static var tanhGeluFactors: (linear: Float, linearLow: Float, cubic: Float, cubicLow: Float) {
    (0x1.988454p0, -0x1.857936p-25, 0x1.2444F2p-4, 0x1.49B16Ap-29)
  }
}

extension SIMD8<Double> {
  static var rootOfHalfLow: Double { -0x1.BDD3413B26456p-55 }

  static var tanhGeluFactors: (linear: Double, linearLow: Double, cubic: Double, cubicLow: Double) {
    (0x1.9884533D43651p0, -0x1.CBC0D30EBFD15p-54, 0x1.2444F2A4D8B4Bp-4, -0x1.6C843A29D1C7p-61)
  }
}
