import Diagnostics
import Problems
import Solvers
import Tensors

/// Experiment (1): a sparse least-squares problem with badly scaled columns, its solution, and its blocks of similar curvature.
struct LeastSquaresBlocks {
  let quadratic: BlockQuadratic
  let minimum: [Double]
  let sorted: [[Int]]
  private let first: Double

  init(_ data: GreedyBlockDescent.Regression, key: Key) {
    let shape = [data.rows, data.columns]
    let scales = (data.spread * Tensor.normal([data.columns], key: key.named("scales"))).exp()
    let offsets = data.offset * Tensor.normal([data.columns], key: key.named("offsets")).exp()
    let mask = Tensor<Double>.bernoulli(shape, probability: data.density, key: key.named("mask"))
    let design = mask * (scales * Tensor.normal(shape, key: key.named("entries")) + offsets)
    let weights = Tensor<Double>.normal([data.columns], key: key.named("weights"))
    let targets = matmul(design, weights) + data.noise * Tensor.normal([data.rows], key: key.named("noise"))
    quadratic = .leastSquares(design: design, targets: targets, ridge: data.ridge)
    minimum = quadratic.matrix.block(Array(0..<data.columns)).solve(Tensor(quadratic.linear)).scalars
    sorted = BlockPartition.sorted(by: quadratic.diagonal, size: data.blockSize)
    first = quadratic.gap(at: BlockIterate(quadratic), minimum: minimum)
  }

  func relativeGap(_ iterate: BlockIterate) -> Double { quadratic.gap(at: iterate, minimum: minimum) / first }
}

/// One run for each update and rule, with a check of what Newton updates promise.
struct RuleComparison: Codable {
  /// By update, then rule.
  var iterates: [[BlockIterate]]
  /// The largest |decrease - g^T H^-1 g / 2| / decrease so far over the Newton runs.
  var identityError = 0.0
  /// The largest decrease that any rule would have made at any iterate of the Newton runs so far, over that of GSQ at the same iterate.
  var largestProgress = 0.0

  init(start: BlockIterate) {
    iterates = BlockUpdate.allCases.map { _ in BlockRule.allCases.map { _ in start } }
  }

  mutating func step(_ descents: [[BlockCoordinateDescent]], _ problem: LeastSquaresBlocks, _ t: Int, key: Key) {
    for (update, row) in descents.enumerated() {
      for (rule, descent) in row.enumerated() {
        let before = iterates[update][rule]
        let block = descent.step(&iterates[update][rule], t, key: key)
        guard descent.update == .newton else { continue }
        let predicted = descent.newtonDecrease(before, block: block)
        let decrease =
          problem.quadratic.gap(at: before, minimum: problem.minimum)
          - problem.quadratic.gap(at: iterates[update][rule], minimum: problem.minimum)
        // The difference of two gaps carries their rounding: of a decrease too small beside them it tells nothing.
        if predicted > 1e-4 * problem.quadratic.gap(at: before, minimum: problem.minimum) {
          identityError = quantile([identityError, abs(decrease - predicted) / predicted], 1)
        }
        compareRules(row, at: before, t, key: key)
      }
    }
  }

  private mutating func compareRules(_ descents: [BlockCoordinateDescent], at iterate: BlockIterate, _ t: Int, key: Key) {
    let decreases = descents.map { $0.newtonDecrease(iterate, block: $0.choose(iterate, t, key: key)) }
    guard let best = descents.firstIndex(where: { $0.rule == .gaussSouthwellQuadratic }) else { return }
    largestProgress = quantile([largestProgress, quantile(decreases, 1) / decreases[best]], 1)
  }
}

extension LatticeLabelPropagation {
  var quadratic: BlockQuadratic {
    let entries = matrixEntries.map { SparseMatrix.Entry(row: $0.row, column: $0.column, value: $0.value) }
    return BlockQuadratic(matrix: SparseMatrix(rows: free.count, columns: free.count, entries: entries), linear: linearTerm)
  }
}

/// Elimination on one block with a random right side, against a dense solution.
struct EliminationCheck {
  let size: Double
  let operations: Double
  let error: Double

  init(_ matrix: SparseMatrix, block: [Int], key: Key) {
    let right = Tensor<Double>.normal([block.count], key: key)
    let dense = matrix.block(block).solve(right)
    size = Double(block.count)
    // A block with a cycle has no elimination: nothing is measured.
    guard let result = ForestElimination(matrix, block: block)?.solve(right.scalars) else {
      (operations, error) = (.nan, .nan)
      return
    }
    operations = Double(result.operations)
    error = ((Tensor(result.solution) - dense).abs().max() / dense.abs().max()).scalar
  }
}
