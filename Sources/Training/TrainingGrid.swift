import Optimizers
import Problems
import Tensors
import Transforms

/// One optimizer on one problem, for several seeds and learning rates at once: one compiled program steps them all.
///
///     let grid = TrainingGrid(problem, Adam<Float>(), rates: [1e-3, 3e-3], keys: key.split(3))
///     var runs = grid.start()
///     for i in 0..<600 { grid.step(i, &runs) }
///     grid.measures(of: runs)["test accuracy"]        // [seeds, rates]
///
/// Runs of one seed start from the same parameters and see the same batches, whatever the rate and the optimizer.
public struct TrainingGrid<P: Problem, O: Optimizer> where P.Scalar == O.Scalar {
  /// What is minimized, one for each seed.
  public let problems: [P]
  /// The learning rates.
  public let rates: [Double]
  /// Number of seeds.
  public let seeds: Int

  /// The optimizer of each run: its learning rate, and every other tensor of it, has an axis of seeds x rates in front.
  public let optimizers: O

  private let initialRuns: Runs
  private let batches: [(Int) -> P.Batch]
  private let advance: (O, Runs, P.Batch) -> Runs
  private let measure: (P.Parameters) -> [String: Tensor<P.Scalar>]

  /// The state of all runs: every tensor has an axis of seeds x rates, row-major, in front.
  public struct Runs: TensorTree, Codable {
    /// Of the problem.
    public var parameters: P.Parameters
    /// Of the optimizer.
    public var memory: O.State
    /// The loss of the last batch before the step on it; at the start, that of the first.
    public var loss: Tensor<P.Scalar>
  }

  /// A problem that is the same for all seeds.
  /// - Parameters:
  ///   - rates: learning rates; each replaces the optimizer's own.
  ///   - keys: one for each seed: of the starting point, the batches and the optimizer's own randomness.
  ///   - workers: how many parts a batch is offered in to optimizers that look at the parts' gradients.
  public init(_ problem: P, _ optimizer: O, rates: [Double], keys: [Key], workers: Int = 1) {
    self.init(problems: keys.map { _ in problem }, optimizers: keys.map { _ in optimizer }, rates, keys) {
      optimizers, keys, batches in
      (
        initialRuns: vmap { Self.initialRun(problem, $0, key: $1, batch: $2) }(optimizers, keys, batches),
        advance: compile { (optimizers: O, runs: Runs, batches: P.Batch) in
          vmap { Self.stepped($1, problem, $0, batch: $2, workers: workers) }(optimizers, runs, batches)
        },
        measure: compile(vmap { problem.measures(of: $0) })
      )
    }
  }

  /// A problem of its own for each seed, with data of its own say: trees of the same shapes. What an optimizer knows of its problem may
  /// differ too.
  public init(problems: [P], optimizers: [O], rates: [Double], keys: [Key], workers: Int = 1) where P: TensorTree {
    guard problems.count == keys.count, optimizers.count == keys.count else {
      fatalError("TrainingGrid: \(problems.count) problems and \(optimizers.count) optimizers for \(keys.count) seeds")
    }
    let all = Self.stacked(problems, times: rates.count)
    self.init(problems: problems, optimizers: optimizers, rates, keys) { optimizers, keys, batches in
      let step = compile { (problems: P, optimizers: O, runs: Runs, batches: P.Batch) in
        vmap { Self.stepped($2, $0, $1, batch: $3, workers: workers) }(problems, optimizers, runs, batches)
      }
      let measure = compile { (problems: P, parameters: P.Parameters) in vmap { $0.measures(of: $1) }(problems, parameters) }
      return (
        initialRuns: vmap { Self.initialRun($0, $1, key: $2, batch: $3) }(all, optimizers, keys, batches),
        advance: { step(all, $0, $1, $2) }, measure: { measure(all, $0) }
      )
    }
  }

  /// What the two kinds of problems differ in.
  private typealias Programs = (
    initialRuns: Runs, advance: (O, Runs, P.Batch) -> Runs, measure: (P.Parameters) -> [String: Tensor<P.Scalar>]
  )

  /// - Parameter programs: of the optimizers, the keys and the first batches of all runs.
  private init(problems: [P], optimizers: [O], _ rates: [Double], _ keys: [Key], programs: (O, Key, P.Batch) -> Programs) {
    (self.problems, self.rates, seeds) = (problems, rates, keys.count)
    var all = Self.stacked(optimizers, times: rates.count)
    all.learningRate = Tensor(keys.flatMap { _ in rates.map { P.Scalar($0) } })
    self.optimizers = all
    batches = zip(problems, keys).map { $0.batches(key: $1.named("batches")) }
    (initialRuns, advance, measure) = programs(
      all, Key.batch(keys.flatMap { key in rates.map { _ in key } }), Self.stacked(batches.map { $0(0) }, times: rates.count))
  }

  /// The trees along a new first axis, each repeated.
  private static func stacked<Tree: TensorTree>(_ trees: [Tree], times: Int) -> Tree {
    trees.flatMap { [Tree](repeating: $0, count: times) }.stacked()
  }

  private static func initialRun(_ problem: P, _ optimizer: O, key: Key, batch: P.Batch) -> Runs {
    let parameters = problem.initialParameters(key: key.named("parameters"))
    return Runs(
      parameters: parameters, memory: optimizer.initialState(for: parameters, key: key.named("optimizer")),
      loss: problem.loss(parameters, on: batch))
  }

  private static func stepped(_ run: Runs, _ problem: P, _ optimizer: O, batch: P.Batch, workers: Int) -> Runs {
    var run = run
    let template = run.parameters
    var parameters = TensorList<P.Scalar>(of: run.parameters)
    let workerGradients: ((TensorList<P.Scalar>) -> TensorList<P.Scalar>)? =
      workers == 1
      ? nil
      : { list in
        guard let gradients = problem.workerGradients(template.replacing(list), on: batch, workers: workers) else {
          fatalError("TrainingGrid: the batches of \(P.self) have no parts for workers")
        }
        return TensorList(of: gradients)
      }
    let objective = Objective<P.Scalar>(workerGradients: workerGradients) { problem.loss(template.replacing($0), on: batch) }
    run.loss = optimizer.step(&parameters, &run.memory, on: objective)
    run.parameters = template.replacing(parameters)
    return run
  }

  /// All runs before their first step.
  public func start() -> Runs { initialRuns }

  /// Step number `i` = 0, 1, ... of every run.
  public func step(_ i: Int, _ runs: inout Runs) {
    runs = advance(optimizers, runs, Self.stacked(batches.map { $0(i) }, times: rates.count))
  }

  /// The problem's measures, each [seeds, rates].
  public func measures(of runs: Runs) -> [String: Tensor<P.Scalar>] {
    measure(runs.parameters).mapValues { $0.reshaped([seeds, rates.count]) }
  }

  /// The losses of the last batches, [seeds, rates].
  public func losses(of runs: Runs) -> Tensor<P.Scalar> { runs.loss.reshaped([seeds, rates.count]) }

  /// The parameters of one run.
  public func parameters(of runs: Runs, seed: Int, rate: Int) -> P.Parameters { run(of: runs, seed: seed, rate: rate).parameters }

  /// One run alone, without the axis in front.
  public func run(of runs: Runs, seed: Int, rate: Int) -> Runs {
    runs.element(seed * rates.count + rate)
  }
}
