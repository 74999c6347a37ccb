import Datasets
import Networks
import Tensors
import Transforms

/// Points to be classified by a multilayer perceptron with mean cross-entropy, in minibatches.
public struct Classification<Scalar: RealScalar>: Problem {
  /// What is trained on.
  public var training: LabelledPoints<Scalar>
  /// What is held out.
  public var test: LabelledPoints<Scalar>
  /// Of the network: inputs, hidden layers, classes.
  public var widths: [Int]
  /// Between its layers.
  public var activation: Activation
  /// Of its weights.
  public var initializer: Initializer
  /// Samples a step.
  public var batchSize: Int

  /// A network of hidden widths `hidden` for these points; its first and last widths follow from them.
  public init(
    training: LabelledPoints<Scalar>, test: LabelledPoints<Scalar>, hidden: [Int], activation: Activation = .relu,
    initializer: Initializer = .he(), batchSize: Int
  ) {
    self.training = training
    self.test = test
    widths = [training.inputs.shape[1]] + hidden + [training.classes]
    self.activation = activation
    self.initializer = initializer
    self.batchSize = batchSize
  }

  /// The network with fresh weights, its biases zero.
  public func initialParameters(key: Key) -> MLP<Scalar> {
    MLP(widths, activation: activation, initializer: initializer, key: key)
  }

  /// Indices of the samples, in a new order every epoch.
  public func batches(key: Key) -> (Int) -> Tensor<Int32> {
    let minibatches = Minibatches(count: training.count, size: min(batchSize, training.count), key: key)
    return { Tensor(minibatches[$0].map { Int32($0) }) }
  }

  /// The mean cross-entropy of the batch.
  public func loss(_ model: MLP<Scalar>, on batch: Tensor<Int32>) -> Tensor<Scalar> {
    crossEntropy(model(training.inputs.gather(batch)), labels: training.labels.gather(batch))
  }

  /// Eight, or the most that share a batch equally.
  public var suggestedWorkers: Int { (1...8).last { batchSize.isMultiple(of: $0) } ?? 1 }

  /// The gradients of equal parts of the batch, in its order.
  public func workerGradients(_ model: MLP<Scalar>, on batch: Tensor<Int32>, workers: Int) -> MLP<Scalar>? {
    guard batch.count % workers == 0 else {
      fatalError("Classification: a batch of \(batch.count) samples cannot be shared by \(workers) workers equally")
    }
    let parts = batch.reshaped([workers, batch.count / workers])
    return vmap({ (model: MLP<Scalar>, part: Tensor<Int32>) in grad { self.loss($0, on: part) }(model) }, axes: [nil, 0])(
      model, parts)
  }

  /// Loss and accuracy on all training points and on the held-out ones.
  public func measures(of model: MLP<Scalar>) -> [String: Tensor<Scalar>] {
    let (seen, unseen) = (model(training.inputs), model(test.inputs))
    return [
      "training loss": crossEntropy(seen, labels: training.labels), "training accuracy": accuracy(seen, labels: training.labels),
      "test loss": crossEntropy(unseen, labels: test.labels), "test accuracy": accuracy(unseen, labels: test.labels),
    ]
  }
}

extension Classification {
  /// The task that many papers share: 20 normal inputs, labelled by the largest of 10 outputs of a random tanh network of 64 units
  /// whose first layer has standard deviation 2 / sqrt(20); a share of the training labels flipped; test labels are clean.
  /// - Parameter key: of the teacher and the points.
  public static func teacher(
    training: Int = 4000, test: Int = 2000, labelNoise: Double = 0.1, hidden: [Int] = [128, 128], batchSize: Int = 128, key: Key
  ) -> Classification {
    let teacher = TeacherNetwork(inputs: 20, hidden: 64, outputs: 10, activation: .tanh, gain: 2, key: key.named("teacher"))
    return Classification(
      training: teacher.classification(training, labelNoise: labelNoise, key: key.named("training")),
      test: teacher.classification(test, key: key.named("test")), hidden: hidden, batchSize: batchSize)
  }

  /// Drawn digits of side x side pixels.
  /// - Parameter key: of the pictures.
  public static func digits(
    training: Int = 1400, test: Int = 400, side: Int = 8, hidden: [Int] = [64], activation: Activation = .relu,
    batchSize: Int = 100,
    key: Key
  ) -> Classification {
    Classification(
      training: DrawnDigits.sample(training, side: side, key: key.named("training")).points(),
      test: DrawnDigits.sample(test, side: side, key: key.named("test")).points(), hidden: hidden, activation: activation,
      batchSize: batchSize)
  }

  /// Noisy images of 8 x 8 pixels in ten classes of low-pass prototypes: points of mean 0 whose noise decides how hard they are.
  /// - Parameter key: of the prototypes and the images.
  public static func prototypes(
    perClass: Int = 2, noise: Double = 1, training: Int = 4000, test: Int = 2000, hidden: [Int] = [64, 64], batchSize: Int = 100,
    key: Key
  ) -> Classification {
    let images = PrototypeImages(classes: 10, prototypesPerClass: perClass, side: 8, key: key.named("prototypes"))
    return Classification(
      training: images.sample(training, noise: noise, key: key.named("training")),
      test: images.sample(test, noise: noise, key: key.named("test")), hidden: hidden, batchSize: batchSize)
  }
}
