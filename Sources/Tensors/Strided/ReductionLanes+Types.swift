// Equal but for the type: generic comparisons of vectors are not vectorised.

extension Float: Reducible {
  package typealias Lanes = SIMD16<Float>
}

extension SIMD16: ReductionLanes where Scalar == Float {
  @inline(always)
  package func padded(from count: Int, _ value: Float) -> Self {
    // A literal would be an array on the heap first; this loop is a constant.
    var lanes = Self()
    for i in 0..<Self.scalarCount { lanes[i] = Scalar(i) }
    return replacing(with: value, where: lanes .>= Self(repeating: Scalar(count)))
  }
  @inline(always)
  package static func sum(_ a: Self, _ b: Self) -> Self { a + b }
  @inline(always)
  package static func product(_ a: Self, _ b: Self) -> Self { a * b }
  @inline(always)
  package static func maximum(_ a: Self, _ b: Self) -> Self { a.replacing(with: b, where: (b .> a) .| (b .!= b)) }
  @inline(always)
  package static func minimum(_ a: Self, _ b: Self) -> Self { a.replacing(with: b, where: (b .< a) .| (b .!= b)) }
  package static var lowest: Float { -.infinity }
  package static var highest: Float { .infinity }
}

extension Double: Reducible {
  package typealias Lanes = SIMD8<Double>
}

extension SIMD8: ReductionLanes where Scalar == Double {
  @inline(always)
  package func padded(from count: Int, _ value: Double) -> Self {
    // A literal would be an array on the heap first; this loop is a constant.
    var lanes = Self()
    for i in 0..<Self.scalarCount { lanes[i] = Scalar(i) }
    return replacing(with: value, where: lanes .>= Self(repeating: Scalar(count)))
  }
  @inline(always)
  package static func sum(_ a: Self, _ b: Self) -> Self { a + b }
  @inline(always)
  package static func product(_ a: Self, _ b: Self) -> Self { a * b }
  @inline(always)
  package static func maximum(_ a: Self, _ b: Self) -> Self { a.replacing(with: b, where: (b .> a) .| (b .!= b)) }
  @inline(always)
  package static func minimum(_ a: Self, _ b: Self) -> Self { a.replacing(with: b, where: (b .< a) .| (b .!= b)) }
  package static var lowest: Double { -.infinity }
  package static var highest: Double { .infinity }
}

extension Int32: Reducible {
  package typealias Lanes = SIMD32<Int32>
}

extension SIMD32: ReductionLanes where Scalar == Int32 {
  @inline(always)
  package func padded(from count: Int, _ value: Int32) -> Self {
    // A literal would be an array on the heap first; this loop is a constant.
    var lanes = Self()
    for i in 0..<Self.scalarCount { lanes[i] = Scalar(i) }
    return replacing(with: value, where: lanes .>= Self(repeating: Scalar(count)))
  }
  @inline(always)
  package static func sum(_ a: Self, _ b: Self) -> Self { a &+ b }
  @inline(always)
  package static func product(_ a: Self, _ b: Self) -> Self { a &* b }
  @inline(always)
  package static func maximum(_ a: Self, _ b: Self) -> Self { a.replacing(with: b, where: b .> a) }
  @inline(always)
  package static func minimum(_ a: Self, _ b: Self) -> Self { a.replacing(with: b, where: b .< a) }
  package static var lowest: Int32 { .min }
  package static var highest: Int32 { .max }
}

extension UInt8: Reducible {
  package typealias Lanes = SIMD64<UInt8>
}

extension SIMD64: ReductionLanes where Scalar == UInt8 {
  @inline(always)
  package func padded(from count: Int, _ value: UInt8) -> Self {
    // A literal would be an array on the heap first; this loop is a constant.
    var lanes = Self()
    for i in 0..<Self.scalarCount { lanes[i] = Scalar(i) }
    return replacing(with: value, where: lanes .>= Self(repeating: Scalar(count)))
  }
  @inline(always)
  package static func sum(_ a: Self, _ b: Self) -> Self { a &+ b }
  @inline(always)
  package static func product(_ a: Self, _ b: Self) -> Self { a &* b }
  @inline(always)
  package static func maximum(_ a: Self, _ b: Self) -> Self { a.replacing(with: b, where: b .> a) }
  @inline(always)
  package static func minimum(_ a: Self, _ b: Self) -> Self { a.replacing(with: b, where: b .< a) }
  package static var lowest: UInt8 { .min }
  package static var highest: UInt8 { .max }
}
