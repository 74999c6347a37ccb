import Datasets
import Notebook
import Optimizers
import Problems
import Tensors
import Training

/// exp(k u_j), u uniform in -1...1: the same u for every spread k.
func columnScales(_ count: Int, spread: Double, key: Key) -> Tensor<Double> {
  (spread * Tensor<Double>.uniform([count], in: -1..<1, key: key)).exp()
}

/// Normal points, labelled by the side of a plane on which they lie, their columns then scaled.
struct ScaledColumns {
  private let points: LabelledPoints<Double>
  private let batchSize: Int
  private let key: Key

  init(_ settings: PreconditionedPolyak.Settings, key: Key) {
    let inputs = Tensor<Double>.normal([settings.count, settings.dimension], key: key.named("inputs"))
    let plane = Tensor<Double>.normal([settings.dimension], key: key.named("plane"))
    points = LabelledPoints(inputs: inputs, labels: (matmul(inputs, plane) .> 0).converted(to: Int32.self), classes: 2)
    (batchSize, self.key) = (settings.batchSize, key)
  }

  func problem(spread: Double, labelNoise: Double = 0) -> LogisticRegression<Double> {
    var scaled = points.withLabelNoise(labelNoise, key: key.named("label noise"))
    scaled.inputs = points.inputs * columnScales(points.inputs.shape[1], spread: spread, key: key.named("scales"))
    return LogisticRegression(training: scaled, batchSize: batchSize)
  }
}

/// Methods that are compared on the same problems, one for each seed.
struct PolyakRace {
  let problems: [LogisticRegression<Double>]
  let steps: Int
  let cadence: Cadence
  let notebook: Recorder

  /// Polyak steps, whose metrics may know their problems.
  func polyak<Metric: PolyakMetric>(_ name: String, _ metrics: [Metric], penalty: SlackPenalty = .noSlack) throws
  where Metric.Scalar == Double {
    try train(
      name, metrics.map { PolyakStep($0, penalty: penalty) }, rates: [1],
      observing: ["step size": { $0.memory.stepSize }, "slack": { $0.memory.slack }])
  }

  func train<O: Optimizer>(
    _ name: String, _ optimizers: [O], rates: [Double],
    observing observables: [String: (TrainingGrid<LogisticRegression<Double>, O>.Runs) -> Tensor<Double>] = [:]
  ) throws where O.Scalar == Double {
    let keys = notebook.key("runs").split(problems.count)
    let grid = TrainingGrid(problems: problems, optimizers: optimizers, rates: rates, keys: keys)
    try notebook.train(name, grid, steps: steps, cadence: cadence, observing: observables)
  }
}

/// (a w - b)^2 / 2 for each row a of a matrix with orthogonal columns, with weights that fit every row: the mean has a diagonal Hessian.
struct OrthogonalLeastSquares {
  private var rows: Tensor<Double>
  private let targets: Tensor<Double>

  init(_ settings: PreconditionedPolyak.Settings, key: Key) {
    // Columns of mean square 1.
    rows = .orthogonal([settings.count, settings.dimension], key: key.named("rows")) * Double(settings.count).squareRoot()
    targets = matmul(rows, .normal([settings.dimension], key: key.named("weights")))
  }

  func scaled(by scales: Tensor<Double>) -> OrthogonalLeastSquares {
    var copy = self
    copy.rows = rows * scales
    return copy
  }

  /// Of the mean over rows.
  var hessianDiagonal: TensorList<Double> { TensorList([rows.square().mean(0)]) }

  func objective(sample: Int) -> Objective<Double> {
    Objective { weights in
      let residual = (rows.row(sample) * weights.elements[0]).sum() - targets[sample]
      return 0.5 * residual.square()
    }
  }

  func predictions(_ weights: TensorList<Double>) -> Tensor<Double> { matmul(rows, weights.elements[0]) }

  func loss(_ weights: TensorList<Double>) -> Double { 0.5 * (predictions(weights) - targets).square().mean().scalar }
}
