/// NumPy's broadcasting: shapes are aligned at their last axes; extents agree, or one of them is 1 or missing and is repeated.
///
/// The operands are contiguous, so along the innermost axis each one steps by 1 or stands still. Neighbouring axes in which both
/// operands behave alike are joined first, so equal shapes, a scalar and a row vector all become few long runs.
struct Broadcast {
  private(set) var shape: [Int]
  private var extents: [Int] = []  // Joined axes, outermost first; never empty.
  private var stridesA: [Int] = []
  private var stridesB: [Int] = []

  /// Stops with both shapes in the message when they do not fit.
  init(_ a: [Int], _ b: [Int], operation: String) {
    let rank = max(a.count, b.count)
    let shapeA = Array(repeating: 1, count: rank - a.count) + a
    let shapeB = Array(repeating: 1, count: rank - b.count) + b
    shape = shapeA
    var (strideA, strideB) = (1, 1)
    for axis in (0..<rank).reversed() {
      let (m, n) = (shapeA[axis], shapeB[axis])
      guard m == n || m == 1 || n == 1 else { fatalError("Tensor.\(operation): shapes \(a) and \(b) do not broadcast") }
      let extent = m == 1 ? n : m
      shape[axis] = extent
      if extent != 1 {
        append(extent: extent, strideA: m == 1 ? 0 : strideA, strideB: n == 1 ? 0 : strideB)
      }
      strideA *= m
      strideB *= n
    }
    if extents.isEmpty { (extents, stridesA, stridesB) = ([1], [1], [1]) }
    extents.reverse()
    stridesA.reverse()
    stridesB.reverse()
  }

  /// Adds the next axis outwards, joined to the one before if both operands walk on without a gap.
  private mutating func append(extent: Int, strideA: Int, strideB: Int) {
    if let inner = extents.last, let a = stridesA.last, let b = stridesB.last, strideA == a * inner, strideB == b * inner {
      extents[extents.count - 1] = inner * extent
    } else {
      extents.append(extent)
      stridesA.append(strideA)
      stridesB.append(strideB)
    }
  }

  /// Calls `body(offset in a, its step, offset in b, its step, offset in the result, count)` for every innermost run in order.
  @inline(__always)
  func forEachRun(_ body: (Int, Int, Int, Int, Int, Int) -> Void) {
    let outer = extents.count - 1
    let run = extents[outer]
    guard !extents.contains(0) else { return }
    var index = Array(repeating: 0, count: outer)
    var (a, b, result) = (0, 0, 0)
    while true {
      body(a, stridesA[outer], b, stridesB[outer], result, run)
      result += run
      // An odometer over the outer axes.
      var axis = outer - 1
      while axis >= 0 {
        index[axis] += 1
        a += stridesA[axis]
        b += stridesB[axis]
        if index[axis] < extents[axis] { break }
        index[axis] = 0
        a -= stridesA[axis] * extents[axis]
        b -= stridesB[axis] * extents[axis]
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}

extension Broadcast {
  /// `loop` over all elements of the result, an innermost run at a time.
  func run(
    _ loop: ElementLoop, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ result: UnsafeMutableRawPointer, operandSize: Int,
    resultSize: Int
  ) {
    withUnsafeTemporaryAllocation(of: Operand.self, capacity: 2) { operands in
      guard let base = operands.baseAddress else { return }
      forEachRun { offsetA, stepA, offsetB, stepB, offset, count in
        base[0] = Operand(a + offsetA * operandSize, step: stepA)
        base[1] = Operand(b + offsetB * operandSize, step: stepB)
        loop.run(base, result + offset * resultSize, count)
      }
    }
  }
}

/// The shape of two operands by NumPy's rules; stops with both shapes in the message when they do not fit.
func broadcastShape(_ a: [Int], _ b: [Int], operation: String) -> [Int] {
  a == b ? a : Broadcast(a, b, operation: operation).shape
}
