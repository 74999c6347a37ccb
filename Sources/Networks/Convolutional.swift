import Tensors
import Transforms

/// A convolution over images [n, height, width, channels] plus `bias`.
public struct Conv2D<Scalar: RealScalar>: TensorTree {
  /// [height, width, inputs / groups, outputs].
  public var filter: Tensor<Scalar>
  /// [outputs]; nil for a linear layer.
  public var bias: Tensor<Scalar>?
  /// The distance of neighbouring windows.
  public var stride: ImageExtents
  /// Zeros around the images.
  public var padding: ImagePadding
  /// Group i of the inputs makes group i of the outputs.
  public var groups: Int

  /// Filters from an initializer, a bias of zeros.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: ImageExtents, stride: ImageExtents = ImageExtents(1, 1),
    padding: ImagePadding = .same, groups: Int = 1, initializer: Initializer = .he(), hasBias: Bool = true, key: Key
  ) {
    guard groups > 0, inputs % groups == 0, outputs % groups == 0 else {
      fatalError("Conv2D: \(inputs) inputs and \(outputs) outputs in \(groups) groups")
    }
    filter = initializer.tensor([kernel.height, kernel.width, inputs / groups, outputs], key: key)
    bias = hasBias ? .zeros(outputs) : nil
    (self.stride, self.padding, self.groups) = (stride, padding, groups)
  }

  /// [n, height, width, inputs] to [n, height', width', outputs].
  public func callAsFunction(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    let y = conv2d(x, filter, stride: stride, padding: padding, groups: groups)
    return bias.map { y + $0 } ?? y
  }
}

/// What shrinks images [n, height, width, channels] between convolutions, by name.
public enum Pooling: Sendable, Hashable {
  /// The largest or the mean number of windows side by side.
  case maximum(ImageExtents), average(ImageExtents)
  /// The mean over all places of a channel: [n, channels].
  case globalAverage

  /// The function.
  public func callAsFunction<Scalar: RealScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    switch self {
    case .maximum(let window): x.maxPool2D(window)
    case .average(let window): x.averagePool2D(window)
    case .globalAverage: x.mean(-3, -2)
    }
  }
}
