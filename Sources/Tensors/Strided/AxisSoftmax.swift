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
    if inner == 1, (1...ShortRows.longest).contains(extent) { return shortRows(isLarge) }
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

  private func shortRows(_ isLarge: Bool) {
    let width = Lanes.scalarCount
    ShortRows.forEachGroup(x, Lanes.self, rows: outer, extent: extent, isLarge: isLarge) { columns, row, count in
      let turned = AxisSoftmax(x: columns, outer: 1, extent: extent, inner: width, y: columns, output: output)
      turned.columns(0, 0)
      let kept = output == .logSumExp ? 1 : extent
      ShortRows.store(columns, extent: kept, width: width, count: count, to: y + row * kept)
    }
  }

  // Each pass is a function of its own: together they would be too large for the optimiser.

  func row(_ o: Int) {
    let x = x + o * extent
    let y = output == .logSumExp ? y + o : y + o * extent
    let maximum = shift(Lanes(repeating: AxisReducer<MaximumCombiner<Lanes>>.row(x, extent)))
    let sum = SumCombiner<Lanes>.fold(exponentials(x, y, -maximum[0]))
    switch output {
    case .softmax: scale(y, 1 / sum[0])
    case .logSoftmax: shift(x, y, -(maximum + logarithm(sum))[0])
    case .logSumExp: y[0] = (maximum + logarithm(sum))[0]
    }
  }

  @inline(never)
  func logarithm(_ sum: Lanes) -> Lanes { sum.logarithm() }

  /// The sum of e^(x + offset) lane by lane; for softmax they are written to y.
  @inline(never)
  func exponentials(_ x: UnsafePointer<Lanes.Scalar>, _ y: UnsafeMutablePointer<Lanes.Scalar>, _ offset: Lanes.Scalar) -> Lanes {
    let width = Lanes.scalarCount
    let (isWritten, offset) = (output == .softmax, Lanes(repeating: offset))
    var (total, block) = (Lanes.zero, Lanes.zero)
    var i = 0
    while i < extent {
      let value = (Lanes.load(x + i, extent - i, padding: -.infinity) + offset).naturalExponential()
      if isWritten { value.store(y + i, extent - i) }
      block += value
      i += width
      if i & (256 * width - 1) == 0 {
        total += block
        block = .zero
      }
    }
    return total + block
  }

  @inline(never)
  func scale(_ y: UnsafeMutablePointer<Lanes.Scalar>, _ factor: Lanes.Scalar) {
    for i in 0..<extent { y[i] *= factor }
  }

  @inline(never)
  func shift(_ x: UnsafePointer<Lanes.Scalar>, _ y: UnsafeMutablePointer<Lanes.Scalar>, _ offset: Lanes.Scalar) {
    for i in 0..<extent { y[i] = x[i] + offset }
  }

  /// One vector of columns from j on.
  func columns(_ o: Int, _ j: Int) {
    let count = inner - j
    let x = x + o * extent * inner + j
    let y = output == .logSumExp ? y + o * inner + j : y + o * extent * inner + j
    let maximum = shift(columnMaximum(x, count))
    let sum = columnExponentials(x, y, count, maximum)
    switch output {
    case .softmax: scaleColumns(y, count, 1 / sum)
    case .logSoftmax: shiftColumns(x, y, count, maximum + logarithm(sum))
    case .logSumExp: (maximum + logarithm(sum)).store(y, count)
    }
  }

  @inline(never)
  func columnMaximum(_ x: UnsafePointer<Lanes.Scalar>, _ count: Int) -> Lanes {
    var maximum = Lanes(repeating: -.infinity)
    for e in 0..<extent { maximum = Lanes.maximum(maximum, Lanes.load(x + e * inner, count, padding: 0)) }
    return maximum
  }

  @inline(never)
  func columnExponentials(
    _ x: UnsafePointer<Lanes.Scalar>, _ y: UnsafeMutablePointer<Lanes.Scalar>, _ count: Int, _ maximum: Lanes
  ) -> Lanes {
    let isWritten = output == .softmax
    var (total, block) = (Lanes.zero, Lanes.zero)
    for e in 0..<extent {
      let value = (Lanes.load(x + e * inner, count, padding: 0) - maximum).naturalExponential()
      if isWritten { value.store(y + e * inner, count) }
      block += value
      if e & 255 == 255 {
        total += block
        block = .zero
      }
    }
    return total + block
  }

  @inline(never)
  func scaleColumns(_ y: UnsafeMutablePointer<Lanes.Scalar>, _ count: Int, _ factor: Lanes) {
    for e in 0..<extent { (Lanes.load(y + e * inner, count, padding: 0) * factor).store(y + e * inner, count) }
  }

  @inline(never)
  func shiftColumns(_ x: UnsafePointer<Lanes.Scalar>, _ y: UnsafeMutablePointer<Lanes.Scalar>, _ count: Int, _ offset: Lanes) {
    for e in 0..<extent { (Lanes.load(x + e * inner, count, padding: 0) - offset).store(y + e * inner, count) }
  }
}
