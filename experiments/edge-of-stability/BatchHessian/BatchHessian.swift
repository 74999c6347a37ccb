import Datasets
import Networks
import Notebook
import Solvers
import Tensors
import Transforms

/// Learning Rates as a Function of Batch Size: A Random Matrix Theory Approach to Neural Network Training (Granziol, Zohren and Roberts,
/// JMLR 2022).
///
/// **Shows**: the Hessian of a batch is that of all examples plus noise like a random matrix, which pushes the top eigenvalues up. The
/// shift gives the largest stable step as a function of the batch size: proportional to it for SGD until it saturates, to its root for
/// Adam.
///
/// **Here**: (A) a spike in a Gaussian orthogonal ensemble; (B) least squares with exact batch Hessians, and the largest step at which
/// SGD is stable from a scan; (C) a small network on Gaussian clusters, its batch Hessians by Lanczos; (D) the largest step of Adam on it,
/// as a trace. The batches of the Hessians of one size are consecutive ones of random orders of all examples; scans are repeated with
/// several draws of theirs. Probes of the spectral density are Gaussian instead of signs. Left
/// out: VGG and residual networks on CIFAR-100; `full` takes (C) to CIFAR-10 when it is in the data folder.
package enum BatchHessian: Experiment {
  package static let paper = Paper(
    slug: "batch-hessian-rmt",
    title: "Learning Rates as a Function of Batch Size: A Random Matrix Theory Approach to Neural Network Training",
    authors: ["Diego Granziol", "Stefan Zohren", "Stephen Roberts"], year: 2020, arxiv: "2006.09092",
    shows: """
      The noise of a batch pushes the top eigenvalues of its Hessian up, like a random matrix. Hence the largest stable step grows with \
      the batch size, linearly for SGD until it saturates and as the square root for Adam.
      """,
    fidelity: .scaled)

  package struct Settings: Codable, Sendable {
    @Setting("A: a spike in a random matrix") package var spike = Spike()
    @Setting("B: least squares") package var regression = Regression()
    @Setting("C: a network on Gaussian clusters") package var network = Network()
    @Setting("D: Adam on that network") package var adam = AdamScan()
    package init() {}
  }

  package struct Spike: Codable, Sendable {
    @Setting("dimension P") package var dimension = 800
    @Setting("sigma of the ensemble") package var noise = 1.0
    @Setting("strengths theta of the spike") package var strengths = [0.5, 0.9, 1.2, 1.5, 2, 3, 5]
    @Setting("random matrices, each with all strengths") package var draws = 5
    package init() {}
  }

  package struct Regression: Codable, Sendable {
    @Setting("examples N") package var samples = 4096
    @Setting("dimension P") package var dimension = 200
    @Setting("factor on the first coordinate of the inputs") package var stretch = 4.0
    @Setting("batch sizes B of the Hessians, less than N") package var batches = [16, 32, 64, 128, 256, 512, 1024]
    @Setting("batches of each size") package var draws = 20
    @Setting("batch sizes of the scan") package var scannedBatches = [1, 2, 4, 8, 16, 32, 64, 128, 512]
    @Setting("least step size of the scan") package var smallestRate = 2e-3
    @Setting("largest step size of the scan") package var largestRate = 0.2
    @Setting("step sizes of the scan") package var rates = 25
    @Setting("steps of SGD") package var steps = 300
    @Setting("norm, over that of the start, beyond which SGD has diverged") package var limit = 100.0
    @Setting("starts and orders of batches of the scan") package var scanDraws = 5
    package init() {}
  }

  package struct Network: Codable, Sendable {
    @Setting("examples N") package var samples = 2048
    @Setting("clusters k, one a class") package var classes = 4
    @Setting("dimension of the inputs") package var dimension = 20
    @Setting("distance of the clusters' centres, about, with noise of variance 1 around them") package var separation = 3.0
    @Setting("hidden units") package var hidden = 32
    @Setting("learning rate of SGD") package var rate = 0.1
    @Setting("examples in a batch of SGD") package var batchSize = 64
    @Setting("steps of SGD before the Hessians") package var steps = 200
    @Setting("batch sizes B of the Hessians, less than N") package var batches = [16, 32, 64, 128, 256, 512, 1024]
    @Setting("batches of each size") package var draws = 64
    @Setting("steps of Lanczos for the top eigenvalue") package var lanczosSteps = 30
    @Setting("batch size of the spectral density") package var densityBatch = 64
    @Setting("steps of Lanczos for the spectral density") package var densitySteps = 80
    @Setting("probes of the spectral density") package var probes = 10
    @Setting("width of an eigenvalue in the spectral density") package var width = 0.05
    @Setting("whether to study CIFAR-10 too, when it is in the data folder") package var readsImages = false
    package init() {}
  }

  package struct AdamScan: Codable, Sendable {
    @Setting("batch sizes B") package var batches = [1, 2, 4, 8, 16, 32, 64, 128, 512]
    @Setting("least step size of the scan") package var smallestRate = 1e-3
    @Setting("largest step size of the scan") package var largestRate = 100.0
    @Setting("step sizes of the scan") package var rates = 26
    @Setting("steps of Adam") package var steps = 100
    @Setting("orders of batches") package var draws = 3
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      (settings.spike.dimension, settings.spike.draws) = (100, 2)
      (settings.regression.samples, settings.regression.dimension, settings.regression.draws) = (1100, 40, 2)
      (settings.regression.steps, settings.regression.scanDraws) = (20, 2)
      (settings.network.samples, settings.network.hidden, settings.network.draws) = (1100, 8, 2)
      (settings.network.steps, settings.network.lanczosSteps) = (40, 10)
      (settings.network.densitySteps, settings.network.probes) = (20, 2)
      (settings.adam.steps, settings.adam.rates, settings.adam.draws) = (5, 6, 2)
    case .quick: break
    case .full:
      settings.spike.dimension = 2000
      (settings.regression.samples, settings.regression.dimension, settings.regression.smallestRate) = (20_000, 2000, 2e-4)
      (settings.regression.rates, settings.network.samples, settings.network.readsImages) = (37, 20_000, true)
      settings.adam.draws = 5
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    try runSpike(settings.spike, notebook)
    try runRegression(settings.regression, notebook)
    let network = settings.network
    let key = notebook.key("clusters")
    let mixture = GaussianMixture(
      classes: network.classes, dimension: network.dimension, separation: network.separation, key: key.named("centres"))
    let clusters = mixture.sample(network.samples, as: Double.self, key: key.named("sample"))
    let objective = try runNetwork("network", on: clusters, network, notebook)
    try runAdam(objective, settings.adam, notebook)
    if network.readsImages, DataFolder.file("cifar-10-batches-bin/data_batch_1.bin") != nil {
      let images = try CIFAR10<Double>(.train, count: network.samples)
      notebook.uses(images.source)
      let pixels = images.images.reshaped(network.samples, -1)
      let points = LabelledPoints(
        inputs: (pixels - pixels.mean(0)) / pixels.variance().sqrt(), labels: images.labels, classes: 10)
      _ = try runNetwork("images", on: points, network, notebook)
    }
  }

  static func indices(_ examples: [Int]) -> Tensor<Int32> { Tensor(examples.map { Int32($0) }) }
  static func draws(_ count: Int) -> Dimension { Dimension("draw", count: count, "independent draw") }

  private static func runSpike(_ spike: Spike, _ notebook: Recorder) throws {
    let key = notebook.key("spike")
    var eigenvalues: [[Double]] = []
    try notebook.steps("spike", spike.draws, state: &eigenvalues, cadence: .every(spike.draws)) { draw, eigenvalues in
      let noise = orthogonalEnsemble(spike.dimension, noise: spike.noise, key: key[draw].named("noise"))
      let u = Tensor<Double>.unitVectors([spike.dimension], key: key[draw].named("direction"))
      eigenvalues.append(
        try spike.strengths.map { theta in try eigh(noise + theta * u.outer(u)).values.max().scalar })
    }
    try notebook.tensor(
      "spike/eigenvalue", Tensor(shape: [spike.draws, spike.strengths.count], eigenvalues.flatMap { $0 }), "largest eigenvalue",
      along: [draws(spike.draws), Dimension("strength", spike.strengths, "strength theta of the spike")])
  }

  private static func runRegression(_ settings: Regression, _ notebook: Recorder) throws {
    let (n, p) = (settings.samples, settings.dimension)
    let key = notebook.key("regression")
    let scales = Tensor((0..<p).map { $0 == 0 ? settings.stretch : 1 })
    let x = Tensor<Double>.normal([n, p], key: key.named("inputs")) * scales
    let top = { (rows: Tensor<Double>) in try SecondMomentSpectrum(of: rows).values[0] }
    let eigenvalues = try settings.batches.flatMap { size in
      let batches = Minibatches(count: n, size: size, key: key.named("Hessians"))
      return try (0..<settings.draws).map { try top(x.gather(indices(batches[$0]))) }
    }
    try notebook.tensor(
      "regression/eigenvalue", Tensor(shape: [settings.batches.count, settings.draws], eigenvalues),
      "largest eigenvalue of batch Hessians",
      along: [Dimension("batch", settings.batches, "batch size B"), draws(settings.draws)])
    try notebook.scalar("regression/eigenvalue of all", top(x), "largest eigenvalue of the Hessian of all examples")

    let rates = Tensor<Double>.geomspace(settings.smallestRate, settings.largestRate, count: settings.rates)
    let stable = try settings.scannedBatches.flatMap { size in
      let key = key.named("SGD")[size]
      let start = Tensor<Double>.normal([settings.scanDraws, 1, p], key: key.named("start"))
      let norm = start.norm(-1, keepingAxes: true)
      let step = compile { (runs: RegressionRuns, inputs: Tensor<Double>) in
        runs.stepped(inputs, rates: rates, limit: settings.limit * norm)
      }
      var runs = RegressionRuns(w: start.broadcast(to: [settings.scanDraws, settings.rates, p]))
      try notebook.steps("SGD, B = \(size)", settings.steps, state: &runs, cadence: .every(settings.steps)) { t, runs in
        runs = step(runs, .stack((0..<settings.scanDraws).map { x.gather(indices(key[t][$0].choice(size, from: n))) }))
      }
      let isStable = (runs.w.norm(-1) .< norm.squeezed(2)).converted(to: Double.self)
      return largestStable(isStable, rates: rates.scalars)
    }
    try notebook.tensor(
      "SGD/rate", Tensor(shape: [settings.scannedBatches.count, settings.scanDraws], stable), "largest stable step of SGD",
      along: [Dimension("batch", settings.scannedBatches, "batch size B"), draws(settings.scanDraws)])
  }
}
