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
  /// What is minimized.
  public let problem: P
  /// What minimizes it, at each of the rates.
  public let optimizer: O
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
    /// The loss of the last batch before the step on it; NaN before the first.
    public var loss: Tensor<P.Scalar>
  }

  /// - Parameters:
  ///   - rates: learning rates; each replaces the optimizer's own.
  ///   - keys: one for each seed: of the starting point, the batches and the optimizer's own randomness.
  ///   - workers: how many parts a batch is offered in to optimizers that look at the parts' gradients.
  public init(_ problem: P, _ optimizer: O, rates: [Double], keys: [Key], workers: Int = 1) {
    (self.problem, self.optimizer, self.rates, seeds) = (problem, optimizer, rates, keys.count)
    let count = rates.count * keys.count
    var batched = optimizer.mapTensors { tensor in AnyTensor.stack([AnyTensor](repeating: tensor, count: count)) }
    batched.learningRate = Tensor(keys.flatMap { _ in rates.map { P.Scalar($0) } })
    optimizers = batched
    batches = keys.map { problem.batches(key: $0.named("batches")) }

    let runKeys = Key.batch(keys.flatMap { key in rates.map { _ in key } })
    initialRuns = vmap { (key: Key) in
      let parameters = problem.initialParameters(key: key.named("parameters"))
      return Runs(
        parameters: parameters, memory: optimizer.initialState(for: parameters, key: key.named("optimizer")),
        loss: Tensor(.nan))
    }(runKeys)

    let step = { (optimizer: O, run: Runs, batch: P.Batch) in
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
    advance = compile { (optimizers: O, runs: Runs, batches: P.Batch) in vmap(step)(optimizers, runs, batches) }
    measure = compile(vmap { problem.measures(of: $0) })
  }

  /// All runs before their first step.
  public func start() -> Runs { initialRuns }

  /// Step number `i` = 0, 1, ... of every run.
  public func step(_ i: Int, _ runs: inout Runs) {
    let perSeed = batches.map { $0(i) }
    let repeated = perSeed.flatMap { batch in rates.map { _ in batch.tensors } }
    let stacked = perSeed[0].tensors.indices.map { leaf in AnyTensor.stack(repeated.map { $0[leaf] }) }
    runs = advance(optimizers, runs, perSeed[0].replacingTensors(stacked))
  }

  /// The problem's measures, each [seeds, rates].
  public func measures(of runs: Runs) -> [String: Tensor<P.Scalar>] {
    measure(runs.parameters).mapValues { $0.reshaped([seeds, rates.count]) }
  }

  /// The losses of the last batches, [seeds, rates].
  public func losses(of runs: Runs) -> Tensor<P.Scalar> { runs.loss.reshaped([seeds, rates.count]) }

  /// The parameters of one run.
  public func parameters(of runs: Runs, seed: Int, rate: Int) -> P.Parameters {
    runs.parameters.mapTensors {
      $0.slice(axis: 0, seed * rates.count + rate..<seed * rates.count + rate + 1).reshaped(Array($0.shape.dropFirst()))
    }
  }
}
