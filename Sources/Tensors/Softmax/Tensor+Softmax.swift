extension Tensor where Scalar: RealScalar {
  /// The softmax of every slice along an axis, by default the last. Without overflow; NaN where a slice holds one.
  public func softmax(axis: Int = -1) -> Tensor {
    Tensor(Softmax(axis: normalizedAxis(axis, shape, "softmax"))(AnyTensor(self)))
  }
}

extension Tensor where Scalar == Float {
  /// The softmax along the last axis by the two-pass algorithm, into memory that is there already; `result` must have this tensor's
  /// shape. See `TwoPassSoftmax` for accuracy and edge cases.
  public func softmax(into result: inout Tensor) {
    guard rank >= 1, let length = shape.last else { fatalError("Tensor.softmax: shape \(shape) has no axis to sum over") }
    guard result.shape == shape else { fatalError("Tensor.softmax: shape \(shape) into \(result.shape)") }
    guard count > 0 else { return }
    twoPassSoftmax(pointer, rows: count / length, length: length, into: result.mutablePointer)
    withExtendedLifetime(storage) {}
  }
}

/// Rows from this length on are read from outside the first cache level: `Softmax` then saves the pass that looks for the maximum.
let longSoftmaxRow = 1 << 14

/// Long slices are summed in blocks of `softmaxBlock` scores, whose partial sums are added pairwise in a fixed tree. So the result is the
/// same for any number of threads, and the error of a long sum is that of a block.
func twoPassSoftmax(_ x: UnsafePointer<Float>, rows: Int, length: Int, into y: UnsafeMutablePointer<Float>) {
  let (x, y) = (Shared(x), Shared(y))
  let lanes = Processor.floatLanes
  if length > softmaxBlock {
    for row in 0..<rows { longSoftmax(x.value + row * length, length, into: y.value + row * length, lanes) }
    return
  }
  Threads.forEachBlock(of: rows, size: Swift.max(1, softmaxBlock / length)) { range in
    for row in range { TwoPassSoftmax.run(x.value + row * length, length, into: y.value + row * length, lanes) }
  }
}

/// Scores in one block of a long sum: 256 KiB, a part of every L2 cache.
let softmaxBlock = 1 << 16

private func longSoftmax(
  _ x: UnsafePointer<Float>, _ count: Int, into y: UnsafeMutablePointer<Float>, _ lanes: any FloatLanes.Type
) {
  let (x, y) = (Shared(x), Shared(y))
  let blocks = (count + softmaxBlock - 1) / softmaxBlock
  withUnsafeTemporaryAllocation(of: ExtendedFloat<Float>.self, capacity: blocks) { partial in
    let sums = Shared(partial)
    Threads.forEachBlock(of: count, size: softmaxBlock) { range in
      let sum = TwoPassSoftmax.sum(x.value + range.lowerBound, range.count, lanes)
      sums.value.initializeElement(at: range.lowerBound / softmaxBlock, to: sum)
    }
    let sum = pairwiseSum(partial[...])
    Threads.forEachBlock(of: count, size: softmaxBlock) { range in
      TwoPassSoftmax.scale(x.value + range.lowerBound, range.count, sum: sum, into: y.value + range.lowerBound, lanes)
    }
  }
}

private func pairwiseSum(_ values: Slice<UnsafeMutableBufferPointer<ExtendedFloat<Float>>>) -> ExtendedFloat<Float> {
  if values.count == 1 { return values[values.startIndex] }
  let half = values.startIndex + values.count / 2
  return pairwiseSum(values[..<half]) + pairwiseSum(values[half...])
}
