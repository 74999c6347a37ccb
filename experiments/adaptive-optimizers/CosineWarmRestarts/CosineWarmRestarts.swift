import Foundation
import Networks
import Notebook
import Optimizers
import Problems
import Tensors
import Training
import Transforms

/// SGDR: Stochastic Gradient Descent with Warm Restarts (Loshchilov and Hutter, ICLR 2017).
///
/// **Shows**: annealing the learning rate along half a cosine and restarting it in growing cycles gives a good solution at the end of every
/// cycle, and the snapshots taken there are an ensemble for free.
///
/// **Here**: (a) the expected squared error on a noisy quadratic, whose recursion is exact; (b) a multilayer perceptron on teacher-labelled
/// points, SGD with Nesterov momentum and L2 decay, against a constant rate and step decay. The rate is advanced with every batch, as in
/// the paper. Left out: the wide residual network on CIFAR; `full` takes the paper's cycles (10, 2) over 150 epochs on the same points.
package enum CosineWarmRestarts: Experiment {
  package static let paper = Paper(
    slug: "cosine-warm-restarts", title: "SGDR: Stochastic Gradient Descent with Warm Restarts",
    authors: ["Ilya Loshchilov", "Frank Hutter"], year: 2016, arxiv: "1608.03983",
    shows: """
      Annealing the learning rate along half a cosine and restarting it in growing cycles gives good solutions at the end of every cycle, at
      any time, and the snapshots taken there form an ensemble for free.
      """,
    fidelity: .scaled)

  package struct Settings: Codable, Sendable {
    @Setting("the noisy quadratic, experiment (a)") package var quadratic = Quadratic()
    @Setting("the network, experiment (b)") package var network = Network()
    package init() {}
  }

  package struct Quadratic: Codable, Sendable {
    @Setting("curvatures, log-spaced from 0.01 to 1") package var dimensions = 30
    @Setting("largest rate eta_max") package var rate = 0.5
    @Setting("steps of the first cycle, T_0") package var firstCycle = 100
    @Setting("growth of the cycles, T_mult") package var growth = 2.0
    @Setting("steps") package var steps = 1500
    package init() {}
  }

  package struct Network: Codable, Sendable {
    @Setting("training points, a tenth of their labels wrong") package var trainingCount = 4000
    @Setting("test points") package var testCount = 2000
    @Setting("samples in a batch") package var batchSize = 128
    @Setting("epochs") package var epochs = 60
    @Setting("epochs of the first cycle, T_0") package var firstCycle = 4
    @Setting("growth of the cycles, T_mult") package var growth = 2.0
    @Setting("largest rate eta_max; the paper's") package var rate = 0.05
    @Setting("Nesterov momentum; the paper's") package var momentum = 0.9
    @Setting("L2 decay, part of the gradient; the paper's") package var decay = 5e-4
    @Setting("independent runs") package var seeds = 3
    package init() {}

    var batchesPerEpoch: Int { trainingCount / batchSize }
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.network.trainingCount = 256
      settings.network.testCount = 100
      settings.network.epochs = 12
      settings.network.seeds = 2
    case .quick: break
    case .full:
      (settings.network.firstCycle, settings.network.epochs, settings.network.seeds) = (10, 150, 5)
    }
    return settings
  }

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    try recordSchedules(settings, notebook)
    try solveQuadratic(settings.quadratic, notebook)
    try trainNetwork(settings.network, notebook)
  }

  /// Figure 1: rates over epochs for several cycles.
  private static func recordSchedules(_ settings: Settings, _ notebook: Recorder) throws {
    let epochs = (0...800).map { Double($0) / 4 }
    let cycles = Self.cycles
    let rates = cycles.map { cycle in
      let schedule = Schedule.warmRestarts(first: cycle.first, multiplier: cycle.growth, until: 200)
      return epochs.map { settings.network.rate * schedule.factor(at: $0) }
    }
    try notebook.tensor(
      "schedules", Tensor(shape: [cycles.count, epochs.count], rates.flatMap { $0 }), "learning rate of SGDR",
      along: [Dimension("cycle", cycles.map(\.name), "T_0 and T_mult in epochs"), Dimension("epoch", epochs, "epochs")])
  }

  static let cycles: [(name: String, first: Int, growth: Double)] = [
    ("T₀ = 50, Tₘᵤₗₜ = 1", 50, 1), ("T₀ = 100, Tₘᵤₗₜ = 1", 100, 1), ("T₀ = 1, Tₘᵤₗₜ = 2", 1, 2), ("T₀ = 10, Tₘᵤₗₜ = 2", 10, 2),
  ]

  /// (a): e_i <- (1 - eta l_i)^2 e_i + eta^2, the expected squared error along an eigenvector under gradient noise of variance 1.
  private static func solveQuadratic(_ quadratic: Quadratic, _ notebook: Recorder) throws {
    let schedules: [(name: String, schedule: Schedule)] = [
      (
        "SGDR",
        .warmRestarts(first: quadratic.firstCycle, multiplier: quadratic.growth, until: quadratic.steps)
      ),
      ("constant", .constant()),
      ("step decay", .staircase(factor: 0.1, at: [quadratic.steps / 2, quadratic.steps * 3 / 4])),
    ]
    let curvatures = Tensor<Double>.geomspace(0.01, 1, count: quadratic.dimensions)
    let excess = try notebook.trace(
      "quadratic/excess", "expected excess loss", along: [Dimension("schedule", schedules.map(\.name), "learning rate schedule")])
    var errors = Tensor<Double>.full([schedules.count, quadratic.dimensions], 1)
    try notebook.steps("quadratic", quadratic.steps, state: &errors, cadence: .every(1)) { t, errors in
      let rates = Tensor(shape: [schedules.count, 1], schedules.map { quadratic.rate * $0.schedule.factor(at: Double(t)) })
      errors = (1 - rates * curvatures).square() * errors + rates.square()
    } measure: { errors, record in
      record(excess, (0.5 * (curvatures * errors).sum(-1)).scalars)
    }
  }

  /// (b): the three schedules, all seeds of each at once; the network at the end of every cycle is kept.
  private static func trainNetwork(_ network: Network, _ notebook: Recorder) throws {
    let problem = Classification<Double>.teacher(
      training: network.trainingCount, test: network.testCount, batchSize: network.batchSize, key: notebook.key("teacher"))
    let keys = notebook.key("network").split(network.seeds)
    let rule = Momentum<Double>(momentum: network.momentum, isNesterov: true).preceded(by: WeightDecay(network.decay))
    let steps = network.epochs * network.batchesPerEpoch
    let milestones = [0.3, 0.6, 0.8].map { Int($0 * Double(network.epochs)) * network.batchesPerEpoch }
    let restarts = Schedule.warmRestarts(
      first: network.firstCycle * network.batchesPerEpoch, multiplier: network.growth, until: steps)

    try train(
      "constant", TrainingGrid(problem, rule.scheduled(.constant()), rates: [network.rate], keys: keys), network, notebook)
    let decayed = rule.scheduled(.staircase(factor: 0.2, at: milestones))
    try train("step decay", TrainingGrid(problem, decayed, rates: [network.rate], keys: keys), network, notebook)
    let grid = TrainingGrid(problem, rule.scheduled(restarts), rates: [network.rate], keys: keys)
    let snapshots = try train("SGDR", grid, network, notebook)
    try recordEnsembles(snapshots, of: problem, network, notebook)
  }

  /// Trains one schedule.
  /// - Returns: the networks at the ends of SGDR's cycles, each of all seeds.
  @discardableResult
  private static func train<Rule: GradientOptimizer<Double>>(
    _ name: String, _ grid: TrainingGrid<Classification<Double>, Scheduled<Rule>>, _ network: Network, _ notebook: Recorder
  ) throws -> [MLP<Double>] {
    let ends = Set(cycleEnds(network).map { $0 * network.batchesPerEpoch })
    let rate = try notebook.trace("\(name)/rate", "learning rate of the next batch")
    let group = "\(name) by epoch"
    let seed = [grid.dimensions[0]]
    let testError = try notebook.trace("\(group)/test error", "share of wrong test labels", along: seed)
    let trainingLoss = try notebook.trace("\(group)/training loss", "cross-entropy on the training points", along: seed)
    var training = Training(runs: grid.start(), snapshots: [])
    let steps = network.epochs * network.batchesPerEpoch
    try notebook.steps(name, steps, state: &training, cadence: .every(1)) { t, training in
      grid.step(t, &training.runs)
      if ends.contains(t + 1) { training.snapshots.append(training.runs.parameters) }
    } measure: { training, record in
      record(rate, grid.optimizers.learningRate(at: training.runs.memory)[0])
      guard record.step.isMultiple(of: network.batchesPerEpoch) else { return }
      let measures = grid.measures(of: training.runs)
      record(testError, (measures["test accuracy"]?.scalars ?? []).map { 1 - $0 })
      record(trainingLoss, measures["training loss"]?.scalars ?? [])
    }
    return training.snapshots
  }

  /// The epochs at which SGDR's cycles end.
  static func cycleEnds(_ network: Network) -> [Int] {
    var ends = [network.firstCycle]
    var length = Double(network.firstCycle) * network.growth
    while ends[ends.count - 1] + Int(length) <= network.epochs {
      ends.append(ends[ends.count - 1] + Int(length))
      length *= network.growth
    }
    return ends
  }

  /// Test accuracy of the mean of the softmax outputs of the last M snapshots, for each M.
  private static func recordEnsembles(
    _ snapshots: [MLP<Double>], of problem: Classification<Double>, _ network: Network, _ notebook: Recorder
  ) throws {
    let probabilities = snapshots.reversed().map { networks in
      vmap { (model: MLP<Double>) in model(problem.test.inputs).softmax() }(networks)
    }
    var sum = Tensor<Double>.zeros(probabilities[0].shape)
    let accuracies = probabilities.map { probability in
      sum += probability
      return vmap { (p: Tensor<Double>) in accuracy(p, labels: problem.test.labels) }(sum)
    }
    try notebook.tensor(
      "ensemble", .stack(accuracies), "test accuracy of the ensemble of the last snapshots",
      along: [
        Dimension("snapshots", Array(1...snapshots.count), "number of snapshots"),
        Dimension("seed", count: network.seeds, "random seed"),
      ])
  }
}

/// Runs, and the networks that were kept on the way.
private struct Training<Runs: Codable>: Codable {
  var runs: Runs
  var snapshots: [MLP<Double>]
}
