import Datasets
import Notebook
import Tensors

/// From Logistic Regression to the Perceptron Algorithm: Exploring Gradient Descent with Large Step Sizes (Tyurin, AAAI 2025).
///
/// **Shows**: gradient descent on logistic regression with huge steps is the batch perceptron in disguise, so it classifies separable
/// data although its loss is enormous. Its iteration count grows with the number of samples n; dividing the step by the mean
/// misclassification weight (Normalized LR+GD) takes that away.
///
/// **Here**: (1) random separable data over step sizes and seeds, (2) the paper's hard instance, where all but one sample agree, with
/// the copies of a sample counted instead of stored, (3) the distance of theta/gamma from the perceptron's trajectory, (4) the digits
/// 3 and 5, drawn, and those of MNIST when it is in the data folder. Every number of a claim is the median over the seeds.
package enum LargeStepPerceptron: Experiment {
  package static let paper = Paper(
    slug: "large-step-perceptron",
    title: "From Logistic Regression to the Perceptron Algorithm: Exploring Gradient Descent with Large Step Sizes",
    authors: ["Alexander Tyurin"], year: 2024, arxiv: "2412.08424",
    shows: """
      Gradient descent on logistic regression with huge steps is the batch perceptron in disguise: it solves separable data in few
      iterations although its loss is enormous. The number of iterations grows with the number of samples; dividing by the sum of the
      misclassification weights instead of the number of samples removes that.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("random separable data, experiments (1) and (3)") package var random = RandomData()
    @Setting("the hard instance, experiment (2)") package var hard = HardInstance()
    @Setting("the digits 3 and 5, experiment (4)") package var digits = Digits()
    @Setting("iterations after which a run counts as unsolved") package var limit = 100_000
    package init() {}
  }

  package struct RandomData: Codable, Sendable {
    @Setting("samples n") package var count = 200
    @Setting("features d") package var features = 20
    @Setting("least distance of a sample from the separating plane") package var margin = 0.05
    @Setting("step sizes gamma") package var gammas = [1, 10, 1e2, 1e3, 1e4, 1e5]
    @Setting("step sizes compared with the perceptron's trajectory") package var limitGammas = [1e2, 1e4, 1e6]
    @Setting("iterations of that comparison") package var limitSteps = 100
    @Setting("independent data sets") package var seeds = 3
    package init() {}
  }

  package struct HardInstance: Codable, Sendable {
    @Setting("numbers of samples n") package var counts = [10, 100, 1000, 10_000]
    @Setting("step size gamma of LR+GD and of normalized LR+GD") package var gamma = 1e5
    @Setting("a second, smaller step size of normalized LR+GD") package var smallGamma = 10.0
    package init() {}
  }

  package struct Digits: Codable, Sendable {
    @Setting("drawn images") package var count = 500
    @Setting("most images of MNIST, when it is there") package var realCount = 500
    @Setting("width and height of a drawn image in pixels") package var side = 28
    @Setting("step sizes gamma") package var gammas = [1, 1e2, 1e4]
    @Setting("iterations") package var steps = 1000
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.random.count = 50
      settings.random.features = 5
      settings.hard.counts = [10, 100]
      settings.digits.count = 40
      settings.digits.realCount = 40
      settings.digits.side = 8
      settings.digits.steps = 50
      settings.limit = 2000
    case .quick: break
    case .full:
      settings.digits.count = 10_000
      settings.digits.realCount = 10_000
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let random = settings.random
    let data = notebook.key("random").split(random.seeds).map {
      SignedSamples.random(count: random.count, features: random.features, margin: random.margin, key: $0)
    }
    try solveRandom(data, settings, notebook)
    try followPerceptron(data, settings, notebook)
    try solveHard(settings, notebook)
    let digits = settings.digits
    let drawn = DrawnDigits.sample(digits.count, classes: [3, 5], side: digits.side, key: notebook.key("digits"))
    try classify(drawn, "digits", digits, notebook)
    if let real = try MNIST.testImages(digits.realCount, classes: [3, 5]) {
      notebook.uses(DataSource(name: MNIST.name, count: real.images.labels.count, sha256: real.sha256))
      try classify(real.images, "mnist", digits, notebook)
    }
  }

  /// (1): loss and misclassified samples on the way, and iterations to solve.
  private static func solveRandom(_ data: [SignedSamples], _ settings: Settings, _ notebook: Recorder) throws {
    let random = settings.random
    let dimensions = [seedDimension(data), gammaDimension(random.gammas)]
    let loss = try notebook.trace("random/loss", "mean logistic loss", along: dimensions)
    let misclassified = try notebook.trace("random/misclassified", "misclassified samples", along: dimensions)
    let grid = data.indices.flatMap { seed in random.gammas.map { (data: data[seed], gamma: $0) } }
    var runs = grid.map { Descent(features: $0.data.z.shape[1]) }
    try notebook.steps(
      "random", settings.limit, state: &runs, cadence: .geometric(perDecade: 100), until: { $0.allSatisfy(\.isSolved) }
    ) { _, runs in
      for i in runs.indices where !runs[i].isSolved { runs[i].step(.logistic, gamma: grid[i].gamma, on: grid[i].data) }
    } measure: { runs, record in
      record(loss, zip(runs, grid).map { $0.loss(on: $1.data) })
      record(misclassified, zip(runs, grid).map { $0.misclassified(on: $1.data) })
    }
    try recordIterations(runs, "random_iterations", "iterations of LR+GD to solve random data", along: dimensions, notebook)

    let rules = [UpdateRule.batchPerceptron, .averagedPerceptron]
    let limits = data.flatMap { data in rules.map { (data: data, rule: $0) } }
    var limitRuns = limits.map { Descent(features: $0.data.z.shape[1]) }
    try notebook.steps(
      "perceptron", settings.limit, state: &limitRuns, cadence: .geometric(perDecade: 10), until: { $0.allSatisfy(\.isSolved) }
    ) { _, runs in
      for i in runs.indices where !runs[i].isSolved { runs[i].step(limits[i].rule, gamma: 1, on: limits[i].data) }
    }
    try recordIterations(
      limitRuns, "perceptron_iterations", "iterations of the limits to solve random data",
      along: [seedDimension(data), Dimension("rule", rules.map(\.rawValue), "limit of the method")], notebook)
  }

  /// (3): how far theta_t / gamma is from the batch perceptron's theta_t.
  private static func followPerceptron(_ data: [SignedSamples], _ settings: Settings, _ notebook: Recorder) throws {
    let random = settings.random
    let gammas = random.limitGammas
    let distance = try notebook.trace(
      "limit/distance", "largest entry of |theta_t / gamma - theta_t of the batch perceptron|",
      along: [seedDimension(data), gammaDimension(gammas)])
    struct Followers: Codable {
      var perceptron: Descent
      var descents: [Descent]
    }
    var runs = data.map { data in
      let start = Descent(features: data.z.shape[1])
      return Followers(perceptron: start, descents: gammas.map { _ in start })
    }
    try notebook.steps("limit", random.limitSteps, state: &runs, cadence: .every(1)) { _, runs in
      for (i, samples) in data.enumerated() {
        let advance = { (run: inout Descent, rule: UpdateRule, gamma: Double) in
          run.update(rule, gamma: gamma, on: samples, margins: matmul(samples.z, run.theta))
        }
        advance(&runs[i].perceptron, .batchPerceptron, 1)
        for (j, gamma) in gammas.enumerated() { advance(&runs[i].descents[j], .logistic, gamma) }
      }
    } measure: { runs, record in
      record(
        distance,
        runs.flatMap { run in
          zip(run.descents, gammas).map { descent, gamma in
            (descent.theta / gamma - run.perceptron.theta).map { abs($0) }.max().scalar
          }
        })
    }
  }

  /// (2): iterations against n, for each method.
  private static func solveHard(_ settings: Settings, _ notebook: Recorder) throws {
    let hard = settings.hard
    let methods = Self.hardMethods(hard)
    let grid = methods.flatMap { method in hard.counts.map { (method: method, data: SignedSamples.hard(count: $0)) } }
    var runs = grid.map { _ in Descent(features: 2) }
    try notebook.steps(
      "hard", settings.limit, state: &runs, cadence: .geometric(perDecade: 10), until: { $0.allSatisfy(\.isSolved) }
    ) { _, runs in
      for i in runs.indices where !runs[i].isSolved {
        runs[i].step(grid[i].method.rule, gamma: grid[i].method.gamma, on: grid[i].data)
      }
    }
    let dimensions = [
      Dimension("method", methods.map(\.name), "update rule and step size"), Dimension("n", hard.counts, "number of samples"),
    ]
    try recordIterations(runs, "hard_iterations", "iterations to solve the hard instance", along: dimensions, notebook)
  }

  static func hardMethods(_ hard: HardInstance) -> [(name: String, rule: UpdateRule, gamma: Double)] {
    [
      ("LR", .logistic, hard.gamma), ("NLR", .normalizedLogistic, hard.gamma),
      ("NLR, small step", .normalizedLogistic, hard.smallGamma), ("averaged perceptron", .averagedPerceptron, 1),
    ]
  }

  /// (4): a fixed number of iterations on images of two digits, scaled to length at most 1.
  private static func classify(_ images: LabelledImages, _ name: String, _ digits: Digits, _ notebook: Recorder) throws {
    let rows = images.labels.indices.map { i in
      let row = images.pixels.row(i)
      return row * ((images.labels[i] == images.labels[0] ? 1 : -1) / row.norm().scalar)
    }
    let samples = SignedSamples(z: .stack(rows))
    let dimension = gammaDimension(digits.gammas)
    let loss = try notebook.trace("\(name)/loss", "mean logistic loss", along: [dimension])
    let accuracy = try notebook.trace("\(name)/accuracy", "share of correctly classified samples", along: [dimension])
    var runs = digits.gammas.map { _ in Descent(features: samples.z.shape[1]) }
    try notebook.steps(name, digits.steps, state: &runs, cadence: .geometric(perDecade: 100)) { _, runs in
      for (i, gamma) in digits.gammas.enumerated() {
        runs[i].update(.logistic, gamma: gamma, on: samples, margins: matmul(samples.z, runs[i].theta))
      }
    } measure: { runs, record in
      record(loss, runs.map { $0.loss(on: samples) })
      record(accuracy, runs.map { 1 - $0.misclassified(on: samples) / samples.count })
    }
  }

  private static func seedDimension(_ data: [SignedSamples]) -> Dimension { Dimension("seed", count: data.count, "data set") }
  private static func gammaDimension(_ gammas: [Double]) -> Dimension { Dimension("gamma", gammas, "step size") }

  /// The updates each run needed; NaN where the limit came first, so that a claim on it fails.
  private static func recordIterations(
    _ runs: [Descent], _ name: String, _ longName: String, along dimensions: [Dimension], _ notebook: Recorder
  ) throws {
    let updates = runs.map { $0.isSolved ? Double($0.updates) : .nan }
    try notebook.tensor(name, Tensor(shape: dimensions.map(\.count), updates), longName, along: dimensions)
  }
}
