// im2col and its adjoint for NHWC images.
//
// Promise: one row of [batch * outputHeight * outputWidth, kernel.height * kernel.width * channels of the range] per window, so a
// convolution is one matrix product; no allocation; images are shared among threads, sums within one are in order.

extension ImageWindows {
  /// The windows of a range of channels as rows of a matrix; zeros where a window lies in the padding.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func columns<Scalar: RealScalar>(
    of images: UnsafePointer<Scalar>, channels range: Range<Int>, _ target: UnsafeMutablePointer<Scalar>
  ) {
    let (images, target) = (Shared(images), Shared(target))
    forEachImage { image in
      forEachRun(image, range) { source, column, count, outside in
        let y = target.value + column
        if let source {
          y.update(from: images.value + source, count: count)
        } else {
          y.update(repeating: 0, count: outside)
        }
      }
    }
  }

  /// images += the adjoint of `columns`: every element of a row to its place, those in the padding nowhere.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func addColumns<Scalar: RealScalar>(
    _ source: UnsafePointer<Scalar>, channels range: Range<Int>, to images: UnsafeMutablePointer<Scalar>
  ) {
    let (images, source) = (Shared(images), Shared(source))
    forEachImage { image in
      forEachRun(image, range) { place, column, count, _ in
        guard let place else { return }
        let (x, y) = (source.value + column, images.value + place)
        for i in 0..<count { y[i] += x[i] }
      }
    }
  }

  /// `run(offset in the images, offset in the matrix, count, 0)` for every stretch of channels of one kernel row that lies side by
  /// side in both; (nil, offset in the matrix, 0, count) for one in the padding.
  @inline(always)
  private func forEachRun(_ image: Int, _ range: Range<Int>, _ run: (Int?, Int, Int, Int) -> Void) {
    let depth = range.count
    let takesAll = depth == channels
    for i in 0..<outputHeight {
      for j in 0..<outputWidth {
        let window = ((image * outputHeight + i) * outputWidth + j) * kernel.height * kernel.width * depth
        let (top, left) = (i * stride.height - padding.top, j * stride.width - padding.left)
        let inside = columns(j)
        for row in 0..<kernel.height {
          let begin = window + row * kernel.width * depth
          if top + row < 0 || top + row >= height || inside.isEmpty {
            run(nil, begin, 0, kernel.width * depth)
            continue
          }
          let (before, after) = (inside.lowerBound - left, left + kernel.width - inside.upperBound)
          if before > 0 { run(nil, begin, 0, before * depth) }
          if after > 0 { run(nil, begin + (kernel.width - after) * depth, 0, after * depth) }
          let source = ((image * height + top + row) * width + inside.lowerBound) * channels + range.lowerBound
          let target = begin + before * depth
          if takesAll {
            run(source, target, inside.count * depth, 0)
          } else {
            for column in 0..<inside.count { run(source + column * channels, target + column * depth, depth, 0) }
          }
        }
      }
    }
  }
}
