import Tensors

/// Labels of ±1 on some nodes of a square lattice, spread to the others: the minimum over the free nodes of the sum of (x_i - x_j)^2 over
/// neighbours, labelled nodes held at their labels (Zhu, Ghahramani and Lafferty 2003).
///
/// It is a quadratic x^T H x / 2 - c^T x whose matrix has two entries of -2 for every edge between free nodes. Coordinates are the free nodes,
/// row by row.
public struct LatticeLabelPropagation: Sendable {
  /// Nodes along a side.
  public let side: Int
  /// The label of each node, row-major; nil for a free one.
  public let labels: [Double?]
  /// The free nodes: node of each coordinate.
  public let free: [Int]
  private let coordinates: [Int?]

  /// A lattice with given labels, row-major.
  public init(side: Int, labels: [Double?]) {
    guard labels.count == side * side else {
      fatalError("LatticeLabelPropagation: \(labels.count) labels for \(side) x \(side) nodes")
    }
    (self.side, self.labels) = (side, labels)
    free = labels.indices.filter { labels[$0] == nil }
    var coordinates = [Int?](repeating: nil, count: labels.count)
    for (coordinate, node) in free.enumerated() { coordinates[node] = coordinate }
    self.coordinates = coordinates
  }

  /// A `share` of the nodes, at least one, drawn without replacement and labelled 1 or -1 at random.
  public init(side: Int, labelledShare share: Double, key: Key) {
    let count = max(1, Int((share * Double(side * side)).rounded()))
    let signs = Tensor<Double>.rademacher([count], key: key.named("signs"))
    var labels = [Double?](repeating: nil, count: side * side)
    for (i, node) in key.named("places").choice(count, from: side * side).enumerated() { labels[node] = signs[i] }
    self.init(side: side, labels: labels)
  }

  private func neighbours(of node: Int) -> [Int] {
    let (row, column) = (node / side, node % side)
    return [(row - 1, column), (row, column - 1), (row, column + 1), (row + 1, column)]
      .filter { (0..<side).contains($0.0) && (0..<side).contains($0.1) }.map { $0.0 * side + $0.1 }
  }

  /// The entries of H that are not zero, by coordinates.
  public var matrixEntries: [(row: Int, column: Int, value: Double)] {
    free.indices.flatMap { i in
      let near = neighbours(of: free[i])
      return [(i, i, 2 * Double(near.count))] + near.compactMap { node in coordinates[node].map { (i, $0, -2) } }
    }
  }

  /// c: what labelled neighbours pull with.
  public var linearTerm: [Double] {
    free.map { node in 2 * neighbours(of: node).reduce(0) { $0 + (labels[$1] ?? 0) } }
  }

  /// The free nodes in two parts without cycles: the even rows joined by the first column, the odd rows joined by the last.
  public var combs: [[Int]] {
    parts { row, column in column == 0 || (row % 2 == 0 && column < side - 1) }
  }

  /// The free nodes in two parts without neighbours: the two colours of a chessboard.
  public var colours: [[Int]] { parts { row, column in (row + column) % 2 == 0 } }

  private func parts(_ isFirst: (_ row: Int, _ column: Int) -> Bool) -> [[Int]] {
    let first = free.indices.filter { isFirst(free[$0] / side, free[$0] % side) }
    let chosen = Set(first)
    return [first, free.indices.filter { !chosen.contains($0) }]
  }
}
