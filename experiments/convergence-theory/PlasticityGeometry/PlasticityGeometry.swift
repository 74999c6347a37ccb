import Notebook
import Optimizers
import Tensors
import Transforms

/// Synaptic Weight Distributions Depend on the Geometry of Plasticity (Pogodin, Cornford, Ghosh, Gidel, Lajoie and Richards, ICLR 2024).
///
/// **Shows**: mirror descent with potential phi changes weights so that grad phi(w_T) - grad phi(w_0) is a sum of as many terms as there are
/// samples, hence normal. Weights before and after learning thus tell which geometry the learner uses: log-normal weights point to
/// one that is not Euclidean.
///
/// **Here**: the paper's linear regression on random labels, from w_0 = N(0, 1/D), with momentum in the dual and a cosine schedule that ends
/// with 0; three potentials, inputs with independent and with correlated entries, and more samples. The learning rate of a potential and a
/// D is the one of the grid with the least mean final loss over the seeds; rates that diverge for a seed are discarded. Seeds and rates
/// are axes of one compiled step. The paper's networks are left out.
package enum PlasticityGeometry: Experiment {
  package static let paper = Paper(
    slug: "plasticity-geometry", title: "Synaptic Weight Distributions Depend on the Geometry of Plasticity",
    authors: [
      "Roman Pogodin", "Jonathan Cornford", "Arna Ghosh", "Gauthier Gidel", "Guillaume Lajoie", "Blake Aaron Richards",
    ],
    year: 2023, arxiv: "2305.19394",
    shows: """
      Learning by mirror descent changes the dual coordinates of the weights by a normally distributed amount. The distribution of weights
      before and after learning therefore reveals the potential, that is the geometry, of the learner.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("numbers of weights D") package var dimensions = [500, 1000, 2000, 4000]
    @Setting("kinds of data; the first one carries the claims") package var data = [
      DataKind(), DataKind(exponent: 0.75, largestDimension: 1000), DataKind(isCorrelated: true, largestDimension: 2000),
    ]
    @Setting("learning rates that are tried, 10^-6 to 1") package var rates = Tensor<Double>.geomspace(1e-6, 1, count: 13).scalars
    @Setting("epochs, each one full-batch step") package var epochs = 400
    @Setting("momentum in the dual") package var momentum = 0.9
    @Setting("seeds of data and start") package var seeds = 5
    package init() {}
  }

  package struct DataKind: Codable, Sendable {
    @Setting("samples N = floor(D^exponent)") package var exponent = 0.5
    @Setting("whether the entries of an input are correlated: (-1)^|i-j| / (1 + |i-j|)") package var isCorrelated = false
    @Setting("power of 1 + |i-j| in the correlation") package var power = 1.0
    @Setting("largest D that is tried") package var largestDimension = Int.max
    package init() {}

    init(exponent: Double = 0.5, isCorrelated: Bool = false, power: Double = 1, largestDimension: Int) {
      self.init()
      (self.exponent, self.isCorrelated, self.power, self.largestDimension) = (exponent, isCorrelated, power, largestDimension)
    }

    package var name: String {
      isCorrelated
        ? "correlated, N = √D\(power == 1 ? "" : ", power \(power.brief)")"
        : exponent == 0.5 ? "N = √D" : "N = $D^{\(exponent.brief)}$"
    }
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.dimensions = [100, 200]
      settings.epochs = 60
      settings.seeds = 2
    case .quick: break
    case .full:
      settings.dimensions = [100, 200, 500, 1000, 2000, 5000, 10_000, 20_000]
      settings.data = [
        DataKind(), DataKind(exponent: 0.75, largestDimension: 5000), DataKind(isCorrelated: true, largestDimension: 5000),
        DataKind(isCorrelated: true, power: 2, largestDimension: 5000),
      ]
      settings.seeds = 30
    }
    return settings
  }

  /// The potentials, in the order of their columns in the results.
  package static let geometries: [(name: String, map: MirrorMap)] = [
    ("2-norm", .euclidean), ("3-norm", .norm(3)), ("negative entropy", .negativeEntropy),
  ]

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let seed = Dimension("seed", count: settings.seeds, "data and start")
    let trained = Dimension("trained", geometries.map(\.name), "potential of the learner")
    let tested = Dimension("tested", geometries.map(\.name), "potential whose dual change is tested")
    for (number, kind) in settings.data.enumerated() {
      let dimensions = settings.dimensions.filter { $0 <= kind.largestDimension }
      var outcomes: [Outcome] = []
      for d in dimensions {
        let data = RandomLabels.batch(settings.seeds, dimension: d, kind, key: notebook.key("data")[number][d])
        for (name, map) in geometries {
          let loop = "\(number) \(d) \(name)"
          let outcome = try train(map, on: data, loop, settings, notebook)
          outcomes.append(outcome)
          if number == 0, d == settings.dimensions.last { try record(outcome, data, name, settings, notebook) }
        }
      }
      let size = Dimension("dimension", dimensions, "number of weights D")
      let shape = [dimensions.count, geometries.count, settings.seeds]
      let axes = [size, trained, seed]
      try notebook.tensor(
        "\(number)/distance", Tensor(shape: shape + [geometries.count], outcomes.flatMap { $0.distances.flatMap { $0 } }),
        "area between the distribution functions of the standardized dual change and of N(0, 1)", along: axes + [tested])
      try notebook.tensor(
        "\(number)/residual", Tensor(shape: shape, outcomes.flatMap(\.residuals)),
        "share of the dual change outside of the span of the samples", along: axes)
      try notebook.tensor(
        "\(number)/loss", Tensor(shape: shape, outcomes.flatMap(\.losses)), "final mean squared error", along: axes)
      try notebook.tensor(
        "\(number)/rate", Tensor(shape: [dimensions.count, geometries.count], outcomes.map(\.rate)), "chosen learning rate",
        along: [size, trained])
    }
  }

  /// What figures draw of the largest D: the first seed's weights and dual change.
  private static func record(
    _ outcome: Outcome, _ data: RandomLabels, _ name: String, _ settings: Settings, _ notebook: Recorder
  ) throws {
    let weight = Dimension("weight", count: data.start.shape[1], "weight")
    try notebook.tensor("\(name)/change", outcome.change, "change of the dual coordinates, first seed", along: [weight])
    try notebook.tensor("\(name)/before", data.start.row(0), "weights before learning, first seed", along: [weight])
    try notebook.tensor("\(name)/after", outcome.weights, "weights after learning, first seed", along: [weight])
  }
}
