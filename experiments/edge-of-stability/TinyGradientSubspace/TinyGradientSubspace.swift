import Datasets
import Diagnostics
import Networks
import Notebook
import Tensors
import Transforms

/// Gradient Descent Happens in a Tiny Subspace (Gur-Ari, Roberts and Dyer, 2018).
///
/// **Shows**: soon after the start, the gradient of the whole training set along a trajectory of SGD lies mostly in the span of the k
/// eigenvectors of the Hessian with the largest eigenvalues, where k is the number of classes, and this span hardly moves afterwards.
///
/// **Here**: k Gaussian clusters and a network so small that every Hessian is exact, at several learning rates and batch sizes; softmax
/// regression as the model that the paper solves; and, beside the claims, gradient descent on the whole set. Batches are drawn without
/// replacement, epoch by epoch. Left out: the paper's image data and its networks of millions of parameters.
package enum TinyGradientSubspace: Experiment {
  package static let paper = Paper(
    slug: "tiny-gradient-subspace", title: "Gradient Descent Happens in a Tiny Subspace",
    authors: ["Guy Gur-Ari", "Daniel A. Roberts", "Ethan Dyer"], year: 2018, arxiv: "1812.04754",
    shows: """
      Shortly after the start the gradient lies mostly in the span of the top k eigenvectors of the Hessian, with k the number of \
      classes, and that span hardly moves during the rest of training.
      """,
    fidelity: .scaled)

  /// SGD at one learning rate and batch size.
  package struct Training: Codable, Sendable {
    @Setting("learning rate") package var rate = 0.5
    @Setting("points in a batch; all points for gradient descent") package var batchSize = 32
    @Setting("draws of data and starting point") package var seeds = 1
    package init() {}

    init(_ rate: Double, _ batchSize: Int, seeds: Int = 1) {
      (self.rate, self.batchSize, self.seeds) = (rate, batchSize, seeds)
    }
  }

  package struct Settings: Codable, Sendable {
    @Setting("classes k, one Gaussian cluster each") package var classes = 4
    @Setting("dimension d of the inputs") package var dimension = 20
    @Setting("points") package var points = 400
    @Setting("noise around the means of norm 1, times 1/sqrt d in each coordinate") package var noise = 2.0
    @Setting("the same for softmax regression") package var softmaxNoise = 0.5
    @Setting("hidden units") package var hidden = 16
    @Setting("steps") package var steps = 1500
    @Setting("steps between Hessians") package var interval = 50
    @Setting("the step from which on the claims look") package var settled = 300
    @Setting("runs of the network with SGD") package var trainings: [Training] = [
      Training(0.1, 8), Training(0.5, 8), Training(0.5, 32, seeds: 3), Training(1, 32),
    ]
    @Setting("softmax regression") package var softmax = Training(0.5, 32)
    @Setting("learning rate of gradient descent on all points") package var fullBatchRate = 1.0
    package init() {}

    /// Steps at which there is a Hessian.
    var checkpoints: [Int] { Array(stride(from: 0, through: steps, by: interval)) }
    /// The runs of SGD on the network, by the name that figures and claims use.
    var runs: [(name: String, training: Training, seed: Int)] {
      trainings.flatMap { training in
        (0..<training.seeds).map { seed in
          let suffix = training.seeds > 1 ? ", seed \(seed)" : ""
          return ("η = \(training.rate), B = \(training.batchSize)\(suffix)", training, seed)
        }
      }
    }
  }

  static let fullBatch = "all points"

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      (settings.steps, settings.points, settings.hidden) = (150, 80, 4)
      settings.trainings = [Training(0.1, 8), Training(0.5, 32, seeds: 2)]
    case .quick: break
    case .full:
      (settings.classes, settings.dimension, settings.points, settings.hidden) = (10, 40, 2000, 20)
      settings.trainings = [(0.1, 8), (0.5, 8), (0.5, 32), (1, 32)].map { Training($0, $1, seeds: 5) }
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    var network: [Trajectory] = []
    for (name, training, seed) in settings.runs + [(fullBatch, Training(settings.fullBatchRate, settings.points), 0)] {
      let key = notebook.key("network")[seed]
      let objective = objective(settings, noise: settings.noise, hidden: [settings.hidden], key: key)
      network.append(try trajectory("network, \(name)", objective, training, settings, key: key, notebook))
    }
    try record(network, "network", settings.runs.map(\.name) + [fullBatch], settings, notebook)

    let key = notebook.key("softmax")
    let objective = objective(settings, noise: settings.softmaxNoise, hidden: [], key: key)
    let softmax = try trajectory("softmax", objective, settings.softmax, settings, key: key, notebook)
    try record([softmax], "softmax", ["softmax regression"], settings, notebook)
  }

  /// Points around means of norm 1, and a network with He's initialization.
  private static func objective(_ settings: Settings, noise: Double, hidden: [Int], key: Key) -> NetworkObjective {
    let mixture = GaussianMixture(
      centres: .unitVectors([settings.classes, settings.dimension], key: key.named("means")),
      spread: noise / Double(settings.dimension).squareRoot())
    let data = mixture.sample(settings.points, as: Double.self, key: key.named("data"))
    return NetworkObjective(
      inputs: data.inputs, labels: data.labels,
      network: MLP([settings.dimension] + hidden + [settings.classes], initializer: .he(), key: key.named("start")))
  }

  /// What is seen at the checkpoints of one run.
  private struct Trajectory {
    var losses: [Double] = []
    var spectra: [Spectrum] = []
  }

  private struct State: Codable {
    var parameters: Tensor<Double>
    /// The parameters at the checkpoints so far.
    var visited: [Tensor<Double>]
  }

  private static func trajectory(
    _ name: String, _ objective: NetworkObjective, _ training: Training, _ settings: Settings, key: Key, _ notebook: Recorder
  ) throws -> Trajectory {
    let start = objective.network.raveled(as: Double.self)
    let batches = Minibatches(count: settings.points, size: training.batchSize, key: key.named("batches"))
    let (step, rate) = (objective.step(), Tensor(training.rate))
    var state = State(parameters: start, visited: [start])
    try notebook.steps(name, settings.steps, state: &state, cadence: .every(settings.steps)) { t, state in
      state.parameters = step(state.parameters, rate, Tensor(batches[t].map { Int32($0) }))
      if (t + 1) % settings.interval == 0 { state.visited.append(state.parameters) }
    }
    let derivatives = objective.derivatives()
    return try state.visited.reduce(into: Trajectory()) { result, parameters in
      let local = derivatives(parameters)
      result.losses.append(local.loss.scalar)
      result.spectra.append(try Spectrum(hessian: local.hessian, gradient: local.gradient, k: settings.classes))
    }
  }

  private static func record(
    _ runs: [Trajectory], _ group: String, _ names: [String], _ settings: Settings, _ notebook: Recorder
  ) throws {
    let k = settings.classes
    let parameters = runs[0].spectra[0].eigenvalues.count
    let run = Dimension("run", names, "training run")
    let step = Dimension("step", settings.checkpoints, "steps of SGD")
    let each = { (name: String, longName: String, value: (Spectrum) -> [Double], further: [Dimension]) in
      try notebook.tensor(
        "\(group)/\(name)",
        Tensor(shape: [run.count, step.count] + further.map(\.count), runs.flatMap { $0.spectra.flatMap(value) }), longName,
        along: [run, step] + further)
    }
    try each("top share", "share of the gradient in the top k eigenvectors", { [$0.share(0..<k)] }, [])
    try each("bulk share", "share of the gradient in eigenvectors k + 1 to 2k", { [$0.share(k..<2 * k)] }, [])
    try each(
      "eigenvalues", "eigenvalues of the Hessian", { Array($0.eigenvalues.prefix(3 * k)) },
      [Dimension("eigenvalue", (1...3 * k).map { $0 }, "place of the eigenvalue, the largest first")])
    try each(
      "gradient shares", "share of the gradient in one eigenvector", { $0.gradientShares },
      [Dimension("eigenvector", (1...parameters).map { $0 }, "place of its eigenvalue, the largest first")])
    try notebook.tensor(
      "\(group)/loss", Tensor(shape: [run.count, step.count], runs.flatMap(\.losses)), "cross-entropy of all points",
      along: [run, step])
    let overlaps = try runs.flatMap { run in
      try run.spectra.flatMap { a in try run.spectra.map { b in try subspaceOverlap(a.top, b.top) } }
    }
    try notebook.tensor(
      "\(group)/overlap", Tensor(shape: [run.count, step.count, step.count], overlaps),
      "mean squared cosine between the top subspaces at two steps",
      along: [run, step, Dimension("other", settings.checkpoints, "steps of SGD")])
  }
}
