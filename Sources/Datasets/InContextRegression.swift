import Tensors

/// Sequences that each are a linear regression of their own, to be learned in context: y_t = w . x_t + noise with a new w for every
/// sequence (Garg, Tsipras, Liang and Valiant, "What can transformers learn in-context?", 2022).
public struct InContextRegression<Scalar: RealScalar>: Sendable, Equatable {
  /// x, [sequences, length, dimension], standard normal.
  public var inputs: Tensor<Scalar>
  /// y, [sequences, length].
  public var targets: Tensor<Scalar>
  /// w, [sequences, dimension], standard normal times the scale.
  public var weights: Tensor<Scalar>

  /// - Parameters:
  ///   - length: examples in a sequence, the query included.
  ///   - noise: standard deviation of the noise on the targets.
  ///   - weightScale: standard deviation of the weights.
  public init(_ sequences: Int, length: Int, dimension: Int, noise: Double = 0, weightScale: Double = 1, key: Key) {
    let x = Tensor<Double>.normal([sequences, length, dimension], key: key.named("inputs"))
    let w = Tensor<Double>.normal([sequences, dimension], standardDeviation: weightScale, key: key.named("weights"))
    let errors = Tensor<Double>.normal([sequences, length], standardDeviation: noise, key: key.named("noise"))
    let y = matmul(x, w.expandingDimensions(-1)).squeezed(-1) + errors
    (inputs, targets, weights) = (Tensor(rounding: x), Tensor(rounding: y), Tensor(rounding: w))
  }

  /// One token an example, (x_t, y_t), [sequences, length, dimension + 1]; the last one is the query, with 0 for its target.
  public func prompts() -> Tensor<Scalar> {
    let known = targets.updating(All(), targets.shape[1] - 1, with: 0)
    return .concatenate([inputs, known.expandingDimensions(-1)], axis: 2)
  }
}
