/// The usual softmax with its exponentials stored and scaled in place (algorithm 2 of arXiv 2001.04438): three reads, two writes.
///
/// Promise: as `ThreePassRecompute`, whose first pass it shares.
public enum ThreePassReload {
  /// Pass 2: y = e^(x - maximum), and its sum. x and y may be the same memory.
  @specialized(where Lanes == Float)
  @specialized(where Lanes == SIMD8<Float>)
  @specialized(where Lanes == SIMD16<Float>)
  public static func exponentials<Lanes: FloatLanes>(
    _ x: UnsafePointer<Float>, _ count: Int, maximum: Float, into y: UnsafeMutablePointer<Float>, _: Lanes.Type
  ) -> Float {
    let maximum = Lanes(repeating: maximum)
    @inline(always) func exponential(_ x: Lanes) -> Lanes { (x - maximum).exponentialOfNonPositive() }
    return Sweep.mapAndSum(x, count, into: y, exponential)
  }

  /// Pass 3: y = y / sum, in place.
  public static func scale<Lanes: FloatLanes>(_ y: UnsafeMutablePointer<Float>, _ count: Int, sum: Float, _ lanes: Lanes.Type) {
    MemoryStreams.scale(y, count, by: 1 / sum, into: y, lanes)
  }

  /// All three passes.
  public static func run<Lanes: FloatLanes>(
    _ x: UnsafePointer<Float>, _ count: Int, into y: UnsafeMutablePointer<Float>, _ lanes: Lanes.Type
  ) {
    let maximum = ThreePassRecompute.maximum(x, count, lanes)
    scale(y, count, sum: exponentials(x, count, maximum: maximum, into: y, lanes), lanes)
  }
}
