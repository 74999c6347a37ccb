import Datasets
import Tensors

extension DropoutStability {
  /// What the networks are trained and tested on: fresh batches, and points held out. The last coordinate of an input is a constant.
  package struct Task: Sendable {
    /// The batch of a step for several networks: inputs [networks, size, d] and targets -1 or 1, [networks, size]. The key may be traced.
    var batch: @Sendable (_ networks: Int, _ size: Int, Key) -> (x: Tensor<Double>, y: Tensor<Double>)
    /// [n, d].
    var x: Tensor<Double>
    /// [n].
    var y: Tensor<Double>
  }
}

extension DropoutStability.Task {
  /// Two classes around the same centre, x ~ N(0, s_y²): no linear function tells them apart.
  static func gaussian(_ settings: DropoutStability.Settings, key: Key) -> Self {
    let (dimension, wide, narrow, bias) = (settings.dimension, settings.wide, settings.narrow, settings.bias)
    let draw = { @Sendable (networks: Int, size: Int, key: Key) -> (x: Tensor<Double>, y: Tensor<Double>) in
      let y = Tensor<Double>.rademacher([networks, size], key: key.named("y"))
      let spread = (y .> 0).converted(to: Double.self) * (wide - narrow) + narrow
      let x = Tensor<Double>.normal([networks, size, dimension - 1], key: key.named("x")) * spread.expandingDimensions(-1)
      return (.concatenate([x, .full([networks, size, 1], bias)], axis: 2), y)
    }
    let test = draw(1, settings.testPoints, key)
    return Self(batch: draw, x: test.x.squeezed(0), y: test.y.squeezed(0))
  }

  /// Images of two classes, scaled to squared length d of the other task and split in two halves.
  static func images(_ images: LabelledImages, _ settings: DropoutStability.Settings) -> Self {
    let length = Double(settings.dimension).squareRoot()
    let rows = images.pixels * (length / images.pixels.norm(-1, keepingAxes: true))
    let x = Tensor.concatenate([rows, .full([rows.shape[0], 1], settings.bias)], axis: 1)
    let y = Tensor(images.labels.map { $0 == images.labels[0] ? 1.0 : -1 })
    let half = images.labels.count / 2
    let (seen, targets) = (x.slice(0..<half), y.slice(0..<half))
    return Self(
      batch: { networks, size, key in
        let chosen = Tensor<Int32>.integers([networks, size], in: 0..<Int32(half), key: key)
        return (seen.gather(chosen), targets.gather(chosen))
      }, x: x.slice(half..<images.labels.count), y: y.slice(half..<images.labels.count))
  }
}
