/// A vector that reductions run on. Comparisons are written for each type, since generic ones are not vectorised.
package protocol ReductionLanes: SIMD, BitwiseCopyable, SendableMetatype
where Scalar: BitwiseCopyable & ExpressibleByIntegerLiteral & SendableMetatype {
  static func sum(_ a: Self, _ b: Self) -> Self
  static func product(_ a: Self, _ b: Self) -> Self
  /// NaN where either is.
  static func maximum(_ a: Self, _ b: Self) -> Self
  /// NaN where either is.
  static func minimum(_ a: Self, _ b: Self) -> Self
  /// Self with `value` in the lanes from `count` on.
  func padded(from count: Int, _ value: Scalar) -> Self
  static var lowest: Scalar { get }
  static var highest: Scalar { get }
}

/// A scalar that can be reduced along an axis: Float, Double, Int32, and UInt8 on behalf of Bool.
package protocol Reducible: SIMDScalar, Codable, Hashable, BitwiseCopyable, Sendable, Comparable, ExpressibleByIntegerLiteral {
  associatedtype Lanes: ReductionLanes where Lanes.Scalar == Self
}

extension ReductionLanes {
  /// Up to `count` scalars; the other lanes hold `padding`.
  @inline(always)
  static func load(_ x: UnsafePointer<Scalar>, _ count: Int, padding: Scalar) -> Self {
    count >= scalarCount ? load(x) : loadPart(x, count, padding: padding)
  }

  @inline(always)
  private static func loadPart(_ x: UnsafePointer<Scalar>, _ count: Int, padding: Scalar) -> Self {
    // A whole vector may be read, whatever lies behind the last scalar, as long as it does not touch another page of memory.
    if count > 0, Int(bitPattern: x) & 4095 <= 4096 - MemoryLayout<Self>.size { return load(x).padded(from: count, padding) }
    var result = Self(repeating: padding)
    withUnsafeMutablePointer(to: &result) { result in
      let lanes = UnsafeMutableRawPointer(result).assumingMemoryBound(to: Scalar.self)
      for i in 0..<count { lanes[i] = x[i] }
    }
    return result
  }

  @inline(always)
  static func load(_ x: UnsafePointer<Scalar>) -> Self { UnsafeRawPointer(x).loadUnaligned(as: Self.self) }

  @inline(always)
  func store(_ y: UnsafeMutablePointer<Scalar>, _ count: Int) {
    if count >= Self.scalarCount { return UnsafeMutableRawPointer(y).storeBytes(of: self, as: Self.self) }
    withUnsafePointer(to: self) { value in
      let lanes = UnsafeRawPointer(value).assumingMemoryBound(to: Scalar.self)
      for i in 0..<count { y[i] = lanes[i] }
    }
  }

  /// Lane i is lane i ^ step of self.
  @inline(always)
  func exchanged(_ step: Int) -> Self {
    var result = self
    for i in 0..<Self.scalarCount { result[i] = self[i ^ step] }
    return result
  }
}

/// One of the ways to make one scalar of many.
protocol Combiner: SendableMetatype {
  associatedtype Lanes: ReductionLanes
  static var identity: Lanes.Scalar { get }
  static func combine(_ a: Lanes, _ b: Lanes) -> Lanes
}

extension Combiner {
  /// All lanes combined, in a fixed tree; the same in every lane.
  @inline(always)
  static func fold(_ value: Lanes) -> Lanes {
    var value = value
    var step = Lanes.scalarCount / 2
    while step > 0 {
      value = combine(value, value.exchanged(step))
      step /= 2
    }
    return value
  }
}

enum SumCombiner<Lanes: ReductionLanes>: Combiner {
  static var identity: Lanes.Scalar { 0 }
  @inline(always)
  static func combine(_ a: Lanes, _ b: Lanes) -> Lanes { Lanes.sum(a, b) }
}

enum ProductCombiner<Lanes: ReductionLanes>: Combiner {
  static var identity: Lanes.Scalar { 1 }
  @inline(always)
  static func combine(_ a: Lanes, _ b: Lanes) -> Lanes { Lanes.product(a, b) }
}

enum MaximumCombiner<Lanes: ReductionLanes>: Combiner {
  static var identity: Lanes.Scalar { Lanes.lowest }
  @inline(always)
  static func combine(_ a: Lanes, _ b: Lanes) -> Lanes { Lanes.maximum(a, b) }
}

enum MinimumCombiner<Lanes: ReductionLanes>: Combiner {
  static var identity: Lanes.Scalar { Lanes.highest }
  @inline(always)
  static func combine(_ a: Lanes, _ b: Lanes) -> Lanes { Lanes.minimum(a, b) }
}
