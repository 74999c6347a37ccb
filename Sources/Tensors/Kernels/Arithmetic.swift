// Arithmetic of two and three operands in Float and Double: every result is rounded once, as the hardware does.

import Foundation

extension Kernels {
  /// y = a + b.
  package static func add(
    _ a: UnsafePointer<Float>, _ aStep: Int, _ b: UnsafePointer<Float>, _ bStep: Int, _ y: UnsafeMutablePointer<Float>,
    _ count: Int
  ) {
    @inline(always) func function(_ a: SIMD16<Float>, _ b: SIMD16<Float>) -> SIMD16<Float> { a + b }
    SIMD16<Float>.map(a, aStep, b, bStep, y, count, function)
  }

  /// y = a + b.
  package static func add(
    _ a: UnsafePointer<Double>, _ aStep: Int, _ b: UnsafePointer<Double>, _ bStep: Int, _ y: UnsafeMutablePointer<Double>,
    _ count: Int
  ) {
    @inline(always) func function(_ a: SIMD8<Double>, _ b: SIMD8<Double>) -> SIMD8<Double> { a + b }
    SIMD8<Double>.map(a, aStep, b, bStep, y, count, function)
  }

  /// y = a - b.
  package static func subtract(
    _ a: UnsafePointer<Float>, _ aStep: Int, _ b: UnsafePointer<Float>, _ bStep: Int, _ y: UnsafeMutablePointer<Float>,
    _ count: Int
  ) {
    @inline(always) func function(_ a: SIMD16<Float>, _ b: SIMD16<Float>) -> SIMD16<Float> { a - b }
    SIMD16<Float>.map(a, aStep, b, bStep, y, count, function)
  }

  /// y = a - b.
  package static func subtract(
    _ a: UnsafePointer<Double>, _ aStep: Int, _ b: UnsafePointer<Double>, _ bStep: Int, _ y: UnsafeMutablePointer<Double>,
    _ count: Int
  ) {
    @inline(always) func function(_ a: SIMD8<Double>, _ b: SIMD8<Double>) -> SIMD8<Double> { a - b }
    SIMD8<Double>.map(a, aStep, b, bStep, y, count, function)
  }

  /// y = a b.
  package static func multiply(
    _ a: UnsafePointer<Float>, _ aStep: Int, _ b: UnsafePointer<Float>, _ bStep: Int, _ y: UnsafeMutablePointer<Float>,
    _ count: Int
  ) {
    @inline(always) func function(_ a: SIMD16<Float>, _ b: SIMD16<Float>) -> SIMD16<Float> { a * b }
    SIMD16<Float>.map(a, aStep, b, bStep, y, count, function)
  }

  /// y = a b.
  package static func multiply(
    _ a: UnsafePointer<Double>, _ aStep: Int, _ b: UnsafePointer<Double>, _ bStep: Int, _ y: UnsafeMutablePointer<Double>,
    _ count: Int
  ) {
    @inline(always) func function(_ a: SIMD8<Double>, _ b: SIMD8<Double>) -> SIMD8<Double> { a * b }
    SIMD8<Double>.map(a, aStep, b, bStep, y, count, function)
  }

  /// y = a / b.
  package static func divide(
    _ a: UnsafePointer<Float>, _ aStep: Int, _ b: UnsafePointer<Float>, _ bStep: Int, _ y: UnsafeMutablePointer<Float>,
    _ count: Int
  ) {
    @inline(always) func function(_ a: SIMD16<Float>, _ b: SIMD16<Float>) -> SIMD16<Float> { a / b }
    SIMD16<Float>.map(a, aStep, b, bStep, y, count, function)
  }

  /// y = a / b.
  package static func divide(
    _ a: UnsafePointer<Double>, _ aStep: Int, _ b: UnsafePointer<Double>, _ bStep: Int, _ y: UnsafeMutablePointer<Double>,
    _ count: Int
  ) {
    @inline(always) func function(_ a: SIMD8<Double>, _ b: SIMD8<Double>) -> SIMD8<Double> { a / b }
    SIMD8<Double>.map(a, aStep, b, bStep, y, count, function)
  }

  /// y = the larger; NaN if either is NaN, `a` if they are equal (0 and -0).
  package static func maximum(
    _ a: UnsafePointer<Float>, _ aStep: Int, _ b: UnsafePointer<Float>, _ bStep: Int, _ y: UnsafeMutablePointer<Float>,
    _ count: Int
  ) {
    @inline(always) func function(_ a: SIMD16<Float>, _ b: SIMD16<Float>) -> SIMD16<Float> {
      b.ifEqual(b, a.ifLess(b, b, else: a), else: b)
    }
    SIMD16<Float>.map(a, aStep, b, bStep, y, count, function)
  }

  /// y = the larger; NaN if either is NaN, `a` if they are equal (0 and -0).
  package static func maximum(
    _ a: UnsafePointer<Double>, _ aStep: Int, _ b: UnsafePointer<Double>, _ bStep: Int, _ y: UnsafeMutablePointer<Double>,
    _ count: Int
  ) {
    @inline(always) func function(_ a: SIMD8<Double>, _ b: SIMD8<Double>) -> SIMD8<Double> {
      b.ifEqual(b, a.ifLess(b, b, else: a), else: b)
    }
    SIMD8<Double>.map(a, aStep, b, bStep, y, count, function)
  }

  /// y = the smaller; NaN if either is NaN, `a` if they are equal (0 and -0).
  package static func minimum(
    _ a: UnsafePointer<Float>, _ aStep: Int, _ b: UnsafePointer<Float>, _ bStep: Int, _ y: UnsafeMutablePointer<Float>,
    _ count: Int
  ) {
    @inline(always) func function(_ a: SIMD16<Float>, _ b: SIMD16<Float>) -> SIMD16<Float> {
      b.ifEqual(b, b.ifLess(a, b, else: a), else: b)
    }
    SIMD16<Float>.map(a, aStep, b, bStep, y, count, function)
  }

  /// y = the smaller; NaN if either is NaN, `a` if they are equal (0 and -0).
  package static func minimum(
    _ a: UnsafePointer<Double>, _ aStep: Int, _ b: UnsafePointer<Double>, _ bStep: Int, _ y: UnsafeMutablePointer<Double>,
    _ count: Int
  ) {
    @inline(always) func function(_ a: SIMD8<Double>, _ b: SIMD8<Double>) -> SIMD8<Double> {
      b.ifEqual(b, b.ifLess(a, b, else: a), else: b)
    }
    SIMD8<Double>.map(a, aStep, b, bStep, y, count, function)
  }

  /// y = a - b trunc(a / b), exact, with the sign of a (fmod of C).
  @specialized(where T == Float)
  @specialized(where T == Double)
  package static func remainder<T: BinaryFloatingPoint>(
    _ a: UnsafePointer<T>, _ aStep: Int, _ b: UnsafePointer<T>, _ bStep: Int, _ y: UnsafeMutablePointer<T>, _ count: Int
  ) {
    for i in 0..<count { y[i] = a[i * aStep].truncatingRemainder(dividingBy: b[i * bStep]) }
  }

  /// y = the angle of the point (b, a), from -pi to pi: the C library's.
  package static func atan2(
    _ a: UnsafePointer<Float>, _ aStep: Int, _ b: UnsafePointer<Float>, _ bStep: Int, _ y: UnsafeMutablePointer<Float>,
    _ count: Int
  ) {
    for i in 0..<count { y[i] = Foundation.atan2(a[i * aStep], b[i * bStep]) }
  }

  /// y = the angle of the point (b, a), from -pi to pi: the C library's.
  package static func atan2(
    _ a: UnsafePointer<Double>, _ aStep: Int, _ b: UnsafePointer<Double>, _ bStep: Int, _ y: UnsafeMutablePointer<Double>,
    _ count: Int
  ) {
    for i in 0..<count { y[i] = Foundation.atan2(a[i * aStep], b[i * bStep]) }
  }
}
