import Tensors

/// Shifts and scales every column to mean 0 and standard deviation 1, as they were on the samples it was fitted to: fit it to the
/// training set and apply it to the test set.
public struct Standardization<Scalar: RealScalar>: Sendable, Equatable {
  /// Of every column, [dimension].
  public var mean: Tensor<Scalar>
  /// Of every column, with divisor n, [dimension]; 1 for a column that is constant, which becomes 0.
  public var standardDeviation: Tensor<Scalar>

  /// Fits to inputs of shape [count, dimension].
  public init(fitting inputs: Tensor<Scalar>) {
    guard inputs.rank == 2, inputs.shape[0] > 0 else {
      fatalError("Standardization: inputs of shape \(inputs.shape), expected [count, dimension] with samples")
    }
    // In Double: the variance of a column far from 0 keeps its digits.
    let wide = inputs.converted(to: Double.self)
    let (mean, deviation) = (wide.mean(0), wide.variance(0).sqrt())
    self.mean = Tensor(rounding: mean)
    // What rounding leaves of a constant column is no spread.
    standardDeviation = Tensor(rounding: .where(deviation .> mean.abs() * Double(Scalar.ulpOfOne), deviation, 1))
  }

  /// (inputs - mean) / standard deviation, for inputs of shape [count, dimension].
  public func applied(to inputs: Tensor<Scalar>) -> Tensor<Scalar> { (inputs - mean) / standardDeviation }
}
