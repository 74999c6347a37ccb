import Notebook
import Solvers
import Tensors

/// Experiment (3): ||A x - b||² / 2 + lambda ||x||_1 with its solution.
struct LassoBlocks {
  let quadratic: BlockQuadratic
  let l1: Double
  let activeSet: ActiveSet
  /// Within this distance of the solution the support is identified.
  let radius: Double
  private let exact: L1BlockDescent
  private let solution: BlockIterate

  init(_ data: GreedyBlockDescent.Lasso, key: Key) {
    let design = Tensor<Double>.normal([data.rows, data.columns], key: key.named("design"))
    var weights = Tensor<Double>.zeros(data.columns)
    let entries = Tensor<Double>.normal([data.sparsity], key: key.named("weights"))
    for (i, place) in key.named("support").choice(data.sparsity, from: data.columns).enumerated() { weights[place] = entries[i] }
    let targets = matmul(design, weights) + data.noise * Tensor.normal([data.rows], key: key.named("noise"))
    quadratic = .leastSquares(design: design, targets: targets)
    l1 = data.regularization * (quadratic.linear.map(abs).max() ?? 0)
    exact = L1BlockDescent(quadratic, l1: l1, size: data.columns, tolerance: 1e-15)
    var solution = BlockIterate(quadratic)
    // One step minimizes over everything; a second one removes the rounding that the first has left in the gradient.
    for _ in 0..<2 { exact.step(&solution) }
    self.solution = solution
    activeSet = ActiveSet(solution: solution, l1: l1)
    let largest = matmul(design, design, transposeB: true).eigh().values.scalars.last ?? 0
    radius = activeSet.identificationRadius(smoothness: largest)
  }

  /// (F(x) - F*) / (F(0) - F*), where F(0) = 0.
  func relativeGap(_ iterate: BlockIterate) -> Double {
    let least = exact.value(at: solution)
    return (exact.value(at: iterate) - least) / -least
  }

  func distance(_ iterate: BlockIterate) -> Double {
    zip(iterate.x, solution.x).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
  }
}

extension GreedyBlockDescent {
  static let lassoBlocks = ["1", "5", "s", "2s"]

  static func runLasso(_ data: Lasso, seeds: Int, _ notebook: Recorder) throws {
    let keys = notebook.key("lasso").split(seeds)
    let problems = keys.map { LassoBlocks(data, key: $0) }
    let dimensions = [
      Dimension("seed", count: seeds, "problem"),
      Dimension("size", lassoBlocks, "coordinates of a block, s those of the final support"),
    ]
    let gap = try notebook.trace("lasso/gap", "F(x) - F* over its first value", along: dimensions)
    let support = try notebook.trace("lasso/support", "coordinates that are not zero", along: dimensions)
    let isIdentified = try notebook.trace(
      "lasso/identified", "1 when these are the support of the solution, else 0", along: dimensions)
    let distance = try notebook.trace(
      "lasso/distance", "||x - x*|| over the radius within which the support is identified", along: dimensions)
    let descents = problems.map { problem in
      [1, 5, problem.activeSet.support.count, 2 * problem.activeSet.support.count].map {
        L1BlockDescent(problem.quadratic, l1: problem.l1, size: max(1, $0))
      }
    }
    var state = problems.map { [BlockIterate](repeating: BlockIterate($0.quadratic), count: lassoBlocks.count) }
    try notebook.steps("lasso", data.iterations, state: &state, cadence: .every(1)) { _, state in
      for seed in state.indices {
        for (i, descent) in descents[seed].enumerated() { descent.step(&state[seed][i]) }
      }
    } measure: { state, record in
      let pairs = zip(state, problems).flatMap { iterates, problem in iterates.map { ($0, problem) } }
      record(gap, pairs.map { $1.relativeGap($0) })
      record(support, pairs.map { iterate, _ in Double(iterate.x.count(where: { $0 != 0 })) })
      record(isIdentified, pairs.map { $1.activeSet.isIdentified(by: $0) ? 1 : 0 })
      record(distance, pairs.map { $1.distance($0) / $1.radius })
    }
  }
}
