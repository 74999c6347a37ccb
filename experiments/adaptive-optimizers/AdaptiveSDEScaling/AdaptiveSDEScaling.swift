import Notebook
import Optimizers
import Problems
import Tensors
import Training
import Transforms

/// On the SDEs and Scaling Rules for Adaptive Gradient Algorithms (Malladi, Lyu, Panigrahi and Arora, NeurIPS 2022).
///
/// **Shows**: RMSprop and Adam have limits that are stochastic differential equations, and from them follows the square-root rule: a
/// batch kappa times as large needs eta sqrt(kappa), kappa (1 - beta) and epsilon / sqrt(kappa), not SGD's linear rule.
///
/// **Here**: both methods on a quadratic with gradient noise that dominates, many independent chains, for the square-root rule, the
/// linear rule, and the rate alone; RMSprop's equation by Euler-Maruyama; SVAG, which tends to it. v starts away from where it ends,
/// else the rule for beta is invisible. The full preset adds correlated noise in 20 dimensions, and Adam on drawn digits. The Ito
/// and SVAG simulations of the paper's large networks are left out.
package enum AdaptiveSDEScaling: Experiment {
  package static let paper = Paper(
    slug: "adaptive-sde-scaling", title: "On the SDEs and Scaling Rules for Adaptive Gradient Algorithms",
    authors: ["Sadhika Malladi", "Kaifeng Lyu", "Abhishek Panigrahi", "Sanjeev Arora"], year: 2022, arxiv: "2205.10287",
    shows: """
      RMSprop and Adam have stochastic differential equations as limits. From them follows the square-root rule: a batch kappa times as
      large needs a learning rate sqrt(kappa) times as large, kappa (1 - beta) and epsilon / sqrt(kappa). The linear rule of SGD does
      not keep the dynamics, nor does the rate alone.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("dimensions of the quadratic") package var dimensions = 1
    @Setting("independent chains") package var chains = 8000
    @Setting("steps T of the base batch size") package var steps = 6400
    @Setting("base steps between two records; every kappa must divide it") package var interval = 64
    @Setting("constants at the base batch size") package var base = Hyperparameters()
    @Setting("batch sizes of RMSprop, as multiples of the base") package var kappas = [1, 2, 4, 8, 16]
    @Setting("batch sizes of Adam: kappa (1 - beta1) must stay below 1") package var adamKappas = [1, 2, 4, 8]
    @Setting("SVAG's l") package var svag = [1, 2, 4]
    @Setting("Euler-Maruyama steps for a base step") package var eulerSteps = 4
    @Setting("Adam on drawn digits") package var network = Network()
    package init() {}
  }

  package struct Network: Codable, Sendable {
    @Setting("base steps; 0 leaves the network out") package var steps = 0
    @Setting("base batch size") package var batch = 32
    @Setting("base learning rate of Adam") package var rate = 1e-3
    @Setting("random seeds") package var seeds = 3
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.chains = 200
      settings.steps = 640
    case .quick: break
    case .full:
      settings.dimensions = 20
      settings.chains = 100_000
      settings.network.steps = 6400
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let problem = NoisyQuadratic(dimensions: settings.dimensions, key: notebook.key("covariance"))
    for method in Method.allCases { try compareRules(method, on: problem, settings, notebook) }

    try simulate(
      "svag", settings.svag.map { problem.svag(settings.base, l: $0) }, on: problem, settings, notebook,
      along: [Dimension("l", settings.svag, "SVAG's l")])
    try simulate(
      "sde", [problem.equation(settings.base, stepsPerBaseStep: settings.eulerSteps)], on: problem, settings, notebook, along: [])
    if settings.network.steps > 0 { try trainNetwork(settings, notebook) }
  }

  static func kappas(_ method: Method, _ settings: Settings) -> [Int] {
    method == .adam ? settings.adamKappas : settings.kappas
  }

  /// All rules at all batch sizes.
  private static func compareRules(
    _ method: Method, on problem: NoisyQuadratic, _ settings: Settings, _ notebook: Recorder
  ) throws {
    let kappas = kappas(method, settings)
    let processes = ScalingRule.allCases.flatMap { rule in
      kappas.map { problem.process(method, settings.base.scaled(by: Double($0), rule), baseSteps: $0) }
    }
    try simulate(
      method.rawValue, processes, on: problem, settings, notebook,
      along: [
        Dimension("rule", ScalingRule.allCases.map(\.rawValue), "scaling rule"),
        Dimension("kappa", kappas, "batch size over the base batch size"),
      ])
  }

  /// Simulates each process in all chains, and records the mean of theta and of its square at equal base times.
  private static func simulate(
    _ name: String, _ processes: [Process], on problem: NoisyQuadratic, _ settings: Settings, _ notebook: Recorder,
    along dimensions: [Dimension]
  ) throws {
    let mean = try notebook.trace("\(name)/mean", "E theta, over chains and dimensions", along: dimensions)
    let square = try notebook.trace("\(name)/square", "E theta^2, over chains and dimensions", along: dimensions)
    let steps = processes.map { compile($0.step) }
    let keys = notebook.key(name).split(processes.count)
    var chains = processes.map { Chains(count: settings.chains, dimensions: settings.dimensions, secondMoment: $0.secondMoment) }
    try notebook.steps(name, settings.steps / settings.interval, state: &chains, cadence: .every(1)) { block, chains in
      for (i, process) in processes.enumerated() {
        let count = process.steps(inBaseSteps: settings.interval)
        for k in block * count..<(block + 1) * count { chains[i] = steps[i](chains[i], keys[i][k]) }
      }
    } measure: { chains, record in
      record(mean, chains.map { $0.theta.mean().scalar })
      record(square, chains.map { $0.theta.square().mean().scalar })
    }
  }

  /// Adam on digits at batch sizes that grow by the square-root rule.
  private static func trainNetwork(_ settings: Settings, _ notebook: Recorder) throws {
    let network = settings.network
    for kappa in settings.adamKappas {
      let base = Hyperparameters(rate: network.rate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8)
      let scaled = base.scaled(by: Double(kappa), .squareRoot)
      let problem = Classification<Float>.digits(batchSize: network.batch * kappa, key: notebook.key("digits"))
      let adam = Adam<Float>(beta1: scaled.beta1, beta2: scaled.beta2, epsilon: scaled.epsilon)
      let grid = TrainingGrid(
        problem, adam, rates: [scaled.rate], keys: notebook.key("network").split(network.seeds))
      try notebook.train(
        "network\(kappa)", grid, steps: network.steps / kappa, cadence: .every(max(1, settings.interval / kappa)))
    }
  }
}
