import Notebook
import Optimizers
import Problems
import Tensors

extension Recorder {
  /// Trains a grid and records it: the loss of each batch and the problem's measures, as traces along seed and learning rate.
  ///
  /// - Parameters:
  ///   - name: names the loop and the group of its traces: "adam" gives "adam/loss", "adam/test accuracy", ...
  ///   - steps: how many.
  ///   - cadence: when the traces are recorded. The loss at step t is that of the last batch, before its step; at 0 of the first.
  ///   - observables: what else is recorded of the runs, by name: a number for each run, of the optimizer's memory for example.
  /// - Returns: the runs after the last step.
  @discardableResult
  public func train<P: Problem, O: Optimizer>(
    _ name: String, _ grid: TrainingGrid<P, O>, steps: Int, cadence: Cadence,
    observing observables: [String: (TrainingGrid<P, O>.Runs) -> Tensor<P.Scalar>] = [:]
  ) throws -> TrainingGrid<P, O>.Runs {
    let dimensions = grid.dimensions
    let loss = try trace("\(name)/loss", "batch loss", along: dimensions)
    var runs = grid.start()
    let measures = try grid.measures(of: runs).keys.sorted().map { measure in
      (name: measure, trace: try trace("\(name)/\(measure)", measure, along: dimensions))
    }
    let observed = try observables.sorted { $0.key < $1.key }.map { observable, value in
      (value: value, trace: try trace("\(name)/\(observable)", observable, along: dimensions))
    }
    try self.steps(name, steps, state: &runs, cadence: cadence) { i, runs in
      grid.step(i, &runs)
    } measure: { runs, record in
      record(loss, grid.losses(of: runs).scalars.map { Double($0) })
      let values = grid.measures(of: runs)
      for measure in measures { record(measure.trace, (values[measure.name]?.scalars ?? []).map { Double($0) }) }
      for observable in observed { record(observable.trace, observable.value(runs).scalars.map { Double($0) }) }
    }
    return runs
  }
}

extension TrainingGrid {
  /// The axes of its traces: "seed" and "rate".
  public var dimensions: [Dimension] {
    [Dimension("seed", count: seeds, "random seed"), Dimension("rate", rates, "learning rate")]
  }
}
