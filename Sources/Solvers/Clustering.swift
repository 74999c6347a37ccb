import Foundation
import Tensors

/// Points divided among centres, each with the nearest.
public struct KMeans: Sendable {
  /// The cluster of each point.
  public var labels: [Int]
  /// [clusters, dimension]: the mean of each cluster's points.
  public var centres: Tensor<Double>
  /// The sum of the squared distances between points and their centres.
  public var inertia: Double
}

/// Lloyd's algorithm: every point goes to the nearest centre (the first of equals), every centre to the mean of its points, until no point
/// changes. A centre without points stays where it is.
/// - Parameters:
///   - points: [n, dimension].
///   - centres: where to begin, [clusters, dimension].
public func kMeans(_ points: Tensor<Double>, from centres: Tensor<Double>, maximumSweeps: Int = 300) -> KMeans {
  guard points.rank == 2, centres.rank == 2, points.shape[1] == centres.shape[1], centres.shape[0] > 0 else {
    fatalError("kMeans: points of shape \(points.shape), centres of shape \(centres.shape)")
  }
  let (rows, dimension) = (matrixRows(points), points.shape[1])
  var centres = matrixRows(centres)
  var nearest = rows.map { nearestCentre($0, centres) }
  for _ in 0..<maximumSweeps {
    var sums = centres.map { _ in [Double](repeating: 0, count: dimension) }
    var counts = [Int](repeating: 0, count: centres.count)
    for (row, place) in zip(rows, nearest) {
      counts[place.label] += 1
      for k in 0..<dimension { sums[place.label][k] += row[k] }
    }
    for i in centres.indices where counts[i] > 0 { centres[i] = sums[i].map { $0 / Double(counts[i]) } }
    let next = rows.map { nearestCentre($0, centres) }
    let isSettled = zip(next, nearest).allSatisfy { $0.label == $1.label }
    nearest = next
    if isSettled { break }
  }
  return KMeans(
    labels: nearest.map(\.label), centres: Tensor(shape: [centres.count, dimension], centres.flatMap { $0 }),
    inertia: nearest.reduce(0) { $0 + $1.distance })
}

/// Lloyd's algorithm from several starts, the best result of which is kept. Each start draws its centres from the points, one after the
/// other, with odds of the squared distance to the nearest centre so far (k-means++: Arthur and Vassilvitskii 2007).
public func kMeans(_ points: Tensor<Double>, clusters: Int, restarts: Int = 10, key: Key) -> KMeans {
  guard points.rank == 2, clusters > 0, clusters <= points.shape[0], restarts > 0 else {
    fatalError("kMeans: \(clusters) clusters, \(restarts) starts, points of shape \(points.shape)")
  }
  let rows = matrixRows(points)
  let results = key.split(restarts).map { key in
    let draws = Tensor<Double>.uniform([clusters], in: 0..<1, key: key).scalars
    var distances = [Double](repeating: 1, count: rows.count)
    var centres: [[Double]] = []
    for draw in draws {
      centres.append(rows[place(of: draw, odds: distances)])
      distances = rows.map { nearestCentre($0, centres).distance }
    }
    return kMeans(points, from: Tensor(shape: [clusters, points.shape[1]], centres.flatMap { $0 }))
  }
  return results.dropFirst().reduce(results[0]) { $1.inertia < $0.inertia ? $1 : $0 }
}

/// The clusters of a weighted graph (Ng, Jordan and Weiss, "On spectral clustering: analysis and an algorithm", 2001): the eigenvectors of
/// the greatest eigenvalues of D^(-1/2) A D^(-1/2), which are those of the least of the symmetric normalized Laplacian, are the coordinates
/// of the vertices; scaled to length 1, they are clustered by k-means.
/// - Parameter affinity: A, [vertices, vertices], symmetric, no entry negative; every vertex has a weight to some vertex, itself included.
/// - Returns: the cluster of each vertex.
/// - Throws: when the affinities are not finite, or a vertex has none.
public func spectralClustering(
  affinity: Tensor<Double>, clusters: Int, restarts: Int = 10, key: Key
) throws(LinearAlgebraError) -> [Int] {
  guard affinity.rank == 2, affinity.shape[0] == affinity.shape[1], (1...affinity.shape[0]).contains(clusters) else {
    fatalError("spectralClustering: \(clusters) clusters, affinities of shape \(affinity.shape)")
  }
  let count = affinity.shape[0]
  let scale = affinity.sum(1).reciprocalSquareRoot()
  let vectors = try eigh(affinity * scale * scale.expandingDimensions(1)).vectors.slice(All(), count - clusters..<count)
  let lengths = maximum(vectors.norm(1, keepingAxes: true), Tensor(Double.leastNormalMagnitude))
  return kMeans(vectors / lengths, clusters: clusters, restarts: restarts, key: key).labels
}

private func matrixRows(_ matrix: Tensor<Double>) -> [[Double]] {
  let (scalars, columns) = (matrix.scalars, matrix.shape[1])
  return (0..<matrix.shape[0]).map { Array(scalars[$0 * columns..<($0 + 1) * columns]) }
}

private func nearestCentre(_ point: [Double], _ centres: [[Double]]) -> (label: Int, distance: Double) {
  var (label, least) = (0, Double.infinity)
  for (i, centre) in centres.enumerated() {
    var distance = 0.0
    for k in point.indices { distance += (point[k] - centre[k]) * (point[k] - centre[k]) }
    if distance < least { (label, least) = (i, distance) }
  }
  return (label, least)
}

/// The place in which a number of [0, 1) falls when the places are as wide as their odds; places without odds are left out as long as
/// others have some.
private func place(of draw: Double, odds: [Double]) -> Int {
  var rest = draw * odds.reduce(0, +)
  for (i, width) in odds.enumerated() {
    rest -= width
    if rest < 0 { return i }
  }
  return odds.lastIndex { $0 > 0 } ?? odds.count - 1
}
