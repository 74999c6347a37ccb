/// The loops under every elementwise operation.
///
/// Promise: element i of the result depends on element i of the operands alone, so neither the number of threads nor the position
/// in a vector changes a bit. Plain loops over restrict-like runs; the compiler turns them into 64-byte vectors.
enum Elementwise {
  /// Runs of at least this many scalars are shared among threads, in blocks of `block`.
  static let parallelThreshold = 1 << 17
  static let block = 1 << 14

  /// result[i] = operation(a[i * stepA], b[i * stepB]); steps are 0 or 1.
  @inline(__always)
  static func combine<S: RealScalar>(
    _ a: UnsafePointer<S>, _ stepA: Int, _ b: UnsafePointer<S>, _ stepB: Int, _ result: UnsafeMutablePointer<S>, _ count: Int,
    _ operation: @escaping @Sendable (S, S) -> S
  ) {
    if count < parallelThreshold {
      run(a, stepA, b, stepB, result, count, operation)
    } else {
      let (a, b, result) = (Shared(a), Shared(b), Shared(result))
      Threads.forEachBlock(of: count, size: block) { range in
        let i = range.lowerBound
        run(
          a.value + i * stepA, stepA, b.value + i * stepB, stepB, result.value + i, range.count, operation)
      }
    }
  }

  @inline(__always)
  private static func run<S: RealScalar>(
    _ a: UnsafePointer<S>, _ stepA: Int, _ b: UnsafePointer<S>, _ stepB: Int, _ result: UnsafeMutablePointer<S>, _ count: Int,
    _ operation: (S, S) -> S
  ) {
    // One loop per case: a loop with a variable step would not be vectorised.
    switch (stepA, stepB) {
    case (1, 1): for i in 0..<count { result[i] = operation(a[i], b[i]) }
    case (1, _):
      let b = b[0]
      for i in 0..<count { result[i] = operation(a[i], b) }
    case (_, 1):
      let a = a[0]
      for i in 0..<count { result[i] = operation(a, b[i]) }
    default:
      let value = operation(a[0], b[0])
      for i in 0..<count { result[i] = value }
    }
  }

  /// result[i] = function(x[i]), a vector at a time; the tail is padded with ones, so that it runs through the same code.
  @inline(__always)
  static func map<S: RealScalar>(
    _ x: UnsafePointer<S>, _ result: UnsafeMutablePointer<S>, _ count: Int, _ function: @escaping @Sendable (S.Vector) -> S.Vector
  ) {
    if count < parallelThreshold {
      run(x, result, count, function)
    } else {
      let (x, result) = (Shared(x), Shared(result))
      Threads.forEachBlock(of: count, size: block) { range in
        run(x.value + range.lowerBound, result.value + range.lowerBound, range.count, function)
      }
    }
  }

  @inline(__always)
  private static func run<S: RealScalar>(
    _ x: UnsafePointer<S>, _ result: UnsafeMutablePointer<S>, _ count: Int, _ function: (S.Vector) -> S.Vector
  ) {
    let lanes = S.Vector.scalarCount
    let (source, target) = (UnsafeRawPointer(x), UnsafeMutableRawPointer(result))
    let whole = count & -lanes
    var i = 0
    while i < whole {
      let value = function(source.loadUnaligned(fromByteOffset: i * MemoryLayout<S>.stride, as: S.Vector.self))
      target.storeBytes(of: value, toByteOffset: i * MemoryLayout<S>.stride, as: S.Vector.self)
      i += lanes
    }
    guard i < count else { return }
    var last = S.Vector(repeating: 1)
    for lane in 0..<(count - i) { last[lane] = x[i + lane] }
    last = function(last)
    for lane in 0..<(count - i) { result[i + lane] = last[lane] }
  }
}

/// A pointer that blocks running at once may share because they touch disjoint parts of it.
struct Shared<Pointer>: @unchecked Sendable {
  let value: Pointer
  init(_ value: Pointer) { self.value = value }
}
