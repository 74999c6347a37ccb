/// e^x over the sum of e^x with no guard: the baseline that overflows (to NaN) above about 88 and vanishes (to NaN) below about -104.
public enum NaiveSoftmax {
  /// The sum of e^x in Float.
  public static func sum(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    Sweep.reduce(x, count, padding: -.infinity, SIMD16<Float>.zero, +) { (sum, x: SIMD16<Float>) in sum + Float._exp(x) }
      .lanesReduced(+)
  }

  /// Both passes.
  public static func run(_ x: UnsafePointer<Float>, _ count: Int, into y: UnsafeMutablePointer<Float>) {
    let sum = SIMD16<Float>(repeating: sum(x, count))
    @inline(always) func probability(_ x: SIMD16<Float>) -> SIMD16<Float> { Float._exp(x) / sum }
    Sweep.map(x, count, into: y, probability)
  }
}
