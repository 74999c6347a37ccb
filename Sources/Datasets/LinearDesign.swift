import Foundation
import Tensors

/// The eigenvalues of the covariance of normal inputs, the largest one first and equal to 1.
public enum CovarianceSpectrum: Sendable, Equatable {
  /// All 1.
  case isotropic
  /// Number i = 1, 2, ... is i^-exponent.
  case powerLaw(exponent: Double)
  /// From 1 down to 1 / conditionNumber in equal ratios.
  case conditionNumber(Double)
  /// As they are given, one for each dimension.
  case eigenvalues([Double])

  /// The eigenvalues in `dimension` dimensions.
  public func values(_ dimension: Int) -> [Double] {
    switch self {
    case .isotropic: return Array(repeating: 1, count: dimension)
    case .powerLaw(let exponent): return (1...dimension).map { pow(Double($0), -exponent) }
    case .conditionNumber(let number):
      return (0..<dimension).map { pow(number, -Double($0) / Double(max(1, dimension - 1))) }
    case .eigenvalues(let values):
      guard values.count == dimension else {
        fatalError("CovarianceSpectrum: \(values.count) eigenvalues for \(dimension) dimensions")
      }
      return values
    }
  }
}

/// Normal inputs of a given covariance and a linear function of them: what least squares and logistic regression are tried on.
public struct LinearDesign: Sendable {
  /// Number of coordinates of an input.
  public var dimension: Int
  /// The eigenvalues of the covariance.
  public var spectrum: CovarianceSpectrum
  /// The matrix whose columns are the eigenvectors of the covariance, [dimension, dimension]; nil when they are the coordinate axes.
  public var axes: Tensor<Double>?
  /// The true weights, [dimension].
  public var weights: Tensor<Double>

  /// - Parameters:
  ///   - weightNorm: Euclidean norm of the weights, whose direction is uniform.
  ///   - isRotated: whether the eigenvectors are a random rotation instead of the coordinate axes.
  public init(
    dimension: Int, spectrum: CovarianceSpectrum = .isotropic, weightNorm: Double = 1, isRotated: Bool = false, key: Key
  ) {
    self.dimension = dimension
    self.spectrum = spectrum
    axes = isRotated ? Tensor.orthogonal([dimension, dimension], key: key.named("axes")) : nil
    weights = Tensor.unitVectors([dimension], key: key.named("weights")) * weightNorm
  }

  /// Inputs in Double: normal numbers, scaled along the eigenvectors.
  private func inputs(_ count: Int, _ key: Key) -> Tensor<Double> {
    let scaled =
      Tensor<Double>.normal([count, dimension], key: key.named("inputs"))
      * Tensor(spectrum.values(dimension).map { $0.squareRoot() })
    return axes.map { matmul(scaled, $0, transposeB: true) } ?? scaled
  }

  /// Targets x . w plus normal noise.
  /// - Parameter noise: standard deviation of the noise.
  public func regression<Scalar: RealScalar>(
    _ count: Int, noise: Double = 0, as type: Scalar.Type = Scalar.self, key: Key
  ) -> RegressionSamples<Scalar> {
    let inputs = inputs(count, key)
    let errors = Tensor<Double>.normal([count], standardDeviation: noise, key: key.named("noise"))
    return RegressionSamples(
      inputs: Tensor(rounding: inputs), targets: Tensor(rounding: matmul(inputs, weights) + errors),
      weights: Tensor(rounding: weights))
  }

  /// Two classes that the weights separate: class 1 where x . w > 0, and every point moved away from the plane by `margin`, which is
  /// then the least distance to it.
  public func separable<Scalar: RealScalar>(
    _ count: Int, margin: Double, as type: Scalar.Type = Scalar.self, key: Key
  ) -> LabelledPoints<Scalar> {
    let inputs = inputs(count, key)
    let isAbove = matmul(inputs, weights) .> 0
    let steps = Tensor.where(isAbove, 1, -1).outer(weights * (margin / weights.norm()))
    return LabelledPoints(inputs: Tensor(rounding: inputs + steps), labels: isAbove.converted(to: Int32.self), classes: 2)
  }

  /// Two classes of the logistic model: class 1 with probability 1 / (1 + e^(-x . w)), so the norm of the weights says how noisy.
  public func logistic<Scalar: RealScalar>(
    _ count: Int, as type: Scalar.Type = Scalar.self, key: Key
  ) -> LabelledPoints<Scalar> {
    let inputs = inputs(count, key)
    let labels = Tensor<Double>.bernoulli(probabilities: matmul(inputs, weights).sigmoid(), key: key.named("labels"))
    return LabelledPoints(inputs: Tensor(rounding: inputs), labels: labels.converted(to: Int32.self), classes: 2)
  }
}

/// Inputs, targets and, when the data were made, the weights that made them.
public struct RegressionSamples<Scalar: RealScalar>: Sendable, Equatable {
  /// [count, dimension].
  public var inputs: Tensor<Scalar>
  /// [count].
  public var targets: Tensor<Scalar>
  /// The weights without the noise, [dimension].
  public var weights: Tensor<Scalar>

  /// Samples whose rows of `inputs` belong to `targets` in order.
  public init(inputs: Tensor<Scalar>, targets: Tensor<Scalar>, weights: Tensor<Scalar>) {
    self.inputs = inputs
    self.targets = targets
    self.weights = weights
  }

  /// The samples with these indices, in this order.
  public func selected(_ indices: [Int]) -> Self {
    RegressionSamples(inputs: inputs.rows(indices), targets: targets.rows(indices), weights: weights)
  }
}
