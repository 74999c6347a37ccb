import Notebook
import Tensors
import Transforms

/// Low Rank Matrix Completion via Robust Alternating Minimization in Nearly Linear Time (Gu, Song, Yin and Zhang, ICLR 2024).
///
/// **Shows**: alternating minimization for matrix completion keeps its linear convergence when each least-squares half-step is solved
/// only approximately: the error falls geometrically down to a floor proportional to the inexactness. An iterative solver with a
/// sketched preconditioner gets there with order |Omega| k operations a half-step instead of |Omega| k².
///
/// **Here**: the paper is theory; this runs its algorithm, for three draws of an incoherent matrix and of the entries seen. The proof
/// splits the entries into an independent set for each step; we use all of them in every step, as one does in practice. One sketch
/// serves all rows of a half-step and is drawn anew for the next. k steps of conjugate gradients solve a row problem of k unknowns
/// exactly, so that q >= k is no test of inexactness; q < k is.
package enum RobustAltminCompletion: Experiment {
  package static let paper = Paper(
    slug: "robust-altmin-completion",
    title: "Low Rank Matrix Completion via Robust Alternating Minimization in Nearly Linear Time",
    authors: ["Yuzhou Gu", "Zhao Song", "Junze Yin", "Lichen Zhang"], year: 2023, arxiv: "2302.11068",
    shows: """
      Alternating minimization completes a low-rank matrix at a linear rate even if its least-squares steps are solved inexactly: the \
      error falls down to a floor proportional to the inexactness. So a solver whose cost grows like the rank, not its square, is \
      accurate enough.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("side n of the matrix") package var side = 300
    @Setting("rank k") package var rank = 8
    @Setting("probability p that an entry is seen") package var share = 0.4
    @Setting("the singular values fall evenly from 1 to this") package var smallestSingularValue = 0.5
    @Setting("half-sweeps, two to a sweep") package var halfSweeps = 28
    @Setting("independent draws of the matrix and of what is seen") package var seeds = 3
    @Setting("sizes epsilon of the relative error of a row's solution") package var epsilons = [1e-2, 1e-4, 1e-6]
    @Setting("numbers q of conjugate gradient steps") package var iterations = [1, 3, 6, 10, 16]
    @Setting("ranks for which operations are counted") package var countedRanks = [5, 10, 20, 40]
    @Setting("conjugate gradient steps for which operations are counted") package var countedIterations = 10
    package init() {}

    /// Every way to solve the row problems, named.
    var solvers: [(name: String, solver: RowSolver)] {
      [(Self.solverExact, .exact)] + epsilons.map { (Self.name(epsilon: $0), .perturbed(epsilon: $0)) }
        + iterations.map { (Self.name(iterations: $0), .sketched(iterations: $0)) }
    }

    static let solverExact = "exact"
    static func name(epsilon: Double) -> String { "eps \(epsilon)" }
    static func name(iterations: Int) -> String { "q \(iterations)" }
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke: (settings.side, settings.rank, settings.share, settings.halfSweeps, settings.seeds) = (60, 3, 0.5, 16, 2)
    case .quick: break
    case .full: (settings.side, settings.rank, settings.share) = (2000, 20, 0.1)
    }
    return settings
  }

  // MARK: Run

  /// The factor after a half-sweep, [seeds, n, k], and the error that this left, [seeds].
  private struct Sweep: TensorTree, Codable {
    var factor, error: Tensor<Double>
  }

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let keys = notebook.key("seeds").split(settings.seeds)
    let matrices = keys.map { matrix(settings, key: $0) }
    let problems = Completion(target: .stack(matrices.map(\.target)), mask: .stack(matrices.map(\.mask)))
    let starts = Tensor.stack(
      try matrices.map {
        try Completion(target: $0.target, mask: $0.mask).start(
          rank: settings.rank, share: settings.share, threshold: $0.threshold)
      })
    try runSweeps(problems, starts, keys, settings, notebook)

    let seen = matrices[0].mask.sum(0).scalars
    let counts = settings.countedRanks.map { rank in
      let operations = Operations(seen: seen, columns: rank)
      return [operations.exact, operations.iterations(settings.countedIterations), operations.sketch]
    }
    try notebook.tensor(
      "operations", Tensor(shape: [counts.count, 3], counts.flatMap { $0 }), "additions and multiplications of a half-sweep",
      along: [
        Dimension("rank", settings.countedRanks, "rank k"),
        Dimension("part", ["exact", "iterations", "sketch"], "part of the work"),
      ])
  }

  /// Every solver from the same start on the same entries.
  private static func runSweeps(
    _ problems: Completion, _ starts: Tensor<Double>, _ keys: [Key], _ settings: Settings, _ notebook: Recorder
  ) throws {
    let error = try notebook.trace(
      "sweeps/error", "|U V^T - M|_F / |M|_F over all entries",
      along: [
        Dimension("solver", settings.solvers.map(\.name), "how the row problems are solved"),
        Dimension("seed", count: settings.seeds, "draw of the matrix and of what is seen"),
      ])
    let steps = settings.solvers.map { _, solver in
      compile { (problems: Completion, factors: Tensor<Double>, keys: Key) in
        vmap { (problem: Completion, factor: Tensor<Double>, key: Key) in
          let (factor, error) = halfSweep(problem, factor, solver, key: key)
          return Sweep(factor: factor, error: error)
        }(problems, factors, keys)
      }
    }
    let transposed = vmap { (problem: Completion) in problem.transposed }(problems)
    // Before the first half-sweep the estimate is zero.
    var sweeps = steps.map { _ in Sweep(factor: starts, error: .ones([settings.seeds])) }
    try notebook.steps("sweeps", settings.halfSweeps, state: &sweeps, cadence: .every(1)) { t, sweeps in
      let draws = Key.batch(keys.map { $0.named("sweeps")[t] })
      for i in sweeps.indices { sweeps[i] = steps[i](t % 2 == 0 ? problems : transposed, sweeps[i].factor, draws) }
    } measure: { sweeps, record in
      record(error, sweeps.flatMap(\.error.scalars))
    }
  }

  /// M = U diag(s) V^T with Haar factors, what is seen of it, and the length 2 sqrt(mu k / n) above which a row of the start counts as
  /// spurious, mu being the incoherence of U.
  private static func matrix(
    _ settings: Settings, key: Key
  ) -> (target: Tensor<Double>, mask: Tensor<Double>, threshold: Double) {
    let (n, k) = (settings.side, settings.rank)
    let u = Tensor<Double>.orthogonal([n, k], key: key.named("U"))
    let v = Tensor<Double>.orthogonal([n, k], key: key.named("V"))
    let values = Tensor<Double>.linspace(1, settings.smallestSingularValue, count: k)
    // mu k / n is the largest squared length of a row.
    return (
      matmul(u * values, v, transposeB: true), .bernoulli([n, n], probability: settings.share, key: key.named("mask")),
      2 * u.norm(1).max().scalar
    )
  }
}
