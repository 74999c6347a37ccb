/// Solves H d = r where the pattern of the symmetric positive definite H is a forest: by elimination from the leaves to the roots and
/// substitution back, as many operations as there are unknowns times eight. In the language of Gaussian models, by message passing
/// (Nutini, Laradji and Schmidt 2022, section 4).
public struct ForestElimination: Sendable {
  /// Unknowns so ordered that each comes after its parent.
  private let order: [Int]
  /// The parent of each unknown, -1 for a root.
  private let parents: [Int]
  /// H between each unknown and its parent.
  private let links: [Double]
  private let diagonal: [Double]

  /// The block of a symmetric matrix with these rows and columns; nil when the graph of its entries outside the diagonal has a cycle.
  public init?(_ matrix: SparseMatrix, block: [Int]) {
    var place = [Int: Int](minimumCapacity: block.count)
    for (local, index) in block.enumerated() { place[index] = local }
    var diagonal = [Double](repeating: 0, count: block.count)
    var neighbours = [[(Int, Double)]](repeating: [], count: block.count)
    for (local, index) in block.enumerated() {
      for entry in matrix.row(index) {
        guard let other = place[entry.column] else { continue }
        if other == local {
          diagonal[local] = entry.value
        } else if entry.value != 0 {
          neighbours[local].append((other, entry.value))
        }
      }
    }
    var (order, parents, links) = ([Int](), [Int](repeating: -1, count: block.count), [Double](repeating: 0, count: block.count))
    var isReached = [Bool](repeating: false, count: block.count)
    for root in block.indices where !isReached[root] {
      isReached[root] = true
      var next = order.count
      order.append(root)
      while next < order.count {
        let node = order[next]
        for (other, value) in neighbours[node] where other != parents[node] {
          guard !isReached[other] else { return nil }
          isReached[other] = true
          (parents[other], links[other]) = (node, value)
          order.append(other)
        }
        next += 1
      }
    }
    (self.order, self.parents, self.links, self.diagonal) = (order, parents, links, diagonal)
  }

  /// d with H d = r, and the number of multiplications, divisions and additions that it took.
  public func solve(_ r: [Double]) -> (solution: [Double], operations: Int) {
    guard r.count == order.count else { fatalError("ForestElimination: \(r.count) numbers for \(order.count) unknowns") }
    var (pivots, solution) = (diagonal, r)
    var operations = 0
    for node in order.reversed() where parents[node] >= 0 {
      let factor = links[node] / pivots[node]
      pivots[parents[node]] -= factor * links[node]
      solution[parents[node]] -= factor * solution[node]
      operations += 5
    }
    for node in order {
      if parents[node] >= 0 {
        solution[node] -= links[node] * solution[parents[node]]
        operations += 2
      }
      solution[node] /= pivots[node]
      operations += 1
    }
    return (solution, operations)
  }
}
