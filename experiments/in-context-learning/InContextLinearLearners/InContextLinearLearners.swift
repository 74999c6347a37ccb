import Datasets
import Networks
import Notebook
import Optimizers
import Tensors
import Training
import Transforms

/// What learning algorithm is in-context learning? Investigations with linear models (Akyürek, Schuurmans, Andreas, Ma and Zhou, ICLR
/// 2023).
///
/// **Shows**: few layers can express a step of stochastic gradient descent and an update of ridge regression. Trained transformers answer
/// like known estimators: shallow ones like gradient descent, deeper ones like the ridge regression that is Bayes-optimal, with a
/// penalty that follows the noise. The weights of the regression can be read from their hidden states.
///
/// **Here**: both constructions as programs of the paper's operations on columns of tokens; transformers of two depths on noisy regression,
/// one number or vector a token, against tuned references on the same contexts; the weights that explain their answers to other queries;
/// and probes. A place i of a sequence has i - 1 pairs in front of it, and averages are over places d to n. Noise of other sizes in
/// `full`. Left out: the search for architectures.
package enum InContextLinearLearners: Experiment {
  package static let paper = Paper(
    slug: "icl-linear-learners",
    title: "What learning algorithm is in-context learning? Investigations with linear models",
    authors: ["Ekin Akyürek", "Dale Schuurmans", "Jacob Andreas", "Tengyu Ma", "Denny Zhou"], year: 2022, arxiv: "2211.15661",
    shows: """
      Few layers of a transformer can express a gradient step and a closed-form update of ridge regression. Trained shallow models \
      answer like a gradient step, deeper ones like ridge regression whose penalty follows the noise, and their hidden states encode \
      the regression's weights.
      """,
    fidelity: .scaled)

  package struct Settings: Codable, Sendable {
    @Setting("dimension d of x") package var dimension = 3
    @Setting("pairs n in a sequence") package var examples = 8
    @Setting("standard deviation sigma of the noise on y") package var noise = 0.5
    @Setting("numbers of layers") package var depths = [1, 4]
    @Setting("other sizes of the noise, for the depth that is called deep") package var otherNoises: [Double] = []
    @Setting("layers of the transformer that claims call deep") package var deep = 4
    @Setting("and of the one that they call shallow") package var shallow = 1
    @Setting("width of the transformers") package var width = 64
    @Setting("their heads") package var heads = 4
    @Setting("steps of Adam") package var steps = 3000
    @Setting("sequences of a step") package var batchSize = 64
    @Setting("learning rate at the start, which falls to 0 along half a cosine") package var rate = 1e-3
    @Setting("sequences on which everything is compared") package var testTasks = 2000
    @Setting("other sequences, on which the step sizes of the references are tuned") package var tuningTasks = 2000
    @Setting("smallest and largest step size of the pass of SGD") package var passRates = [1e-3, 1]
    @Setting("how many step sizes between them, geometrically") package var passCandidates = 61
    @Setting("smallest and largest penalty lambda of ridge regression") package var penalties = [1.0 / 64, 16]
    @Setting("how many penalties between them, geometrically") package var penaltyCount = 21
    @Setting("contexts whose implicit weights are fitted") package var implicitTasks = 500
    @Setting("tasks of the probes, and as many others to test them") package var probeTasks = 1000
    @Setting("steps of Adam for the probes") package var probeSteps = 400
    @Setting("their learning rate at the start, which falls to 0 along half a cosine") package var probeRate = 1e-2
    @Setting("random draws on which the constructions are checked") package var programs = 100
    package init() {}

    /// The transformers: all depths, and other sizes of the noise.
    var networks: [Network] {
      depths.map { Network(depth: $0, noise: noise) } + otherNoises.map { Network(depth: deep, noise: $0) }
    }

    func draw<Scalar: RealScalar>(
      _ count: Int, noise: Double, key: Key, as: Scalar.Type = Scalar.self
    ) -> InContextRegression<Scalar> {
      InContextRegression(count, length: examples, dimension: dimension, noise: noise, key: key)
    }
  }

  /// What is trained on what.
  struct Network: Hashable {
    var depth: Int
    var noise: Double
    var name: String { "L = \(depth), sigma = \(noise)" }
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      (settings.width, settings.steps, settings.batchSize, settings.depths) = (16, 10, 16, [1, 2])
      (settings.deep, settings.otherNoises, settings.passCandidates, settings.penaltyCount) = (2, [0.1], 7, 3)
      (settings.testTasks, settings.tuningTasks, settings.implicitTasks) = (50, 50, 10)
      (settings.probeTasks, settings.probeSteps, settings.programs) = (20, 10, 5)
    case .quick: break
    case .full:
      (settings.dimension, settings.examples, settings.depths, settings.otherNoises) = (8, 16, [1, 2, 4, 8], [0, 0.25, 1])
      // A tenth of the paper's steps, and the narrower of its widths.
      (settings.width, settings.steps) = (128, 5000)
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let errors = programErrors(
      dimension: settings.dimension, examples: settings.examples, draws: settings.programs, key: notebook.key("programs"))
    try notebook.scalar("programs/stochastic step", errors.stochasticStep, "largest relative error of the program of an SGD step")
    try notebook.scalar("programs/ridge", errors.ridge, "largest relative error of the program of ridge regression")

    let networks = settings.networks
    let models = try networks.map { try train($0, settings, notebook) }
    try recordComparison(networks, models, settings, notebook)
    for (network, model) in zip(networks, models) where network.noise == settings.noise {
      try notebook.tensor(
        "probes \(network.depth)/error", probeErrors(network.name, model, noise: network.noise, settings, notebook),
        "mean squared error of the probe over the variance",
        along: [
          Dimension("layer", count: network.depth + 1, "layers before"),
          Dimension("target", ["w of OLS", "X^T y"], "what is read"),
        ])
    }
  }

  /// Tokens (0, x_1), (y_1, 0), (0, x_2), ..., (0, x_n), [tasks, 2 n - 1, dimension + 1].
  static func tokens(_ inputs: Tensor<Float>, _ targets: Tensor<Float>) -> Tensor<Float> {
    let (tasks, count, dimension) = (inputs.shape[0], inputs.shape[1], inputs.shape[2])
    let asked = inputs.padded(axis: 2, low: 1, high: 0)
    let told = targets.expandingDimensions(2).padded(axis: 2, low: 0, high: dimension)
    return Tensor.stack([asked, told], axis: 2).reshaped(tasks, 2 * count, dimension + 1).slice(All(), 0..<2 * count - 1)
  }

  /// An answer at every x, [tasks, examples].
  static func answers(
    _ model: VectorTransformer<Float>, _ inputs: Tensor<Float>, _ targets: Tensor<Float>
  ) -> Tensor<Float> {
    model(tokens(inputs, targets)).slice(All(), Every(2), 0)
  }

  /// Adam on the mean squared error at every x, new tasks at every step.
  private static func train(
    _ network: Network, _ settings: Settings, _ notebook: Recorder
  ) throws -> VectorTransformer<Float> {
    let curve = settings.draw(256, noise: network.noise, key: notebook.key("curves"), as: Float.self)
    let problem = FreshTasks<VectorTransformer<Float>, Float>(
      start: { key in
        VectorTransformer(
          inputs: settings.dimension + 1, outputs: 1, contextLength: 2 * settings.examples - 1,
          TransformerShape(width: settings.width, heads: settings.heads, depth: network.depth), key: key)
      },
      observing: { model in
        ["error": (answers(model, curve.inputs, curve.targets) - curve.noiselessTargets).square().mean()]
      }
    ) { model, key in
      let tasks = settings.draw(settings.batchSize, noise: network.noise, key: key, as: Float.self)
      return (answers(model, tasks.inputs, tasks.targets) - tasks.targets).square().mean()
    }
    let grid = TrainingGrid(
      problem, Adam<Float>().scheduled(.cosine(steps: settings.steps)), rates: [settings.rate],
      keys: [notebook.key("L = \(network.depth)")])
    let runs = try notebook.train(network.name, grid, steps: settings.steps, cadence: .even(50, of: settings.steps))
    return grid.parameters(of: runs, seed: 0, rate: 0)
  }
}
