// Roots, signs, roundings: all exact or rounded once, except reciprocalSquareRoot (1.5 ulp in Float and Double).

extension Kernels {
  /// y = sqrt x.
  package static func sqrt(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    @inline(always) func function(_ x: SIMD16<Float>) -> SIMD16<Float> { x.squareRoot() }
    SIMD16<Float>.map(x, y, count, function)
  }

  /// y = sqrt x.
  package static func sqrt(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int) {
    @inline(always) func function(_ x: SIMD8<Double>) -> SIMD8<Double> { x.squareRoot() }
    SIMD8<Double>.map(x, y, count, function)
  }

  /// y = 1 / sqrt x; infinity with the sign of x at 0.
  package static func reciprocalSquareRoot(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    @inline(always) func function(_ x: SIMD16<Float>) -> SIMD16<Float> { 1 / x.squareRoot() }
    SIMD16<Float>.map(x, y, count, function)
  }

  /// y = 1 / sqrt x; infinity with the sign of x at 0.
  package static func reciprocalSquareRoot(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int) {
    @inline(always) func function(_ x: SIMD8<Double>) -> SIMD8<Double> { 1 / x.squareRoot() }
    SIMD8<Double>.map(x, y, count, function)
  }

  /// y = |x|.
  package static func abs(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    @inline(always) func function(_ x: SIMD16<Float>) -> SIMD16<Float> { x.magnitude }
    SIMD16<Float>.map(x, y, count, function)
  }

  /// y = |x|.
  package static func abs(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int) {
    @inline(always) func function(_ x: SIMD8<Double>) -> SIMD8<Double> { x.magnitude }
    SIMD8<Double>.map(x, y, count, function)
  }

  /// y = 1, -1 or, for zeros (of either sign) and NaN, x.
  package static func sign(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    @inline(always) func function(_ x: SIMD16<Float>) -> SIMD16<Float> {
      x.ifLess(.zero, .all(-1), else: SIMD16<Float>.zero.ifLess(x, .all(1), else: x))
    }
    SIMD16<Float>.map(x, y, count, function)
  }

  /// y = 1, -1 or, for zeros (of either sign) and NaN, x.
  package static func sign(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int) {
    @inline(always) func function(_ x: SIMD8<Double>) -> SIMD8<Double> {
      x.ifLess(.zero, .all(-1), else: SIMD8<Double>.zero.ifLess(x, .all(1), else: x))
    }
    SIMD8<Double>.map(x, y, count, function)
  }

  /// y = -x.
  package static func negate(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    @inline(always) func function(_ x: SIMD16<Float>) -> SIMD16<Float> { -x }
    SIMD16<Float>.map(x, y, count, function)
  }

  /// y = -x.
  package static func negate(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int) {
    @inline(always) func function(_ x: SIMD8<Double>) -> SIMD8<Double> { -x }
    SIMD8<Double>.map(x, y, count, function)
  }

  /// y = x^2.
  package static func square(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    @inline(always) func function(_ x: SIMD16<Float>) -> SIMD16<Float> { x * x }
    SIMD16<Float>.map(x, y, count, function)
  }

  /// y = x^2.
  package static func square(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int) {
    @inline(always) func function(_ x: SIMD8<Double>) -> SIMD8<Double> { x * x }
    SIMD8<Double>.map(x, y, count, function)
  }

  /// y = 1 / x.
  package static func reciprocal(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    @inline(always) func function(_ x: SIMD16<Float>) -> SIMD16<Float> { 1 / x }
    SIMD16<Float>.map(x, y, count, function)
  }

  /// y = 1 / x.
  package static func reciprocal(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int) {
    @inline(always) func function(_ x: SIMD8<Double>) -> SIMD8<Double> { 1 / x }
    SIMD8<Double>.map(x, y, count, function)
  }

  /// The largest integer not above x.
  package static func floor(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    @inline(always) func function(_ x: SIMD16<Float>) -> SIMD16<Float> { x.rounded(.down) }
    SIMD16<Float>.map(x, y, count, function)
  }

  /// The largest integer not above x.
  package static func floor(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int) {
    @inline(always) func function(_ x: SIMD8<Double>) -> SIMD8<Double> { x.rounded(.down) }
    SIMD8<Double>.map(x, y, count, function)
  }

  /// The smallest integer not below x.
  package static func ceil(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    @inline(always) func function(_ x: SIMD16<Float>) -> SIMD16<Float> { x.rounded(.up) }
    SIMD16<Float>.map(x, y, count, function)
  }

  /// The smallest integer not below x.
  package static func ceil(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int) {
    @inline(always) func function(_ x: SIMD8<Double>) -> SIMD8<Double> { x.rounded(.up) }
    SIMD8<Double>.map(x, y, count, function)
  }

  /// The nearest integer, the even one of two.
  package static func round(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    @inline(always) func function(_ x: SIMD16<Float>) -> SIMD16<Float> { x.rounded(.toNearestOrEven) }
    SIMD16<Float>.map(x, y, count, function)
  }

  /// The nearest integer, the even one of two.
  package static func round(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int) {
    @inline(always) func function(_ x: SIMD8<Double>) -> SIMD8<Double> { x.rounded(.toNearestOrEven) }
    SIMD8<Double>.map(x, y, count, function)
  }

  /// y = max(x, 0); NaN and -0 stay.
  package static func relu(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    @inline(always) func function(_ x: SIMD16<Float>) -> SIMD16<Float> { x.atLeast(0) }
    SIMD16<Float>.map(x, y, count, function)
  }

  /// y = max(x, 0); NaN and -0 stay.
  package static func relu(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int) {
    @inline(always) func function(_ x: SIMD8<Double>) -> SIMD8<Double> { x.atLeast(0) }
    SIMD8<Double>.map(x, y, count, function)
  }
}
