import Datasets
import Notebook
import Tensors
import Training
import Transforms

/// Landscape Connectivity and Dropout Stability of SGD Solutions for Over-parameterized Neural Networks (Shevchenko and Mondelli, ICML
/// 2020).
///
/// **Shows**: of a wide network trained by SGD in the mean-field scaling, M random neurons, averaged, do nearly as well as all N: the loss
/// rises by an amount that depends on M and not on N. So any two solutions are joined by an explicit path of straight segments, whose
/// barrier vanishes with the width.
///
/// **Here**: the paper's task of two Gaussian classes of different variance, in 20 dimensions, widths to 1024; networks with two hidden
/// layers beside those with one; and two digits of MNIST where its files are in the data folder (`full`). Our path has five segments, a
/// variant of the paper's. Left out: the paper's networks for CIFAR-10.
package enum DropoutStability: Experiment {
  package static let paper = Paper(
    slug: "dropout-stability",
    title: "Landscape Connectivity and Dropout Stability of SGD Solutions for Over-parameterized Neural Networks",
    authors: ["Alexander Shevchenko", "Marco Mondelli"], year: 2019, arxiv: "1912.10095",
    shows: """
      SGD solutions of wide networks are dropout stable: M of N neurons, rescaled, lose an amount of loss that depends on M and not on \
      N. Hence any two solutions are joined by a piecewise linear path whose barrier vanishes with the width.
      """,
    fidelity: .scaled)

  package struct Settings: Codable, Sendable {
    @Setting("input dimension d, the constant included") package var dimension = 20
    @Setting("standard deviation of class 1") package var wide = 1.4
    @Setting("standard deviation of class -1") package var narrow = 0.7
    @Setting("the constant that stands in the last coordinate, as a bias") package var bias = 3.0
    @Setting("widths N of the networks with one hidden layer") package var widths = [32, 128, 512, 1024]
    @Setting("widths N of the networks with two hidden layers") package var deepWidths = [32, 64, 128, 256]
    @Setting("widths N of the networks for MNIST, when it is there") package var imageWidths: [Int] = []
    @Setting("step size eta") package var rate = 0.06
    @Setting("samples in a batch") package var batchSize = 50
    @Setting("steps of SGD") package var steps = 2500
    @Setting("networks of each width") package var seeds = 3
    @Setting("points on which losses are measured") package var testPoints = 4000
    @Setting("neurons M kept at every width") package var kept = 16
    @Setting("random subsets of each size") package var subsets = 40
    @Setting("points on each segment of a path, its ends included") package var pathPoints = 6
    package init() {}

    /// What is kept of N neurons.
    var keptSizes: [KeptSize] {
      [("\(kept)", { [kept] in min(kept, $0) }), ("N/4", { $0 / 4 }), ("N/2", { $0 / 2 })]
    }
  }

  /// How many of N neurons are kept, by name.
  typealias KeptSize = (name: String, count: (Int) -> Int)

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      (settings.widths, settings.deepWidths, settings.kept) = ([16, 32], [16, 32], 8)
      (settings.steps, settings.seeds, settings.testPoints, settings.subsets) = (100, 2, 300, 5)
    case .quick: break
    case .full:
      (settings.widths, settings.deepWidths) = ([32, 128, 512, 1024, 3200, 12_800], [32, 128, 512, 1024])
      (settings.imageWidths, settings.steps, settings.seeds) = ([32, 128, 512, 1024], 10_000, 5)
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let task = Task.gaussian(settings, key: notebook.key("test"))
    let networks = try settings.widths.map {
      try train("two-layer", task, width: $0, hiddenLayers: 1, settings, notebook)
    }
    try recordDropout("two-layer", task, networks, sizes: settings.keptSizes, settings, notebook)
    try recordPaths(task, networks, settings, notebook)

    let deep = try settings.deepWidths.map {
      try train("three-layer", task, width: $0, hiddenLayers: 2, settings, notebook)
    }
    try recordDropout("three-layer", task, deep, sizes: settings.keptSizes.suffix(1), settings, notebook)

    if !settings.imageWidths.isEmpty, let real = try MNIST.testImages(10_000, classes: [3, 5]) {
      notebook.uses(DataSource(name: MNIST.name, count: real.images.labels.count, sha256: real.sha256))
      let task = Task.images(real.images, settings)
      let networks = try settings.imageWidths.map {
        try train("mnist", task, width: $0, hiddenLayers: 1, settings, notebook)
      }
      try recordDropout("mnist", task, networks, sizes: settings.keptSizes, settings, notebook)
    }
  }

  /// The networks of all seeds, side by side.
  private static func train(
    _ group: String, _ task: Task, width: Int, hiddenLayers: Int, _ settings: Settings, _ notebook: Recorder
  ) throws -> MeanFieldNetwork {
    let key = notebook.key("\(group)/\(width)")
    let batches = key.named("batches")
    let (seeds, batchSize, rate) = (settings.seeds, settings.batchSize, settings.rate)
    let step = compile { (networks: MeanFieldNetwork, key: Key) -> MeanFieldNetwork in
      let (x, y) = task.batch(seeds, batchSize, key)
      return networks.stepped(x, y, rate: rate)
    }
    let inputs = task.x.shape[1]
    var networks = MeanFieldNetwork(
      count: seeds, inputs: inputs, width: width, hiddenLayers: hiddenLayers, key: key.named("start"))
    let loss = try notebook.trace("\(group)/\(width)/loss", "squared test loss", along: [seedDimension(settings)])
    let measures = Measures(task)
    try notebook.steps("\(group)/\(width)", settings.steps, state: &networks, cadence: .even(25, of: settings.steps)) {
      t, networks in
      networks = step(networks, batches[t])
    } measure: { networks, record in
      record(loss, measures.losses(networks))
    }
    return networks
  }

  /// Losses with all neurons and with random ones, and what theory says of their difference.
  private static func recordDropout(
    _ group: String, _ task: Task, _ networks: [MeanFieldNetwork], sizes: [KeptSize], _ settings: Settings, _ notebook: Recorder
  ) throws {
    let measures = Measures(task)
    let (width, seed) = (Dimension("N", networks.map(\.width), "neurons of a hidden layer"), seedDimension(settings))
    let places = [width, seed]
    let record = { (name: String, longName: String, value: (MeanFieldNetwork) -> [Double]) in
      try notebook.tensor(
        "\(group)/\(name)", Tensor(shape: places.map(\.count), networks.flatMap(value)), longName, along: places)
    }
    try record("loss", "squared test loss", measures.losses)
    try record("accuracy", "share of test points with the right sign", measures.accuracies)
    try record("variance", "mean over the test points of the variance of the neurons' contributions", measures.variances)

    let rises = networks.flatMap { network in
      let losses = measures.losses(network)
      return sizes.flatMap { size in
        (0..<settings.subsets).flatMap { subset in
          let key = notebook.key("subsets")[network.width].named(size.name)[subset]
          let kept = (1..<network.weights.count).map { layer in
            randomSubsets(settings.seeds, size.count(network.width), of: network.width, key: key[layer])
          }
          return zip(measures.losses(network.keeping(kept)), losses).map { $0 - $1 }
        }
      }
    }
    let along = [
      width, Dimension("kept", sizes.map(\.name), "neurons kept in each hidden layer"),
      Dimension("subset", count: settings.subsets, "random subset of the neurons"), seed,
    ]
    try notebook.tensor("\(group)/rise", Tensor(shape: along.map(\.count), rises), "rise of the squared test loss", along: along)
  }

  /// 1 for the neurons that stay, [seeds, of].
  private static func randomSubsets(_ seeds: Int, _ count: Int, of total: Int, key: Key) -> Tensor<Double> {
    .stack(
      key.split(seeds).map { key in
        var kept = [Double](repeating: 0, count: total)
        for neuron in key.choice(count, from: total) { kept[neuron] = 1 }
        return Tensor(kept)
      })
  }

  /// The loss on the way between each two seeds, along the five segments and along the straight line.
  private static func recordPaths(
    _ task: Task, _ networks: [MeanFieldNetwork], _ settings: Settings, _ notebook: Recorder
  ) throws {
    let measures = Measures(task)
    let pairs = (0..<settings.seeds).flatMap { a in (a + 1..<settings.seeds).map { (a, $0) } }
    let steps = settings.pathPoints - 1
    let positions = (0...5 * steps).map { Double($0) / Double(steps) }
    let losses = networks.flatMap { networks -> [Double] in
      let (start, end) = (networks.gather(pairs.map(\.0)), networks.gather(pairs.map(\.1)))
      let corners = start.corners(to: end)
      let points = positions.indices.map { i in
        let segment = min(i / steps, 4)
        return corners[segment].interpolated(to: corners[segment + 1], at: Double(i - segment * steps) / Double(steps))
      }
      let straight = positions.map { start.interpolated(to: end, at: $0 / 5) }
      return (points + straight).flatMap(measures.losses)
    }
    let along = [
      Dimension("N", networks.map(\.width), "neurons of a hidden layer"),
      Dimension("path", ["five segments", "straight line"], "kind of path"),
      Dimension("position", positions, "place on the path, in segments"),
      Dimension("pair", pairs.map { "\($0.0) to \($0.1)" }, "seeds at the ends"),
    ]
    try notebook.tensor("paths/loss", Tensor(shape: along.map(\.count), losses), "squared test loss on the path", along: along)
  }

  private static func seedDimension(_ settings: Settings) -> Dimension {
    Dimension("seed", count: settings.seeds, "start and batches")
  }

  /// What is measured of networks side by side on the points held out, some hundred at a time so that all stays in the cache.
  private struct Measures {
    private let blocks: [Tensor<Double>]
    private let y: Tensor<Double>
    private let predict = compile { (networks: MeanFieldNetwork, x: Tensor<Double>) in networks(x) }
    private let vary = compile { (networks: MeanFieldNetwork, x: Tensor<Double>) in networks.contributionVariance(x) }

    init(_ task: Task) {
      let count = task.x.shape[0]
      blocks = stride(from: 0, to: count, by: 500).map { task.x.slice($0..<min($0 + 500, count)) }
      y = task.y
    }

    private func onAll(
      _ networks: MeanFieldNetwork, _ value: (MeanFieldNetwork, Tensor<Double>) -> Tensor<Double>
    ) -> Tensor<Double> {
      .concatenate(blocks.map { value(networks, $0) }, axis: 1)
    }

    /// mean (f - y)²
    func losses(_ networks: MeanFieldNetwork) -> [Double] { (onAll(networks, predict) - y).square().mean(-1).scalars }

    func accuracies(_ networks: MeanFieldNetwork) -> [Double] {
      (onAll(networks, predict) * y .> 0).converted(to: Double.self).mean(-1).scalars
    }

    func variances(_ networks: MeanFieldNetwork) -> [Double] { onAll(networks, vary).mean(-1).scalars }
  }
}
