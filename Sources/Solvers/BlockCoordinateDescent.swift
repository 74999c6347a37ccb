import Tensors

/// Which block comes next. With g_b the gradient in block b, H_b its part of the Hessian, L_b the largest eigenvalue of H_b:
public enum BlockRule: String, Sendable, Codable, CaseIterable {
  /// Uniformly at random, with replacement.
  case random
  /// One after the other.
  case cyclic
  /// Gauss-Southwell (GS): the largest ||g_b||^2.
  case gaussSouthwell
  /// Gauss-Southwell-Lipschitz (GSL): the largest ||g_b||^2 / L_b.
  case gaussSouthwellLipschitz
  /// Gauss-Southwell-Diagonal (GSD): the largest sum of g_i^2 / H_ii.
  case gaussSouthwellDiagonal
  /// Gauss-Southwell-Quadratic (GSQ): the largest g_b^T H_b^-1 g_b, twice the decrease of a Newton step.
  case gaussSouthwellQuadratic
}

/// What is done with the block.
public enum BlockUpdate: String, Sendable, Codable, CaseIterable {
  /// x_b -= g_b / L_b
  case gradient
  /// x_b -= H_b^-1 g_b, which is exact minimization over the block.
  case newton
}

/// Which coordinates go together.
public enum BlockPartition {
  /// Consecutive coordinates in the order of `weights`: coordinates of similar curvature share a block.
  public static func sorted(by weights: [Double], size: Int) -> [[Int]] { consecutive(order(weights), size: size) }

  /// Every block takes its share of small and of large weights: one coordinate of each section of the order.
  public static func average(of weights: [Double], size: Int) -> [[Int]] {
    let order = order(weights)
    let count = (order.count + size - 1) / size
    return (0..<count).map { first in stride(from: first, to: order.count, by: count).map { order[$0] } }
  }

  /// Consecutive coordinates of a random order.
  public static func random(count: Int, size: Int, key: Key) -> [[Int]] { consecutive(key.permutation(count), size: size) }

  /// Parts of `size` in a given order, the last one shorter.
  public static func consecutive(_ order: [Int], size: Int) -> [[Int]] {
    stride(from: 0, to: order.count, by: size).map { Array(order[$0..<min($0 + size, order.count)]) }
  }

  private static func order(_ weights: [Double]) -> [Int] {
    weights.indices.sorted { weights[$0] < weights[$1] || (weights[$0] == weights[$1] && $0 < $1) }
  }
}

/// Block coordinate descent on a quadratic with a fixed partition (Nutini, Laradji and Schmidt, JMLR 2022).
///
///     let descent = BlockCoordinateDescent(problem, partition, rule: .gaussSouthwellDiagonal, update: .newton)
///     var iterate = BlockIterate(problem)
///     for t in 0..<100 { descent.step(&iterate, t, key: key) }
///
/// Promise: plain loops over arrays; a step costs one score for each block and |b| columns of H. Blocks whose part of the Hessian is a forest
/// can be solved by elimination in O(|b|).
public struct BlockCoordinateDescent: Sendable {
  /// What is minimized.
  public let problem: BlockQuadratic
  /// The coordinates of each block.
  public let partition: [[Int]]
  /// How the next block is chosen.
  public let rule: BlockRule
  /// What is done with it.
  public let update: BlockUpdate
  /// L_b; empty when neither rule nor update asks for it.
  private let lipschitz: [Double]
  private let inverses: [BlockInverse]

  private enum BlockInverse: Sendable {
    /// H_b^-1, row-major.
    case dense([Double])
    case forest(ForestElimination)
  }

  /// - Parameter byElimination: whether the Hessian of every block is a forest, and is to be solved as such.
  public init(
    _ problem: BlockQuadratic, _ partition: [[Int]], rule: BlockRule, update: BlockUpdate, byElimination: Bool = false
  ) {
    (self.problem, self.partition, self.rule, self.update) = (problem, partition, rule, update)
    let needsLipschitz = update == .gradient || rule == .gaussSouthwellLipschitz
    lipschitz = needsLipschitz ? partition.map { problem.matrix.block($0).eigh().values.scalars.last ?? 0 } : []
    let needsInverse = update == .newton || rule == .gaussSouthwellQuadratic
    inverses =
      !needsInverse
      ? []
      : partition.map { block in
        guard byElimination else { return .dense(problem.matrix.block(block).inverse().scalars) }
        guard let forest = ForestElimination(problem.matrix, block: block) else {
          fatalError("BlockCoordinateDescent: the Hessian of a block of \(block.count) coordinates is not a forest")
        }
        return .forest(forest)
      }
  }

  /// One step: chooses a block and updates it. The random rule draws step t from `key[t]`.
  /// - Returns: the block.
  @discardableResult
  public func step(_ iterate: inout BlockIterate, _ t: Int, key: Key) -> Int {
    let block = choose(iterate, t, key: key)
    apply(to: &iterate, block: block)
    return block
  }

  /// The block that the rule selects; the first of equals.
  public func choose(_ iterate: BlockIterate, _ t: Int, key: Key) -> Int {
    switch rule {
    case .random: return Int(Tensor<Int32>.integers([1], in: 0..<Int32(partition.count), key: key[t])[0])
    case .cyclic: return t % partition.count
    default:
      var (best, chosen) = (-Double.infinity, 0)
      for block in partition.indices {
        let score = score(iterate.gradient, block)
        if score > best { (best, chosen) = (score, block) }
      }
      return chosen
    }
  }

  /// Updates one block.
  public func apply(to iterate: inout BlockIterate, block: Int) {
    let slope = partition[block].map { iterate.gradient[$0] }
    let direction = update == .newton ? newtonDirection(slope, block) : slope.map { $0 / lipschitz[block] }
    iterate.move(partition[block], by: direction.map { -$0 }, in: problem)
  }

  /// g_b^T H_b^-1 g_b / 2, by which a Newton step on the block decreases f.
  public func newtonDecrease(_ iterate: BlockIterate, block: Int) -> Double {
    let slope = partition[block].map { iterate.gradient[$0] }
    return zip(slope, newtonDirection(slope, block)).reduce(0) { $0 + $1.0 * $1.1 } / 2
  }

  private func score(_ gradient: [Double], _ block: Int) -> Double {
    let indices = partition[block]
    switch rule {
    case .random, .cyclic: return 0
    case .gaussSouthwell: return indices.reduce(0) { $0 + gradient[$1] * gradient[$1] }
    case .gaussSouthwellLipschitz: return indices.reduce(0) { $0 + gradient[$1] * gradient[$1] } / lipschitz[block]
    case .gaussSouthwellDiagonal: return indices.reduce(0) { $0 + gradient[$1] * gradient[$1] / problem.diagonal[$1] }
    case .gaussSouthwellQuadratic:
      let slope = indices.map { gradient[$0] }
      return zip(slope, newtonDirection(slope, block)).reduce(0) { $0 + $1.0 * $1.1 }
    }
  }

  /// H_b^-1 g_b
  private func newtonDirection(_ slope: [Double], _ block: Int) -> [Double] {
    switch inverses[block] {
    case .forest(let forest): return forest.solve(slope).solution
    case .dense(let inverse):
      return slope.indices.map { row in
        slope.indices.reduce(0) { $0 + inverse[row * slope.count + $1] * slope[$1] }
      }
    }
  }
}
