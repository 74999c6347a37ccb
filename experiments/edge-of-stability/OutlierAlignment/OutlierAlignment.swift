import Notebook
import Solvers
import Tensors
import Transforms

/// High-dimensional SGD Aligns with Emerging Outlier Eigenspaces (Ben Arous, Gheissari, Huang and Jagannath, ICLR 2024).
///
/// **Shows**: when one- and two-layer networks learn mixtures of Gaussians, the Hessian and the second moment of the gradients on fresh
/// points have few outlying eigenvalues, and within O(d) steps of online SGD the weights of each layer, and in it of each class, lie
/// in the outliers' eigenspace.
///
/// **Here**: softmax regression on k Gaussians in several dimensions, and with so much noise that the points held out, 2d of them, no
/// longer show the outliers; two-layer networks on the exclusive or, wide ones, and narrow ones of which some leave a cluster out. The
/// blocks of both matrices come whole, as second moments of weighted inputs. The means are drawn anew for every run. Left out: the
/// paper's two-layer networks on k Gaussians and its checks on MNIST and CIFAR.
package enum OutlierAlignment: Experiment {
  package static let paper = Paper(
    slug: "sgd-outlier-alignment", title: "High-dimensional SGD aligns with emerging outlier eigenspaces",
    authors: ["Gérard Ben Arous", "Reza Gheissari", "Jiaoyang Huang", "Aukosh Jagannath"], year: 2023, arxiv: "2310.03010",
    shows: """
      The Hessian and the second moment of the gradients have a few outlying eigenvalues, and within O(d) steps of online SGD each \
      layer's weights lie in the outliers' eigenspace, class by class.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("softmax regression on k Gaussians") package var mixture = MixtureSettings()
    @Setting("two layers on the exclusive or") package var exclusiveOr = ExclusiveOr()
    package init() {}
  }

  package struct MixtureSettings: Codable, Sendable {
    @Setting("classes k") package var classes = 4
    @Setting("dimension d that most claims look at") package var dimension = 400
    @Setting("further dimensions, for the time scale") package var otherDimensions = [200, 800]
    @Setting("lambda: noise has variance 1/lambda in every coordinate") package var precision = 100.0
    @Setting("lambda of the contrast, at the main dimension") package var lowPrecision = 10.0
    @Setting("c of the step size c/d") package var rate = 1.0
    @Setting("steps over d at which the matrices are taken") package var times = [0, 1, 2, 5, 10, 20]
    @Setting("runs: means, starts and samples") package var seeds = 2
    package init() {}

    /// Dimension and lambda of what is run, by the name that figures and claims use.
    var cases: [(name: String, dimension: Int, precision: Double)] {
      let dimensions = ([dimension] + otherDimensions).sorted()
      return (dimensions.map { ($0, precision) } + [(dimension, lowPrecision)]).map { d, lambda in
        (Self.name(d, lambda), d, lambda)
      }
    }
    static func name(_ dimension: Int, _ precision: Double) -> String { "d = \(dimension), λ = \(Int(precision))" }
    var main: String { Self.name(dimension, precision) }
    var contrast: String { Self.name(dimension, lowPrecision) }
    /// Eigenvalues that are kept of each matrix: outliers, and as many of the bulk.
    var places: Int { 2 * classes }
  }

  package struct ExclusiveOr: Codable, Sendable {
    @Setting("dimension d") package var dimension = 200
    @Setting("hidden units K: of networks that see all clusters, and of some that do not") package var widths = [20, 6]
    @Setting("lambda: noise has variance 1/lambda in every coordinate") package var precision = 100.0
    @Setting("c of the step size c/d") package var rate = 2.0
    @Setting("L2 coefficient beta") package var decay = 0.01
    @Setting("steps over d at which the matrices are taken") package var times = [0, 1, 2, 5, 10, 20, 40]
    @Setting("runs: means, starts and samples") package var seeds = 10
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      (settings.mixture.dimension, settings.mixture.otherDimensions, settings.mixture.seeds) = (40, [20], 2)
      (settings.exclusiveOr.dimension, settings.exclusiveOr.widths, settings.exclusiveOr.seeds) = (40, [8, 4], 3)
      settings.exclusiveOr.times = [0, 5, 20]
    case .quick: break
    case .full:
      (settings.mixture.classes, settings.mixture.dimension, settings.mixture.otherDimensions) = (10, 1000, [250, 500])
      settings.mixture.seeds = 10
      (settings.exclusiveOr.dimension, settings.exclusiveOr.seeds) = (400, 30)
    }
    return settings
  }

  /// The spans that the rows of W are compared with.
  static let spans = ["Hessian", "gradients", "means"]

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    try runMixtures(settings.mixture, notebook)
    try runExclusiveOr(settings.exclusiveOr, notebook)
  }

  private struct Path<Network: TensorTree & Codable>: Codable {
    var network: Network
    /// The network at the times so far.
    var visited: [Network]
  }

  /// Online SGD, a fresh sample each step; the networks after the steps `times` d, in order.
  private static func descend<Network: TensorTree & Codable>(
    _ name: String, from start: Network, times: [Int], dimension: Int, key: Key, _ notebook: Recorder,
    update: @escaping (Network, Key) -> Network
  ) throws -> [Network] {
    let step = compile { (network: Network, key: Key) in update(network, key) }
    var path = Path(network: start, visited: [start])
    let count = (times.max() ?? 0) * dimension
    try notebook.steps(name, count, state: &path, cadence: .every(max(1, count))) { t, path in
      path.network = step(path.network, key[t])
      if (t + 1) % dimension == 0, times.contains((t + 1) / dimension) { path.visited.append(path.network) }
    }
    return path.visited
  }

  // MARK: k Gaussians

  private static func runMixtures(_ settings: MixtureSettings, _ notebook: Recorder) throws {
    let (k, runs, places) = (settings.classes, settings.seeds, settings.places)
    var (alignment, accuracy, eigenvalues, components):
      (
        [Tensor<Double>], [Tensor<Double>], [Tensor<Double>], [Tensor<Double>]
      ) = ([], [], [], [])
    for (name, d, lambda) in settings.cases {
      let key = notebook.key(name)
      let mixture = Mixture.gaussians(runs: runs, classes: k, dimension: d, precision: lambda, key: key.named("means"))
      let start = SoftmaxLayer(weights: .normal([runs, k, d], key: key.named("start")) / Double(d).squareRoot())
      let visited = try descend(name, from: start, times: settings.times, dimension: d, key: key.named("samples"), notebook) {
        $0.stepped(on: mixture.sample(1, key: $1), rate: settings.rate / Double(d))
      }
      let heldOut = mixture.sample(2 * d, key: key.named("held out"))
      accuracy.append(.stack(visited.map { $0.accuracy(heldOut) }, axis: -1))
      let spectra = try visited.map { layer in try Spectra(of: layer, on: heldOut, means: mixture.means, places: places) }
      alignment.append(.stack(spectra.map(\.alignment), axis: -1))
      eigenvalues.append(.stack(spectra.map(\.eigenvalues), axis: 2))
      components.append(.stack(spectra.map(\.components), axis: 2))
      if name == settings.main {
        try notebook.tensor(
          "spectrum/first class", .stack([spectra[0].first, spectra[spectra.count - 1].first]),
          "eigenvalues of the first class's block of the Hessian, first run",
          along: [
            Dimension("when", ["start", "end"], "moment of training"), Dimension("place", Array(1...d), "the largest first"),
          ])
      }
    }
    let names = Dimension("case", settings.cases.map(\.name), "dimension d and inverse variance λ")
    let seeds = Dimension("seed", count: runs, "run")
    let times = Dimension("time", settings.times, "steps of SGD over d")
    try notebook.tensor(
      "mixture/alignment", .stack(alignment), "norm of a row's projection on the span over its norm, mean over classes",
      along: [names, Dimension("span", spans, "what is projected on"), seeds, times])
    try notebook.tensor("mixture/accuracy", .stack(accuracy), "accuracy on points held out", along: [names, seeds, times])
    let blocks = [
      names, seeds, Dimension("class", count: k, "class of the block"), times,
      Dimension("place", Array(1...places), "place of the eigenvalue, the largest first"),
    ]
    try notebook.tensor("mixture/eigenvalues", .stack(eigenvalues), "largest eigenvalues of the Hessian's blocks", along: blocks)
    try notebook.tensor(
      "mixture/components", .stack(components), "cosine between a row and an eigenvector of its block", along: blocks)
  }

  /// What the blocks of all classes say about one moment.
  private struct Spectra {
    /// Of the rows with each span, mean over classes: [spans, runs].
    var alignment: Tensor<Double>
    /// The largest ones of the blocks H_c, and what of the rows is along their vectors: [runs, k, places].
    var eigenvalues, components: Tensor<Double>
    /// All of the first run's H_1, [d].
    var first: Tensor<Double>

    init(of layer: SoftmaxLayer, on sample: Sample, means: Tensor<Double>, places: Int) throws {
      let k = means.shape[1]
      let span = qr(means.transposed()).q.transposed()
      let blocks = try (0..<k).map { c in
        let w = layer.weights.slice(All(), c)
        let hessian = try SecondMomentSpectrum(of: layer.hessianRows(c, sample))
        let gradients = try SecondMomentSpectrum(of: layer.gradientRows(c, sample))
        let components = OutlierAlignment.components(of: w, along: hessian.vectors.slice(All(), 0..<places))
        let alignment = Tensor.stack([
          components.slice(All(), 0..<k).norm(-1),
          OutlierAlignment.components(of: w, along: gradients.vectors.slice(All(), 0..<k)).norm(-1),
          OutlierAlignment.components(of: w, along: span).norm(-1),
        ])
        return (alignment: alignment, values: hessian.values, components: components)
      }
      alignment = Tensor.stack(blocks.map(\.alignment)).mean(0)
      eigenvalues = .stack(blocks.map { $0.values.slice(All(), 0..<places) }, axis: 1)
      components = .stack(blocks.map(\.components), axis: 1)
      first = blocks[0].values.row(0)
    }
  }

  // MARK: Exclusive or

  private static func runExclusiveOr(_ settings: ExclusiveOr, _ notebook: Recorder) throws {
    let (d, runs) = (settings.dimension, settings.seeds)
    for width in settings.widths {
      let key = notebook.key("exclusive or \(width)")
      let mixture = Mixture.exclusiveOr(runs: runs, dimension: d, precision: settings.precision, key: key.named("means"))
      let start = ReLUNetwork(
        first: .normal([runs, width, d], key: key.named("first")) / Double(d).squareRoot(),
        second: .normal([runs, width], key: key.named("second")))
      let visited = try descend(
        "K = \(width)", from: start, times: settings.times, dimension: d, key: key.named("samples"), notebook
      ) {
        $0.stepped(on: mixture.sample(1, key: $1), rate: settings.rate / Double(d), decay: settings.decay)
      }
      let heldOut = mixture.sample(2 * d, key: key.named("held out"))
      let group = "exclusive or \(width)"
      let along = [Dimension("seed", count: runs, "run"), Dimension("time", settings.times, "steps of SGD over d")]
      try notebook.tensor(
        "\(group)/accuracy", .stack(visited.map { $0.accuracy(heldOut) }, axis: -1), "accuracy on points held out", along: along)
      try notebook.tensor(
        "\(group)/first layer", .stack(try visited.map { try firstLayerAlignment($0, heldOut) }, axis: -1),
        "alignment of first-layer rows with the top 2 of their blocks, mean over rows above half the largest norm", along: along)
      let second = try visited.map { try SecondMomentSpectrum(of: $0.secondLayerRows(heldOut.inputs)) }
      let aligned = zip(visited, second).map { components(of: $0.second, along: $1.vectors.slice(All(), 0..<4)).norm(-1) }
      try notebook.tensor(
        "\(group)/second layer", .stack(aligned, axis: -1), "alignment of v with the top 4 of the second layer's block",
        along: along)
      try notebook.tensor(
        "\(group)/second layer eigenvalues", .stack(second.map { $0.values.slice(All(), 0..<min(6, width)) }, axis: 1),
        "largest eigenvalues of the second layer's block",
        along: along + [Dimension("place", Array(1...min(6, width)), "place of the eigenvalue, the largest first")])
    }
  }

  /// Of rows with more than half of the largest norm: [runs].
  private static func firstLayerAlignment(_ network: ReLUNetwork, _ sample: Sample) throws -> Tensor<Double> {
    let norms = network.first.norm(-1)
    let isLarge = (norms .> norms.max(-1, keepingAxes: true) / 2).converted(to: Double.self)
    let alignments = try (0..<network.second.shape[1]).map { unit in
      let block = try SecondMomentSpectrum(of: network.firstLayerRows(unit, sample.inputs))
      return components(of: network.first.slice(All(), unit), along: block.vectors.slice(All(), 0..<2)).norm(-1)
    }
    return (isLarge * Tensor.stack(alignments, axis: -1)).sum(-1) / isLarge.sum(-1)
  }
}
