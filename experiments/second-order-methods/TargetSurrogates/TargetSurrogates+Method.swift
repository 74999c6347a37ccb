import Datasets
import Networks
import Notebook
import Optimizers
import Problems
import Tensors
import Training
import Transforms

extension TargetSurrogates {
  /// x ~ N(0, diag(s^2)) with s from 1 down, y = sign(x . w + noise) with w ~ N(0, 4): not separable.
  static func model(_ settings: Regression, key: Key) -> LinearModel<Double> {
    let scales = Tensor<Double>.geomspace(1, settings.leastScale, count: settings.dimension)
    let design = scales * .normal([settings.count, settings.dimension], key: key.named("x"))
    let plane = 2 * Tensor<Double>.normal([settings.dimension], key: key.named("w"))
    let noise = settings.noise * Tensor<Double>.normal([settings.count], key: key.named("noise"))
    return LinearModel(.logistic, design: design, targets: (matmul(design, plane) + noise).sign())
  }

  /// The mean logistic loss.
  static func loss(_ design: Tensor<Double>, _ labels: Tensor<Double>, at theta: Tensor<Double>) -> Tensor<Double> {
    (-labels * matmul(design, theta)).softplus().mean()
  }

  /// The surrogate of the mean logistic loss of these samples: the one place where the loss is differentiated.
  static func surrogate(
    _ design: Tensor<Double>, _ labels: Tensor<Double>, at theta: Tensor<Double>, curvature: Tensor<Double>
  ) -> TargetSurrogate<Double> {
    let scores = -labels * matmul(design, theta)
    return TargetSurrogate(
      design: design, start: theta, value: scores.softplus().mean(), slopes: -labels * scores.sigmoid(), curvature: curvature)
  }

  // MARK: Batches

  /// (2): SSO, for each m and data set; the batches of a data set are the same for all.
  static func sample(
    _ name: String, _ problems: [BatchRegression], inner: [Int], steps: Int, _ notebook: Recorder, eta: (Int) -> Double
  ) throws {
    let gap = try notebook.trace(
      "\(name)/gap", "h - h*, all data",
      along: [Dimension("m", inner, "inner steps"), Dimension("seed", count: problems.count, "data set and batches")])
    let batches = zip(problems, batchKeys(problems, notebook)).map { $0.batches(key: $1.named("batches")) }
    let (designs, labels) = (Tensor.stack(problems.map(\.design)), Tensor.stack(problems.map(\.labels)))
    let step = compile { (points: Tensor<Double>, indices: Tensor<Int32>, eta: Tensor<Double>) in
      Tensor.stack(
        inner.enumerated().map { i, m in
          vmap { (theta: Tensor<Double>, batch: Tensor<Int32>, design: Tensor<Double>, labels: Tensor<Double>) in
            let surrogate = surrogate(design.gather(batch), labels.gather(batch), at: theta, curvature: 1 / eta)
            return surrogate.descended(steps: m, smoothness: surrogate.smoothness)
          }(points.slice(i), indices, designs, labels)
        })
    }
    let minima = Tensor.stack(problems.map(\.minimum))
    let gaps = compile { (points: Tensor<Double>) in
      Tensor.stack(inner.indices.map { i in vmap { loss($1, $2, at: $0) }(points.slice(i), designs, labels) - minima })
    }
    var points = Tensor<Double>.zeros(inner.count, problems.count, problems[0].design.shape[1])
    try notebook.steps(name, steps, state: &points, cadence: .every(max(1, steps / 100))) { t, points in
      points = step(points, Tensor.stack(batches.map { $0(t) }), Tensor(eta(t)))
    } measure: { points, record in
      record(gap, gaps(points).scalars)
    }
  }

  private static func batchKeys(_ problems: [BatchRegression], _ notebook: Recorder) -> [Key] {
    notebook.key("stochastic").split(problems.count)
  }

  /// (2): what uses one gradient a step, at several rates, on the same batches.
  static func compare(_ problems: [BatchRegression], _ settings: Stochastic, _ notebook: Recorder) throws {
    func train<Rule: Optimizer<Double>>(_ name: String, _ rule: Rule, _ rates: [Double]) throws {
      let grid = TrainingGrid(
        problems: problems, optimizers: problems.map { _ in rule }, rates: rates, keys: batchKeys(problems, notebook))
      try notebook.train(name, grid, steps: settings.steps, cadence: .every(max(1, settings.steps / 100)))
    }
    try train("sgd", SGD(), settings.rates)
    try train("adam", Adam(), settings.adamRates)
    try train("sls", ArmijoDescent(), [10])
  }

  /// A logistic regression as a problem of batches; its measure is the gap on all data.
  struct BatchRegression: Problem, TensorTree {
    /// X.
    var design: Tensor<Double>
    /// y, -1 or 1.
    var labels: Tensor<Double>
    /// h*, of rank 0.
    var minimum: Tensor<Double>
    /// Samples of a batch.
    var size: Int

    func initialParameters(key: Key) -> Tensor<Double> { .zeros(design.shape[1]) }

    func batches(key: Key) -> (Int) -> Tensor<Int32> {
      let minibatches = Minibatches(count: labels.count, size: size, key: key)
      return { Tensor(minibatches[$0].map { Int32($0) }) }
    }

    func loss(_ theta: Tensor<Double>, on batch: Tensor<Int32>) -> Tensor<Double> {
      TargetSurrogates.loss(design.gather(batch), labels.gather(batch), at: theta)
    }

    func measures(of theta: Tensor<Double>) -> [String: Tensor<Double>] {
      ["gap": TargetSurrogates.loss(design, labels, at: theta) - minimum]
    }
  }

  /// SLS: the longest of the steps eta, eta / 2, eta / 4, ... with f(x - step g) <= f(x) - step ||g||^2 / 2 on the batch (Vaswani et al.
  /// 2019, arXiv 1905.09997), searched from the longest at every batch.
  struct ArmijoDescent: Optimizer {
    var learningRate = Tensor<Double>(10)

    func initialState(for parameters: TensorList<Double>, key: Key) -> NoState { NoState() }

    func step(
      _ parameters: inout TensorList<Double>, _ state: inout NoState, on objective: Objective<Double>
    ) -> Tensor<Double> {
      let (loss, gradient) = objective.valueAndGradient(at: parameters)
      let point = parameters
      let length = armijoStep(longest: learningRate, loss, gradient.squaredNorm, sufficient: 0.5) { step in
        objective.loss(point + -step * gradient)
      }
      parameters = point + -length * gradient
      return loss
    }
  }

  /// The first of `longest`, its half, its quarter, ... whose value is at most `start` - sufficient step slope; the last, if none is.
  static func armijoStep(
    longest: Tensor<Double>, _ start: Tensor<Double>, _ slope: Tensor<Double>, sufficient: Double,
    _ value: @escaping (Tensor<Double>) -> Tensor<Double>
  ) -> Tensor<Double> {
    let steps = longest * Tensor((0..<16).map { 1 / Double(1 << $0) })
    let isLow = vmap(value)(steps) .<= start - sufficient * steps * slope
    // The longest admissible step: others count as the shortest.
    return maximum(Tensor.where(isLow, steps, Tensor(0)).max(), steps.min())
  }

  // MARK: Network

  /// (3): squared loss (z - y)^2 / 2, L = 1, of a network on a teacher's outputs.
  static func fit(_ settings: Network, _ notebook: Recorder) throws {
    let key = notebook.key("network")
    let x = Tensor<Double>.normal([settings.count, settings.inputs], key: key.named("x"))
    let widths = [settings.inputs, settings.hidden, 1]
    let teacher = MLP<Double>(widths, activation: .tanh, initializer: .leCun(), key: key.named("teacher"))
    let start = MLP<Double>(widths, activation: .tanh, initializer: .leCun(), key: key.named("student"))
    let outputs = { (model: MLP<Double>) in model(x).reshaped(settings.count) }
    let y = outputs(teacher)
    let loss = { (model: MLP<Double>) in (outputs(model) - y).square().mean() * 0.5 }
    let inner = compile { (theta: MLP<Double>, targets: Tensor<Double>, slopes: Tensor<Double>) in
      let surrogate = { (model: MLP<Double>) in
        let move = outputs(model) - targets
        return (slopes * move + 0.5 * move.square()).mean()
      }
      let local = valueAndGrad(surrogate)(theta)
      let (point, gradient) = (TensorList<Double>(of: theta), TensorList<Double>(of: local.gradient))
      let length = armijoStep(longest: Tensor(8), local.value, gradient.squaredNorm, sufficient: 0.5) { step in
        surrogate(theta.replacing(point + -step * gradient))
      }
      return theta.replacing(point + -length * gradient)
    }
    let trace = try notebook.trace("network/loss", "loss", along: [Dimension("m", settings.inner, "inner steps")])
    var models = settings.inner.map { _ in start }
    try notebook.steps("network", settings.steps, state: &models, cadence: .every(1)) { _, models in
      for (i, m) in settings.inner.enumerated() {
        let targets = outputs(models[i])
        for _ in 0..<m { models[i] = inner(models[i], targets, targets - y) }
      }
    } measure: { models, record in
      record(trace, models.map { loss($0).scalar })
    }
  }
}
