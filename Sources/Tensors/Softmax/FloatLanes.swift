// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The protocol carries the documentation.

/// What the softmax kernels ask of a vector of floats, so that each algorithm is written once and compiled for one, eight (AVX2) and
/// sixteen (AVX-512) lanes.
///
/// Arithmetic and fused multiply-add of Swift's generic SIMD compile to single instructions; comparisons, shifts and bit
/// casts do so only on concrete types (a generic comparison becomes a loop over lanes), so those are requirements.
public protocol FloatLanes: Sendable, BitwiseCopyable {
  /// Number of floats.
  static var laneCount: Int { get }
  /// The same number in every lane.
  init(repeating value: Float)
  /// Lane by lane.
  static func + (a: Self, b: Self) -> Self
  /// Lane by lane.
  static func - (a: Self, b: Self) -> Self
  /// Lane by lane.
  static func * (a: Self, b: Self) -> Self
  /// self + a b, rounded once.
  func addingProduct(_ a: Self, _ b: Self) -> Self
  /// The larger of `self` and `other`; `self` where that is NaN (so NaN stays), `self` too where `other` is NaN.
  func atLeast(_ other: Self) -> Self
  /// 2^d for integers d <= 0: exact down to 2^-126, and 0 from -127 on, for -infinity and for NaN. Not for d > 0.
  func powerOfTwo() -> Self
  /// One lane.
  subscript(lane: Int) -> Float { get set }
}

extension FloatLanes {
  /// The floats at `pointer`, of any alignment.
  @inline(always)
  static func load(_ pointer: UnsafePointer<Float>) -> Self { UnsafeRawPointer(pointer).loadUnaligned(as: Self.self) }

  @inline(always)
  func store(_ pointer: UnsafeMutablePointer<Float>) { UnsafeMutableRawPointer(pointer).storeBytes(of: self, as: Self.self) }
}

extension Float: FloatLanes {
  public static var laneCount: Int { 1 }

  @inline(always)
  public init(repeating value: Float) { self = value }

  @inline(always)
  public func atLeast(_ other: Float) -> Float { self < other ? other : self }

  @inline(always)
  public func powerOfTwo() -> Float {
    let d: Float = self > -127 ? self : -127
    return Float(bitPattern: (d + 0x1.8000FEp23).bitPattern &<< 23)
  }

  public subscript(lane: Int) -> Float {
    @inline(always) get { self }
    @inline(always) set { self = newValue }
  }
}

extension SIMD8<Float>: FloatLanes {
  public static var laneCount: Int { 8 }

  @inline(always)
  public func atLeast(_ other: Self) -> Self { replacing(with: other, where: self .< other) }

  @inline(always)
  public func powerOfTwo() -> Self {
    let lowest = Self(repeating: -127)
    let d = lowest.replacing(with: self, where: self .> lowest)
    return unsafeBitCast(unsafeBitCast(d + 0x1.8000FEp23, to: SIMD8<UInt32>.self) &<< 23, to: Self.self)
  }
}

extension SIMD16<Float>: FloatLanes {
  public static var laneCount: Int { 16 }

  @inline(always)
  public func atLeast(_ other: Self) -> Self { replacing(with: other, where: self .< other) }

  @inline(always)
  public func powerOfTwo() -> Self {
    let lowest = Self(repeating: -127)
    let d = lowest.replacing(with: self, where: self .> lowest)
    return unsafeBitCast(unsafeBitCast(d + 0x1.8000FEp23, to: SIMD16<UInt32>.self) &<< 23, to: Self.self)
  }
}

extension Processor {
  /// The widest vector of floats that the processor has registers for.
  public static let floatLanes: any FloatLanes.Type = vectorExtension == .avx512 ? SIMD16<Float>.self : SIMD8<Float>.self
}
