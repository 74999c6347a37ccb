import Tensors
import Transforms

/// Rows along the last axis, shifted to mean 0 and scaled to variance 1, then scaled and shifted by learned vectors
/// (Ba, Kiros and Hinton 2016, arXiv 1607.06450).
public struct LayerNorm<Scalar: RealScalar>: TensorTree, Codable {
  /// [width]; nil where nothing is learned.
  public var scale: Tensor<Scalar>?
  /// [width]; nil where nothing is learned.
  public var shift: Tensor<Scalar>?
  /// Added to the variance.
  public var epsilon: Scalar

  /// Scale 1, shift 0.
  /// - Parameter hasParameters: whether scale and shift are there to be learned.
  public init(_ width: Int, epsilon: Scalar = 1e-5, hasParameters: Bool = true) {
    scale = hasParameters ? .full([width], 1) : nil
    shift = hasParameters ? .zeros(width) : nil
    self.epsilon = epsilon
  }

  /// [..., width] to the same shape.
  public func callAsFunction(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    let centred = x - x.mean(-1, keepingAxes: true)
    let variance = (centred * centred).mean(-1, keepingAxes: true)
    var result = centred * (variance + epsilon).reciprocalSquareRoot()
    if let scale { result = result * scale }
    if let shift { result = result + shift }
    return result
  }
}

/// Rows along the last axis, scaled to mean square 1, then scaled by a learned vector (Zhang and Sennrich 2019, arXiv 1910.07467).
public struct RMSNorm<Scalar: RealScalar>: TensorTree, Codable {
  /// [width].
  public var scale: Tensor<Scalar>
  /// Added to the mean square.
  public var epsilon: Scalar

  /// Scale 1.
  public init(_ width: Int, epsilon: Scalar = 1e-6) {
    scale = .full([width], 1)
    self.epsilon = epsilon
  }

  /// [..., width] to the same shape.
  public func callAsFunction(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    x * ((x * x).mean(-1, keepingAxes: true) + epsilon).reciprocalSquareRoot() * scale
  }
}

/// Every feature, the last axis, shifted and scaled by mean and variance over all other axes (Ioffe and Szegedy 2015,
/// arXiv 1502.03167).
///
/// Functional: the running statistics are a tree of their own, which training returns anew and gradients do not touch.
public struct BatchNorm<Scalar: RealScalar>: TensorTree, Codable {
  /// [features].
  public var scale: Tensor<Scalar>
  /// [features].
  public var shift: Tensor<Scalar>
  /// Added to the variance.
  public var epsilon: Scalar
  /// The share of the old running statistics in the new ones.
  public var momentum: Scalar

  /// Running mean and variance, [features].
  public struct Statistics: TensorTree, Codable {
    /// Mean over batches and places.
    public var mean: Tensor<Scalar>
    /// Variance over batches and places, without the correction n / (n - 1).
    public var variance: Tensor<Scalar>

    /// Mean 0, variance 1.
    public init(_ features: Int) {
      mean = .zeros(features)
      variance = .full([features], 1)
    }
  }

  /// Scale 1, shift 0.
  public init(_ features: Int, epsilon: Scalar = 1e-5, momentum: Scalar = 0.9) {
    scale = .full([features], 1)
    shift = .zeros(features)
    self.epsilon = epsilon
    self.momentum = momentum
  }

  /// Training: normalizes with the statistics of the batch, [..., features], and returns the running ones updated by them.
  public func training(_ x: Tensor<Scalar>, _ running: Statistics) -> (output: Tensor<Scalar>, statistics: Statistics) {
    let rows = x.reshaped([x.count / max(1, scale.count), scale.count])
    let mean = rows.mean(0)
    let centred = rows - mean
    let variance = (centred * centred).mean(0)
    let output = centred * (variance + epsilon).reciprocalSquareRoot() * scale + shift
    var statistics = running
    statistics.mean = running.mean * momentum + stopGradient(mean) * (1 - momentum)
    statistics.variance = running.variance * momentum + stopGradient(variance) * (1 - momentum)
    return (output.reshaped(x.shape), statistics)
  }

  /// Evaluation: normalizes with the running statistics.
  public func callAsFunction(_ x: Tensor<Scalar>, _ running: Statistics) -> Tensor<Scalar> {
    (x - running.mean) * (running.variance + epsilon).reciprocalSquareRoot() * scale + shift
  }
}

/// Each scalar 0 with probability `rate`, else divided by 1 - `rate`; for evaluation leave it out (Srivastava et al. 2014).
public struct Dropout: Sendable, Hashable {
  /// The probability of 0.
  public var rate: Double

  /// Stops unless 0 <= `rate` < 1.
  public init(rate: Double) {
    guard rate >= 0, rate < 1 else { fatalError("Dropout: a rate of \(rate) is not in 0..<1") }
    self.rate = rate
  }

  /// The same choice for the same key: under `vmap` over `x` alone all elements share it, over keys each has its own.
  public func callAsFunction<Scalar: RealScalar>(_ x: Tensor<Scalar>, key: Key) -> Tensor<Scalar> {
    if rate == 0 { return x }
    return x * (Tensor.bernoulli(x.shape, probability: Scalar(1 - rate), key: key) * Scalar(1 / (1 - rate)))
  }
}
