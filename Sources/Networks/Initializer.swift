import Foundation
import Tensors

/// How the weights of a layer are drawn, as a value.
///
///     Initializer.he().tensor([784, 256], key: key, as: Float.self)
///
/// The scaled ones have the variance factor / fan, where the fans are read from the shape: [inputs, outputs], and for filters
/// [height, width, inputs, outputs].
public enum Initializer: Sendable, Hashable, Codable {
  case zeros
  case constant(Double)
  case normal(standardDeviation: Double)
  /// Normal numbers within two standard deviations of 0, widened so that `standardDeviation` is theirs after the cut.
  case truncatedNormal(standardDeviation: Double)
  /// Variance `factor` / fan.
  case scaled(factor: Double, fan: Fan, Distribution)
  /// Orthonormal columns or rows, whichever are fewer, times `gain` (Saxe et al. 2014, arXiv 1312.6120).
  case orthogonal(gain: Double)

  /// Which numbers of connections divide the variance.
  public enum Fan: Sendable, Hashable, Codable {
    case inputs, outputs, average
  }

  /// The shape of a distribution, apart from its variance.
  public enum Distribution: Sendable, Hashable, Codable {
    case normal, truncatedNormal, uniform
  }

  /// Variance 2 / (fan in + fan out) (Glorot and Bengio 2010), also called Xavier.
  public static func glorot(_ distribution: Distribution = .uniform) -> Initializer {
    .scaled(factor: 1, fan: .average, distribution)
  }

  /// Variance 2 / fan in (He et al. 2015, arXiv 1502.01852), also called Kaiming: for ReLU.
  public static func he(_ distribution: Distribution = .normal) -> Initializer { .scaled(factor: 2, fan: .inputs, distribution) }

  /// Variance 1 / fan in (LeCun et al. 1998): for tanh, and for layers without activation.
  public static func leCun(_ distribution: Distribution = .normal) -> Initializer {
    .scaled(factor: 1, fan: .inputs, distribution)
  }

  /// A tensor of `shape`; its last axis counts outputs, the one before inputs, further ones the places of a filter.
  public func tensor<Scalar: RealScalar>(_ shape: [Int], key: Key, as type: Scalar.Type = Scalar.self) -> Tensor<Scalar> {
    switch self {
    case .zeros: return .zeros(shape)
    case .constant(let value): return .full(shape, Scalar(value))
    case .normal(let deviation): return .normal(shape, standardDeviation: Scalar(deviation), key: key)
    case .truncatedNormal(let deviation):
      // The standard deviation of a standard normal number cut at 2: sqrt(1 - 4 phi(2) / (2 Phi(2) - 1)).
      return Tensor.truncatedNormal(shape, in: -2...2, key: key) * Scalar(deviation / 0.8796256610342398)
    case .scaled(let factor, let fan, let distribution):
      let deviation = (factor / fan.count(shape)).squareRoot()
      switch distribution {
      case .normal: return Initializer.normal(standardDeviation: deviation).tensor(shape, key: key)
      case .truncatedNormal: return Initializer.truncatedNormal(standardDeviation: deviation).tensor(shape, key: key)
      case .uniform:
        let bound = Scalar(deviation * 3.squareRoot())
        return .uniform(shape, in: -bound..<bound, key: key)
      }
    case .orthogonal(let gain):
      guard shape.count >= 2 else { fatalError("Initializer.orthogonal: shape \(shape) is no matrix") }
      let matrix = [shape.dropLast().reduce(1, *), shape[shape.count - 1]]
      return Tensor.orthogonal(matrix, key: key).reshaped(shape) * Scalar(gain)
    }
  }
}

extension Initializer.Fan {
  func count(_ shape: [Int]) -> Double {
    guard let outputs = shape.last else { fatalError("Initializer: a rank-0 tensor has no fan") }
    let places = shape.dropLast(2).reduce(1, *)
    let inputs = shape.count >= 2 ? shape[shape.count - 2] : 1
    return switch self {
    case .inputs: Double(inputs * places)
    case .outputs: Double(outputs * places)
    case .average: Double((inputs + outputs) * places) / 2
    }
  }
}
