/// Rows and columns.
public struct ImageExtents: Sendable, Hashable {
  /// Along the height.
  public var height: Int
  /// Along the width.
  public var width: Int

  /// Rows and columns.
  public init(_ height: Int, _ width: Int) { (self.height, self.width) = (height, width) }
}

/// Rows and columns of zeros (of nothing, for pooling) around images.
public enum ImagePadding: Sendable, Hashable {
  /// None: windows lie within the image.
  case valid
  /// So many that the result has ceil(extent / stride) rows and columns; the odd one comes last, as in TensorFlow and JAX.
  case same
  /// As given.
  case explicit(top: Int, bottom: Int, left: Int, right: Int)
}

/// How a window of `kernel` moves over an image: everything about a convolution or a pooling but the numbers.
struct WindowGeometry: Sendable, Hashable {
  var kernel: ImageExtents
  var stride: ImageExtents
  var image: ImageExtents
  var output: ImageExtents
  var top: Int
  var left: Int

  init(image: ImageExtents, kernel: ImageExtents, stride: ImageExtents, padding: ImagePadding, _ operation: String) {
    (self.image, self.kernel, self.stride) = (image, kernel, stride)
    guard min(kernel.height, kernel.width, stride.height, stride.width) > 0 else {
      fatalError("\(operation): kernel \(kernel), stride \(stride)")
    }
    func along(_ extent: Int, _ kernel: Int, _ stride: Int, _ low: Int, _ high: Int) -> (output: Int, low: Int) {
      switch padding {
      case .valid: return ((extent - kernel + stride) / stride, 0)
      case .same:
        let output = (extent + stride - 1) / stride
        return (output, max(0, (output - 1) * stride + kernel - extent) / 2)
      case .explicit: return ((extent + low + high - kernel + stride) / stride, low)
      }
    }
    var (top, bottom, left, right) = (0, 0, 0, 0)
    if case .explicit(let t, let b, let l, let r) = padding { (top, bottom, left, right) = (t, b, l, r) }
    let rows = along(image.height, kernel.height, stride.height, top, bottom)
    let columns = along(image.width, kernel.width, stride.width, left, right)
    guard rows.output > 0, columns.output > 0, min(top, bottom, left, right) >= 0 else {
      fatalError("\(operation): a kernel of \(kernel) over images of \(image) with padding \(padding)")
    }
    (output, self.top, self.left) = (ImageExtents(rows.output, columns.output), rows.low, columns.low)
  }

  func windows(batch: Int, channels: Int) -> ImageWindows {
    ImageWindows(
      batch: batch, height: image.height, width: image.width, channels: channels, kernel: (kernel.height, kernel.width),
      stride: (stride.height, stride.width), padding: (top, left), output: (output.height, output.width))
  }
}

/// A convolution without its numbers: images [n, height, width, groups * inputs], filters [kernel, inputs, groups * outputs].
struct ConvolutionGeometry: Sendable, Hashable {
  var window: WindowGeometry
  var groups: Int
  /// Channels of one group.
  var inputs: Int
  var outputs: Int

  var filterShape: [Int] { [window.kernel.height, window.kernel.width, inputs, groups * outputs] }
  func imageShape(_ n: Int) -> [Int] { [n, window.image.height, window.image.width, groups * inputs] }
  func outputShape(_ n: Int) -> [Int] { [n, window.output.height, window.output.width, groups * outputs] }
}
