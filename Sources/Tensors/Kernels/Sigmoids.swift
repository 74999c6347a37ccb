// The logistic function and its relatives.
//
// Promise (largest errors in ulp, Float and Double): tanh as in its file; sigmoid 2.3 and 2.4, silu 2.5, softplus and
// logSigmoid 2.2 and 2.4; denormal results are off by as many denormals.
//
// All are built of e^-|x|, which never overflows; for x < 0, sigmoid(x) = e^-|x| / (1 + e^-|x|).

extension Kernels {
  /// y = tanh x.
  package static func tanh(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    @inline(always) func function(_ x: SIMD16<Float>) -> SIMD16<Float> { x.hyperbolicTangent() }
    SIMD16<Float>.map(x, y, count, function)
  }

  /// y = tanh x.
  package static func tanh(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int) {
    @inline(always) func function(_ x: SIMD8<Double>) -> SIMD8<Double> { x.hyperbolicTangent() }
    SIMD8<Double>.map(x, y, count, function)
  }

  /// y = 1 / (1 + e^-x).
  package static func sigmoid(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    @inline(always) func function(_ x: SIMD16<Float>) -> SIMD16<Float> { x.logistic() }
    SIMD16<Float>.map(x, y, count, function)
  }

  /// y = 1 / (1 + e^-x).
  package static func sigmoid(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int) {
    @inline(always) func function(_ x: SIMD8<Double>) -> SIMD8<Double> { x.logistic() }
    SIMD8<Double>.map(x, y, count, function)
  }

  /// y = x sigmoid(x).
  package static func silu(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    @inline(always) func function(_ x: SIMD16<Float>) -> SIMD16<Float> { x.timesLogistic(ofMagnitude: x.magnitude, low: .zero) }
    SIMD16<Float>.map(x, y, count, function)
  }

  /// y = x sigmoid(x).
  package static func silu(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int) {
    @inline(always) func function(_ x: SIMD8<Double>) -> SIMD8<Double> { x.timesLogistic(ofMagnitude: x.magnitude, low: .zero) }
    SIMD8<Double>.map(x, y, count, function)
  }

  /// y = log(1 + e^x).
  package static func softplus(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    @inline(always) func function(_ x: SIMD16<Float>) -> SIMD16<Float> { x.atLeast(0) + x.logarithmOfOnePlusDecay() }
    SIMD16<Float>.map(x, y, count, function)
  }

  /// y = log(1 + e^x).
  package static func softplus(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int) {
    @inline(always) func function(_ x: SIMD8<Double>) -> SIMD8<Double> { x.atLeast(0) + x.logarithmOfOnePlusDecay() }
    SIMD8<Double>.map(x, y, count, function)
  }

  /// y = log sigmoid(x) = -log(1 + e^-x).
  package static func logSigmoid(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    @inline(always) func function(_ x: SIMD16<Float>) -> SIMD16<Float> { x.atMost(0) - x.logarithmOfOnePlusDecay() }
    SIMD16<Float>.map(x, y, count, function)
  }

  /// y = log sigmoid(x) = -log(1 + e^-x).
  package static func logSigmoid(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int) {
    @inline(always) func function(_ x: SIMD8<Double>) -> SIMD8<Double> { x.atMost(0) - x.logarithmOfOnePlusDecay() }
    SIMD8<Double>.map(x, y, count, function)
  }
}

extension KernelLanes {
  @inline(always)
  func logistic() -> Self {
    let decay = (-magnitude).exponential()
    return ifLess(.zero, decay, else: .all(1)) / (1 + decay)
  }

  /// x sigmoid(v) for v = (high + low) with the sign of x; |x| <= high or x is beyond where the sigmoid is 0 or 1.
  @inline(always)
  func timesLogistic(ofMagnitude high: Self, low: Self) -> Self {
    let (p, first, second) = (-high).atLeast(Self.vanishingExponent).exponentialFactors()
    let decay = (1 + p) * first * second
    // x is bounded so that -infinity gives -0, not NaN; e^-low is 1 - low; x goes in before the result may become denormal.
    let bounded = atLeast(Self.vanishingExponent)
    let numerator = bounded.addingProduct(bounded, p.addingProduct(-low, 1 + p)) * first * second
    return ifLess(.zero, numerator, else: self) / (1 + decay)
  }

  /// log(1 + e^-|x|), as in `logarithmOfOnePlus`; 1 <= u <= 2, where (3 - u) / 2 is near enough to 1 / u.
  @inline(always)
  func logarithmOfOnePlusDecay() -> Self {
    let decay = (-magnitude).exponential()
    let u = 1 + decay
    let c = decay - (u - 1)
    return u.naturalLogarithm().addingProduct(c, 1.5 - 0.5 * u)
  }
}
