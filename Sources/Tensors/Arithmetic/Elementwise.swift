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

  /// `kernel(x, result, count)`, in blocks shared among threads if that pays.
  static func map<S: RealScalar>(
    _ x: UnsafePointer<S>, _ result: UnsafeMutablePointer<S>, _ count: Int,
    _ kernel: @Sendable (UnsafePointer<S>, UnsafeMutablePointer<S>, Int) -> Void
  ) {
    if count < parallelThreshold { return kernel(x, result, count) }
    let (x, result) = (Shared(x), Shared(result))
    Threads.forEachBlock(of: count, size: block) { range in
      kernel(x.value + range.lowerBound, result.value + range.lowerBound, range.count)
    }
  }
}

/// A pointer that blocks running at once may share because they touch disjoint parts of it.
struct Shared<Pointer>: @unchecked Sendable {
  let value: Pointer
  init(_ value: Pointer) { self.value = value }
}
