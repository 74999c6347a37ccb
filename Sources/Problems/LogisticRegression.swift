import Datasets
import Networks
import Tensors
import Transforms

/// Two classes, a linear score without offset, the mean logistic loss, in minibatches; with L2 decay of the weights if asked for.
public struct LogisticRegression<Scalar: RealScalar>: Problem, TensorTree {
  /// What is trained on, of two classes.
  public var training: LabelledPoints<Scalar>
  /// lambda of lambda ||w||^2 / 2 in the loss.
  public var decay: Double
  /// Samples a step; all when that is more than there are.
  public var batchSize: Int

  /// The regression on these points, from w = 0.
  public init(training: LabelledPoints<Scalar>, decay: Double = 0, batchSize: Int) {
    guard training.classes == 2 else { fatalError("LogisticRegression: \(training.classes) classes, expected 2") }
    (self.training, self.decay, self.batchSize) = (training, decay, batchSize)
  }

  /// Zeros, whatever the key.
  public func initialParameters(key: Key) -> Tensor<Scalar> { .zeros(training.inputs.shape[1]) }

  /// Indices of the samples, in a new order every epoch.
  public func batches(key: Key) -> (Int) -> Tensor<Int32> {
    let minibatches = Minibatches(count: training.count, size: min(batchSize, training.count), key: key)
    return { Tensor(minibatches[$0].map { Int32($0) }) }
  }

  /// The mean loss of the batch.
  public func loss(_ weights: Tensor<Scalar>, on batch: Tensor<Int32>) -> Tensor<Scalar> {
    loss(weights, training.inputs.gather(batch), training.labels.gather(batch))
  }

  private func loss(_ weights: Tensor<Scalar>, _ inputs: Tensor<Scalar>, _ labels: Tensor<Int32>) -> Tensor<Scalar> {
    let data = logisticLoss(matmul(inputs, weights), labels.converted(to: Scalar.self))
    return decay == 0 ? data : data + Scalar(0.5 * decay) * weights.squaredNorm()
  }

  /// Loss and accuracy on all points.
  public func measures(of weights: Tensor<Scalar>) -> [String: Tensor<Scalar>] {
    let isRight = (matmul(training.inputs, weights) .> 0) .== (training.labels.converted(to: Scalar.self) .> 0)
    return [
      "training loss": loss(weights, training.inputs, training.labels),
      "training accuracy": isRight.converted(to: Scalar.self).mean(),
    ]
  }
}

extension LabelledPoints: TensorTree {}
