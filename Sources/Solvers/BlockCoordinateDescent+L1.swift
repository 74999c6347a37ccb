/// Greedy block coordinate descent with variable blocks on F(x) = f(x) + lambda ||x||_1 for a quadratic f (Nutini, Laradji and Schmidt 2022):
/// each step takes the coordinates whose own proximal step is longest in the metric of the diagonal, and minimizes over them exactly.
///
/// Once the block holds the support and the signs are right a step is a Newton step on the support, so the method ends in finitely many.
public struct L1BlockDescent: Sendable {
  /// f.
  public let problem: BlockQuadratic
  /// lambda.
  public let l1: Double
  /// Coordinates in a block.
  public let size: Int
  /// The inner coordinate descent stops when no coordinate moves by more than this, in the metric of the diagonal and relative to the longest
  /// first move.
  public let tolerance: Double

  /// The descent with blocks of `size` coordinates.
  public init(_ problem: BlockQuadratic, l1: Double, size: Int, tolerance: Double = 1e-14) {
    (self.problem, self.l1, self.size, self.tolerance) = (problem, l1, min(size, problem.dimension), tolerance)
  }

  /// F(x).
  public func value(at iterate: BlockIterate) -> Double {
    problem.value(at: iterate) + l1 * iterate.x.reduce(0) { $0 + abs($1) }
  }

  /// One step: chooses a block and minimizes over it.
  /// - Returns: the block, in ascending order.
  @discardableResult
  public func step(_ iterate: inout BlockIterate) -> [Int] {
    let block = choose(iterate)
    iterate.move(block, by: blockStep(block, iterate), in: problem)
    return block
  }

  /// The `size` coordinates with the largest |proximal step| sqrt(H_ii).
  public func choose(_ iterate: BlockIterate) -> [Int] {
    let scores = iterate.x.indices.map { i in
      abs(proximalStep(iterate.x[i], iterate.gradient[i], problem.diagonal[i])) * problem.diagonal[i].squareRoot()
    }
    let order = scores.indices.sorted { scores[$0] > scores[$1] || (scores[$0] == scores[$1] && $0 < $1) }
    return order.prefix(size).sorted()
  }

  /// S_(lambda / h)(x - g / h) - x
  private func proximalStep(_ x: Double, _ g: Double, _ h: Double) -> Double {
    let target = x - g / h
    return (target > 0 ? 1 : -1) * max(abs(target) - l1 / h, 0) - x
  }

  /// The change of x_b that minimizes F over the block, by cyclic coordinate descent within it.
  private func blockStep(_ block: [Int], _ iterate: BlockIterate) -> [Double] {
    let hessian = problem.matrix.block(block).scalars
    let count = block.count
    let start = block.map { iterate.x[$0] }
    var (x, gradient) = (start, block.map { iterate.gradient[$0] })
    var longest = 0.0
    x.withUnsafeMutableBufferPointer { x in
      gradient.withUnsafeMutableBufferPointer { gradient in
        hessian.withUnsafeBufferPointer { hessian in
          for _ in 0..<100_000 {
            var move = 0.0
            for i in 0..<count {
              let curvature = hessian[i * count + i]
              let step = proximalStep(x[i], gradient[i], curvature)
              guard step != 0 else { continue }
              x[i] += step
              move = max(move, abs(step) * curvature.squareRoot())
              for k in 0..<count { gradient[k] += step * hessian[i * count + k] }
            }
            longest = max(longest, move)
            if move <= tolerance * longest { break }
          }
        }
      }
    }
    return zip(x, start).map { $0 - $1 }
  }
}

/// The zeros of a solution of an l1 problem, and how near an iterate must be for them to be found (Nutini, Laradji and Schmidt 2022,
/// active-set complexity).
public struct ActiveSet: Sendable {
  /// Coordinates of the solution that are not zero.
  public let support: Set<Int>
  /// delta = min over the zeros of lambda - |grad_i f(x*)|; infinite without zeros.
  public let margin: Double

  /// The active set of a solution with the gradient of f there.
  public init(solution: BlockIterate, l1: Double) {
    let zeros = solution.x.indices.filter { solution.x[$0] == 0 }
    support = Set(solution.x.indices).subtracting(zeros)
    margin = zeros.map { l1 - abs(solution.gradient[$0]) }.min() ?? .infinity
  }

  /// ||x - x*|| <= delta / (2L) implies that a proximal step sets all zeros of the solution.
  public func identificationRadius(smoothness: Double) -> Double { margin / (2 * smoothness) }

  /// Whether exactly the coordinates of the support are not zero.
  public func isIdentified(by iterate: BlockIterate) -> Bool {
    iterate.x.indices.allSatisfy { (iterate.x[$0] != 0) == support.contains($0) }
  }
}
