import Datasets
import Notebook
import Tensors
import Transforms

/// SGD Implicitly Regularizes Generalization Error (Roberts, 2021).
///
/// **Shows**: in one gradient step the expected generalization gap grows by the step size times the trace of the covariance of
/// single-example gradients over the number of samples, whatever the model. Steps on the same full batch have correlated gradients,
/// SGD steps on disjoint batches do not: at second order in the step size that separates their test losses by eta²/(2N) mu . grad Tr C
/// for every pair of steps, in favour of SGD where the sign is positive.
///
/// **Here**: a logistic model, a small network of tanh units, in the full preset also softmax regression on drawn digits, each over
/// thousands of independent training sets in one compiled step. A training set is drawn with replacement from a large population, whose
/// means are thus exact expectations. Several steps: T batches against T full steps on 40 samples, T = 2, 4, 8, against the sum over all
/// pairs. Tr C along a run is that of online SGD, whose parameters never depend on the next batch.
package enum SGDGapFormula: Experiment {
  package static let paper = Paper(
    slug: "sgd-gap-formula", title: "SGD Implicitly Regularizes Generalization Error", authors: ["Daniel A. Roberts"],
    year: 2021, arxiv: "2104.04874",
    shows: """
      One gradient step widens the expected generalization gap by the step size times the trace of the gradient covariance over the \
      sample size. SGD differs from full-batch descent at second order, because gradients of disjoint batches are uncorrelated.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("dimension of the inputs") package var features = 5
    @Setting("hidden units of the network") package var hidden = 8
    @Setting("points of the population") package var population = 200_000
    @Setting("scale of the true weights w*") package var trueScale = 1.5
    @Setting("scale of the parameters theta at which steps are taken") package var scale = 0.5
    @Setting("samples N of a training set") package var samples = 20
    @Setting("numbers of samples of the sweep") package var sampleSweep = [10, 20, 40, 80]
    @Setting("step sizes eta") package var etas = [0.05, 0.1, 0.2, 0.5]
    @Setting("step size of all that is not swept over eta") package var eta = 0.1
    @Setting("training sets of the logistic model") package var logisticSets = 40_000
    @Setting("training sets of the network") package var networkSets = 5000
    @Setting("training sets at each further theta") package var thetaSets = 2500
    @Setting("further theta at which the sign is checked") package var thetas = 10
    @Setting("points of the test sample") package var testPoints = 4000
    @Setting("numbers of steps T, each on its own batch for SGD") package var stepCounts = [2, 4, 8]
    @Setting("training sets for these") package var stepSets = 5000
    @Setting("samples shared by T batches") package var stepSamples = 40
    @Setting("steps of online SGD along which Tr C is traced, at the largest eta") package var onlineSteps = 300
    @Setting("training sets evaluated at once") package var chunk = 500
    @Setting("drawn digits, of 8 by 8 pixels; 0 leaves them out") package var digits = 0
    @Setting("training sets of the softmax model") package var digitSets = 100_000
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.population = 5000
      settings.logisticSets = 1000
      settings.networkSets = 500
      settings.thetaSets = 500
      settings.stepSets = 500
      settings.thetas = 2
      settings.testPoints = 200
      settings.onlineSteps = 20
    case .quick: break
    case .full:
      settings.logisticSets = 100_000
      settings.networkSets = 40_000
      settings.thetaSets = 40_000
      settings.stepSets = 100_000
      settings.digits = 5000
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let (x, labels) = logisticPoints(settings, key: notebook.key("population"))
    let logistic = GapPopulation(model: .logistic(features: settings.features), x: x, targets: labels)
    try study(logistic, "logistic", sets: settings.logisticSets, settings, notebook)
    try compareSteps(logistic, settings, notebook)
    try compareSigns(logistic, settings, notebook)
    let network = GapPopulation(
      model: .network(features: settings.features, hidden: settings.hidden), x: x, targets: labels)
    try study(network, "network", sets: settings.networkSets, settings, notebook)
    guard settings.digits > 0 else { return }
    let digits = DrawnDigits.sample(settings.digits, side: 8, key: notebook.key("digits")).points(as: Double.self)
    let softmax = GapPopulation(
      model: .softmax(features: digits.inputs.shape[1], classes: digits.classes), x: digits.inputs,
      targets: .oneHot(digits.labels, classes: digits.classes))
    try study(softmax, "softmax", sets: settings.digitSets, settings, notebook)
  }

  /// x ~ N(0, I) and labels ±1, +1 with probability sigmoid(x . w*), w* ~ scale N(0, I).
  private static func logisticPoints(_ settings: Settings, key: Key) -> (x: Tensor<Double>, labels: Tensor<Double>) {
    let x = Tensor<Double>.normal([settings.population, settings.features], key: key.named("x"))
    let weights = settings.trueScale * Tensor.normal([settings.features], key: key.named("w"))
    let ones = Tensor<Double>.bernoulli(probabilities: matmul(x, weights).sigmoid(), key: key.named("labels"))
    return (x, (2 * ones - 1).expandingDimensions(1))
  }

  private static func theta(_ population: GapPopulation, _ settings: Settings, key: Key) -> Tensor<Double> {
    settings.scale * .normal([population.model.parameterCount], key: key)
  }

  /// Growth of the gap over step sizes and over sample sizes, GD against SGD over step sizes, Tr C along a run.
  private static func study(
    _ population: GapPopulation, _ name: String, sets: Int, _ settings: Settings, _ notebook: Recorder
  ) throws {
    let key = notebook.key(name)
    let theta = theta(population, settings, key: key.named("theta"))
    try notebook.scalar("\(name)/trace", population.moments(theta).trace, "Tr C at theta")
    try notebook.scalar("\(name)/drift", population.drift(theta), "mu . grad Tr C at theta")
    let etas = Dimension("eta", settings.etas, "step size eta")
    let size = min(settings.chunk, sets)
    try record("\(name)/gap", "growth of the generalization gap in one step", [etas], sets, size, notebook) { key in
      population.gapGrowth(theta, sets: size, count: settings.samples, etas: settings.etas, key: key)
    }
    let sweep = Dimension("samples", settings.sampleSweep, "samples N")
    try record("\(name)/gap_by_samples", "growth of the generalization gap in one step", [sweep], sets, size, notebook) { key in
      .concatenate(
        settings.sampleSweep.map {
          population.gapGrowth(theta, sets: size, count: $0, etas: [settings.eta], key: key.named("\($0)"))
        }, axis: 1)
    }
    let test = testSample(population, settings, key)
    try record("\(name)/difference", "test loss of GD minus that of SGD, two steps", [etas], sets, size, notebook) { key in
      population.descentDifference(
        theta, sets: size, count: settings.samples, steps: 2, etas: settings.etas, test: test, key: key)
    }
    try traceAlongRun(population, name, theta, settings, notebook)
  }

  /// T full steps against T batches, on the same samples.
  private static func compareSteps(_ population: GapPopulation, _ settings: Settings, _ notebook: Recorder) throws {
    let key = notebook.key("logistic")
    let theta = theta(population, settings, key: key.named("theta"))
    let test = testSample(population, settings, key)
    let (sets, size) = (settings.stepSets, min(settings.chunk, settings.stepSets))
    let steps = Dimension("steps", settings.stepCounts, "steps T of each method")
    try record("steps/difference", "test loss of GD minus that of SGD, T steps", [steps], sets, size, notebook) { key in
      .concatenate(
        settings.stepCounts.map {
          population.descentDifference(
            theta, sets: size, count: settings.stepSamples, steps: $0, etas: [settings.eta], test: test, key: key)
        }, axis: 1)
    }
  }

  /// Two steps at other parameters, where mu . grad Tr C has other signs.
  private static func compareSigns(_ population: GapPopulation, _ settings: Settings, _ notebook: Recorder) throws {
    let key = notebook.key("signs")
    let thetas = key.named("theta").split(settings.thetas).map { theta(population, settings, key: $0) }
    let test = testSample(population, settings, notebook.key("logistic"))
    let place = Dimension("theta", count: settings.thetas, "random theta")
    try notebook.tensor(
      "signs/drift", Tensor(thetas.map { population.drift($0) }), "mu . grad Tr C", along: [place])
    let (sets, size) = (settings.thetaSets, min(settings.chunk, settings.thetaSets))
    try record("signs/difference", "test loss of GD minus that of SGD, two steps", [place], sets, size, notebook) { key in
      .concatenate(
        thetas.map {
          population.descentDifference(
            $0, sets: size, count: settings.samples, steps: 2, etas: [settings.eta], test: test, key: key)
        }, axis: 1)
    }
  }

  private static func testSample(
    _ population: GapPopulation, _ settings: Settings, _ key: Key
  ) -> (x: Tensor<Double>, targets: Tensor<Double>) {
    let sample = population.samples(1, of: settings.testPoints, key: key.named("test"))
    return (sample.x.row(0), sample.targets.row(0))
  }

  /// Means over `sets` training sets, `size` at a time, with their standard errors.
  private static func record(
    _ path: String, _ longName: String, _ dimensions: [Dimension], _ sets: Int, _ size: Int, _ notebook: Recorder,
    _ sample: @escaping (Key) -> Tensor<Double>
  ) throws {
    let sums = compile { (key: Key) in
      let values = sample(key)
      return (values.sum(0), values.square().sum(0))
    }
    let key = notebook.key(path)
    var moments = VectorMoments(width: dimensions[0].count)
    try notebook.steps(path, sets / size, state: &moments, cadence: .every(sets)) { i, moments in
      let (sum, squares) = sums(key[i])
      moments.add(size, sum: sum, squares: squares)
    }
    try notebook.tensor(path, Tensor(moments.mean), longName, along: dimensions)
    try notebook.tensor("\(path)_error", Tensor(moments.standardErrors), "standard error of \(longName)", along: dimensions)
  }

  private static func traceAlongRun(
    _ population: GapPopulation, _ name: String, _ theta: Tensor<Double>, _ settings: Settings, _ notebook: Recorder
  ) throws {
    let trace = try notebook.trace("\(name)/trace_along_run", "Tr C along online SGD")
    let (model, rate, key) = (population.model, settings.etas.max() ?? 0, notebook.key("\(name)-run"))
    let step = compile { (theta: Tensor<Double>, key: Key) in
      let batch = population.samples(1, of: settings.samples, key: key)
      return theta - rate * grad(model.loss)(theta, batch.x.row(0), batch.targets.row(0))
    }
    var state = theta
    try notebook.steps("\(name)", settings.onlineSteps, state: &state, cadence: .even(12, of: settings.onlineSteps)) { i, theta in
      theta = step(theta, key[i])
    } measure: { theta, record in
      record(trace, population.moments(theta).trace)
    }
  }
}
