import Diagnostics
import Networks
import Notebook
import Problems
import Tensors
import Training
import Transforms

/// Analysis of Linear Mode Connectivity via Permutation-Based Weight Matching: With Insights into Other Permutation Search Methods (Ito,
/// Yamada and Kumagai, ICLR 2025).
///
/// **Shows**: after weight matching two networks of different seeds are joined by a segment of low loss, although they are hardly closer
/// than before. What the permutations do is to align the leading singular vectors of the layers; singular values they cannot change.
///
/// **Here**: pairs of perceptrons of three widths on noisy images. Loss along the segments, distances, singular values and vectors are
/// compared before and after weight matching, and with random permutations and the straight-through estimator; averages of two and three
/// networks. The full preset is wider and longer, on MNIST if it is there. Left out: VGG and ResNet on CIFAR-10.
package enum WeightMatchingSVD: Experiment {
  package static let paper = Paper(
    slug: "weight-matching-svd",
    title: "Analysis of Linear Mode Connectivity via Permutation-Based Weight Matching",
    authors: ["Akira Ito", "Masanori Yamada", "Atsutoshi Kumagai"], year: 2024, arxiv: "2402.04051",
    shows: """
      Weight matching joins two independently trained networks by a segment of low loss, yet it hardly reduces their distance. It \
      aligns the leading singular vectors of each layer; singular values cannot change under permutation.
      """,
    fidelity: .scaled)

  package struct Settings: Codable, Sendable {
    @Setting("images and training") package var task = ImageTask()
    @Setting("widths h of the two hidden layers") package var widths = [32, 128, 256]
    @Setting("pairs of networks of each width") package var pairs = [3, 3, 1]
    @Setting("points on a segment, its ends included") package var points = 11
    @Setting("most sweeps of weight matching over the layers") package var sweeps = 30
    @Setting("singular vectors that count as leading, and as trailing") package var leading = 10
    @Setting("the straight-through estimator") package var straightThrough = StraightThrough()
    @Setting("width at which three networks are averaged") package var mergedWidth = 128
    package init() {}
  }

  package struct StraightThrough: Codable, Sendable {
    @Setting("widths at which it runs") package var widths = [32, 128]
    @Setting("steps") package var steps = 200
    @Setting("learning rate of Adam on the dense copy") package var rate = 1e-2
    @Setting("steps between two looks at the training loss of the midpoint") package var interval = 10
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.task = .smoke
      (settings.widths, settings.pairs, settings.mergedWidth) = ([16, 32], [2, 2], 32)
      (settings.straightThrough.widths, settings.straightThrough.steps) = ([16], 20)
    case .quick: break
    case .full:
      (settings.task.steps, settings.task.prefersMNIST) = (5000, true)
      (settings.widths, settings.pairs) = ([32, 128, 256, 512], [5, 5, 5, 5])
      settings.straightThrough.widths = settings.widths
    }
    return settings
  }

  // MARK: Run

  /// How the second network of a pair is reordered.
  static let matchings = ["no matching", "random permutation", "weight matching"]
  static let straightThroughName = "straight-through"
  static func group(_ width: Int) -> String { "h\(width)" }

  static func matchings(_ width: Int, _ settings: Settings) -> [String] {
    matchings + (settings.straightThrough.widths.contains(width) ? [straightThroughName] : [])
  }

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    for (width, count) in zip(settings.widths, settings.pairs) {
      let problem = try settings.task.problem(hidden: [width, width], notebook)
      let key = notebook.key(group(width))
      let networks = try settings.task.train(group(width), problem, keys: key.named("networks").split(2 * count), notebook)
      let pairs = (0..<count).map { (a: networks[2 * $0], b: networks[2 * $0 + 1]) }
      let matched = try pairs.enumerated().map { i, pair in
        try weightMatching(pair.b, to: pair.a, maximumSweeps: settings.sweeps, key: key.named("matching")[i]).orders
      }
      let random = pairs.enumerated().map { i, pair in
        pair.b.hiddenWidths.enumerated().map { key.named("random")[i][$0].permutation($1) }
      }
      var orders = [pairs.map(\.b.hiddenUnitOrders), random, matched]
      if settings.straightThrough.widths.contains(width) {
        orders.append(try estimateStraightThrough(pairs, matched, problem, group(width), settings, notebook))
      }
      try recordSegments(pairs, orders, problem, width, settings, notebook)
      try recordSpectra(pairs, matched, problem, width, settings, notebook)
      if width == settings.mergedWidth { try recordMerges(networks, problem, key.named("merge"), settings, notebook) }
    }
  }

  /// Loss along the segment from a to the reordered b, its barrier, and the distance of the ends.
  private static func recordSegments(
    _ pairs: [Pair], _ orders: [[[[Int]]]], _ problem: Classification<Float>, _ width: Int, _ settings: Settings,
    _ notebook: Recorder
  ) throws {
    let loss = problem.compiledTestLoss()
    var (losses, barriers, distances): ([Double], [Double], [Double]) = ([], [], [])
    for orders in orders {
      for (pair, order) in zip(pairs, orders) {
        let b = pair.b.reordered(order)
        let profile = LossProfile(from: pair.a, to: b, points: settings.points, loss: loss)
        losses += profile.losses
        barriers.append(profile.barrier)
        distances.append(pair.a.adding(-1, b).magnitude)
      }
    }
    let places = [
      Dimension("matching", matchings(width, settings), "how the second network is reordered"),
      Dimension("pair", count: pairs.count, "pair of networks"),
    ]
    let positions = Tensor<Double>.linspace(0, 1, count: settings.points).scalars
    let name = group(width)
    try notebook.tensor(
      "\(name)/line", Tensor(shape: places.map(\.count) + [settings.points], losses), "test loss along the segment",
      along: places + [Dimension("t", positions, "position on the segment")])
    try notebook.tensor(
      "\(name)/barrier", Tensor(shape: places.map(\.count), barriers), "largest loss above the line through the ends",
      along: places)
    try notebook.tensor("\(name)/distance", Tensor(shape: places.map(\.count), distances), "‖a − b‖", along: places)
  }

  /// Averages of one, two and three networks, as they are and matched to the first of the three.
  private static func recordMerges(
    _ networks: [MLP<Float>], _ problem: Classification<Float>, _ key: Key, _ settings: Settings, _ notebook: Recorder
  ) throws {
    let triples = networks.count / 3
    var accuracies: [[[Double]]] = [[], []]
    for triple in 0..<triples {
      let members = Array(networks[3 * triple..<3 * triple + 3])
      let matched = try members.enumerated().map { i, network in
        i == 0
          ? network
          : network.reordered(
            try weightMatching(network, to: members[0], maximumSweeps: settings.sweeps, key: key[3 * triple + i]).orders)
      }
      for (kind, merged) in [members, matched].enumerated() {
        accuracies[kind].append((1...3).map { count in problem.testAccuracy(average(Array(merged.prefix(count)))) })
      }
    }
    try notebook.tensor(
      "merge/accuracy", Tensor(shape: [2, triples, 3], accuracies.flatMap { $0.joined() }), "test accuracy of the average",
      along: [
        Dimension("matching", ["no matching", "weight matching"], "how the others are reordered"),
        Dimension("triple", count: triples, "networks of which the first is matched to"),
        Dimension("networks", [1, 2, 3], "networks in the average"),
      ])
  }

  private static func average(_ networks: [MLP<Float>]) -> MLP<Float> {
    networks.dropFirst().reduce(networks[0]) { $0.adding($1) }.scaled(by: 1 / Double(networks.count))
  }
}
