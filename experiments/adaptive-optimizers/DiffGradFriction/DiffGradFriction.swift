import Diagnostics
import Foundation
import Notebook
import Optimizers
import Problems
import Tensors
import Training
import Transforms

/// diffGrad: An Optimization Method for Convolutional Neural Networks (Dubey et al., IEEE TNNLS 2020).
///
/// **Shows**: multiplying Adam's step by a sigmoid of the change of the gradient brakes the iterate where the gradient is steady, so that it
/// does not overshoot a minimum that Adam flies past.
///
/// **Here**: (1) the paper's three functions of one number, (2) a perceptron on teacher-labelled points in the place of the image classifier.
/// Beside diffGrad and Adam runs the first official code, whose previous gradient was an alias of the current one, so that its friction
/// was 1/2 always. All three add epsilon to the uncorrected root, as that code and the Adam of its time do. Left out: the convolutional
/// networks; `full` trains longer, with more seeds.
package enum DiffGradFriction: Experiment {
  package static let paper = Paper(
    slug: "diffgrad-friction", title: "diffGrad: An Optimization Method for Convolutional Neural Networks",
    authors: [
      "Shiv Ram Dubey", "Soumendu Chakraborty", "Swalpa Kumar Roy", "Snehasis Mukherjee", "Satish Kumar Singh",
      "Bidyut Baran Chaudhuri",
    ], year: 2019, arxiv: "1909.11015",
    shows: """
      Multiplying Adam's step by a sigmoid of the change of the gradient brakes the iterate where the gradient is steady, so that it does
      not overshoot a minimum that Adam flies past.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("the three functions, experiment (1)") package var functions = Functions()
    @Setting("the network, experiment (2)") package var network = Network()
    package init() {}
  }

  package struct Functions: Codable, Sendable {
    @Setting("learning rate; the paper's") package var rate = 0.1
    @Setting("b1; the paper's, with 0.9 Adam, too, finds the minimum of F1") package var beta1 = 0.95
    @Setting("iterations; the paper's") package var steps = 300
    package init() {}
  }

  package struct Network: Codable, Sendable {
    @Setting("training points, a tenth of their labels wrong") package var trainingCount = 4000
    @Setting("samples in a batch") package var batchSize = 128
    @Setting("steps") package var steps = 600
    @Setting("learning rates") package var rates = [1e-3, 3e-3]
    @Setting("independent runs") package var seeds = 3
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      (settings.network.trainingCount, settings.network.batchSize) = (200, 32)
      (settings.network.steps, settings.network.seeds) = (20, 2)
    case .quick: break
    case .full: (settings.network.steps, settings.network.seeds) = (10_000, 10)
    }
    return settings
  }

  /// As they are named in traces.
  enum Rule: String, CaseIterable {
    case adam = "Adam"
    case diffGrad = "diffGrad"
    case frozen = "frozen friction"

    func optimizer<Scalar: RealScalar>(beta1: Double = 0.9) -> any GradientOptimizer<Scalar> {
      switch self {
      case .adam: Adam<Scalar>(beta1: beta1, hasUncorrectedEpsilon: true)
      case .diffGrad: DiffGrad<Scalar>(beta1: beta1)
      case .frozen: DiffGrad<Scalar>(beta1: beta1, hasFrozenFriction: true)
      }
    }
  }

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    for rule in Rule.allCases {
      try descend(rule.rawValue, rule.optimizer(beta1: settings.functions.beta1), settings.functions, notebook)
    }
    let half = Adam<Double>(beta1: settings.functions.beta1, hasUncorrectedEpsilon: true)
    try descend("Adam at half the rate", half, settings.functions, notebook, rateFactor: 0.5)

    let network = settings.network
    let problem: Classification<Float> = .teacher(
      training: network.trainingCount, test: network.trainingCount / 2, batchSize: network.batchSize, key: notebook.key("teacher")
    )
    let keys = notebook.key("network").split(network.seeds)
    try train(
      .adam, TrainingGrid(problem, Adam<Float>(hasUncorrectedEpsilon: true), rates: network.rates, keys: keys), network, notebook)
    for rule in [Rule.diffGrad, .frozen] {
      let optimizer = DiffGrad<Float>(hasFrozenFriction: rule == .frozen)
      try train(rule, TrainingGrid(problem, optimizer, rates: network.rates, keys: keys), network, notebook)
      try recordFriction(rule, optimizer, problem, keys[0], network, notebook)
    }
  }

  /// (1): the three functions at once; a rule that works coordinate by coordinate does not know of the others.
  private static func descend<Rule: GradientOptimizer<Double>>(
    _ name: String, _ rule: Rule, _ functions: Functions, _ notebook: Recorder, rateFactor: Double = 1
  ) throws {
    let dimension = [Dimension("function", ["F1", "F2", "F3"], "function of one number")]
    let x = try notebook.trace("functions/\(name)/x", "iterate", along: dimension)
    let value = try notebook.trace("functions/\(name)/value", "function value", along: dimension)
    let all = TestFunction<Double>("F1 + F2 + F3", start: [-1, -1, -1], minimum: [-0.3, 0, 0]) { sum(values($0)) }
    let grid = TrainingGrid(all, rule, rates: [functions.rate * rateFactor], keys: [notebook.key("unused")])
    var runs = grid.start()
    try notebook.steps("functions/\(name)", functions.steps, state: &runs, cadence: .every(1)) { t, runs in
      grid.step(t, &runs)
    } measure: { runs, record in
      let iterate = grid.parameters(of: runs, seed: 0, rate: 0)
      record(x, iterate.scalars)
      record(value, values(iterate).map(\.scalar))
    }
  }

  /// (2).
  private static func train<O: Optimizer<Float>>(
    _ rule: Rule, _ grid: TrainingGrid<Classification<Float>, O>, _ network: Network, _ notebook: Recorder
  ) throws {
    try notebook.train(rule.rawValue, grid, steps: network.steps, cadence: .even(40, of: network.steps))
  }

  /// How many coordinates have which friction xi, at a few steps of one run, and its extremes.
  private static func recordFriction(
    _ rule: Rule, _ optimizer: DiffGrad<Float>, _ problem: Classification<Float>, _ key: Key, _ network: Network,
    _ notebook: Recorder
  ) throws {
    let grid = TrainingGrid(problem, optimizer, rates: [network.rates[0]], keys: [key])
    let group = "\(rule.rawValue) friction"
    let least = try notebook.trace("\(group)/least", "least friction xi")
    let largest = try notebook.trace("\(group)/largest", "largest friction xi")
    let count = try notebook.trace(
      "\(group)/count", "coordinates", along: [Dimension("excess", Self.excessBins, "middle of the bin of xi - 1/2")])
    let batches = problem.batches(key: key.named("batches"))
    var runs = grid.start()
    try notebook.steps(group, network.steps, state: &runs, cadence: .even(12, of: network.steps)) { t, runs in
      grid.step(t, &runs)
    } measure: { runs, record in
      let run = grid.run(of: runs, seed: 0, rate: 0)
      let gradient = grad { problem.loss($0, on: batches(record.step)) }(run.parameters)
      let friction = optimizer.friction(gradient: TensorList(of: gradient), run.memory)
      let values = friction.elements.flatMap { $0.scalars.map { Double($0) } }
      record(least, quantile(values, 0))
      record(largest, quantile(values, 1))
      var counts = [Double](repeating: 0, count: Self.excessBins.count)
      // Exactly 1/2, as with frozen friction, counts in the first bin.
      for value in values { counts[min(counts.count - 1, max(0, Int(5 * (log10(max(value - 0.5, 1e-99)) + 8))))] += 1 }
      record(count, counts)
    }
  }

  /// Five bins a decade from 1e-8 to 1.
  static let excessBins = (0..<40).map { pow(10, -8 + (Double($0) + 0.5) / 5) }
}
