// Convolution of NHWC images, and its adjoint with respect to the images, which is a convolution of the gradient (with stride - 1
// zeros between its elements) with the mirrored filter.
//
// Promise: element by element one sum over the window in a fixed order, so the bits depend on neither threads nor neighbours; no
// allocation. Rows of the result are shared among threads.
//
// For one row of the result the kernel's rows of the image are laid side by side, [column, kernel row, channel]: then neighbouring
// windows overlap in memory and every one is a run of it, so the row is one product of a matrix that repeats itself (its rows lie
// closer together than they are long) with the filter. That copies kernel.height elements for each of the image, im2col
// kernel.height * kernel.width; and short sums, of one channel say, are as good as long ones.

struct ConvolutionLoop<S: RealScalar>: Sendable {
  let batch: Int, images: Int, groups: Int
  /// Of what is read: extents, channels of one group, zeros before it, zeros between its elements (1: none).
  let input: ImageExtents, inputs: Int, top: Int, left: Int, dilation: ImageExtents
  let output: ImageExtents, outputs: Int
  let kernel: ImageExtents, stride: ImageExtents
  let isAdjoint: Bool

  /// Columns of the image with its zeros, as far as windows reach.
  private let columns: Int
  /// Length of a sum.
  private let depth: Int
  private let rowsPerBlock: Int, blocks: Int, slots: Int
  /// Rows and outputs of one pass over the filter: all outputs of one row for a filter that the caches hold, else a panel that the
  /// second-level cache holds, for many rows.
  private let rowsPerPass: Int, panel: Int

  init(_ geometry: ConvolutionGeometry, batch: Int, images: Int, isAdjoint: Bool) {
    let window = geometry.window
    (self.batch, self.images, groups, kernel) = (batch, images, geometry.groups, window.kernel)
    self.isAdjoint = isAdjoint
    if isAdjoint {
      (input, output, dilation, stride) = (window.output, window.image, window.stride, ImageExtents(1, 1))
      (inputs, outputs) = (geometry.outputs, geometry.inputs)
      (top, left) = (kernel.height - 1 - window.top, kernel.width - 1 - window.left)
    } else {
      (input, output, dilation, stride) = (window.image, window.output, ImageExtents(1, 1), window.stride)
      (inputs, outputs) = (geometry.inputs, geometry.outputs)
      (top, left) = (window.top, window.left)
    }
    columns = (output.width - 1) * stride.width + kernel.width
    depth = kernel.height * kernel.width * inputs
    let rows = batch * images * output.height
    let work = Swift.max(1, output.width * depth * outputs * groups)
    // Some 10 to 20 microseconds of work in a block.
    let isLarge = depth * outputs > 1 << 15
    rowsPerBlock = Swift.max(1, Swift.min(Swift.max((1 << 19) / work, isLarge ? 16 : 1), (rows + 31) / 32))
    rowsPerPass = isLarge ? rowsPerBlock : 1
    panel = isLarge ? Swift.min(outputs, 32) : outputs
    blocks = (rows + rowsPerBlock - 1) / rowsPerBlock
    slots = Swift.min(blocks, 32)
  }

  private var filterCount: Int { groups * depth * outputs }
  private var laneCount: Int { (columns * kernel.height * inputs + 31) & -16 }

  /// The packed filters, then the rows of windows of one pass for each slot.
  var scratch: Int { (((batch * filterCount) + 15) & -16 + slots * rowsPerPass * laneCount) * MemoryLayout<S>.stride }

  @specialized(where S == Float)
  @specialized(where S == Double)
  func run(_ x: UnsafePointer<S>, _ filter: UnsafePointer<S>, _ y: UnsafeMutablePointer<S>, _ scratch: UnsafeMutablePointer<S>) {
    let (x, y, filter) = (Shared(x), Shared(y), Shared(filter))
    let packed = Shared(scratch)
    let lanes = Shared(scratch + (batch * filterCount + 15) & -16)
    Threads.forEach(batch) { b in pack(filter.value + b * filterCount, packed.value + b * filterCount) }
    let rows = batch * images * output.height
    Threads.forEach(slots) { slot in
      let lane = lanes.value + slot * rowsPerPass * laneCount
      for block in Swift.stride(from: slot, to: blocks, by: slots) {
        let end = Swift.min(rows, (block + 1) * rowsPerBlock)
        for first in Swift.stride(from: block * rowsPerBlock, to: end, by: rowsPerPass) {
          pass(first..<Swift.min(end, first + rowsPerPass), x.value, packed.value, y.value, lane)
        }
      }
    }
  }

  @inline(always)
  private func pass(
    _ rows: Range<Int>, _ x: UnsafePointer<S>, _ packed: UnsafeMutablePointer<S>, _ y: UnsafeMutablePointer<S>,
    _ lanes: UnsafeMutablePointer<S>
  ) {
    for group in 0..<groups {
      for row in rows {
        let image = row / output.height
        let source = x + image * input.height * input.width * groups * inputs + group * inputs
        fill(lanes + (row - rows.lowerBound) * laneCount, source, row % output.height)
      }
      for o in Swift.stride(from: 0, to: outputs, by: panel) {
        let width = Swift.min(panel, outputs - o)
        for row in rows {
          let filter = packed + row / (output.height * images) * filterCount + group * depth * outputs + depth * o
          SmallGemm.multiply(
            false, false, output.width, width, depth, 1, lanes + (row - rows.lowerBound) * laneCount,
            stride.width * kernel.height * inputs, filter, width, 0,
            y + row * output.width * groups * outputs + group * outputs + o, groups * outputs)
        }
      }
    }
  }

  /// Filters [kernel.height, kernel.width, in, groups * out] as [group, panel, column, row, in, out of the panel]; of the adjoint
  /// mirrored, in for out.
  @inline(always)
  private func pack(_ filter: UnsafePointer<S>, _ target: UnsafeMutablePointer<S>) {
    let (height, width) = (kernel.height, kernel.width)
    // Steps of the filter from input to input and from output to output.
    let (inputStep, outputStep) = isAdjoint ? (1, groups * inputs) : (groups * outputs, 1)
    let pixel = isAdjoint ? outputs * groups * inputs : inputs * groups * outputs
    var to = target
    for group in 0..<groups {
      for first in Swift.stride(from: 0, to: outputs, by: panel) {
        let count = Swift.min(panel, outputs - first)
        for s in 0..<width {
          for r in 0..<height {
            let place = isAdjoint ? (height - 1 - r) * width + width - 1 - s : r * width + s
            let from = filter + place * pixel + group * (isAdjoint ? inputs : outputs) + first * outputStep
            for c in 0..<inputs {
              for o in 0..<count { to[o] = from[c * inputStep + o * outputStep] }
              to += count
            }
          }
        }
      }
    }
  }

  /// The image rows under row `i` of the result, side by side.
  @inline(always)
  private func fill(_ lane: UnsafeMutablePointer<S>, _ image: UnsafePointer<S>, _ i: Int) {
    WindowRows.fill(
      lane, image, row: i * stride.height - top, left: left, columns: columns, kernelHeight: kernel.height, input: input,
      dilation: dilation, channels: inputs, pixel: groups * inputs)
  }
}

/// Rows of an image laid side by side: target[column, r, channel] = image[row + r, column - left, channel], zeros outside.
enum WindowRows {
  @inline(always)
  static func fill<S: RealScalar>(
    _ target: UnsafeMutablePointer<S>, _ image: UnsafePointer<S>, row: Int, left: Int, columns: Int, kernelHeight: Int,
    input: ImageExtents, dilation: ImageExtents, channels: Int, pixel: Int
  ) {
    let step = kernelHeight * channels
    for r in 0..<kernelHeight {
      let (y, to) = (row + r, target + r * channels)
      let isInside = y >= 0 && y < input.height * dilation.height && y % dilation.height == 0
      // Columns of the image that are read; what is before and after them is zero.
      let begin = isInside ? Swift.min(Swift.max(left, 0), columns) : columns
      let end = isInside ? Swift.max(begin, Swift.min(columns, left + (input.width - 1) * dilation.width + 1)) : columns
      zero(to, step, 0..<begin, channels)
      zero(to, step, end..<columns, channels)
      if begin == end { continue }
      let source = image + y / dilation.height * input.width * pixel
      if dilation.width == 1 {
        let from = source + (begin - left) * pixel
        if channels == 1 {
          for column in 0..<end - begin { to[(begin + column) * step] = from[column * pixel] }
        } else {
          for column in 0..<end - begin {
            let (p, q) = (from + column * pixel, to + (begin + column) * step)
            for c in 0..<channels { q[c] = p[c] }
          }
        }
      } else {
        for column in begin..<end {
          let (x, q) = (column - left, to + column * step)
          let p = source + x / dilation.width * pixel
          let isElement = x % dilation.width == 0
          for c in 0..<channels { q[c] = isElement ? p[c] : 0 }
        }
      }
    }
  }

  @inline(always)
  private static func zero<S: RealScalar>(_ to: UnsafeMutablePointer<S>, _ step: Int, _ columns: Range<Int>, _ channels: Int) {
    for column in columns { for c in 0..<channels { to[column * step + c] = 0 } }
  }
}
