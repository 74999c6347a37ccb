import Notebook
import Optimizers
import Problems
import Tensors
import Training

/// Convergent Learning: Do different neural networks learn the same representations? (Li, Yosinski, Clune, Lipson and Hopcroft, ICLR 2016)
///
/// **Shows**: networks trained from different seeds learn partly the same features. Some units match one to one, others only as small
/// groups, and the spaces that the units span agree more than the units do.
///
/// **Here**: multilayer perceptrons on noisy images of ten classes instead of the paper's AlexNets on ImageNet, compared on held-out
/// images by the paper's three kinds of matching, by canonical correlations, and with mutual information in place of correlation. Beside
/// them stand pairs whose inputs are shuffled and networks without training. `full` adds convolutional networks on drawn digits. Left out:
/// what single units respond to, which the paper shows in pictures.
package enum ConvergentLearning: Experiment {
  package static let paper = Paper(
    slug: "convergent-learning", title: "Convergent Learning: Do different neural networks learn the same representations?",
    authors: ["Yixuan Li", "Jason Yosinski", "Jeff Clune", "Hod Lipson", "John Hopcroft"], year: 2015, arxiv: "1511.07543",
    shows: """
      Networks trained from different seeds learn partly the same features: some units match one to one, others only as small groups, \
      and the spanned subspaces agree more than the individual units do.
      """,
    fidelity: .mechanism)

  package struct Settings: Codable, Sendable {
    @Setting("hidden widths of the perceptrons; the layers that are compared") package var hidden = [64, 64]
    @Setting("images and training") package var task = ImageTask()
    @Setting("networks, each pair of which is compared") package var networks = 4
    @Setting("standard deviation below which a unit counts as dead") package var deadBelow = 1e-3
    @Setting("penalties lambda of sparse prediction, falling") package var penalties = [1, 0.3, 0.1, 0.03, 0.01, 0.003]
    @Setting("units in a small group") package var few = 5
    @Setting("clusters of the units of two networks") package var clusters = 16
    @Setting("bins of a unit's values for mutual information") package var bins = 16
    @Setting("convolutional networks on drawn digits; no channels for none") package var convolutional = Convolutional()
    package init() {}
  }

  package struct Convolutional: Codable, Sendable {
    @Setting("channels of the convolutions; the layers that are compared") package var channels: [Int] = []
    @Setting("width and height of a digit in pixels") package var side = 28
    @Setting("training images") package var training = 10_000
    @Setting("held-out images on which units are compared, at two places each") package var test = 10_000
    @Setting("steps of Adam") package var steps = 2000
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      (settings.hidden, settings.networks, settings.clusters, settings.task) = ([16, 16], 3, 4, .smoke)
    case .quick: break
    case .full:
      (settings.task.test, settings.task.prefersMNIST, settings.networks) = (10_000, true, 8)
      settings.convolutional.channels = [16, 32, 32]
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let problem = try settings.task.problem(hidden: settings.hidden, notebook)
    try study("perceptron", problem, steps: settings.task.steps, widths: settings.hidden, settings, notebook) { network in
      network.preactivations(problem.test.inputs).dropLast().map { network.activation($0) }
    }
    let convolutional = settings.convolutional
    guard !convolutional.channels.isEmpty else { return }
    let digits = ConvolutionalDigits(convolutional, batchSize: settings.task.batchSize, key: notebook.key("digits"))
    let places = notebook.key("places")
    try study(
      "convolutional", digits, steps: convolutional.steps, widths: convolutional.channels, settings, notebook
    ) { digits.activations(of: $0, key: places) }
  }

  /// Trains networks from different seeds, and compares each two of them, trained and as they were drawn.
  /// - Parameters:
  ///   - widths: units of each layer that is compared.
  ///   - layers: the activations of each layer on the same inputs for every network, [inputs, units].
  private static func study<P: Problem>(
    _ group: String, _ problem: P, steps: Int, widths: [Int], _ settings: Settings, _ notebook: Recorder,
    layers: (P.Parameters) -> [Tensor<Float>]
  ) throws where P.Scalar == Float {
    let grid = TrainingGrid(
      problem, Adam<Float>().scheduled(.cosine(steps: steps)), rates: [settings.task.rate],
      keys: notebook.key("\(group)/networks").split(settings.networks))
    let trained = try notebook.train(group, grid, steps: steps, cadence: .even(20, of: steps))
    let activations = [trained, grid.start()].map { runs in
      (0..<settings.networks).map { seed in
        layers(grid.parameters(of: runs, seed: seed, rate: 0)).map { $0.converted(to: Double.self) }
      }
    }
    let pairs = (0..<settings.networks).flatMap { a in (a + 1..<settings.networks).map { (a, $0) } }
    let key = notebook.key("\(group)/pairs")
    var comparisons: [Comparison] = []
    for (place, pair) in pairs.enumerated() {
      for layer in widths.indices {
        let units = activations.map { networks in
          UnitPair(networks[pair.0][layer], networks[pair.1][layer], deadBelow: settings.deadBelow)
        }
        comparisons.append(try Comparison(units[0], untrained: units[1], settings, key: key[place][layer]))
      }
    }
    try record(comparisons, group, pairs.map { "\($0.0) and \($0.1)" }, widths, settings, notebook)
  }
}
