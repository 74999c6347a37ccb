import Notebook
import Tensors
import Transforms

/// Benign Oscillation of Stochastic Gradient Descent with Large Learning Rates (Lu, Wu, Yang and Zou, ICLR 2024).
///
/// **Shows**: on the squared loss, SGD with steps so large that it oscillates about the strong feature keeps a residual that is positive in
/// the mean, which feeds the weak feature present in all data. Small steps fit through the strong feature and stop: they fail on tests
/// that show the weak feature alone.
///
/// **Here**: the paper's feature-noise patches and its network, batch size 1 with replacement, all step sizes of a data set with the same
/// start and the same draws. A run whose weights exceed a limit has diverged: it is counted, and left out of the rest. `full` takes the noise
/// down with the dimension, so that its norm beside that of u stays, and the step sizes up with m.
package enum BenignOscillation: Experiment {
  package static let paper = Paper(
    slug: "benign-oscillation",
    title: "Benign Oscillation of Stochastic Gradient Descent with Large Learning Rates",
    authors: ["Miao Lu", "Beining Wu", "Xiaodong Yang", "Difan Zou"], year: 2023, arxiv: "2310.17074",
    shows: """
      On the squared loss, SGD that oscillates because its steps are large keeps a positive mean residual, and thereby learns a weak \
      feature that small steps miss.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("dimension d") package var dimension = 200
    @Setting("training points n") package var samples = 10
    @Setting("share of points with the strong feature") package var strongShare = 0.8
    @Setting("neurons m of each sign") package var width = 10
    @Setting("norm of the strong feature u") package var strongNorm = 2.0
    @Setting("norm of the weak feature v") package var weakNorm = 0.6
    @Setting("standard deviation of a coordinate of the noise") package var noise = 0.1
    @Setting("standard deviation of a weight at the start") package var start = 0.01
    @Setting("small step size") package var small = 0.1
    @Setting("largest step size without oscillation") package var smooth = 0.8
    @Setting("step size with oscillation") package var oscillating = 1.3
    @Setting("large step size") package var large = 1.5
    @Setting("further step sizes, for the figures") package var others: [Double] = []
    @Setting("steps") package var steps = 6000
    @Setting("steps between records") package var interval = 25
    @Setting("first and last step of the mean residual") package var residualSteps = [200, 3000]
    @Setting("weight beyond which a run has diverged") package var limit = 1e4
    @Setting("test points, with the weak feature only") package var tests = 500
    @Setting("data sets and starts") package var seeds = 5
    package init() {}

    var rates: [Double] { Set([small, smooth, oscillating, large] + others).sorted() }
    var strong: Int { Int((strongShare * Double(samples)).rounded()) }
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.steps = 200
      settings.residualSteps = [50, 200]
      settings.seeds = 2
    case .quick: break
    case .full:
      (settings.dimension, settings.samples, settings.width) = (1000, 100, 40)
      settings.noise *= (200.0 / 1000).squareRoot()
      (settings.small, settings.smooth, settings.oscillating, settings.large) = (0.4, 3.2, 5.2, 6)
      settings.others = [0.8, 1.6, 2.4, 4, 4.4, 4.8, 5.6, 6.4]
      (settings.steps, settings.interval, settings.seeds) = (50_000, 100, 10)
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let (key, seeds, limit) = (notebook.key("data"), settings.seeds, settings.limit)
    let (strong, count) = (settings.strong, Int32(settings.samples))
    let points = { (count: Int, strong: Int, name: String) in
      FeaturePoints(
        dataSets: seeds, count: count, strong: strong, dimension: settings.dimension, strongNorm: settings.strongNorm,
        weakNorm: settings.weakNorm, noise: settings.noise, key: key.named(name))
    }
    let (train, test) = (points(settings.samples, strong, "train"), points(settings.tests, 0, "test"))
    let start = Tensor<Double>.normal(
      [seeds, 2, settings.width, settings.dimension], standardDeviation: settings.start, key: notebook.key("start"))
    var runs = OscillatingRuns(start: start, rates: settings.rates.count)

    let rates = Tensor(settings.rates)
    let step = compile { (runs: OscillatingRuns, points: FeaturePoints, key: Key) in
      let examples = Tensor<Int32>.integers([seeds], in: 0..<count, key: key)
      return runs.stepped(points, examples: examples, rates: rates, strong: strong, limit: limit)
    }
    let outputs = compile { (runs: OscillatingRuns, points: FeaturePoints) in runs.outputs(points) }

    let along = [
      Dimension("eta", settings.rates, "step size"), Dimension("seed", count: seeds, "data set and start"),
    ]
    let trace = { (name: String, longName: String) in try notebook.trace("sgd/\(name)", longName, along: along) }
    let margin = try trace("margin", "y f of the last strong point drawn")
    let shortfall = try trace("shortfall", "sum of 1 - y f over the strong points drawn")
    let strongDraws = try trace("strong_draws", "strong points drawn")
    let strongAlignment = try trace("strong_alignment", "largest product of a neuron with u, mean of both signs")
    let weakAlignment = try trace("weak_alignment", "largest product of a neuron with v, mean of both signs")
    let trainError = try trace("train_error", "mean squared error on the training points")
    let trainAccuracy = try trace("train_accuracy", "share of training points with the right sign")
    let testAccuracy = try trace("test_accuracy", "share of test points with the right sign")
    let batches = notebook.key("batches")
    try notebook.steps("sgd", settings.steps, state: &runs, cadence: .every(settings.interval)) { t, runs in
      runs = step(runs, train, batches[t])
    } measure: { runs, record in
      let (f, g) = (outputs(runs, train), outputs(runs, test))
      record(margin, runs.margin.scalars)
      record(shortfall, runs.shortfall.scalars)
      record(strongDraws, runs.strongDraws.scalars)
      record(strongAlignment, (settings.strongNorm * runs.alignments(axis: 0)).scalars)
      record(weakAlignment, (settings.weakNorm * runs.alignments(axis: 1)).scalars)
      record(trainError, (f - train.y).square().mean(-1).scalars)
      record(trainAccuracy, rightSigns(f, train).scalars)
      record(testAccuracy, rightSigns(g, test).scalars)
    }
    try notebook.tensor("bounded", runs.isBounded, "1, and 0 where the run diverged", along: along)
  }

  private static func rightSigns(_ f: Tensor<Double>, _ points: FeaturePoints) -> Tensor<Double> {
    Tensor.where(f * points.y .> 0, 1, 0).mean(-1)
  }
}
