// Pooling over NHWC images, and its adjoints.
//
// Promise: padding takes no part, neither in a maximum nor in the number that an average divides by, unless asked to; a window's
// maximum is NaN if one of its elements is, and belongs to the first of equals. No allocation; images are shared among threads, the
// additions within one are in the order of the windows.

extension ImageWindows {
  /// The maximum of every window and, within its image [height, width], the place it has: row * width + column.
  /// A window that lies in the padding altogether has -infinity and the place -1.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func maximum<Scalar: RealScalar>(
    of images: UnsafePointer<Scalar>, _ target: UnsafeMutablePointer<Scalar>, places: UnsafeMutablePointer<Int32>
  ) {
    let (images, target, places) = (Shared(images), Shared(target), Shared(places))
    forEachImage { image in
      forEachWindow(image) { window, rows, columns in
        let (y, p) = (target.value + window, places.value + window)
        y.update(repeating: -.infinity, count: channels)
        p.update(repeating: -1, count: channels)
        for row in rows {
          for column in columns {
            let x = images.value + ((image * height + row) * width + column) * channels
            let place = Int32(truncatingIfNeeded: row * width + column)
            for c in 0..<channels {
              let isBetter = (x[c] > y[c] || x[c] != x[c] || p[c] < 0) && y[c] == y[c]
              y[c] = isBetter ? x[c] : y[c]
              p[c] = isBetter ? place : p[c]
            }
          }
        }
      }
    }
  }

  /// images += every window's gradient at the place of its maximum.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func addMaximumGradient<Scalar: RealScalar>(
    _ gradient: UnsafePointer<Scalar>, places: UnsafePointer<Int32>, to images: UnsafeMutablePointer<Scalar>
  ) {
    let (images, gradient, places) = (Shared(images), Shared(gradient), Shared(places))
    forEachImage { image in
      let y = images.value + image * height * width * channels
      forEachWindow(image) { window, _, _ in
        for c in 0..<channels where places.value[window + c] >= 0 {
          y[Int(places.value[window + c]) * channels + c] += gradient.value[window + c]
        }
      }
    }
  }

  /// The average of every window over its elements within the image, or over the whole kernel if `countsPadding`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func average<Scalar: RealScalar>(
    of images: UnsafePointer<Scalar>, countsPadding: Bool = false, _ target: UnsafeMutablePointer<Scalar>
  ) {
    let (images, target) = (Shared(images), Shared(target))
    forEachImage { image in
      forEachWindow(image) { window, rows, columns in
        let y = target.value + window
        y.update(repeating: 0, count: channels)
        for row in rows {
          for column in columns {
            let x = images.value + ((image * height + row) * width + column) * channels
            for c in 0..<channels { y[c] += x[c] }
          }
        }
        let weight = weight(rows, columns, countsPadding, Scalar.self)
        for c in 0..<channels { y[c] *= weight }
      }
    }
  }

  /// images += every window's gradient, spread as `average` gathers it.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func addAverageGradient<Scalar: RealScalar>(
    _ gradient: UnsafePointer<Scalar>, countsPadding: Bool = false, to images: UnsafeMutablePointer<Scalar>
  ) {
    let (images, gradient) = (Shared(images), Shared(gradient))
    forEachImage { image in
      forEachWindow(image) { window, rows, columns in
        let x = gradient.value + window
        let weight = weight(rows, columns, countsPadding, Scalar.self)
        for row in rows {
          for column in columns {
            let y = images.value + ((image * height + row) * width + column) * channels
            for c in 0..<channels { y[c] = y[c].addingProduct(x[c], weight) }
          }
        }
      }
    }
  }

  @inline(always)
  private func weight<Scalar: RealScalar>(
    _ rows: Range<Int>, _ columns: Range<Int>, _ countsPadding: Bool, _: Scalar.Type
  ) -> Scalar {
    1 / Scalar(countsPadding ? kernel.height * kernel.width : max(1, rows.count * columns.count))
  }

  /// `body(offset of the window's channels in the target, rows, columns)`.
  @inline(always)
  private func forEachWindow(_ image: Int, _ body: (Int, Range<Int>, Range<Int>) -> Void) {
    for i in 0..<outputHeight {
      for j in 0..<outputWidth {
        body(((image * outputHeight + i) * outputWidth + j) * channels, rows(i), columns(j))
      }
    }
  }
}
