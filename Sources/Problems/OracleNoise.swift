import Tensors

/// The noise of a stochastic gradient: what theorems assume of an oracle, as a value.
///
///     let noise = OracleNoise(.normal, variance: 0.25)
///     let draw = noise.unit([seeds, d], key: key[t])           // before a compiled step, or in it
///     let g = noise.applied(draw, to: problem.gradient(at: x))
///
/// A noisy gradient is g + sqrt(variance + growth |g|^2) u with a unit noise u. For distributions with a variance E|u|^2 = 1, so that
/// E|noise|^2 = variance + growth |g|^2, whatever the dimension: bounded variance for growth 0, affine variance otherwise.
public struct OracleNoise: Hashable, Sendable, Codable {
  /// How the unit noise is distributed.
  public enum Distribution: Hashable, Sendable, Codable {
    /// N(0, I/d): sub-Gaussian.
    case normal
    /// Uniform on the unit sphere: bounded.
    case sphere
    /// Independent Student t over sqrt(d): heavy tails, without a variance for `degrees` <= 2 (then |u|^2 has no mean).
    case studentT(degrees: Double)
  }

  /// Of the unit noise.
  public var distribution: Distribution
  /// sigma^2.
  public var variance: Double
  /// The factor of |g|^2.
  public var growth: Double

  /// Noise of this size.
  public init(_ distribution: Distribution, variance: Double, growth: Double = 0) {
    (self.distribution, self.variance, self.growth) = (distribution, variance, growth)
  }

  /// Independent unit noises along the last axis. Student's are drawn eagerly: their key must be known.
  public func unit<Scalar: RealScalar>(_ shape: [Int], as type: Scalar.Type = Scalar.self, key: Key) -> Tensor<Scalar> {
    guard let dimension = shape.last, dimension > 0 else { fatalError("OracleNoise: no last axis in shape \(shape)") }
    let scale = Scalar(1 / Double(dimension).squareRoot())
    switch distribution {
    case .normal: return .normal(shape, standardDeviation: scale, key: key)
    case .sphere:
      let direction = Tensor<Scalar>.normal(shape, key: key)
      return direction / direction.norm(-1, keepingAxes: true)
    case .studentT(let degrees): return Tensor.studentT(shape, degrees: Scalar(degrees), key: key) * scale
    }
  }

  /// Gradients along the last axis with unit noises of a shape that broadcasts with theirs.
  public func applied<Scalar: RealScalar>(_ unit: Tensor<Scalar>, to gradient: Tensor<Scalar>) -> Tensor<Scalar> {
    if growth == 0 { return gradient + Scalar(variance.squareRoot()) * unit }
    let size = gradient.square().sum(-1, keepingAxes: true) * Scalar(growth) + Scalar(variance)
    return gradient + size.sqrt() * unit
  }
}
