import Foundation
import Notebook
import Problems
import Solvers
import Tensors

/// Let's Make Block Coordinate Descent Converge Faster: Faster Greedy Rules, Message-Passing, Active-Set Complexity, and Superlinear
/// Convergence (Nutini, Laradji and Schmidt, JMLR 2022).
///
/// **Shows**: the partition, the rule that selects the next block, and the update each matter by orders of magnitude. Greedy rules that know
/// the curvature of each block beat plain Gauss-Southwell; Newton updates of tree-structured blocks cost no more than gradient updates, by
/// message passing; on sparse problems the support is found after finitely many steps and the method then ends.
///
/// **Here**: (1) sparse least squares with badly scaled columns: six rules, two updates, four partitions; (2) labels spread over a lattice
/// by two tree-structured combs, two colours, or small dense blocks whose factorization costs the same, |b| = n^(1/3); (3) LASSO with
/// variable blocks. The offset of a column is added to its entries that are not zero, so that the matrix stays sparse: the paper, too,
/// keeps entries only after they were shifted. Data sets of the paper are left out.
package enum GreedyBlockDescent: Experiment {
  package static let paper = Paper(
    slug: "greedy-block-descent",
    title: """
      Let's Make Block Coordinate Descent Converge Faster: Faster Greedy Rules, Message-Passing, Active-Set Complexity, and Superlinear \
      Convergence
      """,
    authors: ["Julie Nutini", "Issam Laradji", "Mark Schmidt"], year: 2017, arxiv: "1712.08859",
    shows: """
      Partition, selection rule and update of block coordinate descent each matter by orders of magnitude. Greedy rules should account for \
      the curvature of the blocks; Newton updates of tree-structured blocks are cheap by message passing; with l1 the support is identified \
      and the method ends after finitely many steps.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("least squares with badly scaled columns, experiment (1)") package var regression = Regression()
    @Setting("label propagation on a lattice, experiment (2)") package var lattice = Lattice()
    @Setting("LASSO, experiment (3)") package var lasso = Lasso()
    @Setting("independent problems of each kind") package var seeds = 3
    package init() {}
  }

  package struct Regression: Codable, Sendable {
    @Setting("rows of the design") package var rows = 400
    @Setting("columns of the design") package var columns = 200
    @Setting("share of its entries that are not zero") package var density = 0.1
    @Setting("standard deviation of the logarithm of the columns' scales") package var spread = 1.5
    @Setting("median of the columns' offsets") package var offset = 0.1
    @Setting("standard deviation of the noise of the targets") package var noise = 1.0
    @Setting("factor of ||x||²/2") package var ridge = 0.1
    @Setting("coordinates of a block") package var blockSize = 5
    @Setting("iterations") package var iterations = 400
    package init() {}
  }

  package struct Lattice: Codable, Sendable {
    @Setting("nodes along a side") package var side = 40
    @Setting("share of the nodes with a label") package var labelled = 0.05
    @Setting("iterations") package var iterations = 500
    @Setting("sides of the lattices whose combs are solved by elimination and densely") package var checkedSides = [
      10, 20, 30, 40,
    ]
    package init() {}
  }

  package struct Lasso: Codable, Sendable {
    @Setting("rows of the design") package var rows = 200
    @Setting("columns of the design") package var columns = 500
    @Setting("entries of the true weights that are not zero") package var sparsity = 10
    @Setting("standard deviation of the noise of the targets") package var noise = 0.1
    @Setting("lambda over the least one with solution 0") package var regularization = 0.1
    @Setting("iterations") package var iterations = 500
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.regression.rows = 60
      settings.regression.columns = 40
      settings.regression.iterations = 40
      settings.lattice.side = 12
      settings.lattice.iterations = 50
      settings.lattice.checkedSides = [6, 10]
      settings.lasso.rows = 40
      settings.lasso.columns = 60
      settings.lasso.sparsity = 4
      settings.lasso.iterations = 100
      settings.seeds = 1
    case .quick: break
    case .full:
      settings.regression.rows = 1000
      settings.regression.columns = 2500
      settings.regression.iterations = 4000
      settings.lattice.side = 100
      settings.lattice.iterations = 2000
      settings.lasso.rows = 1000
      settings.lasso.columns = 2500
      settings.lasso.iterations = 1000
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    try runRegression(settings, notebook)
    try runLattice(settings, notebook)
    try checkElimination(settings, notebook)
    try runLasso(settings.lasso, seeds: settings.seeds, notebook)
  }

  /// Every rule with every update on sorted blocks; the diagonal rule with Newton updates on other partitions.
  private static func runRegression(_ settings: Settings, _ notebook: Recorder) throws {
    let data = settings.regression
    let seeds = Dimension("seed", count: settings.seeds, "problem")
    let keys = notebook.key("regression").split(settings.seeds)
    let problems = keys.map { LeastSquaresBlocks(data, key: $0) }
    let gap = try notebook.trace(
      "regression/gap", "f(x) - f* over its first value",
      along: [
        seeds, Dimension("update", BlockUpdate.allCases.map(\.rawValue), "update of a block"),
        Dimension("rule", BlockRule.allCases.map(\.rawValue), "selection of a block"),
      ])
    let identity = try notebook.trace(
      "regression/identity_error", "largest |decrease - g^T H^-1 g / 2| over it, Newton updates", along: [seeds])
    let progress = try notebook.trace(
      "regression/largest_progress", "largest decrease that any rule would make, over that of GSQ", along: [seeds])
    let descents = problems.map { problem in
      BlockUpdate.allCases.map { update in
        BlockRule.allCases.map { BlockCoordinateDescent(problem.quadratic, problem.sorted, rule: $0, update: update) }
      }
    }
    var state = problems.map { RuleComparison(start: BlockIterate($0.quadratic)) }
    try notebook.steps("regression", data.iterations, state: &state, cadence: .every(1)) { t, state in
      for seed in state.indices {
        state[seed].step(descents[seed], problems[seed], t, key: keys[seed].named("blocks"))
      }
    } measure: { state, record in
      record(gap, zip(state, problems).flatMap { state, problem in state.iterates.joined().map { problem.relativeGap($0) } })
      record(identity, state.map(\.identityError))
      record(progress, state.map(\.largestProgress))
    }
    try runPartitions(problems, keys, settings, notebook)
  }

  static let partitions = ["sorted", "average", "random", "variable"]

  private static func runPartitions(
    _ problems: [LeastSquaresBlocks], _ keys: [Key], _ settings: Settings, _ notebook: Recorder
  ) throws {
    let size = settings.regression.blockSize
    let gap = try notebook.trace(
      "partitions/gap", "f(x) - f* over its first value, rule GSD, Newton updates",
      along: [
        Dimension("seed", count: settings.seeds, "problem"),
        Dimension("partition", partitions, "which coordinates share a block"),
      ])
    let fixed = zip(problems, keys).map { problem, key in
      [
        problem.sorted, BlockPartition.average(of: problem.quadratic.diagonal, size: size),
        BlockPartition.random(count: problem.quadratic.dimension, size: size, key: key.named("partition")),
      ].map { BlockCoordinateDescent(problem.quadratic, $0, rule: .gaussSouthwellDiagonal, update: .newton) }
    }
    // Without l1 the proximal step is -g_i / H_ii, so the rule is that of the largest g_i² / H_ii.
    let variable = problems.map { L1BlockDescent($0.quadratic, l1: 0, size: size) }
    var state = problems.map { [BlockIterate](repeating: BlockIterate($0.quadratic), count: partitions.count) }
    try notebook.steps("partitions", settings.regression.iterations, state: &state, cadence: .every(1)) { t, state in
      for seed in state.indices {
        for (i, descent) in fixed[seed].enumerated() { descent.step(&state[seed][i], t, key: keys[seed]) }
        variable[seed].step(&state[seed][partitions.count - 1])
      }
    } measure: { state, record in
      record(gap, zip(state, problems).flatMap { iterates, problem in iterates.map { problem.relativeGap($0) } })
    }
  }

  static let latticeBlocks = ["two combs", "two colours", "small, random", "small, GS", "small, GSQ"]

  private static func runLattice(_ settings: Settings, _ notebook: Recorder) throws {
    let data = settings.lattice
    let gap = try notebook.trace(
      "lattice/gap", "f(x) - f* over its first value",
      along: [
        Dimension("seed", count: settings.seeds, "problem"),
        Dimension("blocks", latticeBlocks, "blocks, and how they are selected"),
      ])
    let keys = notebook.key("lattice").split(settings.seeds)
    let lattices = keys.map { LatticeLabelPropagation(side: data.side, labelledShare: data.labelled, key: $0) }
    let quadratics = lattices.map { $0.quadratic }
    let minima = quadratics.map { $0.matrix.solve($0.linear, tolerance: 1e-15, maximumIterations: 10_000).solution.scalars }
    let descents = zip(lattices, quadratics).map { lattice, quadratic in
      let size = Int(cbrt(Double(quadratic.dimension)))
      let small = BlockPartition.consecutive(Array(0..<quadratic.dimension), size: max(1, size))
      return [lattice.combs, lattice.colours].map {
        BlockCoordinateDescent(quadratic, $0, rule: .cyclic, update: .newton, byElimination: true)
      }
        + [BlockRule.random, .gaussSouthwell, .gaussSouthwellQuadratic].map {
          BlockCoordinateDescent(quadratic, small, rule: $0, update: .newton)
        }
    }
    var state = quadratics.map { [BlockIterate](repeating: BlockIterate($0), count: latticeBlocks.count) }
    try notebook.steps("lattice", data.iterations, state: &state, cadence: .every(1)) { t, state in
      for seed in state.indices {
        for (i, descent) in descents[seed].enumerated() { descent.step(&state[seed][i], t, key: keys[seed].named("blocks")) }
      }
    } measure: { state, record in
      record(
        gap,
        state.indices.flatMap { seed -> [Double] in
          let (quadratic, minimum) = (quadratics[seed], minima[seed])
          let first = quadratic.gap(at: BlockIterate(quadratic), minimum: minimum)
          return state[seed].map { quadratic.gap(at: $0, minimum: minimum) / first }
        })
    }
  }

  /// Combs of growing lattices: elimination against a dense solution, and its operations.
  private static func checkElimination(_ settings: Settings, _ notebook: Recorder) throws {
    let sides = Dimension("side", settings.lattice.checkedSides, "nodes along a side")
    let checks = settings.lattice.checkedSides.map { side in
      let key = notebook.key("elimination")[side]
      let lattice = LatticeLabelPropagation(side: side, labelledShare: settings.lattice.labelled, key: key)
      return EliminationCheck(lattice.quadratic.matrix, block: lattice.combs[0], key: key.named("right side"))
    }
    try notebook.tensor("elimination/size", Tensor(checks.map(\.size)), "unknowns of the comb", along: [sides])
    try notebook.tensor(
      "elimination/operations", Tensor(checks.map(\.operations)), "operations of its elimination", along: [sides])
    try notebook.tensor(
      "elimination/error", Tensor(checks.map(\.error)), "largest difference from a dense solution, relative", along: [sides])
  }
}
