import Tensors
import Transforms

/// An affine layer: x times `weight`, [inputs, outputs], plus `bias`, along the last axis of x, whatever axes come before.
public struct Dense<Scalar: RealScalar>: TensorTree, Codable {
  /// [inputs, outputs].
  public var weight: Tensor<Scalar>
  /// [outputs]; nil for a linear layer.
  public var bias: Tensor<Scalar>?
  /// What the parametrization says; `multiplier` is part of the forward pass.
  public var scales: LayerScales

  /// Weights from an initializer, a bias of zeros.
  public init(_ inputs: Int, _ outputs: Int, initializer: Initializer = .leCun(), hasBias: Bool = true, key: Key) {
    weight = initializer.tensor([inputs, outputs], key: key)
    bias = hasBias ? .zeros(outputs) : nil
    scales = .plain(standardDeviation: 1)
  }

  /// Normal weights with the scales of a parametrization, a bias of zeros.
  public init(
    _ inputs: Int, _ outputs: Int, _ parametrization: Parametrization, _ role: LayerRole, gain: Double = 1, hasBias: Bool = true,
    key: Key
  ) {
    scales = parametrization.scales(fanIn: inputs, fanOut: outputs, role: role, gain: gain)
    weight = .normal([inputs, outputs], standardDeviation: Scalar(scales.standardDeviation), key: key)
    bias = hasBias ? .zeros(outputs) : nil
  }

  /// [..., inputs] to [..., outputs].
  public func callAsFunction(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    guard x.shape.last == weight.shape[0] else {
      fatalError("Dense: input of shape \(x.shape) into weights of shape \(weight.shape)")
    }
    // One large product, also for many leading axes.
    let rows = matmul(x.reshaped([x.count / max(1, weight.shape[0]), weight.shape[0]]), weight)
    // The elementwise rest in the caller's shape, so that it fuses with what follows.
    var y = rows.reshaped(x.shape.dropLast() + [weight.shape[1]])
    if scales.multiplier != 1 { y = y * Scalar(scales.multiplier) }
    if let bias { y = y + bias }
    return y
  }

  /// A layer of rank-0 tensors: what an optimizer multiplies its learning rate with, tensor by tensor.
  public func learningRates(for rule: UpdateRule = .gradientDescent) -> Dense {
    var rates = self
    switch rule {
    case .gradientDescent:
      rates.weight = Tensor(Scalar(scales.learningRate))
      rates.bias = bias.map { _ in Tensor(Scalar(scales.biasLearningRate)) }
    case .adam:
      guard let rate = scales.adamLearningRate else {
        fatalError("Dense.learningRates: this parametrization is for gradient descent")
      }
      rates.weight = Tensor(Scalar(rate))
      rates.bias = bias.map { _ in Tensor(1) }
    }
    return rates
  }
}

/// One vector for each of a vocabulary of indices.
public struct Embedding<Scalar: RealScalar>: TensorTree, Codable {
  /// [vocabulary, width].
  public var table: Tensor<Scalar>

  /// Normal vectors with the standard deviation that GPT-2 takes.
  public init(_ vocabulary: Int, _ width: Int, initializer: Initializer = .normal(standardDeviation: 0.02), key: Key) {
    table = initializer.tensor([vocabulary, width], key: key)
  }

  /// Indices of any shape to their vectors, [indices..., width]. Indices must be within the vocabulary.
  public func callAsFunction(_ indices: Tensor<Int32>) -> Tensor<Scalar> {
    table.gather(indices)
  }

  /// Scores of all indices for vectors [..., width]: products with the table (a tied output layer).
  public func logits(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    let (vocabulary, width) = (table.shape[0], table.shape[1])
    return matmul(x.reshaped([x.count / max(1, width), width]), table, transposeB: true).reshaped(
      x.shape.dropLast() + [vocabulary])
  }
}
