import Datasets
import Notebook
import Tensors
import Transforms

/// Dissecting the Effects of SGD Noise in Distinct Regimes of Deep Learning (Sclocchi, Geiger and Wyart, ICML 2023).
///
/// **Shows**: the noise of SGD matters late, when the last points are fitted: the network must grow a signal that beats the noise it has
/// made. The signal is a power law in the temperature T = eta/B and in the number P of training points, whose exponents come from the
/// density of data near the decision boundary.
///
/// **Here**: (A) the paper's perceptron with almost no margin, for several chi, T and P; (B) the same with a margin, over temperatures: below
/// T_c the signal stands still; (C) a network of one hidden layer on even and odd drawn digits, with the paper's scale alpha. Runs of a seed
/// share their data and, at equal P, their draws at all temperatures. MNIST is left out: `full` draws its digits too. For
/// chi = 2 theory lets the signal grow by no more than 16^(1/3) = 2.52 over the sizes of `quick`.
package enum NoiseRegimes: Experiment {
  package static let paper = Paper(
    slug: "sgd-noise-regimes", title: "Dissecting the Effects of SGD Noise in Distinct Regimes of Deep Learning",
    authors: ["Antonio Sclocchi", "Mario Geiger", "Matthieu Wyart"], year: 2023, arxiv: "2301.13703",
    shows: """
      SGD noise matters when the last points are fitted: to beat it the weights must grow along the signal, by power laws of the temperature \
      eta/B and of the training set's size.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("perceptron's dimension d, a multiple of 8") package var dimension = 32
    @Setting("perceptron's batch size B") package var batchSize = 4
    @Setting("standard deviation of a perceptron's weight at the start") package var start = 1e-6
    @Setting("steps between looks whether all points are fitted") package var interval = 500
    @Setting("most steps of the perceptron") package var steps = 400_000
    @Setting("data sets of the perceptron") package var seeds = 5
    @Setting("A: no margin") package var scaling = Scaling()
    @Setting("B: over temperatures") package var crossover = Crossover()
    @Setting("C: network") package var network = Network()
    package init() {}
  }

  package struct Scaling: Codable, Sendable {
    @Setting("margin kappa") package var margin = 1e-7
    @Setting("exponents chi of the density at the boundary") package var exponents = [0, 1, 2]
    @Setting("temperatures T") package var temperatures = [0.1, 1]
    @Setting("training points P") package var samples = [128, 256, 512, 1024, 2048]
    @Setting("most training points of chi = 0, which takes long") package var mostOfFlat = 1024
    package init() {}

    func samples(_ chi: Int) -> [Int] { samples.filter { chi > 0 || $0 <= mostOfFlat } }
  }

  package struct Crossover: Codable, Sendable {
    @Setting("margin kappa") package var margin = 0.05
    @Setting("exponent chi") package var exponent = 1
    @Setting("training points P") package var samples = 512
    @Setting("lowest temperature") package var lowest = 1e-3
    @Setting("highest temperature") package var highest = 10.0
    @Setting("temperatures") package var count = 9
    package init() {}

    var temperatures: [Double] { Tensor<Double>.geomspace(lowest, highest, count: count).scalars }
  }

  package struct Network: Codable, Sendable {
    @Setting("hidden units") package var width = 64
    @Setting("side of the digits, pixels") package var side = 8
    @Setting("batch size B") package var batchSize = 16
    @Setting("training points P") package var samples = [256, 512]
    @Setting("scales alpha of the output") package var scales = [0.1, 1, 10]
    @Setting("temperatures T") package var temperatures = [0.01, 0.05, 0.25]
    @Setting("test points") package var tests = 1000
    @Setting("most steps") package var steps = 20_000
    @Setting("steps between looks whether all points are fitted") package var interval = 50
    @Setting("starts") package var seeds = 3
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      (settings.steps, settings.seeds) = (2000, 2)
      settings.scaling.samples = [64, 128, 256]
      settings.crossover.count = 3
      (settings.network.samples, settings.network.tests) = ([32, 64], 64)
      (settings.network.steps, settings.network.seeds) = (200, 2)
    case .quick: break
    case .full:
      (settings.dimension, settings.steps, settings.seeds) = (128, 20_000_000, 10)
      settings.scaling.samples = [128, 256, 512, 1024, 2048, 4096, 8192, 16_384]
      settings.scaling.mostOfFlat = 2048
      (settings.network.width, settings.network.side, settings.network.samples) = (512, 28, [1024, 2048])
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    for chi in settings.scaling.exponents {
      try train(
        "chi-\(chi)", chi: chi, samples: settings.scaling.samples(chi), temperatures: settings.scaling.temperatures,
        margin: settings.scaling.margin, settings, notebook)
    }
    let crossover = settings.crossover
    try train(
      "crossover", chi: crossover.exponent, samples: [crossover.samples], temperatures: crossover.temperatures,
      margin: crossover.margin, settings, notebook)
    for samples in settings.network.samples { try trainNetworks(samples: samples, settings.network, notebook) }
  }

  /// Perceptrons of all P, T and seeds side by side, each until its points are fitted.
  private static func train(
    _ name: String, chi: Int, samples: [Int], temperatures: [Double], margin: Double, _ settings: Settings, _ notebook: Recorder
  ) throws {
    let seeds = notebook.key("perceptron").split(settings.seeds)
    let points = samples.map { count in
      seeds.map { PerceptronPoints(count: count, dimension: settings.dimension, chi: chi, key: $0.named("points")[chi]) }
    }
    let places = samples.indices.flatMap { p in
      temperatures.flatMap { t in seeds.indices.map { (p: p, temperature: t, seed: $0) } }
    }
    // Several looks to a step of the loop, so that threads have enough to do.
    let (interval, looks, batchSize) = (settings.interval, 20, settings.batchSize)
    let runsAtStart = places.map {
      PerceptronRun(
        start: .normal([settings.dimension], standardDeviation: settings.start, key: seeds[$0.seed].named("start")))
    }
    var runs = runsAtStart
    let count = max(1, settings.steps / (interval * looks))
    try notebook.steps(
      name, count, state: &runs, cadence: .every(count), until: { $0.allSatisfy(\.isFitted) },
      update: { block, runs in
        let before = runs
        runs = Threads.map(places.count) { i in
          let (p, temperature, seed) = places[i]
          var run = before[i]
          let draws = seeds[seed].named("draws")
          for look in 0..<looks {
            run.advance(
              on: points[p][seed], steps: interval, batchSize: batchSize, temperature: temperature, margin: margin,
              key: draws[block * looks + look])
          }
          return run
        }
      })
    let along = [
      Dimension("samples", samples, "training points P"), Dimension("temperature", temperatures, "temperature eta/B"),
      Dimension("seed", count: seeds.count, "data set"),
    ]
    let tensor = { (name: String, longName: String, value: (PerceptronRun) -> Double) in
      try notebook.tensor(name, Tensor(shape: along.map(\.count), runs.map(value)), longName, along: along)
    }
    try tensor("\(name)/signal", "weight w_1 along the signal at the end") { $0.signal }
    try tensor("\(name)/noise", "norm of the other weights at the end") { $0.noise }
    try tensor("\(name)/steps", "steps until all points were fitted") { Double($0.steps) }
    try tensor("\(name)/fitted", "1 if all points were fitted, else 0") { $0.isFitted ? 1 : 0 }
  }

  /// Even digits against odd ones, each pixel centred, of the scale |x|² = d in the mean.
  private static func trainNetworks(samples: Int, _ settings: Network, _ notebook: Recorder) throws {
    let key = notebook.key("digits")
    let draw = { (count: Int, name: String) in DrawnDigits.sample(count, side: settings.side, key: key.named(name)) }
    let (train, test) = (draw(samples, "train"), draw(settings.tests, "test"))
    let center = train.pixels.mean(0)
    let scale = (train.pixels - center).square().mean().sqrt()
    let inputs = { (images: LabelledImages) in ((images.pixels - center) / scale).converted(to: Float.self) }
    let signs = { (images: LabelledImages) in Tensor<Float>(images.labels.map { $0.isMultiple(of: 2) ? 1 : -1 }) }
    let (x, y) = (inputs(train), signs(train))

    let dimension = settings.side * settings.side
    let starts = vmap({ (key: Key) in RampNetwork(width: settings.width, dimension: dimension, key: key) })(
      .batch(notebook.key("networks").split(settings.seeds)))
    let outputsAtStart = { (x: Tensor<Float>) in vmap({ (network: RampNetwork) in network.outputs(x) })(starts) }
    let initial = outputsAtStart(x)
    let alphas = Tensor<Float>(settings.scales.map { Float($0) })
    let temperatures = Tensor<Float>(settings.temperatures.map { Float($0) })
    let (shape, interval) = ([settings.seeds, settings.batchSize], settings.interval)
    let step = compile { (runs: LazyRuns, key: Key) in
      let batches = Tensor<Int32>.integers(shape, in: 0..<Int32(samples), key: key)
      return runs.stepped(x, y, initial: initial, batches: batches, alphas: alphas, temperatures: temperatures)
    }
    let stop = compile { (runs: LazyRuns) in runs.stopped(x, y, initial: initial, alphas: alphas) }
    let batchKey = notebook.key("batches")
    var runs = LazyRuns(starts: starts, alphas: alphas.count, temperatures: temperatures.count)
    let name = "network-\(samples)"
    try notebook.steps(
      name, settings.steps, state: &runs, cadence: .every(settings.steps), until: { $0.isActive.max().scalar == 0 },
      update: { t, runs in
        runs = step(runs, batchKey[t])
        if (t + 1).isMultiple(of: interval) { runs = stop(runs) }
      })
    let along = [
      Dimension("alpha", settings.scales, "scale of the output"),
      Dimension("temperature", settings.temperatures, "temperature eta/B"), Dimension("seed", count: settings.seeds, "start"),
    ]
    let tested = runs.predictions(inputs(test), initial: outputsAtStart(inputs(test)), alphas: alphas) * signs(test)
    try notebook.tensor(
      "\(name)/test_error", Tensor<Float>.where(tested .> 0, 0, 1).mean(-1), "share of wrong answers on the test points",
      along: along)
    try notebook.tensor("\(name)/change", runs.relativeChange(from: starts), "|w_t - w_0| / |w_0| at the end", along: along)
    try notebook.tensor("\(name)/steps", runs.steps, "steps until all points were fitted", along: along)
    try notebook.tensor("\(name)/fitted", 1 - runs.isActive, "1 if all points were fitted, else 0", along: along)
  }
}
