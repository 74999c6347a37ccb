import Foundation
import Tensors

/// Clusters: every centre with a cloud of normal points around it, several centres to a class if wanted.
public struct GaussianMixture: Sendable {
  /// [clusters, dimension].
  public var centres: Tensor<Double>
  /// The class of each cluster.
  public var classOfCluster: [Int]
  /// Standard deviation of a cloud in every direction.
  public var spread: Double
  /// How likely each cluster is; nil takes the clusters in turn, which balances them.
  public var shares: [Double]?

  /// Clusters around `centres`.
  /// - Parameter classOfCluster: nil makes every cluster a class of its own.
  public init(centres: Tensor<Double>, spread: Double, classOfCluster: [Int]? = nil, shares: [Double]? = nil) {
    guard centres.rank == 2, centres.shape[0] > 0 else { fatalError("GaussianMixture: centres of shape \(centres.shape)") }
    let clusters = centres.shape[0]
    self.centres = centres
    self.classOfCluster = classOfCluster ?? Array(0..<clusters)
    self.spread = spread
    self.shares = shares
    guard self.classOfCluster.count == clusters, shares.map({ $0.count == clusters }) ?? true else {
      fatalError("GaussianMixture: \(clusters) clusters need as many classes and shares")
    }
  }

  /// One class a cluster, the centres uniform on the sphere of radius `separation` / sqrt(2): nearly orthogonal in many dimensions,
  /// and then `separation` apart.
  public init(classes: Int, dimension: Int, separation: Double, spread: Double = 1, key: Key) {
    let directions = Tensor<Double>.unitVectors([classes, dimension], key: key)
    self.init(centres: directions * (separation / 2.0.squareRoot()), spread: spread)
  }

  /// The exclusive or: clusters at (1, 1) and (-1, -1) against (1, -1) and (-1, 1), further coordinates being noise alone.
  public static func exclusiveOr(dimension: Int = 2, spread: Double) -> GaussianMixture {
    let corners = Tensor<Double>(shape: [4, 2], [1, 1, 1, -1, -1, -1, -1, 1])
    return GaussianMixture(
      centres: corners.padded(axis: 1, low: 0, high: dimension - 2), spread: spread, classOfCluster: [0, 1, 0, 1])
  }

  /// `count` points.
  /// - Parameter labelNoise: the share of labels that are replaced by another class.
  public func sample<Scalar: RealScalar>(
    _ count: Int, labelNoise: Double = 0, as type: Scalar.Type = Scalar.self, key: Key
  ) -> LabelledPoints<Scalar> {
    let (clusters, dimension) = (centres.shape[0], centres.shape[1])
    var cluster = (0..<count).map { $0 % clusters }
    if let shares {
      let logits = Tensor(shares.map { log($0) }).broadcast(to: [count, clusters])
      let drawn = Tensor<Int32>.categorical(logits: logits, key: key.named("clusters"))
      cluster = drawn.scalars.map { Int($0) }
    }
    let noise = Tensor<Double>.normal([count, dimension], standardDeviation: spread, key: key.named("points"))
    let points = LabelledPoints<Scalar>(
      inputs: Tensor(rounding: centres.rows(cluster) + noise), labels: Tensor(cluster.map { Int32(classOfCluster[$0]) }),
      classes: (classOfCluster.max() ?? 0) + 1)
    return points.withLabelNoise(labelNoise, key: key.named("labels"))
  }
}
