import Tensors
import Transforms

/// How large the next batch must be for its noise to stay below a fraction eta of the gradient: the norm test (Byrd et al. 2012,
/// "Sample size selection in optimization methods for machine learning") and its coordinate-wise form (Lau et al. 2024,
/// arXiv 2402.11215).
///
///     let sizes = AdaptiveBatchSize<Double>(tolerance: 0.5, largest: samples)
///     let batch = BatchMoments(perSampleGradients, isInBatch: order .< size)
///     rule.update(&state, gradient: batch.mean, at: parameters)
///     size = sizes.next(after: size, batch)
///
/// The norm test asks that Var/b <= eta² ||g||², with Var the sum over coordinates of the unbiased variance of the per-sample gradients,
/// b the size of the batch and g its mean; where it fails, the next batch has ceil(Var / (eta² ||g||²)) samples. The coordinate-wise
/// test asks it of every coordinate. Batches never shrink, and never exceed the number of samples.
public struct AdaptiveBatchSize<Scalar: RealScalar>: TensorTree {
  /// What is compared with the noise.
  public enum Test: Hashable, Sendable {
    /// The norm of the gradient.
    case norm
    /// Each of its coordinates.
    case coordinateWise
  }

  /// eta; infinity keeps the batch as large as it is.
  public var tolerance: Tensor<Scalar>
  /// What is compared with the noise.
  public var test: Test
  /// n, the number of samples.
  public var largest: Int

  /// The rule for batches of at most `largest` samples.
  public init(tolerance: Double, test: Test = .norm, largest: Int) {
    self.tolerance = Tensor(Scalar(tolerance))
    self.test = test
    self.largest = largest
  }

  /// The size of the next batch, a whole number.
  /// - Parameters:
  ///   - size: of this batch, of rank 0; at least 2, for a variance.
  ///   - batch: the mean and the variance of its gradients.
  public func next(after size: Tensor<Scalar>, _ batch: BatchMoments<Scalar>) -> Tensor<Scalar> {
    let needed: Tensor<Scalar> =
      switch test {
      case .norm: batch.variance.total / (tolerance.square() * batch.mean.squaredNorm)
      case .coordinateWise:
        (batch.variance / (tolerance.square() * batch.mean.square())).elements.map { $0.max() }.reduce(Tensor(0)) {
          maximum($0, $1)
        }
      }
    // A comparison, so that 0 / 0, of a gradient without noise, changes nothing.
    return .where(needed .> size, minimum(needed.ceil(), Tensor(Scalar(largest))), size)
  }
}

/// Mean and unbiased variance of the gradients of the samples in a batch, coordinate by coordinate.
public struct BatchMoments<Scalar: RealScalar>: TensorTree {
  /// g_B.
  public var mean: TensorList<Scalar>
  /// The sum of squared deviations over b - 1.
  public var variance: TensorList<Scalar>

  /// - Parameters:
  ///   - gradients: one for each sample, along a first axis.
  ///   - isInBatch: which samples count, [samples].
  public init(_ gradients: TensorList<Scalar>, isInBatch: Tensor<Bool>) {
    let weights = Tensor<Scalar>.where(isInBatch, 1, 0)
    let count = weights.sum()
    let sum = { (x: Tensor<Scalar>) in tensordot(weights, x, axes: 1) }
    mean = gradients.map { sum($0) / count }
    variance = .zip(gradients, mean) { sum(($0 - $1).square()) / (count - 1) }
  }
}
