/// Sweeps that do next to no arithmetic, in the same four-vector loops as the softmax passes: the bandwidth they are measured by.
///
/// Stores are plain: Swift has no portable non-temporal store, so a written line is read first, and counts twice in the traffic.
public enum MemoryStreams {
  /// Reads x; returns its sum in Float, so that the loads are needed.
  @specialized(where Lanes == Float)
  @specialized(where Lanes == SIMD8<Float>)
  @specialized(where Lanes == SIMD16<Float>)
  public static func read<Lanes: FloatLanes>(_ x: UnsafePointer<Float>, _ count: Int, _: Lanes.Type) -> Float {
    @inline(always) func add(_ sum: Lanes, _ x: Lanes) -> Lanes { sum + x }
    return Sweep.reduce(x, count, padding: 0, Lanes(repeating: 0), add, add).lanesReduced(+)
  }

  /// y = x.
  @specialized(where Lanes == Float)
  @specialized(where Lanes == SIMD8<Float>)
  @specialized(where Lanes == SIMD16<Float>)
  public static func copy<Lanes: FloatLanes>(
    _ x: UnsafePointer<Float>, _ count: Int, into y: UnsafeMutablePointer<Float>, _: Lanes.Type
  ) {
    @inline(always) func same(_ x: Lanes) -> Lanes { x }
    Sweep.map(x, count, into: y, same)
  }

  /// y = factor x; x and y may be the same memory.
  @specialized(where Lanes == Float)
  @specialized(where Lanes == SIMD8<Float>)
  @specialized(where Lanes == SIMD16<Float>)
  public static func scale<Lanes: FloatLanes>(
    _ x: UnsafePointer<Float>, _ count: Int, by factor: Float, into y: UnsafeMutablePointer<Float>, _: Lanes.Type
  ) {
    let factor = Lanes(repeating: factor)
    @inline(always) func scaled(_ x: Lanes) -> Lanes { x * factor }
    Sweep.map(x, count, into: y, scaled)
  }
}
