/// Windows of a kernel over images [batch, height, width, channels] (NHWC): where they lie, for convolution and pooling.
package struct ImageWindows: Sendable {
  /// Extents of the images.
  package var batch: Int, height: Int, width: Int, channels: Int
  /// Extents of the kernel, distance of neighbouring windows, and rows and columns of zeros before each image.
  package var kernel: (height: Int, width: Int), stride: (height: Int, width: Int), padding: (top: Int, left: Int)
  /// Windows along each axis.
  package var outputHeight: Int, outputWidth: Int

  /// With `padding` rows and columns on all four sides unless the number of windows is given.
  package init(
    batch: Int, height: Int, width: Int, channels: Int, kernel: (height: Int, width: Int),
    stride: (height: Int, width: Int) = (1, 1), padding: (top: Int, left: Int) = (0, 0), output: (height: Int, width: Int)? = nil
  ) {
    (self.batch, self.height, self.width, self.channels) = (batch, height, width, channels)
    (self.kernel, self.stride, self.padding) = (kernel, stride, padding)
    outputHeight = output?.height ?? (height + 2 * padding.top - kernel.height) / stride.height + 1
    outputWidth = output?.width ?? (width + 2 * padding.left - kernel.width) / stride.width + 1
    guard min(outputHeight, outputWidth) > 0, min(stride.height, stride.width, kernel.height, kernel.width) > 0 else {
      fatalError("ImageWindows: kernel \(kernel), stride \(stride), padding \(padding) over images of \(height) x \(width)")
    }
  }

  /// Rows of the image under window row `i`.
  @inline(always)
  func rows(_ i: Int) -> Range<Int> { Self.clamped(i * stride.height - padding.top, kernel.height, height) }

  /// Columns of the image under window column `j`.
  @inline(always)
  func columns(_ j: Int) -> Range<Int> { Self.clamped(j * stride.width - padding.left, kernel.width, width) }

  @inline(always)
  private static func clamped(_ begin: Int, _ count: Int, _ extent: Int) -> Range<Int> {
    let (lower, upper) = (max(begin, 0), min(begin + count, extent))
    return lower..<max(lower, upper)
  }

  /// `body` for every image, among threads: the images of a batch are apart in every target.
  @inline(always)
  func forEachImage(_ body: @Sendable (Int) -> Void) {
    let work = batch * outputHeight * outputWidth * kernel.height * kernel.width * channels
    Threads.forEachBlock(of: batch, size: work >= 1 << 17 ? (batch + 31) / 32 : max(1, batch)) { range in
      for image in range { body(image) }
    }
  }
}
