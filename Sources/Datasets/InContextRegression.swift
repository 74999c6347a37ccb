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
    var y = Tensor<Double>.normal([sequences, length], standardDeviation: noise, key: key.named("noise"))
    for i in 0..<sequences { y.setRow(i, to: y.row(i) + matmul(x.row(i), w.row(i))) }
    (inputs, targets, weights) = (Tensor(rounding: x), Tensor(rounding: y), Tensor(rounding: w))
  }

  /// One token an example, (x_t, y_t), [sequences, length, dimension + 1]; the last one is the query, with 0 for its target.
  public func prompts() -> Tensor<Scalar> {
    let (sequences, length, dimension) = (inputs.shape[0], inputs.shape[1], inputs.shape[2])
    var result = Tensor<Scalar>.zeros([sequences, length, dimension + 1])
    for i in 0..<sequences {
      for t in 0..<length {
        for j in 0..<dimension { result[i, t, j] = inputs[i, t, j] }
        if t < length - 1 { result[i, t, dimension] = targets[i, t] }
      }
    }
    return result
  }
}
