import Notebook
import Optimizers
import Problems
import Tensors
import Training
import Transforms

/// On the saddle point problem for non-convex optimization (Pascanu, Dauphin, Ganguli and Bengio, 2014).
///
/// **Shows**: in high dimension almost all critical points are saddles, and the share of negative curvatures (the index) grows with the
/// error. Newton's method is attracted to saddles, gradient descent crawls near them; with the absolute values of the curvatures
/// (saddle-free Newton) the same step leaves them fast.
///
/// **Here**: (1) two saddles of the plane; (2) critical points of the spherical 3-spin energy by Riemannian Newton; (3) a 100-10-10 tanh
/// network on drawn digits, full batch: gradient descent, damped Newton and saddle-free Newton with the explicit Hessian, and
/// saddle-free Newton in a Krylov space; (4) the plateau of a deep linear network. Damped Newton chooses its damping beyond |min w| as
/// saddle-free Newton chooses its own, by the loss. Critical points of a network come from a smaller one (25-5-10) with a small
/// ridge, where Newton's method, damped in flat directions by what lowers the gradient most, arrives. MNIST and CIFAR are left out.
package enum SaddleFree: Experiment {
  package static let paper = Paper(
    slug: "saddle-free-newton", title: "On the saddle point problem for non-convex optimization",
    authors: ["Razvan Pascanu", "Yann N. Dauphin", "Surya Ganguli", "Yoshua Bengio"], year: 2014, arxiv: "1405.4604",
    shows: """
      In high dimension critical points of high error are saddles, whose share of negative curvatures grows with the error. Newton's
      method is attracted to them; with absolute curvatures it leaves them fast.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("saddles of the plane, experiment (1)") package var plane = Plane()
    @Setting("spherical spins, experiment (2)") package var spins = Spins()
    @Setting("network, experiment (3)") package var network = Network()
    @Setting("critical points of a small network, experiment (3)") package var criticalPoints = CriticalPoints()
    @Setting("deep linear network, experiment (4)") package var plateau = Plateau()
    package init() {}
  }

  package struct Plane: Codable, Sendable {
    @Setting("steps of both Newton methods") package var newtonSteps = 40
    @Setting("steps of gradient descent") package var descentSteps = 2000
    @Setting("rate of gradient descent") package var rate = 0.1
    package init() {}
  }

  package struct Spins: Codable, Sendable {
    @Setting("number of spins N") package var spins = 20
    @Setting("starts") package var starts = 150
    @Setting("Newton iterations") package var iterations = 60
    @Setting("longest step") package var longestStep = 0.5
    package init() {}
  }

  package struct Network: Codable, Sendable {
    @Setting("side of an image in pixels") package var side = 10
    @Setting("hidden units") package var hidden = 10
    @Setting("images") package var images = 300
    @Setting("steps") package var steps = 60
    @Setting("rates of gradient descent") package var rates = [0.03, 0.1, 0.3, 1, 3]
    @Setting("dimension of the Krylov space") package var krylov = 40
    package init() {}
  }

  package struct CriticalPoints: Codable, Sendable {
    @Setting("side of an image in pixels") package var side = 5
    @Setting("hidden units") package var hidden = 5
    @Setting("images") package var images = 300
    @Setting("starts, at steps 0 to the longest of training") package var starts = 24
    @Setting("longest training before Newton's method, steps") package var training = 400
    @Setting("rate of that training") package var rate = 0.5
    @Setting("ridge of the loss: without one, critical points of separable data lie at infinity") package var ridge = 1e-3
    @Setting("Newton iterations") package var iterations = 40
    package init() {}
  }

  package struct Plateau: Codable, Sendable {
    @Setting("side of the matrices") package var side = 4
    @Setting("scale of the initial entries") package var scale = 1e-3
    @Setting("rates of gradient descent") package var rates = [1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1]
    @Setting("steps of gradient descent at most") package var descentSteps = 6000
    @Setting("steps of saddle-free Newton") package var newtonSteps = 60
    @Setting("starts") package var seeds = 3
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.plane.descentSteps = 100
      settings.spins.spins = 8
      settings.spins.starts = 20
      settings.network.side = 5
      settings.network.hidden = 3
      settings.network.images = 50
      settings.network.steps = 12
      settings.network.krylov = 5
      settings.criticalPoints.hidden = 2
      settings.criticalPoints.images = 50
      settings.criticalPoints.starts = 4
      settings.criticalPoints.training = 20
      settings.criticalPoints.iterations = 5
      settings.plateau.descentSteps = 100
    case .quick: break
    case .full:
      settings.spins.spins = 40
      settings.spins.starts = 400
      settings.network.hidden = 25
      settings.network.krylov = 100
      settings.criticalPoints.side = 8
      settings.criticalPoints.starts = 100
      settings.criticalPoints.iterations = 200
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    for (name, function) in planes {
      let (steps, plane) = (settings.plane.newtonSteps, settings.plane)
      try cross("\(name)/descent", function, SGD(learningRate: plane.rate), steps: plane.descentSteps, notebook)
      try cross("\(name)/newton", function, SaddleFreeNewton(curvature: .signed, dampings: [0]), steps: steps, notebook)
      try cross("\(name)/saddlefree", function, SaddleFreeNewton(), steps: steps, notebook)
    }
    try findSpinPoints(settings.spins, notebook)
    try train(settings.network, notebook)
    try findNetworkPoints(settings.criticalPoints, notebook)
    try leavePlateau(settings.plateau, notebook)
  }

  /// (1): a path over the plane.
  private static func cross<Rule: Optimizer<Double>>(
    _ name: String, _ function: TestFunction<Double>, _ rule: Rule, steps: Int, _ notebook: Recorder
  ) throws {
    let position = try notebook.trace(
      "\(name)/position", "position", along: [Dimension("coordinate", count: 2, "coordinate")])
    let loss = try notebook.trace("\(name)/value", "value of the function")
    let grid = TrainingGrid(function, rule, rates: [Double(rule.learningRate.scalar)], keys: [notebook.key(name)])
    var runs = grid.start()
    try notebook.steps(name, steps, state: &runs, cadence: .every(1)) { i, runs in
      grid.step(i, &runs)
    } measure: { runs, record in
      record(position, runs.parameters.scalars)
      record(loss, (grid.measures(of: runs)["value"] ?? grid.losses(of: runs)).scalar)
    }
  }

  /// (3): training loss of all methods from the same start.
  private static func train(_ network: Network, _ notebook: Recorder) throws {
    let problem = Classification<Float>.digits(
      training: network.images, test: network.images, side: network.side, hidden: [network.hidden], activation: .tanh,
      batchSize: network.images, key: notebook.key("digits"))
    let keys = [notebook.key("network")]
    try notebook.train(
      "descent", TrainingGrid(problem, SGD(), rates: network.rates, keys: keys), steps: network.steps, cadence: .every(1))
    try notebook.train(
      "damped", TrainingGrid(problem, SaddleFreeNewton(curvature: .shifted), rates: [1], keys: keys), steps: network.steps,
      cadence: .every(1))
    let saddleFree = TrainingGrid(problem, SaddleFreeNewton(), rates: [1], keys: keys)
    try notebook.train("saddlefree", saddleFree, steps: network.steps, cadence: .every(1))
    let start = saddleFree.parameters(of: saddleFree.start(), seed: 0, rate: 0)
    try trainInKrylovSpace(start, problem, network, notebook)
  }

  /// (4): the loss of a deep linear network from a degenerate saddle.
  private static func leavePlateau(_ plateau: Plateau, _ notebook: Recorder) throws {
    let target = Tensor<Double>.normal([plateau.side, plateau.side], key: notebook.key("plateau target"))
    let problem = LinearChain(target: target / target.thinSVD().s.max(), scale: plateau.scale)
    let keys = notebook.key("plateau").split(plateau.seeds)
    try notebook.train(
      "plateau/saddlefree", TrainingGrid(problem, SaddleFreeNewton<Double>(), rates: [1], keys: keys),
      steps: plateau.newtonSteps, cadence: .every(1))
    try notebook.train(
      "plateau/descent", TrainingGrid(problem, SGD<Double>(), rates: plateau.rates, keys: keys), steps: plateau.descentSteps,
      cadence: .every(1))
  }
}
