import Tensors
import Testing

/// Convolution's rows and pooling against loops over every element of every window.
@Suite struct ImageWindowsTests {
  static let windows = [
    ImageWindows(batch: 2, height: 5, width: 6, channels: 3, kernel: (3, 2)),
    ImageWindows(batch: 1, height: 4, width: 4, channels: 2, kernel: (3, 3), padding: (1, 1)),
    ImageWindows(batch: 3, height: 7, width: 5, channels: 4, kernel: (2, 3), stride: (2, 3), padding: (1, 2)),
    ImageWindows(batch: 2, height: 3, width: 3, channels: 1, kernel: (5, 5), padding: (3, 3)),
    // "Same" padding of an even kernel: one more row below than above; a window altogether in the padding.
    ImageWindows(batch: 1, height: 6, width: 6, channels: 2, kernel: (2, 2), output: (6, 6)),
    ImageWindows(batch: 1, height: 2, width: 2, channels: 2, kernel: (1, 1), padding: (1, 1)),
    // Where threads share the images.
    ImageWindows(batch: 5, height: 28, width: 28, channels: 6, kernel: (3, 3), padding: (1, 1)),
  ]

  /// Calls `body(window, row of the kernel, column of the kernel, pixel of the batch or nil in the padding)`.
  func forEach(_ w: ImageWindows, _ body: (Int, Int, Int, Int?) -> Void) {
    for image in 0..<w.batch {
      for i in 0..<w.outputHeight {
        for j in 0..<w.outputWidth {
          for row in 0..<w.kernel.height {
            for column in 0..<w.kernel.width {
              let (y, x) = (i * w.stride.height - w.padding.top + row, j * w.stride.width - w.padding.left + column)
              let isInside = y >= 0 && y < w.height && x >= 0 && x < w.width
              body(
                (image * w.outputHeight + i) * w.outputWidth + j, row, column,
                isInside ? (image * w.height + y) * w.width + x : nil)
            }
          }
        }
      }
    }
  }

  @Test(arguments: windows, [false, true]) func pooling(w: ImageWindows, special: Bool) {
    // Ties are frequent among quarters; their sums are exact.
    var images = Tensor<Double>.normal([w.batch * w.height * w.width * w.channels], key: Key(seed: 1)).scalars
      .map { ($0 * 4).rounded() / 4 }
    if special { (images[0], images[images.count / 2], images[images.count - 1]) = (.nan, -.infinity, .infinity) }
    let windows = w.batch * w.outputHeight * w.outputWidth
    let gradient = (0..<windows * w.channels).map { Double($0 % 17) }
    let zeros = [Double](repeating: 0, count: windows * w.channels)
    var (maxima, places, averages) = (zeros, [Int32](repeating: -9, count: zeros.count), zeros)
    w.maximum(of: images, &maxima, places: &places)
    w.average(of: images, &averages)

    var (best, sums, counts) = ([Int?](repeating: nil, count: zeros.count), zeros, [Int](repeating: 0, count: windows))
    forEach(w) { window, _, _, pixel in
      guard let pixel else { return }
      counts[window] += 1
      for c in 0..<w.channels {
        let (i, x) = (window * w.channels + c, pixel * w.channels + c)
        sums[i] += images[x]
        if let old = best[i], images[old].isNaN || !(images[x] > images[old] || images[x].isNaN) { continue }
        best[i] = x
      }
    }
    var (maximumGradient, averageGradient) = (
      [Double](repeating: 1, count: images.count), [Double](repeating: 1, count: images.count)
    )
    var expectedGradient = maximumGradient
    w.addMaximumGradient(gradient, places: places, to: &maximumGradient)
    for i in zeros.indices {
      let pixels = w.height * w.width
      #expect(places[i] == best[i].map { Int32($0 / w.channels % pixels) } ?? -1)
      let maximum = best[i].map { images[$0] } ?? -.infinity
      #expect(maxima[i] == maximum || (maxima[i].isNaN && maximum.isNaN))
      let average = sums[i] / Double(max(1, counts[i / w.channels]))
      #expect(abs(averages[i] - average) < 1e-14 || averages[i] == average || (averages[i].isNaN && average.isNaN))
      if let place = best[i] { expectedGradient[place] += gradient[i] }
    }
    #expect(maximumGradient == expectedGradient)

    for countsPadding in [false, true] {
      averageGradient = [Double](repeating: 1, count: images.count)
      expectedGradient = averageGradient
      w.addAverageGradient(gradient, countsPadding: countsPadding, to: &averageGradient)
      forEach(w) { window, _, _, pixel in
        guard let pixel else { return }
        for c in 0..<w.channels {
          expectedGradient[pixel * w.channels + c] +=
            gradient[window * w.channels + c] / Double(countsPadding ? w.kernel.height * w.kernel.width : counts[window])
        }
      }
      // At most 25 additions of numbers up to 16.
      #expect(zip(averageGradient, expectedGradient).allSatisfy { abs($0 - $1) < 1e-12 })
    }
  }
}
