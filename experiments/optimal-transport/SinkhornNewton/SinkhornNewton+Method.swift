import Solvers
import Tensors
import Transforms
import Transport

extension SinkhornNewton {
  /// One Newton step.
  struct NewtonStep: Codable {
    /// alpha of the line search.
    var alpha: Double
    /// Steps of conjugate gradients.
    var products: Int
  }

  /// The second stage: Newton's method on the dual, its Hessian thresholded.
  ///
  ///     f(x, y) = a.x + b.y - (1/eta) sum P,  P = exp(eta (x_i + y_j - C_ij)),  gradient (a - P 1, b - P^T 1)
  ///     H = -eta [[diag(P 1), P], [P^T, diag(P^T 1)]], of whose off-diagonal block the largest entries are kept
  ///     z <- z + alpha dz,  -H dz = gradient by Jacobi-preconditioned conjugate gradients from 0
  ///
  /// The paper's exp(... - 1) is a shift of x by 1/eta. Halving alpha from 1 ends when f rises by 1e-4 alpha <gradient, dz>; the rise is
  /// alpha <gradient, dz> - (1/eta) sum P (exp(t) - 1 - t) with t = eta alpha (dx_i + dy_j), so that rounding does not hide it near the
  /// solution, where the values of f agree in all digits.
  struct NewtonStage {
    /// P with its marginals.
    struct Plan: TensorTree {
      var plan: Tensor<Double>
      var rows: Tensor<Double>
      var columns: Tensor<Double>
    }

    let problem: TransportProblem
    /// Entries of the off-diagonal block, rho n².
    let kept: Int
    private let evaluate = compile { (problem: TransportProblem, z: TransportPotentials) in
      let plan = problem.plan(z)
      return Plan(plan: plan, rows: plan.sum(1), columns: plan.sum(0))
    }
    private let curvature = compile {
      (plan: Tensor<Double>, dz: TransportPotentials, scale: Tensor<Double>) in
      let t = scale * (dz.rows.expandingDimensions(1) + dz.columns)
      return (plan * (t.expm1() - t)).sum()
    }

    init(_ problem: TransportProblem, kept: Int) {
      self.problem = problem
      self.kept = kept
    }

    /// Steps until e is at most the tolerance; `observe` hears e before each step and at the end.
    func run(
      from start: TransportPotentials, maximumSteps: Int, tolerance: Double, observe: (Double) -> Void
    ) -> (potentials: TransportPotentials, steps: [NewtonStep]) {
      var z = start
      var steps: [NewtonStep] = []
      while true {
        let plan = evaluate(problem, z)
        let gradient = TransportPotentials(rows: problem.a - plan.rows, columns: problem.b - plan.columns)
        let error = (gradient.rows.abs().sum() + gradient.columns.abs().sum()).scalar
        observe(error)
        guard error > tolerance, steps.count < maximumSteps else { return (z, steps) }
        let solution = negativeHessian(plan).solve(
          gradient.rows.scalars + gradient.columns.scalars, tolerance: 1e-8, maximumIterations: 500)
        let dz = z.unraveled(solution.solution)
        let alpha = lineSearch(plan.plan, dz, slope: (gradient.rows.dot(dz.rows) + gradient.columns.dot(dz.columns)).scalar)
        z = TransportPotentials(rows: z.rows + alpha * dz.rows, columns: z.columns + alpha * dz.columns)
        steps.append(NewtonStep(alpha: alpha, products: solution.iterations))
      }
    }

    private func negativeHessian(_ plan: Plan) -> SparseMatrix {
      let (n, m) = (problem.a.count, problem.b.count)
      let eta = 1 / problem.regularization.scalar
      let diagonal = (plan.rows.scalars + plan.columns.scalars).enumerated().map {
        SparseMatrix.Entry(row: $0, column: $0, value: eta * $1)
      }
      let block = SparseMatrix.largestEntries(kept, of: plan.plan)
      return SparseMatrix(
        rows: n + m, columns: n + m,
        entries: diagonal + block.map { .init(row: $0.row, column: n + $0.column, value: eta * $0.value) }
          + block.map { .init(row: n + $0.column, column: $0.row, value: eta * $0.value) })
    }

    private func lineSearch(_ plan: Tensor<Double>, _ dz: TransportPotentials, slope: Double) -> Double {
      let epsilon = problem.regularization.scalar
      var alpha = 1.0
      // A NaN of 0 times infinity is no rise either.
      while alpha > 1e-12,
        !(alpha * slope - epsilon * curvature(plan, dz, Tensor(alpha / epsilon)).scalar >= 1e-4 * alpha * slope)
      {
        alpha /= 2
      }
      return alpha
    }
  }

  /// One solver on one problem: e after each iteration, and the time until then.
  struct Run: Codable {
    var name: String
    /// How many iterations the first error stands for.
    var first = 1
    var errors: [Double] = []
    var seconds: [Double] = []
    var cost = Double.nan
    var newton: [NewtonStep] = []
  }

  /// All runs of an instance.
  struct Outcome: Codable {
    static let stages = ["0", "20", "100", "solution"]

    var runs: [Run] = []
    /// For each stage and k, the share of P outside its k n largest entries.
    var outside: [[Double]] = []

    init(_ instance: Instance, _ settings: Settings) {
      let problem = instance.problem
      let start = problem.startingPotentials
      runs.append(fastest { .sinkhorn(problem, sweeps: settings.sweeps) })
      var solution = start
      for warmup in instance.settings.warmups {
        runs.append(
          fastest {
            let (run, end) = Run.newton(problem, instance.settings, warmup, settings)
            solution = end
            return run
          })
      }
      if instance.hasQuasiNewton {
        runs.append(fastest { .quasiNewton(problem, warmup: settings.quasiNewtonWarmup, steps: settings.quasiNewtonSteps) })
      }
      let plans =
        [problem.plan(start)] + [20, 100].map { sinkhorn(problem, tolerance: 0, maximumSweeps: $0).plan } + [
          problem.plan(solution)
        ]
      outside = plans.map { plan in
        let sorted = plan.flattened().sorted(descending: true).scalars
        let total = sorted.reduce(0, +)
        return settings.sparsities.map { k in sorted.dropFirst(k * problem.a.count).reversed().reduce(0, +) / total }
      }

      /// A run with, for each iteration, the least time until then of several repetitions, which differ in nothing else.
      func fastest(_ run: () -> Run) -> Run {
        var result = run()
        for _ in 1..<settings.repetitions { result.seconds = zip(result.seconds, run().seconds).map(min) }
        return result
      }
    }
  }
}

extension TransportProblem {
  /// The paper's x = y = 0: P = exp(-eta C - 1).
  fileprivate var startingPotentials: TransportPotentials {
    TransportPotentials(rows: zeroPotentials.rows - regularization, columns: zeroPotentials.columns)
  }
}

extension SinkhornNewton.Run {
  fileprivate static func sinkhorn(_ problem: TransportProblem, sweeps: Int) -> Self {
    let clock = ContinuousClock()
    let start = clock.now
    let result = Transport.sinkhorn(problem, tolerance: 0, maximumSweeps: sweeps)
    // Sweeps take equal times.
    let each = (clock.now - start).seconds / Double(sweeps)
    return Self(
      name: "sinkhorn", errors: result.errors, seconds: result.errors.indices.map { each * Double($0 + 1) }, cost: result.cost)
  }

  fileprivate static func newton(
    _ problem: TransportProblem, _ instance: SinkhornNewton.Case, _ warmup: Int, _ settings: SinkhornNewton.Settings
  ) -> (Self, TransportPotentials) {
    let stage = SinkhornNewton.NewtonStage(problem, kept: instance.kept * problem.a.count)
    // What is compiled is compiled before the clock starts.
    _ = stage.run(from: problem.startingPotentials, maximumSteps: 1, tolerance: 0) { _ in }
    let clock = ContinuousClock()
    let start = clock.now
    var run = Self(name: "newton\(warmup)", first: min(1, warmup))
    var potentials = problem.startingPotentials
    if warmup > 0 {
      let warm = Transport.sinkhorn(problem, tolerance: 0, maximumSweeps: warmup)
      let each = (clock.now - start).seconds / Double(warmup)
      run.errors = warm.errors.dropLast()
      run.seconds = run.errors.indices.map { each * Double($0 + 1) }
      potentials = warm.potentials
    }
    (potentials, run.newton) = stage.run(
      from: potentials, maximumSteps: settings.newtonSteps, tolerance: settings.tolerance
    ) { error in
      run.errors.append(error)
      run.seconds.append((clock.now - start).seconds)
    }
    run.cost = (problem.plan(potentials) * problem.cost).sum().scalar
    return (run, potentials)
  }

  /// L-BFGS on -f; the clock stands while e is looked at.
  fileprivate static func quasiNewton(_ problem: TransportProblem, warmup: Int, steps: Int) -> Self {
    let clock = ContinuousClock()
    var start = clock.now
    var run = Self(name: "lbfgs")
    let warm = Transport.sinkhorn(problem, tolerance: 0, maximumSweeps: warmup)
    let each = (clock.now - start).seconds / Double(warmup)
    run.errors = warm.errors.dropLast()
    run.seconds = run.errors.indices.map { each * Double($0 + 1) }
    let error = compile { (z: TransportPotentials) in problem.marginalError(problem.plan(z)) }
    let result = minimizeLBFGS(
      { (z: TransportPotentials) in -problem.dualValue(z) }, from: warm.potentials, tolerance: 1e-15, maximumIterations: steps
    ) { z in
      let stopped = clock.now
      run.errors.append(error(z).scalar)
      run.seconds.append((stopped - start).seconds)
      start += clock.now - stopped
    }
    run.cost = (problem.plan(result.point) * problem.cost).sum().scalar
    return run
  }
}

extension Duration {
  fileprivate var seconds: Double { self / .seconds(1) }
}
