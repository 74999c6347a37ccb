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
    let (count, dimension) = (inputs.shape[0], inputs.shape[1])
    var mean = [Double](repeating: 0, count: dimension)
    var square = mean
    // Sums in Double over two passes: the variance of a column far from 0 keeps its digits.
    inputs.withUnsafeBufferPointer { x in
      for i in 0..<count {
        for j in 0..<dimension { mean[j] += Double(x[i * dimension + j]) }
      }
      for j in 0..<dimension { mean[j] /= Double(count) }
      for i in 0..<count {
        for j in 0..<dimension {
          let difference = Double(x[i * dimension + j]) - mean[j]
          square[j] += difference * difference
        }
      }
    }
    // What rounding leaves of a constant column is no spread.
    let deviation = zip(square, mean).map { square, mean in
      let value = (square / Double(count)).squareRoot()
      return value > Double(Scalar.ulpOfOne) * abs(mean) ? value : 1
    }
    self.mean = Tensor(mean.map { Scalar($0) })
    standardDeviation = Tensor(deviation.map { Scalar($0) })
  }

  /// (inputs - mean) / standard deviation, for inputs of shape [count, dimension].
  public func applied(to inputs: Tensor<Scalar>) -> Tensor<Scalar> { (inputs - mean) / standardDeviation }
}
