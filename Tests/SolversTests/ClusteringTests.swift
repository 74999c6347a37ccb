import Foundation
import Solvers
import Tensors
import Testing

/// Against References/clustering.py, which has the same points.
@Suite struct ClusteringTests {
  private let points = Tensor<Double>.stack(
    (0..<24).map { (i: Int) -> Tensor<Double> in
      let x: Double = sin(0.9 * Double(i)) + Double(i % 3)
      let y: Double = cos(1.7 * Double(i)) + 0.8 * Double(i % 4)
      return Tensor<Double>([x, y])
    })

  @Test func kMeansAgreesWithScikitLearn() {
    let result = kMeans(points, from: points.slice(0..<3))
    #expect(result.labels == [1, 2, 2, 0, 1, 1, 1, 0, 2, 1, 2, 0, 1, 1, 2, 0, 2, 2, 0, 0, 1, 1, 0, 2])
    #expect(abs(result.inertia - 22.049824362708996) < 1e-12)
    let centres: [Double] = [
      0.7353755799316393, 2.937285599866093, 0.25928782104208503, 0.24417212434725144, 2.2900168763749664, 0.8823639482836543,
    ]
    for (value, known) in zip(result.centres.scalars, centres) { #expect(abs(value - known) < 1e-13) }
  }

  @Test func restartsFindTheBest() {
    // Nine tight groups on a grid: a single start from the points in order puts several centres into the first group.
    let noise = Tensor<Double>.normal([90, 2], standardDeviation: 0.01, key: Key(seed: 3))
    let groups = (0..<90).map { $0 / 10 }
    let grid = noise + Tensor<Double>.stack(groups.map { Tensor<Double>([Double($0 % 3), Double($0 / 3)]) })
    #expect(!areSame(kMeans(grid, from: grid.slice(0..<9)).labels, groups))
    let best = kMeans(grid, clusters: 9, key: Key(seed: 0))
    #expect(areSame(best.labels, groups))
    #expect(best.inertia < 0.05)
    #expect(best.labels == kMeans(grid, clusters: 9, key: Key(seed: 0)).labels)
  }

  @Test func aCentreWithoutPointsStays() {
    let result = kMeans(Tensor(shape: [2, 1], [0, 1]), from: Tensor(shape: [2, 1], [0.5, 9]))
    #expect(result.labels == [0, 0] && result.centres.scalars == [0.5, 9] && result.inertia == 0.5)
  }

  @Test func spectralClustersAreScikitLearns() throws {
    let block = [Int](repeating: 0, count: 9) + [Int](repeating: 1, count: 6) + [Int](repeating: 2, count: 5) + [3, 3, 3, 3]
    let entries = (0..<576).map { (place: Int) -> Double in
      let (i, j) = (place / 24, place % 24)
      let angle = 0.7 * Double(i + j) + 0.3 * Double(i * j)
      return 0.35 * abs(sin(angle)) + (block[i] == block[j] ? 0.5 : 0)
    }
    let affinity = Tensor<Double>(shape: [24, 24], entries)
    #expect(areSame(try spectralClustering(affinity: affinity, clusters: 4, key: Key(seed: 0)), block))
  }

  /// Two rings, which no centres divide.
  @Test func rings() throws {
    let points = Tensor<Double>.stack(
      (0..<80).map { (i: Int) -> Tensor<Double> in
        let (angle, radius) = (Double.pi * Double(i / 2) / 20, i % 2 == 0 ? 1.0 : 3)
        return Tensor<Double>([radius * cos(angle), radius * sin(angle)])
      })
    let squares = (points.expandingDimensions(1) - points).squaredNorm(-1)
    let labels = try spectralClustering(affinity: (-squares / 0.1).exp(), clusters: 2, key: Key(seed: 1))
    let ring = (0..<80).map { $0 % 2 }
    #expect(areSame(labels, ring))
    #expect(!areSame(kMeans(points, clusters: 2, key: Key(seed: 1)).labels, ring))
  }

  @Test func affinitiesWithoutSenseThrow() {
    #expect(throws: LinearAlgebraError.self) {
      try spectralClustering(affinity: .full([3, 3], .nan), clusters: 2, key: Key(seed: 0))
    }
    #expect(throws: LinearAlgebraError.self) {
      try spectralClustering(affinity: .zeros([3, 3]), clusters: 2, key: Key(seed: 0))
    }
  }

  /// Whether two divisions are the same but for the names of the clusters.
  private func areSame(_ a: [Int], _ b: [Int]) -> Bool {
    let pairs = Set(zip(a, b).map { [$0, $1] })
    return a.count == b.count && pairs.count == Set(a).count && pairs.count == Set(b).count
  }
}
