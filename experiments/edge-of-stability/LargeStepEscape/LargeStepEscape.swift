import Datasets
import Networks
import Notebook
import Tensors
import Transforms

/// Special Properties of Gradient Descent with Large Learning Rates (Mohtashami, Jaggi and Stich, ICML 2023).
///
/// **Shows**: a large step is more than noise. Gradient descent without any noise, with a step too large for a sharp local minimum but not for
/// what surrounds it, goes elsewhere and reaches the global minimum; small steps fall into the sharp one, also with the same gradient noise.
///
/// **Here**: (A) a landscape of ours in the paper's class, gradient descent from many starts with steps below and above 2/mu_+; the same with
/// noise, by the paper's protocol: eta, eta/k with fresh draws, and eta/k with each draw used k times; (B) the protocol for a network on drawn
/// digits with label noise, several starts; (C) ten wells in twenty dimensions, without a claim. CIFAR-10 and its networks are left out.
package enum LargeStepEscape: Experiment {
  package static let paper = Paper(
    slug: "large-lr-escape", title: "Special Properties of Gradient Descent with Large Learning Rates",
    authors: ["Amirkeivan Mohtashami", "Martin Jaggi", "Sebastian U. Stich"], year: 2022, arxiv: "2205.15142",
    shows: """
      Even without noise, gradient descent with a large step takes another route and avoids the sharp local minima that small steps, with or \
      without the same gradient noise, fall into.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("A: the landscape in the plane") package var plane = Landscape()
    @Setting("C: the landscape in more dimensions") package var wells = Landscape.wells
    @Setting("step sizes of gradient descent") package var rates = [0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.5, 1]
    @Setting("least steps times step size") package var horizon = 30.0
    @Setting("least steps") package var leastSteps = 300
    @Setting("distance to a local minimum below which a run is stuck") package var stuckWithin = 0.3
    @Setting("distance to 0 below which a run has reached it") package var reachedWithin = 0.05
    @Setting("A: large step of SGD") package var noisyRate = 0.5
    @Setting("A: standard deviation of the noise") package var noise = 0.3
    @Setting("A: draws of the noise with the large step") package var draws = 300
    @Setting("A: k, the division of the large step") package var division = 100
    @Setting("A: step sizes of the trajectories that are drawn") package var routeRates = [0.01, 0.1]
    @Setting("A: steps of these") package var routeSteps = 60
    @Setting("B: digits") package var digits = Digits()
    package init() {}
  }

  package struct Landscape: Codable, Sendable {
    @Setting("dimension") package var dimension = 2
    @Setting("wells, on as many axes") package var wells = 1
    @Setting("distance of the wells from 0") package var distance = 2.0
    @Setting("depth A of a well") package var depth = 0.7
    @Setting("width s of a well") package var width = 0.1
    @Setting("starts, in turn around each well") package var starts = 2000
    @Setting("half the side of the cube of starts around a well") package var reach = 1.5
    package init() {}

    /// The cube is smaller: hardly a start would be in the way to a well otherwise.
    static var wells: Landscape {
      var landscape = Landscape()
      (landscape.dimension, landscape.wells, landscape.starts, landscape.reach) = (20, 10, 200, 0.1)
      return landscape
    }

    package var function: WellLandscape {
      WellLandscape(
        depth: depth, width: width, centers: distance * Tensor<Double>.identity(dimension).slice(0..<wells))
    }

    func draw(_ key: Key) -> Tensor<Double> {
      let around = function.centers.gather(Tensor<Int32>((0..<starts).map { Int32($0 % wells) }))
      return around + Tensor.uniform([starts, dimension], in: -reach..<reach, key: key)
    }
  }

  package struct Digits: Codable, Sendable {
    @Setting("training images") package var samples = 1000
    @Setting("test images") package var tests = 1000
    @Setting("share of wrong labels") package var labelNoise = 0.1
    @Setting("hidden units") package var width = 64
    @Setting("batch size") package var batchSize = 32
    @Setting("large step size") package var rate = 0.3
    @Setting("k, the division of the large step") package var division = 10
    @Setting("batches with the large step") package var draws = 2000
    @Setting("records of accuracy and trace") package var records = 20
    @Setting("probes of the trace") package var probes = 4
    @Setting("starts") package var seeds = 3
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      (settings.plane.starts, settings.wells.starts) = (200, 20)
      (settings.rates, settings.horizon, settings.leastSteps) = ([0.02, 0.03, 0.1, 0.5], 6, 60)
      (settings.draws, settings.division) = (60, 10)
      (settings.digits.samples, settings.digits.tests, settings.digits.draws, settings.digits.records) = (64, 64, 10, 2)
      settings.digits.seeds = 2
    case .quick: break
    case .full:
      (settings.plane.starts, settings.wells.starts) = (20_000, 20_000)
      (settings.digits.width, settings.digits.draws, settings.digits.seeds) = (256, 10_000, 5)
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let landscape = settings.plane.function
    try notebook.tensor(
      "curvatures", landscape.curvatures(), "eigenvalues of the Hessian at the local minimum",
      along: [Dimension("direction", count: settings.plane.dimension, "eigenvector")])
    let starts = settings.plane.draw(notebook.key("starts"))
    try notebook.tensor("starts", starts, "where the runs begin", along: [runs(starts), axes(starts)])
    try descend("plane", landscape, starts, settings, notebook)
    try descend("wells", settings.wells.function, settings.wells.draw(notebook.key("wells")), settings, notebook)
    try recordRoutes(landscape, settings, notebook)
    try addNoise(landscape, starts, settings, notebook)
    try trainDigits(settings.digits, notebook)
  }

  private static func runs(_ starts: Tensor<Double>) -> Dimension { Dimension("start", count: starts.shape[0], "start") }
  private static func axes(_ starts: Tensor<Double>) -> Dimension { Dimension("axis", count: starts.shape[1], "coordinate") }

  /// Gradient descent without noise from all starts, with one step size after the other.
  private static func descend(
    _ name: String, _ landscape: WellLandscape, _ starts: Tensor<Double>, _ settings: Settings, _ notebook: Recorder
  ) throws {
    let step = compile { (x: Tensor<Double>, rate: Tensor<Double>) in x - rate * landscape.gradients(x) }
    let ends = try settings.rates.map { rate in
      let count = max(settings.leastSteps, Int((settings.horizon / rate).rounded(.up)))
      var x = starts
      try notebook.steps("\(name), step \(rate)", count, state: &x, cadence: .every(count)) { _, x in x = step(x, Tensor(rate)) }
      return x
    }
    let places = [Dimension("eta", settings.rates, "step size"), runs(starts)]
    try record(name, ends, landscape, along: places, notebook)
  }

  private static func record(
    _ name: String, _ ends: [Tensor<Double>], _ landscape: WellLandscape, along places: [Dimension], _ notebook: Recorder
  ) throws {
    try notebook.tensor(
      "\(name)/from_local", .stack(ends.map(landscape.distancesToMinima)), "distance of the end from the nearest local minimum",
      along: places)
    try notebook.tensor(
      "\(name)/from_global", .stack(ends.map { $0.norm(-1) }), "distance of the end from the global minimum", along: places)
  }

  /// Two trajectories from a start on the line through the well, and from one beside it.
  private static func recordRoutes(_ landscape: WellLandscape, _ settings: Settings, _ notebook: Recorder) throws {
    let side = Tensor<Double>.identity(settings.plane.dimension)
    let first = 1.4 * landscape.centers.slice(0)
    let starts = Tensor.stack([first, first + 0.1 * side.slice(1)])
    let count = settings.routeRates.count
    var x = starts.broadcast(to: [count] + starts.shape)
    let rates = Tensor(settings.routeRates).reshaped(count, 1, 1)
    let places = [
      Dimension("eta", settings.routeRates, "step size"), Dimension("from", ["line", "side"], "start"), axes(starts),
    ]
    let route = try notebook.trace("routes/x", "iterate of gradient descent", along: places)
    try notebook.steps("routes", settings.routeSteps, state: &x, cadence: .every(1)) { _, x in
      x -= rates * landscape.gradients(x.reshaped(-1, starts.shape[1])).reshaped(x.shape)
    } measure: { x, record in
      record(route, x.scalars)
    }
  }

  /// x <- x - eta (grad f(x) + xi), with the draws of xi used as each protocol says.
  private static func addNoise(
    _ landscape: WellLandscape, _ starts: Tensor<Double>, _ settings: Settings, _ notebook: Recorder
  ) throws {
    let protocols = NoiseProtocol.all(rate: settings.noisyRate, division: settings.division)
    let step = compile { (x: Tensor<Double>, noise: Tensor<Double>, rate: Tensor<Double>) in
      x - rate * (landscape.gradients(x) + noise)
    }
    let ends = try protocols.map { noisy in
      let (count, key) = (settings.draws * noisy.share, notebook.key("noise").named(noisy.name))
      var x = starts
      try notebook.steps("noise, \(noisy.name)", count, state: &x, cadence: .every(count)) { t, x in
        let noise = Tensor<Double>.normal(x.shape, standardDeviation: settings.noise, key: key[t])
        for _ in 0..<noisy.repeats { x = step(x, noise, Tensor(noisy.rate)) }
      }
      return x
    }
    let places = [Dimension("protocol", protocols.map(\.name), "how the draws are used"), runs(starts)]
    try record("noise", ends, landscape, along: places, notebook)
  }

  private static func trainDigits(_ settings: Digits, _ notebook: Recorder) throws {
    let key = notebook.key("digits")
    let sample = { (count: Int, name: String) in DrawnDigits.sample(count, side: 8, key: key.named(name)).points(as: Float.self) }
    let train = sample(settings.samples, "train").withLabelNoise(settings.labelNoise, key: key.named("labels"))
    let test = sample(settings.tests, "test")
    let draw = { (key: Key) in MLP<Float>([64, settings.width, 10], initializer: .he(), key: key) }
    let start = DigitRuns(vmap(draw)(.batch(notebook.key("networks").split(settings.seeds))))
    let shape = [settings.seeds, settings.batchSize]
    let samples = Int32(settings.samples)
    let step = compile { (runs: DigitRuns, batches: Tensor<Int32>, rate: Tensor<Double>) in
      runs.stepped(train.inputs, train.labels, batches: batches, rate: rate)
    }
    let probes = notebook.key("probes")
    let trace = compile { (runs: DigitRuns) in runs.traces(train.inputs, train.labels, probes: settings.probes, key: probes) }
    let places = [Dimension("seed", count: settings.seeds, "start")]
    for noisy in NoiseProtocol.all(rate: settings.rate, division: settings.division) {
      let loop = "digits-\(noisy.name)"
      let (batchKey, count) = (notebook.key("batches").named(noisy.name), settings.draws * noisy.share)
      let accuracy = try notebook.trace("\(loop)/accuracy", "share of right answers on the test images", along: places)
      let sharpness = try notebook.trace("\(loop)/trace", "trace of the Hessian of the training loss", along: places)
      var runs = start
      try notebook.steps(loop, count, state: &runs, cadence: .even(settings.records, of: count)) { t, runs in
        let batches = Tensor<Int32>.integers(shape, in: 0..<samples, key: batchKey[t])
        for _ in 0..<noisy.repeats { runs = step(runs, batches, Tensor(noisy.rate)) }
      } measure: { runs, record in
        record(accuracy, runs.accuracies(test.inputs, test.labels).scalars.map(Double.init))
        record(sharpness, trace(runs).scalars.map(Double.init))
      }
    }
  }
}
