import Notebook
import Tensors
import Transforms

/// The Implicit Regularization of Dynamical Stability in Stochastic Gradient Descent (Wu and Su, ICML 2023).
///
/// **Shows**: a minimum at which SGD with batch size 1 can stay has tr(H) <= 2/eta; gradient descent needs lambda_max(H) <= 2/eta only. For
/// diagonal linear and two-layer ReLU networks the trace is a norm of the parameters, so that large steps of SGD, not of gradient descent,
/// prefer solutions of small norm.
///
/// **Here**: sparse regression with a diagonal network from a large start, and a ReLU network taught by one of two neurons, each with SGD
/// and gradient descent at several step sizes from the same start. The ReLU network's step sizes, and its number of steps, are ours.
package enum TraceStability: Experiment {
  package static let paper = Paper(
    slug: "sgd-trace-stability",
    title: "The Implicit Regularization of Dynamical Stability in Stochastic Gradient Descent",
    authors: ["Lei Wu", "Weijie J. Su"],
    year: 2023, arxiv: "2305.17490",
    shows: """
      Stable minima of SGD have tr(H) <= 2/eta, where gradient descent bounds the top eigenvalue only. In diagonal and two-layer ReLU \
      networks the trace is a parameter norm, so SGD with large steps finds solutions of small norm.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("diagonal network") package var diagonal = Network()
    @Setting("ReLU network") package var relu = Network.relu
    @Setting("neurons of the ReLU network") package var width = 50
    @Setting("loss at which a run ends") package var tolerance = 1e-12
    @Setting("loss below which a run counts as converged") package var converged = 1e-6
    @Setting("power iterations of the second-moment map") package var iterations = 100
    @Setting("data sets and starts") package var seeds = 5
    package init() {}
  }

  package struct Network: Codable, Sendable {
    @Setting("input dimension d") package var dimension = 100
    @Setting("samples n") package var samples = 40
    @Setting("nonzero target weights, or neurons of the teacher") package var hidden = 4
    @Setting("step sizes of SGD") package var sgd = [5e-4, 2e-3, 4e-3, 6e-3, 8e-3, 1e-2, 1.2e-2, 1.6e-2]
    @Setting("step sizes of gradient descent") package var gd = [1e-3, 0.01, 0.02, 0.04, 0.08, 0.16]
    @Setting("most steps") package var steps = 40_000
    package init() {}

    static var relu: Network {
      var network = Network()
      network.dimension = 10
      network.hidden = 2
      network.sgd = [2e-3, 5e-3, 0.01, 0.02]
      network.gd = [5e-3, 0.01, 0.02, 0.04]
      network.steps = 20_000
      return network
    }
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.diagonal.steps = 200
      settings.relu.steps = 200
      settings.iterations = 10
      settings.seeds = 2
    case .quick: break
    case .full:
      settings.diagonal.dimension = 400
      settings.diagonal.samples = 100
      settings.diagonal.steps = 400_000
      settings.width = 500
      settings.seeds = 20
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let key = notebook.key("diagonal")
    let (seeds, d) = (settings.seeds, settings.diagonal.dimension)
    let x = Tensor<Double>.normal([seeds, settings.diagonal.samples, d], key: key.named("x"))
    let target = Tensor((0..<d).map { $0 < settings.diagonal.hidden ? 1.0 : 0 })
    let start = DiagonalNet(
      a: .normal([seeds, 1, d], key: key.named("a")), b: .normal([seeds, 1, d], key: key.named("b")))
    let problem = LeastSquaresRuns<DiagonalNet>(x: x, y: einsum("snd,d->sn", x, target))
    for method in methods {
      let found = try train(problem, start, "diagonal", method, settings.diagonal, settings, notebook)
      let weights = found.a * found.b
      let places = dimensions(method, settings.diagonal, settings)
      try notebook.tensor("diagonal/\(method)/l1_norm", weights.abs().sum(-1), "sum of |a_j b_j|", along: places)
      try notebook.tensor("diagonal/\(method)/error", (weights - target).squaredNorm(-1), "squared error of a b", along: places)
    }
    try runReLU(settings, notebook)
  }

  private static func runReLU(_ settings: Settings, _ notebook: Recorder) throws {
    let key = notebook.key("relu")
    let (seeds, d, width) = (settings.seeds, settings.relu.dimension, settings.width)
    let x = Tensor<Double>.normal([seeds, settings.relu.samples, d], key: key.named("x"))
    let teacher = ReLUNet(
      w: .normal([settings.relu.hidden, d], key: key.named("teacher")) / Double(d).squareRoot(), a: .ones([settings.relu.hidden]))
    // Kaiming: variance 2 over the number of inputs.
    let start = ReLUNet(
      w: (2 / Double(d)).squareRoot() * Tensor.normal([seeds, 1, width, d], key: key.named("w")),
      a: (2 / Double(width)).squareRoot() * Tensor.normal([seeds, 1, width], key: key.named("a")))
    let problem = LeastSquaresRuns<ReLUNet>(x: x, y: vmap({ (x: Tensor<Double>) in teacher.predictions(x) })(x))
    for method in methods { _ = try train(problem, start, "relu", method, settings.relu, settings, notebook) }
  }

  static let methods = ["SGD", "GD"]
  /// Steps between two looks at the loss.
  static let chunk = 20

  static func rates(_ method: String, _ network: Network) -> [Double] { method == "SGD" ? network.sgd : network.gd }

  private static func dimensions(_ method: String, _ network: Network, _ settings: Settings) -> [Dimension] {
    [
      Dimension("seed", count: settings.seeds, "data set and start"),
      Dimension("eta", rates(method, network), "step size"),
    ]
  }

  private struct Runs<Model: ScalarModel>: TensorTree, Codable {
    var models: Model
    /// 1, and 0 where a run has ended: [seeds, rates].
    var isActive: Tensor<Double>
  }

  /// All seeds and step sizes of one method side by side, until the loss is next to nothing; records what their minima look like.
  private static func train<Model: ScalarModel>(
    _ problem: LeastSquaresRuns<Model>, _ start: Model, _ name: String, _ method: String, _ network: Network,
    _ settings: Settings,
    _ notebook: Recorder
  ) throws -> Model {
    let places = dimensions(method, network, settings)
    let shape = places.map(\.count)
    let (samples, tolerance) = (Int32(network.samples), settings.tolerance)
    let rates = Tensor(rates(method, network))
    let step = compile { (runs: Runs<Model>, key: Key) -> Runs<Model> in
      let active = rates * runs.isActive
      var next = runs
      for i in 0..<chunk {
        if method == "SGD" {
          let examples = Tensor<Int32>.integers([shape[0]], in: 0..<samples, key: key[i])
          next.models = problem.sampled(next.models, examples: examples, rates: active)
        } else {
          next.models = problem.descended(next.models, rates: active)
        }
      }
      next.isActive = Tensor.where(problem.losses(next.models) .< tolerance, 0, runs.isActive)
      return next
    }
    let key = notebook.key("\(name)/examples")
    var runs = Runs(
      models: start.mapTensors { tensor in
        let values = Tensor<Double>(tensor)
        return AnyTensor(values.broadcast(to: shape + values.shape.dropFirst(2)))
      }, isActive: .ones(shape))
    let loop = "\(name)/\(method)"
    let loss = try notebook.trace("\(loop)/loss", "loss", along: places)
    let chunks = max(1, network.steps / chunk)
    try notebook.steps(
      loop, chunks, state: &runs, cadence: .even(200, of: chunks), until: { $0.isActive.max().scalar == 0 },
      update: { t, runs in runs = step(runs, key[t]) },
      measure: { runs, record in record(loss, problem.losses(runs.models).scalars) })

    let (trace, sharpness, growth) = problem.curvature(
      runs.models, rates: rates, iterations: settings.iterations)
    try notebook.tensor("\(loop)/final_loss", problem.losses(runs.models), "loss at the end", along: places)
    try notebook.tensor("\(loop)/trace", trace, "trace of the Hessian", along: places)
    try notebook.tensor("\(loop)/sharpness", sharpness, "largest eigenvalue of the Hessian", along: places)
    try notebook.tensor("\(loop)/growth", growth, "growth factor of the second moment of batch-1 SGD", along: places)
    try notebook.tensor("\(loop)/proxy", problem.normProxies(runs.models), "norm that stands for the trace", along: places)
    return runs.models
  }
}
