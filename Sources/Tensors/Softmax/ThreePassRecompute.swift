/// The usual softmax with its exponentials computed twice (algorithm 1 of arXiv 2001.04438): reads x three times, writes y once.
///
/// Promise: as `TwoPassSoftmax`, without its limit on the size of scores; NaN, or no score above -infinity, gives NaN everywhere.
public enum ThreePassRecompute {
  /// Pass 1: the largest score.
  @specialized(where Lanes == Float)
  @specialized(where Lanes == SIMD8<Float>)
  @specialized(where Lanes == SIMD16<Float>)
  public static func maximum<Lanes: FloatLanes>(_ x: UnsafePointer<Float>, _ count: Int, _: Lanes.Type) -> Float {
    // NaN is ignored here; it comes back in the sum.
    @inline(always) func larger(_ most: Lanes, _ x: Lanes) -> Lanes { most.atLeast(x) }
    return Sweep.reduce(x, count, padding: -.infinity, Lanes(repeating: -.infinity), larger, larger)
      .lanesReduced { $0.atLeast($1) }
  }

  /// Pass 2: the sum of e^(x - maximum).
  @specialized(where Lanes == Float)
  @specialized(where Lanes == SIMD8<Float>)
  @specialized(where Lanes == SIMD16<Float>)
  public static func sum<Lanes: FloatLanes>(_ x: UnsafePointer<Float>, _ count: Int, maximum: Float, _: Lanes.Type) -> Float {
    let maximum = Lanes(repeating: maximum)
    @inline(always) func add(_ sum: Lanes, _ x: Lanes) -> Lanes { sum + (x - maximum).exponentialOfNonPositive() }
    return Sweep.reduce(x, count, padding: -.infinity, Lanes(repeating: 0), +, add).lanesReduced(+)
  }

  /// Pass 3: y = e^(x - maximum) / sum. x and y may be the same memory.
  @specialized(where Lanes == Float)
  @specialized(where Lanes == SIMD8<Float>)
  @specialized(where Lanes == SIMD16<Float>)
  public static func scale<Lanes: FloatLanes>(
    _ x: UnsafePointer<Float>, _ count: Int, maximum: Float, sum: Float, into y: UnsafeMutablePointer<Float>, _: Lanes.Type
  ) {
    let (maximum, scale) = (Lanes(repeating: maximum), Lanes(repeating: 1 / sum))
    @inline(always) func probability(_ x: Lanes) -> Lanes { (x - maximum).exponentialOfNonPositive() * scale }
    Sweep.map(x, count, into: y, probability)
  }

  /// All three passes.
  public static func run<Lanes: FloatLanes>(
    _ x: UnsafePointer<Float>, _ count: Int, into y: UnsafeMutablePointer<Float>, _ lanes: Lanes.Type
  ) {
    let maximum = maximum(x, count, lanes)
    let sum = sum(x, count, maximum: maximum, lanes)
    scale(x, count, maximum: maximum, sum: sum, into: y, lanes)
  }
}
