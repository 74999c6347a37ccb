/// e^x over the sum of e^x with no guard: the baseline that overflows (to NaN) above about 88 and vanishes (to NaN) below about -104.
public enum NaiveSoftmax {
  /// The sum of e^x in Float.
  public static func sum(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    @inline(always) func add(_ sum: SIMD16<Float>, _ x: SIMD16<Float>) -> SIMD16<Float> { sum + x.exponential() }
    return Sweep.reduce(x, count, padding: -.infinity, SIMD16<Float>.zero, +, add).lanesReduced(+)
  }

  /// Both passes.
  public static func run(_ x: UnsafePointer<Float>, _ count: Int, into y: UnsafeMutablePointer<Float>) {
    let sum = SIMD16<Float>(repeating: sum(x, count))
    @inline(always) func probability(_ x: SIMD16<Float>) -> SIMD16<Float> { x.exponential() / sum }
    Sweep.map(x, count, into: y, probability)
  }
}
