// Conversions between the types of tensors: plain loops, which the compiler vectorises. x and y are different memory.
//
// Float to and from Double, and from integers, is rounded to nearest. To Int32 it truncates toward 0 and saturates; NaN gives 0.
// true is 1; whatever is not 0 is true, NaN too.

extension Kernels {
  /// y = x.
  package static func convert(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Double>, _ count: Int) {
    for i in 0..<count { y[i] = Double(x[i]) }
  }

  /// y = x, rounded.
  package static func convert(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    for i in 0..<count { y[i] = Float(x[i]) }
  }

  /// y = x, rounded in Float.
  @specialized(where T == Float)
  @specialized(where T == Double)
  package static func convert<T: BinaryFloatingPoint>(_ x: UnsafePointer<Int32>, _ y: UnsafeMutablePointer<T>, _ count: Int) {
    for i in 0..<count { y[i] = T(x[i]) }
  }

  /// y = x, truncated toward 0 and saturated; NaN gives 0.
  package static func convert(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Int32>, _ count: Int) {
    for i in 0..<count { y[i] = truncated(Double(x[i])) }
  }

  /// y = x, truncated toward 0 and saturated; NaN gives 0.
  package static func convert(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Int32>, _ count: Int) {
    for i in 0..<count { y[i] = truncated(x[i]) }
  }

  @inline(always)
  private static func truncated(_ x: Double) -> Int32 {
    let inside = x > -0x1p31 && x < 0x1p31 ? x : 0  // 0 also stands for NaN.
    return x >= 0x1p31 ? .max : x <= -0x1p31 ? .min : Int32(truncatingIfNeeded: Int64(inside))
  }

  /// y = 1 or 0.
  @specialized(where T == Float)
  @specialized(where T == Double)
  package static func convert<T: BinaryFloatingPoint>(_ x: UnsafePointer<Bool>, _ y: UnsafeMutablePointer<T>, _ count: Int) {
    let bytes = UnsafeRawPointer(x).assumingMemoryBound(to: UInt8.self)
    for i in 0..<count { y[i] = T(bytes[i]) }
  }

  /// y = 1 or 0.
  package static func convert(_ x: UnsafePointer<Bool>, _ y: UnsafeMutablePointer<Int32>, _ count: Int) {
    let bytes = UnsafeRawPointer(x).assumingMemoryBound(to: UInt8.self)
    for i in 0..<count { y[i] = Int32(bytes[i]) }
  }

  /// y = (x is not 0).
  @specialized(where T == Float)
  @specialized(where T == Double)
  @specialized(where T == Int32)
  package static func convert<T: Numeric & BitwiseCopyable>(
    _ x: UnsafePointer<T>, _ y: UnsafeMutablePointer<Bool>, _ count: Int
  ) {
    for i in 0..<count { y[i] = x[i] != 0 }
  }
}
