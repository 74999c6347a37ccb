/// The two-pass softmax of Dukhan and Ablavatski (arXiv 2001.04438, algorithm 3): reads x twice, writes y once.
///
/// Promise: relative error at most 2e-5 where p >= 1.2e-38, for any scores within +-2^21 and counts up to 2^18, with 8 or 16 lanes
/// (sums are in Float: their error grows with the count and falls with the lanes; one lane reaches 1e-4); smaller p may be flushed to 0. -infinity gives 0. NaN in x, or a largest score beyond
/// +-2^21 (all -infinity is such a case), gives NaN everywhere. The bits depend on x, count and `Lanes` alone.
public enum TwoPassSoftmax {
  /// Pass 1: the sum of e^x as (m, n). Exponents are taken off by extended addition, so there is no pass for the maximum.
  @specialized(where Lanes == Float)
  @specialized(where Lanes == SIMD8<Float>)
  @specialized(where Lanes == SIMD16<Float>)
  public static func sum<Lanes: FloatLanes>(_ x: UnsafePointer<Float>, _ count: Int, _: Lanes.Type) -> ExtendedFloat<Float> {
    @inline(always) func add(_ sum: ExtendedFloat<Lanes>, _ x: Lanes) -> ExtendedFloat<Lanes> { sum + x.extendedExponential() }
    return Sweep.reduce(x, count, padding: -.infinity, ExtendedFloat.zero, +, add).total()
  }

  /// Pass 2: y = m (1 / m_sum) 2^(n - n_sum). x and y may be the same memory.
  @specialized(where Lanes == Float)
  @specialized(where Lanes == SIMD8<Float>)
  @specialized(where Lanes == SIMD16<Float>)
  public static func scale<Lanes: FloatLanes>(
    _ x: UnsafePointer<Float>, _ count: Int, sum: ExtendedFloat<Float>, into y: UnsafeMutablePointer<Float>, _: Lanes.Type
  ) {
    let isInRange = abs(sum.exponent) < extendedLimit
    let scale = Lanes(repeating: isInRange ? 1 / sum.mantissa : .nan)
    let exponent = Lanes(repeating: sum.exponent)
    @inline(always) func probability(_ x: Lanes) -> Lanes {
      let e = x.extendedExponential()
      return e.mantissa * scale * (e.exponent - exponent).powerOfTwo()
    }
    Sweep.map(x, count, into: y, probability)
  }

  /// Both passes.
  public static func run<Lanes: FloatLanes>(
    _ x: UnsafePointer<Float>, _ count: Int, into y: UnsafeMutablePointer<Float>, _ lanes: Lanes.Type
  ) {
    scale(x, count, sum: sum(x, count, lanes), into: y, lanes)
  }
}
