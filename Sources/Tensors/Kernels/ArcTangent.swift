// Arc tangent.
//
// Promise (largest errors in ulp, Float and Double): atan 2 and 1.8, odd to the last bit, -0 and denormals exact.
//
// |x| below tan(pi/8) is left as it is; up to its inverse, arctan x = pi/4 + arctan((x - 1) / (x + 1)); beyond,
// pi/2 + arctan(-1 / x).
// Polynomials: near-minimax fits of our own (Lawson's iteration at 50 digits): 2^-64 and 2^-30.

extension Kernels {
  /// y = arctan x.
  package static func atan(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    @inline(always) func function(_ x: SIMD16<Float>) -> SIMD16<Float> { x.arcTangent().keepingTiny(x) }
    SIMD16<Float>.map(x, y, count, function)
  }

  /// y = arctan x.
  package static func atan(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int) {
    @inline(always) func function(_ x: SIMD8<Double>) -> SIMD8<Double> { x.arcTangent().keepingTiny(x) }
    SIMD8<Double>.map(x, y, count, function)
  }
}

extension KernelLanes {
  @inline(always)
  func arcTangent() -> Self {
    let a = magnitude
    let (lower, upper) = (Self.all(0.41421356237309503), Self.all(2.414213562373095))
    let numerator = a.ifLess(lower, a, else: a.ifLess(upper, a - 1, else: .all(-1)))
    let denominator = a.ifLess(lower, .all(1), else: a.ifLess(upper, a + 1, else: a))
    let rightAngles = a.ifLess(lower, .zero, else: a.ifLess(upper, .all(0.5), else: .all(1)))
    let t = numerator / denominator
    let z = t * t
    // arctan t = t + t z q; the rounding error of pi/2 goes with the smaller part.
    let small = t + (rightAngles * Self.rightAngleLow).addingProduct(t * z, Self.arcTangentSeries(z))
    return (rightAngles * 1.5707963267948966 + small).withSign(of: self)
  }
}

extension SIMD16<Float> {
  static var rightAngleLow: Float { -0x1.777A5Cp-25 }

  @inline(always)
  static func arcTangentSeries(_ z: Self) -> Self {
    var q = Self(repeating: -0x1.F1C8E4p-5)
    q = Self(repeating: 0x1.B1E35p-4).addingProduct(q, z)
    q = Self(repeating: -0x1.23B45Ep-3).addingProduct(q, z)
    q = Self(repeating: 0x1.999188p-3).addingProduct(q, z)
    return Self(repeating: -0x1.555548p-2).addingProduct(q, z)
  }
}

extension SIMD8<Double> {
  static var rightAngleLow: Double { 0x1.1A62633145C07p-54 }

  @inline(always)
  static func arcTangentSeries(_ z: Self) -> Self {
    var q = Self(repeating: 0x1.F1C8252784D8Bp-7)
    q = Self(repeating: -0x1.122EDD28A8D15p-5).addingProduct(q, z)
    q = Self(repeating: 0x1.70E910AED5748p-5).addingProduct(q, z)
    q = Self(repeating: -0x1.AB7C5BB199393p-5).addingProduct(q, z)
    q = Self(repeating: 0x1.E171CDFCE108p-5).addingProduct(q, z)
    q = Self(repeating: -0x1.110C6FFFE01D5p-4).addingProduct(q, z)
    q = Self(repeating: 0x1.3B136DF88C3CAp-4).addingProduct(q, z)
    q = Self(repeating: -0x1.745D14B72DEB5p-4).addingProduct(q, z)
    q = Self(repeating: 0x1.C71C71B73754Ap-4).addingProduct(q, z)
    q = Self(repeating: -0x1.2492492475478p-3).addingProduct(q, z)
    q = Self(repeating: 0x1.9999999999648p-3).addingProduct(q, z)
    return Self(repeating: -0x1.5555555555554p-2).addingProduct(q, z)
  }
}
