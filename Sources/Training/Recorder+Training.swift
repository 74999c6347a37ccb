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
  ///   - cadence: when the traces are recorded. The loss recorded at step t is that of batch t - 1, before its step; at step 0 it
  ///     is not defined.
  /// - Returns: the runs after the last step.
  @discardableResult
  public func train<P: Problem, O: Optimizer>(
    _ name: String, _ grid: TrainingGrid<P, O>, steps: Int, cadence: Cadence
  ) throws -> TrainingGrid<P, O>.Runs {
    let dimensions = grid.dimensions
    let loss = try trace("\(name)/loss", "batch loss", along: dimensions)
    var runs = grid.start()
    let measures = try grid.measures(of: runs).keys.sorted().map { measure in
      (name: measure, trace: try trace("\(name)/\(measure)", measure, along: dimensions))
    }
    try self.steps(name, steps, state: &runs, cadence: cadence) { i, runs in
      grid.step(i, &runs)
    } measure: { runs, record in
      record(loss, grid.losses(of: runs).scalars.map { Double($0) })
      let values = grid.measures(of: runs)
      for measure in measures { record(measure.trace, (values[measure.name]?.scalars ?? []).map { Double($0) }) }
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
