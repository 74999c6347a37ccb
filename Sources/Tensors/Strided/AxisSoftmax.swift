// logSumExp, softmax and logSoftmax along one axis of [outer, extent, inner], for Float and Double.
//
// Promise: the maximum is subtracted first, so nothing overflows; exp and log as accurate as in Kernels/. A NaN makes its row NaN.
// Sums run in vectors, one block of 256 vectors after the other. The bits are the same for any number of threads. No allocation.

package protocol SoftmaxLanes: ReductionLanes where Scalar: BinaryFloatingPoint {
  func naturalExponential() -> Self
  func logarithm() -> Self
}

extension SIMD16: SoftmaxLanes where Scalar == Float {
  @inline(__always)
  package func naturalExponential() -> Self { exponential() }
  @inline(__always)
  package func logarithm() -> Self { naturalLogarithm() }
}

extension SIMD8: SoftmaxLanes where Scalar == Double {
  @inline(__always)
  package func naturalExponential() -> Self { exponential() }
  @inline(__always)
  package func logarithm() -> Self { naturalLogarithm() }
}

extension AxisReduction {
  /// log of the sum of e^x along the axis, to [outer, inner]; -infinity if all are.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func logSumExp<Scalar: Reducible>(
    _ x: UnsafePointer<Scalar>, outer: Int, extent: Int, inner: Int, _ result: UnsafeMutablePointer<Scalar>
  ) where Scalar.Lanes: SoftmaxLanes {
    AxisSoftmax<Scalar.Lanes>(x: x, outer: outer, extent: extent, inner: inner, y: result, output: .logSumExp).run()
  }

  /// e^x over its sum along the axis, to the shape of x; x and the result may be the same memory.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func softmax<Scalar: Reducible>(
    _ x: UnsafePointer<Scalar>, outer: Int, extent: Int, inner: Int, _ result: UnsafeMutablePointer<Scalar>
  ) where Scalar.Lanes: SoftmaxLanes {
    AxisSoftmax<Scalar.Lanes>(x: x, outer: outer, extent: extent, inner: inner, y: result, output: .softmax).run()
  }

  /// x - logSumExp(x) along the axis, to the shape of x; x and the result may be the same memory.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func logSoftmax<Scalar: Reducible>(
    _ x: UnsafePointer<Scalar>, outer: Int, extent: Int, inner: Int, _ result: UnsafeMutablePointer<Scalar>
  ) where Scalar.Lanes: SoftmaxLanes {
    AxisSoftmax<Scalar.Lanes>(x: x, outer: outer, extent: extent, inner: inner, y: result, output: .logSoftmax).run()
  }
}

private struct AxisSoftmax<Lanes: SoftmaxLanes>: @unchecked Sendable {
  enum Output { case logSumExp, softmax, logSoftmax }
  let x: UnsafePointer<Lanes.Scalar>
  let outer: Int
  let extent: Int
  let inner: Int
  let y: UnsafeMutablePointer<Lanes.Scalar>
  let output: Output

  @inline(always)
  func run() {
    if outer * inner == 0 { return }
    let isLarge = outer * extent * inner >= 1 << 15
    let tiles = inner == 1 ? 1 : (inner + Lanes.scalarCount - 1) / Lanes.scalarCount
    Threads.forEachBlock(of: outer * tiles, size: isLarge ? (outer * tiles + 31) / 32 : outer * tiles) { range in
      for i in range {
        if inner == 1 { row(i) } else { columns(i / tiles, i % tiles * Lanes.scalarCount) }
      }
    }
  }

  /// What is subtracted before exp: the maximum, unless that is infinite and all that is wanted is the logarithm of the sum.
  @inline(always)
  func shift(_ maximum: Lanes) -> Lanes {
    var shift = maximum
    if output == .logSumExp {
      for lane in 0..<Lanes.scalarCount where !maximum[lane].isFinite { shift[lane] = 0 }
    }
    return shift
  }

  @inline(never)
  func row(_ o: Int) {
    let width = Lanes.scalarCount
    let x = x + o * extent
    let maximum = shift(Lanes(repeating: AxisReducer<MaximumCombiner<Lanes>>.row(x, extent)))
    let y = output == .logSumExp ? y + o : y + o * extent
    var total = Lanes.zero
    var i = 0
    while i < extent {
      let end = min(extent, i + 256 * width)
      var block = Lanes.zero
      while i < end {
        let value = Lanes.difference(Lanes.load(x + i, extent - i, padding: -.infinity), maximum).naturalExponential()
        if output == .softmax { value.store(y + i, extent - i) }
        block = Lanes.sum(block, value)
        i += width
      }
      total = Lanes.sum(total, block)
    }
    let sum = SumCombiner<Lanes>.fold(total)
    if output == .logSumExp {
      y[0] = Lanes.sum(maximum, sum.logarithm())[0]
      return
    }
    let offset = Lanes.sum(maximum, sum.logarithm())
    let scale = Lanes(repeating: 1 / sum[0])
    for i in stride(from: 0, to: extent, by: width) {
      if output == .softmax {
        Lanes.product(Lanes.load(y + i, extent - i, padding: 0), scale).store(y + i, extent - i)
      } else {
        Lanes.difference(Lanes.load(x + i, extent - i, padding: 0), offset).store(y + i, extent - i)
      }
    }
  }

  /// One vector of columns from j on.
  @inline(never)
  func columns(_ o: Int, _ j: Int) {
    let count = inner - j
    let x = x + o * extent * inner + j
    let y = output == .logSumExp ? y + o * inner + j : y + o * extent * inner + j
    var maximum = Lanes(repeating: -.infinity)
    for e in 0..<extent { maximum = Lanes.maximum(maximum, Lanes.load(x + e * inner, count, padding: 0)) }
    maximum = shift(maximum)
    var (total, block) = (Lanes.zero, Lanes.zero)
    for e in 0..<extent {
      let value = Lanes.difference(Lanes.load(x + e * inner, count, padding: 0), maximum).naturalExponential()
      if output == .softmax { value.store(y + e * inner, count) }
      block = Lanes.sum(block, value)
      if e & 255 == 255 {
        total = Lanes.sum(total, block)
        block = .zero
      }
    }
    total = Lanes.sum(total, block)
    let offset = Lanes.sum(maximum, total.logarithm())
    if output == .logSumExp { return offset.store(y, count) }
    let scale = Lanes.quotient(Lanes(repeating: 1), total)
    for e in 0..<extent {
      if output == .softmax {
        Lanes.product(Lanes.load(y + e * inner, count, padding: 0), scale).store(y + e * inner, count)
      } else {
        Lanes.difference(Lanes.load(x + e * inner, count, padding: 0), offset).store(y + e * inner, count)
      }
    }
  }
}

extension SoftmaxLanes {
  @inline(always)
  static var zero: Self { Self(repeating: 0) }
  @inline(always)
  static func difference(_ a: Self, _ b: Self) -> Self { sum(a, product(b, Self(repeating: -1))) }
  @inline(always)
  static func quotient(_ a: Self, _ b: Self) -> Self {
    var result = a
    for lane in 0..<scalarCount { result[lane] = a[lane] / b[lane] }
    return result
  }
}
