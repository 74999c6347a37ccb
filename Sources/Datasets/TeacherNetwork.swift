import Tensors

/// A random network of one hidden layer that says what the right answers are: y = A f(W x), inputs x standard normal.
public struct TeacherNetwork: Sendable {
  /// The nonlinearity of the hidden layer.
  public enum Activation: Sendable {
    /// max(0, x).
    case relu
    /// The hyperbolic tangent.
    case tanh
  }

  /// W, [hidden, inputs]: entries normal with variance gain^2 / inputs, so that what enters f has standard deviation `gain`.
  public var hidden: Tensor<Double>
  /// A, [outputs, hidden]: entries normal with variance 1 / hidden.
  public var output: Tensor<Double>
  /// f.
  public var activation: Activation

  /// A teacher with random weights.
  /// - Parameter gain: the standard deviation of what enters f; 2 makes a teacher of tanh harder to learn.
  public init(inputs: Int, hidden: Int, outputs: Int = 1, activation: Activation = .relu, gain: Double = 1, key: Key) {
    let (inputScale, hiddenScale) = (gain / Double(inputs).squareRoot(), 1 / Double(hidden).squareRoot())
    self.hidden = .normal([hidden, inputs], standardDeviation: inputScale, key: key.named("hidden"))
    output = .normal([outputs, hidden], standardDeviation: hiddenScale, key: key.named("output"))
    self.activation = activation
  }

  /// The teacher's outputs, [count, outputs], for inputs of shape [count, inputs].
  public func outputs(for inputs: Tensor<Double>) -> Tensor<Double> {
    let before = matmul(inputs, hidden, transposeB: true)
    let after =
      switch activation {
      case .relu: before.relu()
      case .tanh: before.tanh()
      }
    return matmul(after, output, transposeB: true)
  }

  /// Inputs [count, inputs] and the teacher's outputs [count, outputs] with normal noise of standard deviation `noise`.
  public func regression<Scalar: RealScalar>(
    _ count: Int, noise: Double = 0, as type: Scalar.Type = Scalar.self, key: Key
  ) -> (inputs: Tensor<Scalar>, targets: Tensor<Scalar>) {
    let inputs = Tensor<Double>.normal([count, hidden.shape[1]], key: key.named("inputs"))
    let targets = outputs(for: inputs)
    let errors = Tensor<Double>.normal(targets.shape, standardDeviation: noise, key: key.named("noise"))
    return (Tensor(rounding: inputs), Tensor(rounding: targets + errors))
  }

  /// Points labelled with the teacher's largest output; of one output, with its sign: class 1 where it is positive.
  public func classification<Scalar: RealScalar>(
    _ count: Int, labelNoise: Double = 0, as type: Scalar.Type = Scalar.self, key: Key
  ) -> LabelledPoints<Scalar> {
    let inputs = Tensor<Double>.normal([count, hidden.shape[1]], key: key.named("inputs"))
    let scores = outputs(for: inputs)
    let classes = scores.shape[1]
    let labels = classes == 1 ? (scores.flattened() .> 0).converted(to: Int32.self) : scores.argmax()
    return LabelledPoints(inputs: Tensor(rounding: inputs), labels: labels, classes: max(2, classes))
      .withLabelNoise(labelNoise, key: key.named("labels"))
  }
}
