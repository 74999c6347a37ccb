// The error function, its complement and its inverse.
//
// Promise (largest errors in ulp, Float and Double): erf 2.1 and 2.3, erfc 3.2 and 3.7, erfinv
// 0.501 and 7; erf and erfinv odd, -0 exact; erfinv(+-1) = +-infinity, NaN beyond.
//
// Up to 1/2, erf(x) = x (1 + P(x^2)). Beyond, erfc(x) = e^(-x^2) W(x), with W(x) (x + k) a polynomial in t = (x - k) / (x + k):
// the map of Shepherd and Laframboise (Mathematics of Computation 36, 1981) takes [0, infinity) to [-1, 1). The polynomials are
// near-minimax fits of our own (Lawson's iteration at 50 digits): 2^-65 (P) and 2^-58 (W) in Double, 2^-29.6 and 2^-28.8 in
// Float.

extension Kernels {
  /// y = erf x.
  package static func erf(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    @inline(always) func function(_ x: SIMD16<Float>) -> SIMD16<Float> { x.errorFunction() }
    SIMD16<Float>.map(x, y, count, function)
  }

  /// y = erf x.
  package static func erf(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int) {
    @inline(always) func function(_ x: SIMD8<Double>) -> SIMD8<Double> { x.errorFunction() }
    SIMD8<Double>.map(x, y, count, function)
  }

  /// y = erfc x = 1 - erf x.
  package static func erfc(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    @inline(always) func function(_ x: SIMD16<Float>) -> SIMD16<Float> { x.complementaryErrorFunction() }
    SIMD16<Float>.map(x, y, count, function)
  }

  /// y = erfc x = 1 - erf x.
  package static func erfc(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int) {
    @inline(always) func function(_ x: SIMD8<Double>) -> SIMD8<Double> { x.complementaryErrorFunction() }
    SIMD8<Double>.map(x, y, count, function)
  }

  /// erf y = x.
  package static func erfinv(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    @inline(always) func function(_ x: SIMD16<Float>) -> SIMD16<Float> { x.inverseErrorFunction() }
    SIMD16<Float>.map(x, y, count, function)
  }

  /// erf y = x.
  package static func erfinv(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int) {
    @inline(always) func function(_ x: SIMD8<Double>) -> SIMD8<Double> { x.inverseErrorFunction() }
    SIMD8<Double>.map(x, y, count, function)
  }
}

extension KernelLanes {
  @inline(always)
  func errorFunction() -> Self {
    let small = addingProduct(self, Self.errorFunctionSeries(self * self))
    return magnitude.ifLess(.all(0.5), small, else: (1 - complementOfMagnitude()).withSign(of: self))
  }

  @inline(always)
  func complementaryErrorFunction() -> Self {
    let small = 1 - addingProduct(self, Self.errorFunctionSeries(self * self))
    let complement = complementOfMagnitude()
    return magnitude.ifLess(.all(0.5), small, else: ifLess(.zero, 2 - complement, else: complement))
  }

  /// erfc |x|.
  @inline(always)
  func complementOfMagnitude() -> Self {
    let a = magnitude.atMost((-Self.vanishingExponent).squareRoot())
    return Self.scaledGaussian(a, a, times: Self.scaledComplement(a, low: .zero))
  }

  /// W(u + low) = e^(u^2) erfc u for u >= 0.
  ///
  /// The rounding of q = 1 / (u + k) moves u by -delta, to which W is sensitive; W' = 2 u W - 2 / sqrt(pi) takes it back, and
  /// adds `low`.
  @inline(always)
  static func scaledComplement(_ u: Self, low: Self) -> Self {
    let sum = u + complementPivot
    let q = 1 / sum
    let w = q * complementSeries(Self.all(1).addingProduct(.all(-2 * complementPivot), q))
    let delta = (u - (sum - complementPivot) + low).addingProduct(Self.all(-1).addingProduct(sum, q), sum)
    return w.addingProduct(delta, Self.all(-1.1283791670955126).addingProduct(u + u, w))
  }

  /// e^(-a b) factor: the exponent's rounding error goes in as e^-low = 1 - low, and `factor` before the result may become
  /// denormal.
  @inline(always)
  static func scaledGaussian(_ a: Self, _ b: Self, times factor: Self) -> Self {
    let product = a * b
    let low = (-product).addingProduct(a, b)
    let (p, first, second) = (-product).exponentialFactors()
    return factor.addingProduct(factor, p.addingProduct(-low, 1 + p)) * first * second
  }
}

extension SIMD16<Float> {
  static var complementPivot: Float { 3 }

  @inline(always)
  static func errorFunctionSeries(_ z: Self) -> Self {
    var q = Self(repeating: 0x1.35323p-8)
    q = Self(repeating: -0x1.B663BEp-6).addingProduct(q, z)
    q = Self(repeating: 0x1.CE24FAp-4).addingProduct(q, z)
    q = Self(repeating: -0x1.812732p-2).addingProduct(q, z)
    return Self(repeating: 0x1.06EBA8p-3).addingProduct(q, z)
  }

  @inline(always)
  static func complementSeries(_ t: Self) -> Self {
    var q = Self(repeating: -0x1.55BD98p-12)
    q = Self(repeating: -0x1.FBDCCAp-12).addingProduct(q, t)
    q = Self(repeating: 0x1.93B45p-9).addingProduct(q, t)
    q = Self(repeating: -0x1.415934p-10).addingProduct(q, t)
    q = Self(repeating: -0x1.B7BD4Ep-6).addingProduct(q, t)
    q = Self(repeating: 0x1.E99736p-4).addingProduct(q, t)
    q = Self(repeating: -0x1.3DEADp-2).addingProduct(q, t)
    q = Self(repeating: 0x1.2E3268p-1).addingProduct(q, t)
    q = Self(repeating: -0x1.C44C48p-1).addingProduct(q, t)
    return Self(repeating: 0x1.12F21Ep0).addingProduct(q, t)
  }

  func inverseErrorFunction() -> Self {
    let (low, high) = doubles
    return Self(rounding: low.inverseErrorFunction(), high.inverseErrorFunction())
  }
}

extension SIMD8<Double> {
  static var complementPivot: Double { 4 }

  @inline(always)
  static func errorFunctionSeries(_ z: Self) -> Self {
    var q = Self(repeating: -0x1.39EC126A42335p-23)
    q = Self(repeating: 0x1.B7742506A2B22p-20).addingProduct(q, z)
    q = Self(repeating: -0x1.F4BB7FF4CCFA9p-17).addingProduct(q, z)
    q = Self(repeating: 0x1.F9A2A5673A718p-14).addingProduct(q, z)
    q = Self(repeating: -0x1.C02DB238A8177p-11).addingProduct(q, z)
    q = Self(repeating: 0x1.565BCD0A9997Cp-8).addingProduct(q, z)
    q = Self(repeating: -0x1.B82CE3127F4CBp-6).addingProduct(q, z)
    q = Self(repeating: 0x1.CE2F21A042B25p-4).addingProduct(q, z)
    q = Self(repeating: -0x1.812746B0379E6p-2).addingProduct(q, z)
    return Self(repeating: 0x1.06EBA8214DB69p-3).addingProduct(q, z)
  }

  @inline(always)
  static func complementSeries(_ t: Self) -> Self {
    var q = Self(repeating: 0x1.17E14E735C927p-30)
    q = Self(repeating: -0x1.A416D487F9393p-32).addingProduct(q, t)
    q = Self(repeating: -0x1.088BDCBAE6D5Ap-26).addingProduct(q, t)
    q = Self(repeating: 0x1.65BBDE77E0FD1p-29).addingProduct(q, t)
    q = Self(repeating: 0x1.0A2ED20533721p-23).addingProduct(q, t)
    q = Self(repeating: -0x1.4ED97D68C1D7Bp-24).addingProduct(q, t)
    q = Self(repeating: -0x1.C6339FAD656FFp-21).addingProduct(q, t)
    q = Self(repeating: 0x1.7ECF59763D916p-20).addingProduct(q, t)
    q = Self(repeating: 0x1.3B08080875D22p-18).addingProduct(q, t)
    q = Self(repeating: -0x1.3C72B663AA4F2p-16).addingProduct(q, t)
    q = Self(repeating: -0x1.E7E6C439BD191p-19).addingProduct(q, t)
    q = Self(repeating: 0x1.72CDCD2E8C6F6p-13).addingProduct(q, t)
    q = Self(repeating: -0x1.DD2846B47C702p-12).addingProduct(q, t)
    q = Self(repeating: -0x1.269B55A2DB5B1p-12).addingProduct(q, t)
    q = Self(repeating: 0x1.908F47286A122p-8).addingProduct(q, t)
    q = Self(repeating: -0x1.B00C052AA5C3Dp-6).addingProduct(q, t)
    q = Self(repeating: 0x1.38DBD2C8DBB24p-4).addingProduct(q, t)
    q = Self(repeating: -0x1.645FD8A4BF2p-3).addingProduct(q, t)
    q = Self(repeating: 0x1.52CAC237102A6p-2).addingProduct(q, t)
    q = Self(repeating: -0x1.14EACB1AD02E4p-1).addingProduct(q, t)
    q = Self(repeating: 0x1.8BE202D26C702p-1).addingProduct(q, t)
    q = Self(repeating: -0x1.F3FE31ECB49Cp-1).addingProduct(q, t)
    return Self(repeating: 0x1.18932BF08E154p0).addingProduct(q, t)
  }

  /// Phi(sqrt(2) y) = (1 + x) / 2.
  func inverseErrorFunction() -> Self {
    let y = normalQuantile(halfPlus: 0.5 * self) * 0.5.squareRoot()
    return magnitude.ifEqual(.all(1), Self.all(.infinity).withSign(of: self), else: y)
  }
}
