import Tensors

/// Points with the classes they belong to. What draws them is a function of a key: point i depends on the key and i alone, so fewer
/// points are the first ones (to the last bit but for what a matrix product made, whose sums depend on its shape), and `Float` points
/// are `Double` points rounded.
public struct LabelledPoints<Scalar: RealScalar>: Sendable, Equatable {
  /// [count, dimension].
  public var inputs: Tensor<Scalar>
  /// The class of each point, 0..<classes: [count].
  public var labels: Tensor<Int32>
  /// Number of classes.
  public var classes: Int

  /// Points whose rows belong to `labels` in order.
  public init(inputs: Tensor<Scalar>, labels: Tensor<Int32>, classes: Int) {
    guard inputs.rank == 2, labels.shape == [inputs.shape[0]] else {
      fatalError("LabelledPoints: labels of shape \(labels.shape) for inputs of shape \(inputs.shape)")
    }
    self.inputs = inputs
    self.labels = labels
    self.classes = classes
  }

  /// Number of points.
  public var count: Int { inputs.shape[0] }

  /// The labels of two classes as signs: 0 is -1, 1 is 1.
  public var signs: Tensor<Scalar> { labels.map { Scalar(2 * $0 - 1) } }

  /// The points with these indices, in this order: a minibatch, a client's share, a training set.
  public func selected(_ indices: [Int]) -> Self {
    LabelledPoints(inputs: inputs.rows(indices), labels: labels.rows(indices), classes: classes)
  }

  /// Each label replaced by another class, all others equally likely, with probability `share`.
  public func withLabelNoise(_ share: Double, key: Key) -> Self {
    guard classes > 1 || share == 0 else { fatalError("withLabelNoise: one class has no other") }
    guard share > 0 else { return self }
    let isFlipped = Tensor<Int32>.bernoulli([count], probability: share, key: key.named("flips"))
    let shifts = Tensor<Int32>.integers([count], in: 1..<Int32(classes), key: key.named("classes"))
    var result = self
    result.labels = (labels + isFlipped * shifts) % Int32(classes)
    return result
  }
}

extension Tensor {
  /// The slices of the first axis with these indices, in this order.
  func rows(_ indices: [Int]) -> Tensor { gather(Tensor<Int32>(indices.map { Int32($0) })) }
}
