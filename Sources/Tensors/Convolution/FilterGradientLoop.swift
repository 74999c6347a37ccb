// The adjoint of convolution with respect to the filter: for every element of the filter the sum over all windows.
//
// Promise: rows of the result are cut into blocks by size alone, each block sums in order, and blocks are added as a fixed binary
// tree, so the bits do not depend on threads; no allocation.
//
// The rows of windows are those of `ConvolutionLoop`, several at a time. Between the rows lie windows that do not exist: the gradient
// is copied with zeros in their place, and all rows are one product.

struct FilterGradientLoop<S: RealScalar>: Sendable {
  let batch: Int, images: Int
  let geometry: ConvolutionGeometry

  /// Windows along a row with those that do not exist; columns of the image that a row takes.
  private let windows: Int, columns: Int
  private let depth: Int
  /// Rows of the result in one product, in one block; blocks of one element of the batch; blocks that are under way at once.
  private let rowsPerProduct: Int, rowsPerBlock: Int, blocks: Int, slots: Int

  init(_ geometry: ConvolutionGeometry, batch: Int, images: Int) {
    (self.geometry, self.batch, self.images) = (geometry, batch, images)
    let window = geometry.window
    let stride = window.stride.width
    windows = window.output.width + (window.kernel.width - 1 + stride - 1) / stride
    columns = windows * stride
    depth = window.kernel.height * window.kernel.width * geometry.inputs
    // Windows and gradient of one product stay in the first-level cache if they can.
    let row = columns * window.kernel.height * geometry.inputs + windows * geometry.outputs
    rowsPerProduct = Swift.max(1, Swift.min((1 << 13) / Swift.max(1, row), window.output.height))
    let rows = images * window.output.height
    let work = Swift.max(1, window.output.width * depth * geometry.outputs * geometry.groups)
    let wanted = Swift.min(Swift.max(1, 16 / batch), Swift.max(1, rows * work / (1 << 19)))
    rowsPerBlock = Swift.max(1, (rows + wanted - 1) / wanted)
    blocks = (rows + rowsPerBlock - 1) / rowsPerBlock
    slots = Swift.min(batch * blocks, 32)
  }

  private var filterCount: Int { (geometry.groups * depth * geometry.outputs + 15) & -16 }
  private var laneCount: Int {
    // A window that does not exist reaches beyond the last row.
    ((rowsPerProduct * columns + geometry.window.kernel.width) * geometry.window.kernel.height * geometry.inputs + 31) & -16
  }
  private var gradientCount: Int { (rowsPerProduct * windows * geometry.outputs + 31) & -16 }

  /// The sums of every block, then windows and gradient of one product for each slot.
  var scratch: Int { (batch * blocks * filterCount + slots * (laneCount + gradientCount)) * MemoryLayout<S>.stride }

  @specialized(where S == Float)
  @specialized(where S == Double)
  func run(_ x: UnsafePointer<S>, _ g: UnsafePointer<S>, _ result: UnsafeMutablePointer<S>, _ scratch: UnsafeMutablePointer<S>) {
    let (x, g, result, sums) = (Shared(x), Shared(g), Shared(result), Shared(scratch))
    let lanes = Shared(scratch + batch * blocks * filterCount)
    let rows = images * geometry.window.output.height
    Threads.forEach(slots) { slot in
      let lane = lanes.value + slot * (laneCount + gradientCount)
      for task in Swift.stride(from: slot, to: batch * blocks, by: slots) {
        let (b, block) = (task / blocks, task % blocks)
        sum(
          b, block * rowsPerBlock..<Swift.min(rows, (block + 1) * rowsPerBlock), x.value, g.value,
          sums.value + task * filterCount,
          lane)
      }
    }
    Threads.forEach(batch) { b in
      let sums = sums.value + b * blocks * filterCount
      var distance = 1
      while distance < blocks {
        for block in Swift.stride(from: 0, to: blocks - distance, by: 2 * distance) {
          let (to, from) = (sums + block * filterCount, sums + (block + distance) * filterCount)
          for i in 0..<filterCount { to[i] += from[i] }
        }
        distance *= 2
      }
      unpack(sums, result.value + b * geometry.groups * depth * geometry.outputs)
    }
  }

  /// One block: [group, kernel column, kernel row, in, out].
  @inline(always)
  private func sum(
    _ b: Int, _ rows: Range<Int>, _ x: UnsafePointer<S>, _ g: UnsafePointer<S>, _ sums: UnsafeMutablePointer<S>,
    _ lane: UnsafeMutablePointer<S>
  ) {
    let (window, groups, inputs, outputs) = (geometry.window, geometry.groups, geometry.inputs, geometry.outputs)
    let step = window.kernel.height * inputs
    sums.update(repeating: 0, count: filterCount)
    let gradient = lane + laneCount
    // What the windows beyond the last row read is multiplied by zeros, but must be finite.
    lane.update(repeating: 0, count: laneCount)
    for group in 0..<groups {
      for first in Swift.stride(from: rows.lowerBound, to: rows.upperBound, by: rowsPerProduct) {
        let count = Swift.min(rowsPerProduct, rows.upperBound - first)
        for k in 0..<count {
          let row = first + k
          let image = b * images + row / window.output.height
          WindowRows.fill(
            lane + k * columns * step,
            x + image * window.image.height * window.image.width * groups * inputs + group * inputs,
            row: row % window.output.height * window.stride.height - window.top, left: window.left, columns: columns,
            kernelHeight: window.kernel.height, input: window.image, dilation: ImageExtents(1, 1), channels: inputs,
            pixel: groups * inputs)
          copyRow(
            g + (b * images * window.output.height + row) * window.output.width * groups * outputs + group * outputs,
            gradient + k * windows * outputs)
        }
        SmallGemm.multiply(
          true, false, depth, outputs, count * windows, 1, lane, window.stride.width * step, gradient, outputs, 1,
          sums + group * depth * outputs, outputs)
      }
    }
  }

  /// One row of the gradient, with zeros for the windows that do not exist.
  @inline(always)
  private func copyRow(_ source: UnsafePointer<S>, _ target: UnsafeMutablePointer<S>) {
    let (width, outputs) = (geometry.window.output.width, geometry.outputs)
    if geometry.groups == 1 {
      target.update(from: source, count: width * outputs)
    } else {
      for j in 0..<width { (target + j * outputs).update(from: source + j * geometry.groups * outputs, count: outputs) }
    }
    (target + width * outputs).update(repeating: 0, count: (windows - width) * outputs)
  }

  /// [group, column, row, in, out] to [row, column, in, group, out].
  @inline(always)
  private func unpack(_ source: UnsafePointer<S>, _ target: UnsafeMutablePointer<S>) {
    let (height, width) = (geometry.window.kernel.height, geometry.window.kernel.width)
    let (groups, inputs, outputs) = (geometry.groups, geometry.inputs, geometry.outputs)
    for group in 0..<groups {
      for r in 0..<height {
        for s in 0..<width {
          for c in 0..<inputs {
            let to = target + (((r * width + s) * inputs + c) * groups + group) * outputs
            let from = source + (((group * width + s) * height + r) * inputs + c) * outputs
            for o in 0..<outputs { to[o] = from[o] }
          }
        }
      }
    }
  }
}
